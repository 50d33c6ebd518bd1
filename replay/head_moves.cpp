#include "replay/head_moves.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "replay/leaf.hpp"
#include "replay/log_tools.hpp"

namespace preconf::replay {
namespace {

using core::Verdict;

/// As core/status.cpp has it: the highest commitment that is promised or executed.
std::optional<core::BlockNumber> promised_of(const core::CommitmentBook& book) {
  for (auto it = book.by_height.rbegin(); it != book.by_height.rend(); ++it) {
    const core::Commitment* commitment = book.find(it->key);
    const bool is_linked =
        commitment->phase == core::Phase::kAdmitted || commitment->phase == core::Phase::kExecuted;
    if (is_linked) return it->number;
  }
  return std::nullopt;
}

/// Does a decision with this verdict explain a move of the label?
bool explains(HeadLabel label, Verdict verdict) {
  switch (label) {
    case HeadLabel::kUnsafe:
      return verdict == Verdict::kApplied || verdict == Verdict::kAlreadyMaterialized ||
             verdict == Verdict::kHeadAdopted;
    case HeadLabel::kConfirmed:
      return verdict == Verdict::kBoundaryMoved;
    case HeadLabel::kPromised:
      return verdict == Verdict::kAdmitted || verdict == Verdict::kInvalidated ||
             verdict == Verdict::kEvicted || verdict == Verdict::kStale ||
             verdict == Verdict::kBoundaryMoved || verdict == Verdict::kReopened ||
             verdict == Verdict::kApplied || verdict == Verdict::kHeadAdopted;
    case HeadLabel::kGate:
      return verdict == Verdict::kGateOpened || verdict == Verdict::kGateClosed;
    case HeadLabel::kSafe:
    case HeadLabel::kFinalized:
      return false;  // the engine's word, no decision of ours
  }
  return false;
}

/// Among several, the one about the height that the label reached.
const core::Decision* decision_for(HeadLabel label, const std::optional<HeadPoint>& to,
                                   const core::Outcome& outcome) {
  const core::Decision* found = nullptr;
  for (const core::Decision& decision : outcome.decisions) {
    if (!explains(label, decision.verdict)) continue;
    found = &decision;
    if (to && to->number && decision.number == *to->number) break;
  }
  return found;
}

HeadPoint point(const core::BlockRef& block) { return {block.number, block.hash, std::nullopt}; }
HeadPoint point(core::BlockNumber number) { return {number, std::nullopt, std::nullopt}; }

}  // namespace

const char* name_of(HeadLabel label) {
  // clang-format off
  switch (label) {
    case HeadLabel::kUnsafe: return "unsafe";
    case HeadLabel::kSafe: return "safe";
    case HeadLabel::kFinalized: return "finalized";
    case HeadLabel::kConfirmed: return "confirmed";
    case HeadLabel::kPromised: return "promised";
    case HeadLabel::kGate: return "gate";
  }
  // clang-format on
  return "unknown";
}

std::optional<HeadLabel> head_label_from(std::string_view name) {
  for (std::size_t i = 0; i < kHeadLabelCount; ++i) {
    if (name == name_of(static_cast<HeadLabel>(i))) return static_cast<HeadLabel>(i);
  }
  return std::nullopt;
}

HeadWatch::HeadWatch(const core::State& state)
    : origin_(origin_of(state)), points_(points_of(origin_)) {}

HeadWatch::Origin HeadWatch::origin_of(const core::State& state) {
  Origin origin;
  if (state.heads.unsafe) origin.unsafe = state.heads.unsafe->ref();
  origin.safe = state.heads.safe;
  origin.finalized = state.heads.finalized;
  origin.confirmed = state.heads.head_l1_origin;
  origin.promised = promised_of(state.book);
  origin.gate = state.gate;
  return origin;
}

HeadWatch::Points HeadWatch::points_of(const Origin& origin) {
  Points points;
  const auto at = [&points](HeadLabel label) -> std::optional<HeadPoint>& {
    return points[static_cast<std::size_t>(label)];
  };
  if (origin.unsafe) at(HeadLabel::kUnsafe) = replay::point(*origin.unsafe);
  if (origin.safe) at(HeadLabel::kSafe) = replay::point(*origin.safe);
  if (origin.finalized) at(HeadLabel::kFinalized) = replay::point(*origin.finalized);
  if (origin.confirmed) at(HeadLabel::kConfirmed) = replay::point(*origin.confirmed);
  if (origin.promised) at(HeadLabel::kPromised) = replay::point(*origin.promised);
  at(HeadLabel::kGate) =
      HeadPoint{std::nullopt, std::nullopt,
                origin.gate.open ? "open" : std::string(core::name_of(origin.gate.reason))};
  return points;
}

std::vector<HeadMove> HeadWatch::moves(const core::Event& event, const core::Outcome& outcome,
                                       const core::State& state) {
  std::vector<HeadMove> out;
  Origin now = origin_of(state);
  if (now == origin_) return out;
  Points points = points_of(now);
  for (std::size_t i = 0; i < kHeadLabelCount; ++i) {
    if (points[i] == points_[i]) continue;
    HeadMove move;
    move.seq = event.seq;
    move.wall = event.wall;
    move.label = static_cast<HeadLabel>(i);
    move.from = points_[i];
    move.to = points[i];
    const core::Decision* decision = decision_for(move.label, move.to, outcome);
    if (decision != nullptr) move.decision = core::name_of(decision->verdict);
    move.reason = core::name_of(decision == nullptr ? core::Reason::kNone : decision->reason);
    move.event = core::kind_of(event.body);
    move.summary = summary_of(event.body);
    out.push_back(std::move(move));
  }
  origin_ = std::move(now);
  points_ = std::move(points);
  return out;
}

std::string text_of(const std::optional<HeadPoint>& point) {
  if (!point) return "none";
  if (point->gate) return *point->gate;
  std::string out = std::to_string(point->number->value);
  if (point->hash) out += " " + core::to_hex0x(point->hash->view().first(4)) + "..";
  return out;
}

std::string line_of(const HeadMove& move) {
  std::string why = move.decision;
  if (move.reason != "none") why += (why.empty() ? "" : "/") + move.reason;
  return fmt::format("{:>10}  {}  {:<9}  {} -> {}  {}{}: {}\n", move.seq.value, utc_time(move.wall),
                     name_of(move.label), text_of(move.from), text_of(move.to),
                     why.empty() ? "" : why + "  by ", core::name_of(move.event), move.summary);
}

}  // namespace preconf::replay
