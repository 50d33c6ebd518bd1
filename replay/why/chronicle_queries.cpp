// What the chronicle knows, asked afterwards.
#include <algorithm>

#include "replay/snapshots.hpp"
#include "replay/why/chronicle.hpp"

namespace preconf::replay {

using core::Seq;
using core::State;

std::uint64_t Mention::key_of(const core::Hash32& hash) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = (key << 8) | hash.bytes[i];
  return key;
}

std::optional<Seq> Chronicle::last(Facet facet, Seq seq) const {
  const auto& seqs = facets_[static_cast<std::size_t>(facet)];
  const auto after = std::upper_bound(seqs.begin(), seqs.end(), seq);
  if (after == seqs.begin()) return std::nullopt;
  return *std::prev(after);
}

std::vector<Mention> Chronicle::mentions(const core::Hash32& subject, Seq seq) const {
  const std::uint64_t key = Mention::key_of(subject);
  std::vector<Mention> found;
  for (const Mention& mention : mentions_) {
    if (mention.seq > seq) break;
    if (mention.key == key) found.push_back(mention);
  }
  return found;
}

std::vector<Mention> Chronicle::mentions_at(core::BlockNumber number) const {
  std::vector<Mention> found;
  for (const Mention& mention : mentions_) {
    if (mention.number == number) found.push_back(mention);
  }
  return found;
}

std::optional<Seq> Chronicle::armed(core::TimerId timer, std::uint32_t generation) const {
  const auto index = static_cast<std::size_t>(timer);
  if (index >= timers_.size()) return std::nullopt;
  const auto& armings = timers_[index];
  const auto found = std::lower_bound(armings.begin(), armings.end(),
                                      std::pair<std::uint32_t, Seq>{generation, Seq{0}});
  if (found == armings.end() || found->first != generation) return std::nullopt;
  return found->second;
}

bool Chronicle::is_undone(core::ProposalId proposal, Seq after) const {
  return std::ranges::any_of(undone_, [&](const auto& undone) {
    return after < undone.first && undone.second == proposal;
  });
}

std::string Chronicle::missing_before() const {
  if (first_.value > 1) {
    return "events before " + std::to_string(first_.value) + " are not in this log";
  }
  if (forgotten_until_.value > 0) {
    return "decisions up to event " + std::to_string(forgotten_until_.value) +
           " are not kept in memory (the newest " + std::to_string(kMentionsMax / 2) + " are)";
  }
  return {};
}

core::Result<storage::LoggedEvent, storage::StorageFailure> Chronicle::event(Seq seq) const {
  auto read = history_->events->read(seq)->next();
  if (!read) return core::Unexpected{read.error()};
  if (!read->has_value() || (**read).event.seq != seq) {
    return core::Unexpected{
        storage::StorageFailure{storage::StorageError::kDamaged, seq, "the log does not have it"}};
  }
  return std::move(**read);
}

core::Result<Moment, storage::StorageFailure> Chronicle::moment(Seq seq) const {
  if (seq < first_) {
    return core::Unexpected{
        storage::StorageFailure{storage::StorageError::kDamaged, seq, missing_before()}};
  }
  const Seq wanted{seq.value - 1};  // perhaps in a gap
  const State* nearest = start_.get();
  for (const auto& waypoint : waypoints_) {
    if (waypoint->last_seq <= wanted) nearest = waypoint.get();
  }
  const auto seqs = history_->snapshots->list();
  const auto above = std::upper_bound(seqs.begin(), seqs.end(), wanted);
  const bool has_snapshot = above != seqs.begin();
  auto before = std::make_unique<State>();
  if (has_snapshot && nearest->last_seq < *std::prev(above)) {
    auto state = state_after(*history_->events, *history_->snapshots, wanted);
    if (!state) return core::Unexpected{state.error()};
    before = std::move(state).value();
  } else {
    *before = *nearest;
  }
  // These events were folded before, so each of them can be reduced.
  Moment moment;
  const auto reader = history_->events->read(core::next(before->last_seq));
  for (;;) {
    const auto more = reader->next_into(moment.logged);
    if (!more) return core::Unexpected{more.error()};
    if (!*more || moment.logged.event.seq > seq) {
      return core::Unexpected{storage::StorageFailure{storage::StorageError::kDamaged, seq,
                                                      "the log does not have it"}};
    }
    if (moment.logged.event.seq == seq) break;
    core::reduce(*before, moment.logged.event, moment.outcome);
  }
  moment.after = std::make_unique<State>(*before);
  core::reduce(*moment.after, moment.logged.event, moment.outcome);
  moment.before = std::move(before);
  return moment;
}

}  // namespace preconf::replay
