#include "replay/evidence/l1_schedule.hpp"

#include <algorithm>
#include <set>

namespace preconf::replay::evidence {
namespace {

namespace protocol = core::protocol;
using core::UnixSeconds;
using protocol::ScheduleFact;

constexpr std::uint64_t kEpochsBefore = 1;
constexpr std::uint64_t kEpochsAfter = 3;  ///< one that ends the table, and one to look ahead

UnixSeconds first_epoch(UnixSeconds time, const protocol::EpochClock& clock) {
  const UnixSeconds epoch = protocol::epoch_of(clock, time);
  const std::uint64_t before = kEpochsBefore * clock.epoch_seconds();
  return UnixSeconds{std::max(clock.genesis.value, epoch.value - std::min(epoch.value, before))};
}

/// The epoch a fact speaks of; none: it is no posted or seen epoch.
const UnixSeconds* epoch_in(const ScheduleFact& fact) {
  if (const auto* posted = std::get_if<protocol::LookaheadFact>(&fact.body)) {
    return &posted->posted.epoch;
  }
  const auto* seen = std::get_if<protocol::EpochFact>(&fact.body);
  return seen == nullptr ? nullptr : &seen->epoch;
}

std::vector<ScheduleFact> picked(const std::vector<ScheduleFact>& facts,
                                 const std::vector<std::size_t>& indices) {
  std::vector<ScheduleFact> out;
  for (const std::size_t index : indices) out.push_back(facts[index]);
  return out;
}

/// Epochs around `time`, and what is listed of their operators. With `fallback`: everything that
/// sets the fallback operator, too.
std::vector<std::size_t> candidates(UnixSeconds time, const std::vector<ScheduleFact>& facts,
                                    const protocol::EpochClock& clock, bool fallback) {
  const UnixSeconds first = first_epoch(time, clock);
  const UnixSeconds end{first.value + (kEpochsBefore + kEpochsAfter) * clock.epoch_seconds()};
  std::set<core::Hash32> roots;
  for (const ScheduleFact& fact : facts) {
    const auto* posted = std::get_if<protocol::LookaheadFact>(&fact.body);
    if (posted == nullptr || posted->posted.epoch < first || posted->posted.epoch >= end) continue;
    for (const auto& slot : posted->posted.slots) roots.insert(slot.registration_root);
  }
  std::set<core::Hash32> blocks;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const UnixSeconds* epoch = epoch_in(facts[i]);
    const auto* listed = std::get_if<protocol::BlacklistChanged>(&facts[i].body);
    const bool is_near = epoch != nullptr && *epoch >= first && *epoch < end;
    const bool is_listed = listed != nullptr && roots.contains(listed->registration_root);
    const bool is_picked = is_near || is_listed || (fallback && listed == nullptr);
    if (is_picked) blocks.insert(facts[i].block_hash);
  }
  // A record brings all that its block says.
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (blocks.contains(facts[i].block_hash)) out.push_back(i);
  }
  return out;
}

/// Facts of other kinds say nothing about the schedule. False: out of order.
bool append_schedule_fact(protocol::ScheduleHistory& history,
                          const core::events::L1BlockObserved& block,
                          const core::events::L1Fact& fact) {
  return std::visit(
      [&](const auto& said) {
        if constexpr (std::is_constructible_v<protocol::ScheduleFactBody, decltype(said)>) {
          return protocol::append_fact(
              history, ScheduleFact{block.number, block.hash, block.timestamp, said});
        }
        return true;
      },
      fact.body);
}

}  // namespace

protocol::Schedule schedule_around(UnixSeconds time, const std::vector<ScheduleFact>& facts,
                                   const protocol::EpochClock& clock,
                                   protocol::FallbackSigner signer) {
  const protocol::LookaheadTable table = protocol::table_of({facts}, clock);
  const UnixSeconds first = first_epoch(time, clock);
  const UnixSeconds end{protocol::epoch_of(clock, time).value +
                        kEpochsAfter * clock.epoch_seconds()};
  return protocol::schedule_of(protocol::spans_of(table, first, end, signer), 0);
}

core::Result<protocol::Schedule, std::string> schedule_from_l1(
    const L1Claim& claim, const std::vector<core::Event>& events, UnixSeconds time) {
  namespace ev = core::events;
  const auto body_of = [&events](core::Seq seq) -> const core::EventBody* {
    const auto found = std::ranges::find(events, seq, &core::Event::seq);
    return found == events.end() ? nullptr : &found->body;
  };
  const auto* body = claim.deployment ? body_of(*claim.deployment) : nullptr;
  const auto* recorded = body == nullptr ? nullptr : std::get_if<ev::L1DeploymentRecorded>(body);
  if (recorded == nullptr || !protocol::is_usable(recorded->deployment.clock)) {
    return core::Unexpected{std::string("no record of the L1 deployment")};
  }
  protocol::ScheduleHistory history;
  for (const core::Seq seq : claim.schedule_facts) {
    const auto* at = body_of(seq);
    const auto* block = at == nullptr ? nullptr : std::get_if<ev::L1BlockObserved>(at);
    const std::string name = "event " + std::to_string(seq.value);
    if (block == nullptr) return core::Unexpected{name + " is no L1 block"};
    for (const ev::L1Fact& fact : block->facts) {
      if (!append_schedule_fact(history, *block, fact)) {
        return core::Unexpected{name + " is out of L1's order"};
      }
    }
  }
  return schedule_around(time, history.facts, recorded->deployment.clock,
                         recorded->fallback_signer);
}

bool same_windows(UnixSeconds time, const protocol::Schedule& a, const protocol::Schedule& b) {
  const auto in_a = protocol::find_window(a, time);
  const auto in_b = protocol::find_window(b, time);
  if (!in_a || !in_b) return false;
  for (std::size_t i = 0; i < 2; ++i) {
    const bool has_a = *in_a + i < a.windows.size();
    const bool has_b = *in_b + i < b.windows.size();
    if (!has_a && !has_b) return true;
    if (has_a != has_b) return false;
    const protocol::Window& one = a.windows[*in_a + i];
    const protocol::Window& other = b.windows[*in_b + i];
    if (one.end != other.end || one.committer != other.committer) return false;
  }
  return true;
}

std::vector<std::size_t> deciding_facts(UnixSeconds time, const std::vector<ScheduleFact>& facts,
                                        const protocol::EpochClock& clock,
                                        protocol::FallbackSigner signer,
                                        const protocol::Schedule& schedule) {
  const auto gives_it = [&](const std::vector<std::size_t>& indices) {
    return same_windows(time, schedule_around(time, picked(facts, indices), clock, signer),
                        schedule);
  };
  std::vector<std::size_t> found = candidates(time, facts, clock, false);
  if (gives_it(found)) return found;
  found = candidates(time, facts, clock, true);
  if (gives_it(found)) return found;
  return {};
}

}  // namespace preconf::replay::evidence
