#include "replay/queue_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/effects/commitment_rules.hpp"
#include "core/effects/unsafe_block_processing.hpp"
#include "replay/command_log.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay {
namespace {

using core::Commitment;
using core::State;

QueueItem item_of(const Commitment& commitment) {
  QueueItem item;
  item.number = commitment.facts.block_number;
  item.preconf_hash = commitment.facts.preconf_hash;
  item.signer = commitment.facts.signer;
  item.phase = commitment.phase;
  item.received.seq = commitment.received;
  return item;
}

void wait(QueueItem& item, WaitsFor what, std::string detail = {}) {
  item.waits_for = what;
  item.detail = std::move(detail);
}
void wait(QueueItem& item, WaitsFor what, const core::Hash32& hash) {
  item.waits_for = what;
  item.hash = hash;
}

/// The lane is taken, or must be free of a retry, before anything starts.
void wait_for_engine(QueueItem& item, const State& state) {
  if (!state.in_flight.empty()) {
    const auto& [id, command] = *state.in_flight.begin();
    wait(item, WaitsFor::kEngine, id_text(id) + " " + core::name_of(command.body));
  } else if (state.apply_backoff.waiting) {
    wait(item, WaitsFor::kTimer, core::name_of(core::TimerId::kApplyRetry));
  } else if (state.consistency_backoff.waiting) {
    wait(item, WaitsFor::kTimer, core::name_of(core::TimerId::kReadRetry));
  } else {
    wait(item, WaitsFor::kGate, core::name_of(state.gate.reason));
  }
}

void judge_admitted(QueueItem& item, const Commitment& commitment, const State& state) {
  const core::Hash32& list = commitment.facts.raw_tx_list_hash;
  if (state.txlists.facts_of(list) == nullptr) {
    wait(item, WaitsFor::kTxList, list);
    return;
  }
  if (!state.heads.unsafe) {
    wait_for_engine(item, state);
    return;
  }
  const core::BlockNumber head = state.heads.unsafe->number;
  if (item.number <= head) {
    const auto block = state.heads.executed.find(item.number);
    wait(item, WaitsFor::kOtherBlock,
         block == state.heads.executed.end() ? core::Hash32{} : block->second.hash);
    return;
  }
  const bool was_executed = !commitment.block_hash.is_zero();
  if (!was_executed && core::effects::closed_by_handoff(state, commitment.facts)) {
    wait(item, WaitsFor::kNothing, "its signer ended the window below it");
    return;
  }
  if (item.number > core::next(head)) {
    item.at = core::BlockNumber{item.number.value - 1};
    wait(item, WaitsFor::kTurn);
    return;
  }
  const auto* plan = std::get_if<core::ApplyPlan>(&state.lane);
  const bool is_in_lane = plan != nullptr && plan->key == commitment.key();
  if (!is_in_lane && core::effects::executable_commitment(state) != &commitment) {
    wait(item, WaitsFor::kParentOnHead, commitment.facts.parent_preconf_hash);
    return;
  }
  if (!is_in_lane && !state.gate.open) {
    wait(item, WaitsFor::kGate, core::name_of(state.gate.reason));
    return;
  }
  wait_for_engine(item, state);
}

Stamp later(const Stamp& a, const Stamp& b) { return a.seq < b.seq ? b : a; }

Stamp found_in(const std::map<core::Hash32, Stamp>& stamps, const core::Hash32& hash) {
  const auto found = stamps.find(hash);
  return found == stamps.end() ? Stamp{} : found->second;
}

bool settles_phase(core::Verdict verdict) {
  return verdict == core::Verdict::kAdmitted || verdict == core::Verdict::kHandoff ||
         verdict == core::Verdict::kPendingParent || verdict == core::Verdict::kPendingSchedule ||
         verdict == core::Verdict::kReopened;
}

bool moves_plan(core::Verdict verdict) {
  return verdict == core::Verdict::kApplyStarted || verdict == core::Verdict::kApplyDeferred ||
         verdict == core::Verdict::kReadDeferred || verdict == core::Verdict::kApplied ||
         verdict == core::Verdict::kAlreadyMaterialized;
}

}  // namespace

const char* name_of(WaitsFor what) {
  // clang-format off
  switch (what) {
    case WaitsFor::kSchedule: return "schedule";
    case WaitsFor::kParent: return "parent";
    case WaitsFor::kTxList: return "txlist";
    case WaitsFor::kTurn: return "turn";
    case WaitsFor::kOtherBlock: return "other_block";
    case WaitsFor::kParentOnHead: return "parent_on_head";
    case WaitsFor::kNothing: return "nothing";
    case WaitsFor::kGate: return "gate";
    case WaitsFor::kEngine: return "engine";
    case WaitsFor::kTimer: return "timer";
  }
  // clang-format on
  return "unknown";
}

std::vector<QueueItem> queue_of(const State& state) {
  std::vector<QueueItem> out;
  for (const core::HeightKey& entry : state.book.by_height) {
    const Commitment& commitment = *state.book.find(entry.key);
    QueueItem item = item_of(commitment);
    switch (commitment.phase) {
      case core::Phase::kExecuted:
      case core::Phase::kInvalid:
        continue;
      case core::Phase::kPendingSchedule:
        wait(item, WaitsFor::kSchedule);
        break;
      case core::Phase::kPendingParent:
        wait(item, WaitsFor::kParent, commitment.facts.parent_preconf_hash);
        break;
      case core::Phase::kAdmitted:
        judge_admitted(item, commitment, state);
        break;
    }
    out.push_back(std::move(item));
  }
  for (const core::HeightKey& entry : state.book.eop_only) {
    // Admitted ones have done their work: they only close a window.
    const Commitment& commitment = *state.book.find(entry.key);
    const bool is_pending = commitment.phase == core::Phase::kPendingSchedule ||
                            commitment.phase == core::Phase::kPendingParent;
    if (!is_pending) continue;
    QueueItem item = item_of(commitment);
    if (commitment.phase == core::Phase::kPendingSchedule) {
      wait(item, WaitsFor::kSchedule);
    } else {
      wait(item, WaitsFor::kParent, commitment.facts.parent_preconf_hash);
    }
    out.push_back(std::move(item));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const QueueItem& a, const QueueItem& b) { return a.number < b.number; });
  return out;
}

WaitHistory::WaitHistory(const std::vector<QueueItem>& items, const State& state) {
  for (const QueueItem& item : items) {
    received_.emplace(item.received.seq, core::WallNanos{});
    judged_.emplace(item.preconf_hash, Stamp{});
    const Commitment* commitment = state.book.find({item.preconf_hash, item.signer});
    if (commitment != nullptr) lists_.emplace(commitment->facts.raw_tx_list_hash, Stamp{});
  }
}

void WaitHistory::observe(const core::Event& event, const core::Outcome& outcome,
                          const State& state) {
  const Stamp now{event.seq, event.wall};
  if (const auto received = received_.find(event.seq); received != received_.end()) {
    received->second = event.wall;
  }
  if (const auto* list = std::get_if<core::events::TxListReceived>(&event.body)) {
    const auto wanted = lists_.find(list->facts.hash);
    if (wanted != lists_.end() && wanted->second.seq.value == 0) wanted->second = now;
  }
  for (const core::Decision& decision : outcome.decisions) {
    const auto wanted = judged_.find(decision.subject);
    if (wanted != judged_.end() && settles_phase(decision.verdict)) wanted->second = now;
    if (moves_plan(decision.verdict)) plan_ = now;
  }
  if (!(state.gate == last_gate_)) {
    last_gate_ = state.gate;
    gate_ = now;
  }
  std::optional<core::BlockRef> unsafe;
  if (state.heads.unsafe) unsafe = state.heads.unsafe->ref();
  if (unsafe != unsafe_) {
    unsafe_ = unsafe;
    head_ = now;
  }
}

Stamp WaitHistory::since(const QueueItem& item) const {
  const Stamp judged = found_in(judged_, item.preconf_hash);
  switch (item.waits_for) {
    case WaitsFor::kSchedule:
    case WaitsFor::kParent:
    case WaitsFor::kTxList:
    case WaitsFor::kTurn:
    case WaitsFor::kNothing:
      return judged;
    case WaitsFor::kOtherBlock:
    case WaitsFor::kParentOnHead:
      return later(judged, head_);
    case WaitsFor::kGate:
      return later(later(judged, head_), gate_);
    case WaitsFor::kEngine:
    case WaitsFor::kTimer:
      return later(later(judged, head_), plan_);
  }
  return judged;
}

void WaitHistory::complete(std::vector<QueueItem>& items, const State& state) const {
  for (QueueItem& item : items) {
    const auto received = received_.find(item.received.seq);
    if (received != received_.end()) item.received.wall = received->second;
    item.since = since(item);
    const core::Commitment* commitment = state.book.find({item.preconf_hash, item.signer});
    if (commitment != nullptr && item.waits_for != WaitsFor::kTxList &&
        item.phase == core::Phase::kAdmitted) {
      item.since = later(item.since, found_in(lists_, commitment->facts.raw_tx_list_hash));
    }
    if (item.since.seq < item.received.seq) item.since = item.received;
    item.waiting_us = micros_between(item.since.wall, state.last_wall);
  }
}

std::string line_of(const QueueItem& item) {
  std::string what = name_of(item.waits_for);
  if (item.hash) what += " " + core::to_hex0x(item.hash->view());
  if (item.at) what += fmt::format(" (block {} first)", item.at->value);
  if (!item.detail.empty()) what += " (" + item.detail + ")";
  return fmt::format("block {}  {}..  {}  waits for {}  since event {} {}, for {}\n",
                     item.number.value, core::to_hex0x(item.preconf_hash.view().first(4)),
                     core::name_of(item.phase), what, item.since.seq.value,
                     stamp_text(item.since.wall), duration_text(item.waiting_us));
}

}  // namespace preconf::replay
