// What decisions about L1 and derived blocks rest on.
#include <fmt/format.h>

#include "replay/why/causes.hpp"

namespace preconf::replay {

using core::Decision;
using core::Reason;
using core::Seq;
using core::Verdict;

namespace {

/// The proposal that is derived, or that was when the event came.
const core::ObservedProposal* derived_one(const Moment& moment) {
  for (const core::State* state : {moment.before.get(), moment.after.get()}) {
    const auto& derivation = state->l1_chain.derivation;
    if (derivation) return &derivation->proposal;
  }
  return nullptr;
}

/// Which check of the source failed: decisions name only the source.
std::string defect_text(const Moment& moment, const Decision& decision) {
  const std::string name = fmt::format("source {}", decision.b);
  if (decision.reason == Reason::kSegmentBad) {
    const auto& derivation = moment.after->l1_chain.derivation;
    if (!derivation) return name;
    const auto& segment = derivation->segment;
    return fmt::format("{}: block {} of its manifest breaks {}", name, segment.defect_block,
                       core::protocol::name_of(segment.defect));
  }
  const auto* answer = std::get_if<core::events::L1Answered>(&moment.logged.event.body);
  const auto* resolved =
      answer == nullptr ? nullptr : std::get_if<core::events::SourcesResolved>(&answer->result);
  if (resolved == nullptr || decision.b >= resolved->sources.size()) return name;
  const core::events::SourceFacts& source = resolved->sources[decision.b];
  std::string out = fmt::format("{}: manifest {}", name, core::codec::name_of(source.defect));
  if (source.blob_defect != core::codec::BlobDefect::kNone) {
    out += fmt::format(", blob {}", core::codec::name_of(source.blob_defect));
  }
  return out;
}

}  // namespace

void Causes::add_proposal(std::uint32_t node, const Moment& moment, std::uint32_t depth) {
  const core::ObservedProposal* proposal = derived_one(moment);
  if (proposal == nullptr || proposal->seen.value == 0) return;
  if (proposal->seen >= moment.logged.event.seq) return;  // the same event brought it
  add_event(node,
            fmt::format("proposal {} in L1 block {} of", proposal->facts.id.value,
                        proposal->landed.block_number.value),
            proposal->seen, Focus{}, depth);
}

/// A node of its own: the event may stand in the tree already, as an engine's answer.
void Causes::add_l1_verdict(std::uint32_t from, const Moment& moment, const Decision& decision,
                            std::uint32_t depth) {
  const std::uint32_t node = add_state(
      from, std::string("L1 said ") + core::name_of(decision.verdict), phrase_of(decision));
  add_event(node, "compared at", moment.logged.event.seq, Focus::on(decision.subject), depth);
  static_cast<void>(add_l1_grounds(node, moment, decision, depth));
}

bool Causes::add_l1_grounds(std::uint32_t node, const Moment& moment, const Decision& decision,
                            std::uint32_t depth) {
  const Seq seq = moment.logged.event.seq;
  switch (decision.verdict) {
    case Verdict::kHeadAdopted:
      if (decision.reason != Reason::kDerivedFromL1) return false;
      add_proposal(node, moment, depth);
      return true;
    case Verdict::kDerivedKept:
    case Verdict::kDerivedBuilt:
    case Verdict::kDerivationStarted:
    case Verdict::kDerivationDeferred:
    case Verdict::kDerivationHalted:
    case Verdict::kSourcesRequested:
    case Verdict::kSourcesResolved:
    case Verdict::kSourcesDeferred:
    case Verdict::kProposalDerived:
    case Verdict::kSafeMoved:
      add_proposal(node, moment, depth);
      return true;
    case Verdict::kSourceDefaulted:
      add_state(node, "source", defect_text(moment, decision));
      add_proposal(node, moment, depth);
      return true;
    case Verdict::kHonoured:
    case Verdict::kContradicted:
    case Verdict::kNotLanded:
      if (decision.a != 0 && Seq{decision.a} < seq) {
        add_event(node, "commitment", Seq{decision.a}, Focus::on(decision.subject), depth);
      }
      add_proposal(node, moment, depth);
      for (const PromiseDifference& one : differences_on_l1(*moment.before, decision.subject)) {
        add_state(node, "differs in " + one.field,
                  fmt::format("promised {}, on L1 {}", one.promised, one.on_l1));
      }
      return true;
    default:
      return false;
  }
}

}  // namespace preconf::replay
