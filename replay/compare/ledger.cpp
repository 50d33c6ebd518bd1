#include "replay/compare/ledger.hpp"

#include <array>

#include "core/base/hex.hpp"
#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "replay/first_state.hpp"

namespace preconf::replay {
namespace {

using core::Hash32;
using core::Verdict;

/// Verdicts that say how an input stands; the others are steps of its execution.
bool is_judgement(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAdmitted:
    case Verdict::kStale:
    case Verdict::kPendingParent:
    case Verdict::kPendingSchedule:
    case Verdict::kRejected:
    case Verdict::kEvicted:
    case Verdict::kHandoff:
    case Verdict::kTxListAccepted:
    case Verdict::kTxListRejected:
    case Verdict::kInvalidated:
      return true;
    default:
      return false;
  }
}

bool is_about_list(Verdict verdict) {
  return verdict == Verdict::kTxListAccepted || verdict == Verdict::kTxListRejected;
}

ItemKey key_of(const core::protocol::CommitmentFacts& facts) {
  core::Bytes bytes(facts.preconf_hash.bytes.begin(), facts.preconf_hash.bytes.end());
  bytes.insert(bytes.end(), facts.signer.bytes.begin(), facts.signer.bytes.end());
  return {ItemKind::kCommitment, core::crypto::keccak256(bytes)};
}

template <class T>
ItemKey key_of_value(ItemKind kind, const T& value) {
  return {kind, core::crypto::sha256(core::codec::canonical_bytes(value))};
}

class Recorder {
 public:
  explicit Recorder(Ledger& ledger) : ledger_(ledger) {}

  void observe(const core::Event& event, const core::Outcome& outcome, const core::State& state) {
    namespace ev = core::events;
    ++ledger_.events;
    ledger_.runs.observe(event);
    const ItemKey* own = nullptr;
    ItemKey key;
    Item item;
    item.first_seq = event.seq;
    item.first_seen = event.wall;
    if (const auto* received = std::get_if<ev::CommitmentReceived>(&event.body)) {
      key = received->facts.defect == core::protocol::CommitmentDefect::kNone
                ? key_of(received->facts)
                : key_of_value(ItemKind::kCommitment, received->raw);
      item.subject = received->facts.preconf_hash;
      item.number = received->facts.block_number;
      own = &key;
    } else if (const auto* list = std::get_if<ev::TxListReceived>(&event.body)) {
      key = {ItemKind::kTxList, list->facts.hash};
      item.subject = list->facts.hash;
      own = &key;
    } else if (const auto* schedule = std::get_if<ev::ScheduleConfigured>(&event.body)) {
      key = key_of_value(ItemKind::kSchedule, schedule->schedule);
      own = &key;
    } else if (const auto* l1 = std::get_if<ev::L1SyncObserved>(&event.body)) {
      key = key_of_value(ItemKind::kL1Sync, *l1);
      own = &key;
    }
    if (own != nullptr) insert(*own, item);
    for (const core::Decision& decision : outcome.decisions) {
      judge(decision, event, own, item);
    }
    note_head(state, event);
    note_engine(event, outcome, state);
  }

 private:
  void insert(const ItemKey& key, const Item& item) {
    if (ledger_.items.size() >= Ledger::kItemsMax && !ledger_.items.contains(key)) {
      ++ledger_.items_left_out;
      return;
    }
    const auto [at, inserted] = ledger_.items.emplace(key, item);
    if (inserted && key.kind == ItemKind::kCommitment) by_subject_.emplace(item.subject, key);
  }

  void judge(const core::Decision& decision, const core::Event& event, const ItemKey* own,
             const Item& item) {
    if (!is_judgement(decision.verdict)) return;
    if (own != nullptr && decision.subject == item.subject && !item.subject.is_zero()) {
      settle(*own, decision, event);
      return;
    }
    if (is_about_list(decision.verdict)) {
      settle({ItemKind::kTxList, decision.subject}, decision, event);
      return;
    }
    const auto known = by_subject_.find(decision.subject);
    if (known != by_subject_.end()) settle(known->second, decision, event);
  }

  void settle(const ItemKey& key, const core::Decision& decision, const core::Event& event) {
    const auto at = ledger_.items.find(key);
    if (at == ledger_.items.end()) return;
    Item& item = at->second;
    const bool is_same =
        item.is_judged && item.verdict == decision.verdict && item.reason == decision.reason;
    if (is_same) return;
    item.is_judged = true;
    item.verdict = decision.verdict;
    item.reason = decision.reason;
    item.decided_seq = event.seq;
    item.decided = event.wall;
  }

  void note_head(const core::State& state, const core::Event& event) {
    if (!state.heads.unsafe || state.heads.unsafe->hash == head_) return;
    head_ = state.heads.unsafe->hash;
    if (ledger_.blocks.size() < Ledger::kItemsMax) {
      ledger_.blocks[state.heads.unsafe->number] = {head_, event.seq, event.wall};
    }
  }

  /// Blocks are asked about by hash and built from attributes: both are content.
  void note_engine(const core::Event& event, const core::Outcome& outcome,
                   const core::State& state) {
    namespace ev = core::events;
    const auto* plan = std::get_if<core::ApplyPlan>(&state.lane);
    const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
    if (answer != nullptr) {
      const auto* taken = std::get_if<ev::PayloadTaken>(&answer->result);
      if (taken != nullptr && plan != nullptr && plan->built.hash == taken->header.hash) {
        say(key_of_value(ItemKind::kEngineBuild, plan->attributes),
            {core::to_hex0x(taken->header.hash.view()), event.seq, event.wall,
             plan->attributes.block_number});
      }
      const auto* judged = std::get_if<ev::PayloadJudged>(&answer->result);
      const auto asked = asked_.find(answer->command);
      if (judged != nullptr && asked != asked_.end()) note_verdict(*judged, asked->second, event);
      if (asked != asked_.end()) asked_.erase(asked);
    }
    if (std::holds_alternative<ev::BootStarted>(event.body)) asked_.clear();
    for (const core::Command& command : outcome.commands) {
      const auto* payload = std::get_if<core::commands::NewPayload>(&command.body);
      if (payload == nullptr) continue;
      const core::BlockNumber number =
          plan == nullptr ? core::BlockNumber{} : plan->attributes.block_number;
      asked_.emplace(command.id, Asked{payload->block_hash, number});
    }
  }

  struct Asked {
    Hash32 block;
    core::BlockNumber number;
  };
  void note_verdict(const core::events::PayloadJudged& judged, const Asked& asked,
                    const core::Event& event) {
    using Status = core::events::PayloadStatus;
    if (judged.status != Status::kValid && judged.status != Status::kInvalid) return;
    // The words of an error are an engine's own: only the verdict is compared.
    say({ItemKind::kEngineVerdict, asked.block},
        {core::events::name_of(judged.status), event.seq, event.wall, asked.number});
  }
  void say(const ItemKey& key, EngineSaid said) {
    if (ledger_.engine.size() >= Ledger::kItemsMax && !ledger_.engine.contains(key)) {
      ++ledger_.items_left_out;
      return;
    }
    ledger_.engine[key] = std::move(said);
  }

  Ledger& ledger_;
  std::map<core::CommandId, Asked> asked_;  ///< not answered yet
  std::map<Hash32, ItemKey> by_subject_;
  Hash32 head_;
};

}  // namespace

const char* name_of(ItemKind kind) {
  constexpr std::array<const char*, 6> kNames{"commitment", "txlist",         "schedule",
                                              "l1_sync",    "engine_verdict", "engine_build"};
  return kNames[static_cast<std::size_t>(kind)];
}

core::Result<Ledger, storage::StorageFailure> Ledger::of(
    const History& history, const std::function<void(core::Seq)>& progress) {
  constexpr std::uint64_t kProgressEvery = 4'096;
  auto walker = walk_from_start(history);
  if (!walker) return core::Unexpected{walker.error()};
  Ledger ledger;
  Recorder recorder(ledger);
  for (;;) {
    const auto more = walker->next();
    if (!more) return core::Unexpected{more.error()};
    if (!*more) return ledger;
    recorder.observe(walker->event(), walker->outcome(), walker->state());
    if (walker->seq().value % kProgressEvery == 0 && progress) progress(walker->seq());
  }
}

}  // namespace preconf::replay
