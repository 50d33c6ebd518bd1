#include "replay/retention_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/event_content.hpp"
#include "core/reducer.hpp"
#include "core/state_bytes.hpp"
#include "replay/leaf.hpp"
#include "replay/snapshots.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::replay {

using core::Seq;
using core::Unexpected;

namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

Seq before(Seq seq) { return Seq{seq.value == 0 ? 0 : seq.value - 1}; }

core::WallNanos ago(core::WallNanos now, std::chrono::seconds age) {
  const auto nanos = static_cast<std::uint64_t>(std::max<std::int64_t>(age.count(), 0));
  // An age of centuries means: nothing is that old.
  if (nanos > now.value / kNanosPerSecond) return core::WallNanos{0};
  return core::WallNanos{now.value - nanos * kNanosPerSecond};
}

/// What one reading of all events tells.
struct Survey {
  Seq older_than;           ///< last event of the run of events before that time
  Seq contents_older_than;  ///< the same
  Seq before_unfinal;       ///< before the first event about a block above the finalized one
};

std::optional<core::BlockNumber> payload_height(const core::EventBody& body) {
  const auto* answer = std::get_if<core::events::EngineAnswered>(&body);
  const auto* taken =
      answer == nullptr ? nullptr : std::get_if<core::events::PayloadTaken>(&answer->result);
  return taken == nullptr ? std::nullopt : std::optional(taken->header.number);
}

/// The height an event is about, when it is about one.
std::optional<core::BlockNumber> height_of(const core::EventBody& body) {
  if (const auto* received = std::get_if<core::events::CommitmentReceived>(&body)) {
    return received->facts.block_number;
  }
  return payload_height(body);
}

/// From a promise to the payload of the block that L1 has in its place: the blobs of the proposal,
/// and what the blocks were built from, came in between. For every young contradiction by L1.
class ContradictionSpans {
 public:
  void add(const core::Evidence& evidence) {
    const auto [low, high] = std::minmax(evidence.first, evidence.second);
    waiting_.emplace(low, Span{high, evidence.number});
    heights_.insert(evidence.number);
  }
  [[nodiscard]] bool is_empty() const { return waiting_.empty() && open_.empty(); }
  [[nodiscard]] Seq first() const { return waiting_.begin()->first; }
  /// Ask for every event, in ascending order.
  [[nodiscard]] bool hold(const core::Event& event) {
    while (!waiting_.empty() && waiting_.begin()->first <= event.seq) {
      open_.push_back(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
    }
    const bool is_held = !open_.empty();
    const auto height = payload_height(event.body);
    std::erase_if(open_, [&](const Span& span) {
      return event.seq > span.contradicted &&
             (height == span.number || event.seq.value - span.contradicted.value > kEventsMax);
    });
    return is_held || (height && heights_.contains(*height));
  }

 private:
  /// A block that the engine never took must not hold all content for a year.
  static constexpr std::uint64_t kEventsMax = 100'000;
  struct Span {
    Seq contradicted;  ///< the L1 block with the proposal
    core::BlockNumber number;
  };
  std::multimap<Seq, Span> waiting_;  ///< by the promise
  std::vector<Span> open_;
  std::set<core::BlockNumber> heights_;
};

class Planner {
 public:
  Planner(const History& history, const RetentionOptions& options)
      : log_(*history.events), snapshots_(*history.snapshots), options_(options) {}

  core::Result<RetentionPlan, storage::StorageFailure> run() {
    const Seq end = log_.end().seq;
    auto state = state_after(log_, snapshots_, end);
    if (!state) return Unexpected{state.error()};
    state_ = std::move(state).value();
    auto survey = look_through();
    if (!survey) return Unexpected{survey.error()};
    add_bounds(*survey, end);
    if (auto pinned = pin_evidence(); !pinned) return Unexpected{pinned.error()};
    pin_state();
    const auto lowest = std::min_element(
        plan_.bounds.begin(), plan_.bounds.end(),
        [](const RetentionBound& a, const RetentionBound& b) { return a.to < b.to; });
    plan_.limited_by = lowest->name;
    return finish(std::max(lowest->to, log_.base().seq), *survey);
  }

 private:
  void bound(const char* name, Seq to, std::string detail) {
    plan_.bounds.push_back({name, to, std::move(detail)});
  }

  core::Result<Survey, storage::StorageFailure> look_through() {
    const core::WallNanos oldest = ago(options_.now, options_.older_than);
    const core::WallNanos oldest_content = ago(options_.now, options_.contents_older_than);
    const std::optional<core::BlockRef>& finalized = state_->heads.finalized;
    Survey out;
    out.older_than = out.contents_older_than = out.before_unfinal = log_.base().seq;
    bool is_old = true;
    bool is_content_old = true;
    bool is_final = finalized.has_value();
    const auto reader = log_.read(core::next(log_.base().seq));
    storage::LoggedEvent logged;
    for (;;) {
      const auto more = reader->next_into(logged);
      if (!more) return Unexpected{more.error()};
      if (!*more) return out;
      const core::Event& event = logged.event;
      is_old = is_old && event.wall < oldest;
      is_content_old = is_content_old && event.wall < oldest_content;
      const auto height = height_of(event.body);
      is_final = is_final && !(height && *height > finalized->number);
      if (is_old) out.older_than = event.seq;
      if (is_content_old) out.contents_older_than = event.seq;
      if (is_final) out.before_unfinal = event.seq;
      if (!is_old && !is_content_old && !is_final) return out;
    }
  }

  void add_bounds(const Survey& survey, Seq end) {
    const core::State& state = *state_;
    bound("age", survey.older_than,
          "events before " + utc_time(ago(options_.now, options_.older_than)));
    if (options_.before) {
      bound("before", before(*options_.before), fmt::format("event {}", options_.before->value));
    }
    const std::uint64_t keep = std::max<std::uint64_t>(options_.keep_events, 1);
    bound("recent", Seq{end.value > keep ? end.value - keep : 0},
          fmt::format("the last {} events stay", keep));
    bound("finality", survey.before_unfinal,
          state.heads.finalized
              ? fmt::format("block {} is finalized", state.heads.finalized->number.value)
              : "the engine never reported a finalized block");
    if (!state.in_flight.empty()) {
      const Seq cause = state.in_flight.begin()->first.cause;
      bound("in_flight", before(cause), fmt::format("the command of event {} waits", cause.value));
    }
    if (const auto* plan = std::get_if<core::ApplyPlan>(&state.lane)) {
      bound("plan", before(plan->started), "a block is being executed");
    }
    add_held_bound(state);
    // The state with which the log begins is no cache of the fold: it counts for none of them.
    auto seqs = snapshots_.list();
    std::erase_if(seqs, [base = log_.base().seq](Seq seq) { return seq <= base; });
    const std::size_t newest = storage::SnapshotPolicy{}.newest;
    if (!seqs.empty()) {
      const Seq oldest = seqs[seqs.size() > newest ? seqs.size() - newest : 0];
      bound("snapshots", oldest, fmt::format("the newest {} snapshots stay of use", newest));
    }
  }

  void add_held_bound(const core::State& state) {
    std::optional<Seq> lowest;
    const auto take = [&lowest](Seq seq) {
      if (seq.value > 0 && (!lowest || seq < *lowest)) lowest = seq;
    };
    for (const auto& [key, held] : state.book.held) take(held.received);
    for (const auto& [hash, list] : state.txlists.lists) take(list.received);
    if (!lowest) return;
    bound("held", before(*lowest),
          fmt::format("the node holds what event {} brought", lowest->value));
  }

  /// Events of young evidence stay, with their content.
  core::Result<core::Ok, storage::StorageFailure> pin_evidence() {
    const core::WallNanos oldest = ago(options_.now, options_.evidence);
    std::optional<Seq> lowest;
    ContradictionSpans spans;
    for (const core::Evidence& evidence : state_->evidence) {
      for (const Seq seq : {evidence.first, evidence.second}) {
        if (seq <= log_.base().seq) continue;
        const auto read = log_.read(seq)->next();
        if (!read) return Unexpected{read.error()};
        if (!read->has_value() || (**read).event.wall < oldest) continue;
        const core::Event& event = (**read).event;
        if (!lowest || seq < *lowest) lowest = seq;
        pin_contents(event);
        if (const auto* received = std::get_if<core::events::CommitmentReceived>(&event.body)) {
          pin(received->facts.raw_tx_list_hash);
        }
        if (evidence.kind == core::EvidenceKind::kL1Contradicted) spans.add(evidence);
      }
    }
    if (auto pinned = pin_contradictions(spans); !pinned) return pinned;
    if (lowest) {
      bound("evidence", before(*lowest), fmt::format("event {} is evidence", lowest->value));
    }
    return core::Ok{};
  }

  core::Result<core::Ok, storage::StorageFailure> pin_contradictions(ContradictionSpans& spans) {
    if (spans.is_empty()) return core::Ok{};
    const auto reader = log_.read(std::max(spans.first(), core::next(log_.base().seq)));
    storage::LoggedEvent logged;
    for (;;) {
      const auto more = reader->next_into(logged);
      if (!more) return Unexpected{more.error()};
      if (!*more) return core::Ok{};
      if (spans.hold(logged.event)) pin_contents(logged.event);
    }
  }

  void pin_contents(const core::Event& event) {
    for (const core::ContentRef& ref : core::contents_needed(event.body)) pin(ref.hash);
  }

  void pin_state() {
    for (const auto& [hash, list] : state_->txlists.lists) pin(hash);
    for (const auto& [id, command] : state_->in_flight) {
      if (const auto* insert = std::get_if<core::commands::NewPayload>(&command.body)) {
        pin(insert->payload.hash);
      }
    }
    if (const auto* plan = std::get_if<core::ApplyPlan>(&state_->lane)) pin(plan->payload.hash);
  }
  void pin(const core::Hash32& hash) { plan_.request.pinned.push_back(hash); }

  core::Result<RetentionPlan, storage::StorageFailure> finish(Seq to, const Survey& survey) {
    storage::PruneRequest& request = plan_.request;
    request.now = options_.now;
    // Content of blocks that may still be asked for stays, as do the last events' contents.
    Seq contents_to = survey.contents_older_than;
    for (const RetentionBound& other : plan_.bounds) {
      if (other.name == "finality" || other.name == "recent") {
        contents_to = std::min(contents_to, other.to);
      }
    }
    request.contents_to = contents_to;
    // A seq that was lost is no place to begin at: the last event before the gap is.
    auto base = state_after(log_, snapshots_, to);
    if (!base) return Unexpected{base.error()};
    const core::State& state = **base;
    const auto chain = log_.chain_at(state.last_seq);
    if (!chain) {
      return Unexpected{storage::StorageFailure{storage::StorageError::kDamaged, state.last_seq,
                                                "the event has no chain hash"}};
    }
    request.to = {state.last_seq, *chain};
    request.base = storage::Snapshot{request.to, state.reducer_version, core::state_hash(state),
                                     core::encode_state(state)};
    return std::move(plan_);
  }

  const storage::EventSource& log_;
  const storage::SnapshotSource& snapshots_;
  const RetentionOptions& options_;
  std::unique_ptr<core::State> state_;
  RetentionPlan plan_;
};

}  // namespace

core::Result<RetentionPlan, storage::StorageFailure> plan_retention(
    const History& history, const RetentionOptions& options) {
  return Planner(history, options).run();
}

}  // namespace preconf::replay
