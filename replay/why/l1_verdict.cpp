// What L1 made of a promise, beside what this node decided about it.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "replay/why/subjects.hpp"

namespace preconf::replay {
namespace {

using core::Decision;
using core::Verdict;

bool is_l1_verdict(Verdict verdict) {
  return verdict == Verdict::kHonoured || verdict == Verdict::kContradicted ||
         verdict == Verdict::kNotLanded;
}

PromiseOnL1 verdict_of(const Decision& decision, const Moment& moment) {
  PromiseOnL1 said{core::name_of(decision.verdict),
                   core::ProposalId{decision.b},
                   decision.hash,
                   moment.logged.event.seq,
                   {}};
  if (decision.verdict == Verdict::kContradicted) {
    said.differences = differences_on_l1(*moment.before, decision.subject);
  }
  return said;
}

std::string sentence_of(const PromiseOnL1& said) {
  std::string out = fmt::format("L1: {}, proposal {}", said.verdict, said.proposal.value);
  if (!said.l1_block.is_zero()) out += " in L1 block " + core::to_hex0x(said.l1_block.view());
  out += fmt::format(" (event {})", said.seq.value);
  return said.differences.empty() ? out : out + ": " + text_of(said.differences);
}

}  // namespace

void Inquiry::tell_l1_verdict(std::uint32_t from, const core::Hash32& subject) {
  const auto mentions = chronicle.mentions(subject, chronicle.until());
  for (auto it = mentions.rbegin(); it != mentions.rend(); ++it) {
    if (!is_l1_verdict(it->verdict)) continue;
    const auto moment = chronicle.moment(it->seq);
    if (!moment) return;
    for (const Decision& decision : moment->outcome.decisions) {
      if (decision.subject != subject || decision.verdict != it->verdict) continue;
      if (chronicle.is_undone(core::ProposalId{decision.b}, it->seq)) return;
      const PromiseOnL1 said = verdict_of(decision, *moment);
      answer.explanation += (answer.explanation.empty() ? "" : "\n") + sentence_of(said);
      if (!answer.on_l1) answer.on_l1 = said;
      // The root may be that very event: then it has told it all.
      const bool is_told = answer.nodes.empty() || answer.nodes[from].seq == it->seq;
      if (!is_told) causes.add_l1_verdict(from, *moment, decision, question.depth);
      return;
    }
  }
}

void Inquiry::tell_broken_promises(std::uint32_t from, core::BlockNumber number) {
  constexpr std::size_t kShownMax = 4;
  std::vector<core::Hash32> told;
  for (const Mention& mention : chronicle.mentions_at(number)) {
    if (mention.verdict != Verdict::kContradicted && mention.verdict != Verdict::kNotLanded) {
      continue;
    }
    const auto moment = chronicle.moment(mention.seq);
    if (!moment) return;
    for (const Decision& decision : moment->outcome.decisions) {
      if (decision.number != number || decision.verdict != mention.verdict) continue;
      const bool is_told = std::ranges::find(told, decision.subject) != told.end();
      if (is_told || told.size() == kShownMax) continue;
      told.push_back(decision.subject);
      tell_l1_verdict(from, decision.subject);
    }
  }
}

}  // namespace preconf::replay
