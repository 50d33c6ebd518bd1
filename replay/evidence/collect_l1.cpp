#include "replay/evidence/collect_l1.hpp"

#include <fmt/format.h>

#include <set>

#include "core/base/hex.hpp"
#include "replay/evidence/l1_schedule.hpp"
#include "replay/first_state.hpp"

namespace preconf::replay::evidence {
namespace {

namespace ev = core::events;
namespace protocol = core::protocol;
using core::Hash32;
using core::Seq;
using core::Verdict;

constexpr std::size_t kScheduleEventsMax = 32;
constexpr std::size_t kBlobsMax = 12;

class L1Collector {
 public:
  L1Collector(const audit::Finding& finding, const std::optional<AccusedAt>& accused)
      : finding_(finding), accused_(accused) {}

  void note(const core::Event& event, const core::Outcome& outcome, const core::State& state) {
    note_event(event);
    for (const core::Decision& decision : outcome.decisions) {
      if (decision.verdict == Verdict::kScheduleDerived) is_from_l1_ = true;
      if (decision.verdict == Verdict::kScheduleAccepted) {
        is_from_l1_ = false;
        knows_setter_ = true;
      }
      note_landing(decision, event.seq, state);
    }
    if (!accused_ || is_decided_ || event.seq < accused_->seq) return;
    if (!protocol::find_window(state.schedule, accused_->timestamp)) return;
    is_decided_ = true;
    if (is_from_l1_ || (!knows_setter_ && state.l1_chain.is_followed)) take_schedule(state);
  }

  /// Where the fold begins; what set the table before is not known when that is not event 1.
  void begin(const core::State& state) { knows_setter_ = state.last_seq.value == 0; }

  L1Collected finish() {
    if (landing_) take_landing();
    return std::move(out_);
  }

 private:
  void note_event(const core::Event& event) {
    if (const auto* block = std::get_if<ev::L1BlockObserved>(&event.body)) {
      if (!block->facts.empty()) blocks_.try_emplace(block->hash, event.seq);
    } else if (std::holds_alternative<ev::L1DeploymentRecorded>(event.body)) {
      if (!deployment_) deployment_ = event.seq;
    } else if (const auto* blob = std::get_if<ev::BlobReceived>(&event.body)) {
      if (finding_.kind == audit::Kind::kL1Contradiction) {
        blobs_.insert_or_assign(blob->versioned_hash, std::pair{event.seq, blob->content.hash});
      }
    } else if (const auto* answer = std::get_if<ev::L1Answered>(&event.body)) {
      const auto* resolved = std::get_if<ev::SourcesResolved>(&answer->result);
      const auto* list = std::get_if<ev::TxListAssembled>(&answer->result);
      if (resolved != nullptr) resolved_ = {resolved->id, event.seq};
      if (list != nullptr) list_ = {list->rlp_hash, event.seq};
    }
  }

  void note_landing(const core::Decision& decision, Seq seq, const core::State& state) {
    if (finding_.kind != audit::Kind::kL1Contradiction) return;
    if (decision.verdict == Verdict::kProposalUndone && landing_ &&
        landing_->claim.proposal.value == decision.a) {
      landing_.reset();
    }
    const bool is_it =
        decision.verdict == Verdict::kContradicted && finding_.preconf_hash == decision.subject;
    const auto& derivation = state.l1_chain.derivation;
    if (!is_it || !derivation) return;
    Landing found;
    found.claim.proposal = core::ProposalId{decision.b};
    found.claim.source = derivation->source;
    found.claim.block = derivation->block;
    found.claim.l1_block = derivation->proposal.seen;
    found.claim.verdict = seq;
    if (resolved_.first == found.claim.proposal) found.claim.sources = resolved_.second;
    const auto* plan = std::get_if<core::DerivePlan>(&state.lane);
    if (plan != nullptr && plan->attributes.tx_list_rlp_hash == list_.first) {
      found.claim.list = list_.second;
    }
    const auto& sources = derivation->proposal.facts.sources;
    if (found.claim.source < sources.size()) {
      found.blob_hashes = sources[found.claim.source].blobs.blob_hashes;
    }
    landing_ = std::move(found);
  }

  void take_landing() {
    L1Landing& landing = landing_->claim;
    keep(landing.l1_block, fmt::format("L1 block with proposal {}", landing.proposal.value));
    keep(landing.verdict, "the comparison with the promise");
    if (landing.sources) keep(*landing.sources, "the proposal's sources as the node read them");
    if (landing.list) keep(*landing.list, "the derived transaction list, by hash");
    if (landing_->blob_hashes.size() > kBlobsMax) {
      out_.missing.push_back(fmt::format("the {} blobs of the source: more than {}",
                                         landing_->blob_hashes.size(), kBlobsMax));
      landing_->blob_hashes.clear();
    }
    for (const Hash32& hash : landing_->blob_hashes) {
      const auto found = blobs_.find(hash);
      if (found == blobs_.end()) {
        out_.missing.push_back("blob " + core::to_hex0x(hash.view()) + " of the proposal");
        continue;
      }
      landing.blobs.push_back(found->second.first);
      keep(found->second.first, "blob of the proposal");
      out_.contents[found->second.second] = "blob " + core::to_hex0x(hash.view());
    }
    if (landing.blobs.size() != landing_->blob_hashes.size()) landing.blobs.clear();
    out_.claim.landing = landing;
  }

  void take_schedule(const core::State& state) {
    const core::L1State& l1 = state.l1_chain;
    const auto& facts = l1.schedule.facts;
    const auto deciding = deciding_facts(accused_->timestamp, facts, l1.deployment.clock,
                                         l1.fallback_signer, state.schedule);
    if (deciding.empty()) {
      // What is in force does not follow from L1 after all: a state before which nothing is known.
      if (!knows_setter_ && !is_from_l1_) return;
      out_.missing.push_back("the L1 facts that give the schedule version " +
                             std::to_string(state.schedule.version));
      return;
    }
    out_.decides_schedule = true;
    std::vector<Seq> events;
    std::set<Hash32> absent;
    for (const std::size_t index : deciding) {
      const Hash32& hash = facts[index].block_hash;
      const auto block = blocks_.find(hash);
      if (block == blocks_.end()) {
        if (!absent.insert(hash).second) continue;
        out_.missing.push_back("L1 block " + core::to_hex0x(hash.view()) +
                               ", which says who may sign: its record is not in this log");
      } else if (events.empty() || events.back() != block->second) {
        events.push_back(block->second);
      }
    }
    if (events.size() > kScheduleEventsMax) {
      out_.missing.push_back(fmt::format("{} records of L1 that give the schedule: more than {}",
                                         events.size(), kScheduleEventsMax));
      return;
    }
    for (const Seq seq : events) keep(seq, "L1 block that says who may sign");
    if (deployment_) {
      keep(*deployment_, "clock and contracts of L1");
      out_.claim.deployment = deployment_;
    } else {
      out_.missing.push_back("the record of the L1 deployment: clock, and who signs as fallback");
    }
    // A part of them would give another table: then the schedule is not here.
    if (deployment_ && absent.empty()) out_.claim.schedule_facts = std::move(events);
  }

  void keep(Seq seq, std::string why) { out_.records.emplace(seq, std::move(why)); }

  struct Landing {
    L1Landing claim;
    std::vector<Hash32> blob_hashes;
  };

  const audit::Finding& finding_;
  const std::optional<AccusedAt>& accused_;
  L1Collected out_;
  bool is_from_l1_ = false;
  bool is_decided_ = false;
  bool knows_setter_ = true;
  std::optional<Seq> deployment_;
  std::map<Hash32, Seq> blocks_;                    ///< with facts, by hash
  std::map<Hash32, std::pair<Seq, Hash32>> blobs_;  ///< event and content, by versioned hash
  std::pair<core::ProposalId, Seq> resolved_;       ///< newest
  std::pair<Hash32, Seq> list_;                     ///< newest
  std::optional<Landing> landing_;
};

}  // namespace

L1Collected collect_l1(const History& history, const audit::Finding& finding,
                       const std::optional<AccusedAt>& accused) {
  auto walker = walk_from_start(history);
  if (!walker) return {};
  L1Collector collector(finding, accused);
  collector.begin(walker->state());
  while (true) {
    const auto more = walker->next();
    // What lies behind damage can not be evidence; what lies before it can.
    if (!more || !*more) break;
    collector.note(walker->event(), walker->outcome(), walker->state());
  }
  return collector.finish();
}

}  // namespace preconf::replay::evidence
