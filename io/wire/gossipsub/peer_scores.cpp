#include "io/wire/gossipsub/peer_scores.hpp"

#include "io/wire/gossipsub/limits.hpp"

namespace preconf::io::wire {
namespace {

void add_up_to(Score& counter, std::size_t times, Score max) {
  const auto bounded =
      static_cast<std::int64_t>(std::min<std::size_t>(times, Score::kFactorMax / Score::kUnit));
  counter = std::min(counter + Score::whole(bounded), max);
}

void decay_counter(Score& counter, Score factor, Score to_zero) {
  counter = times(counter, factor);
  if (counter < to_zero) counter = Score{};
}

}  // namespace

void PeerScores::peer_connected(const PeerId& peer) {
  const auto [it, is_new] = peers_.try_emplace(peer);
  if (is_new || it->second.is_connected) return;
  it->second.is_connected = true;
  --retained_;
}

void PeerScores::peer_disconnected(const PeerId& peer, Millis now) {
  const auto it = peers_.find(peer);
  if (it == peers_.end() || !it->second.is_connected) return;
  Counters& counters = it->second;
  if (total(counters) > Score{}) {
    peers_.erase(it);
    return;
  }
  for (auto& [topic, counter] : counters.topics) counter.first_deliveries = Score{};
  if (total(counters) == Score{} && counters.behaviour == Score{}) {
    peers_.erase(it);
    return;
  }
  counters.is_connected = false;
  counters.forget_at = Millis{now.value + config_.retain_score.value};
  ++retained_;
  if (retained_ > gossip_limits::kRetainedScoresMax) forget_one();
}

/// Full only when thousands of misbehaving ids came and went: the one with the least blame goes.
void PeerScores::forget_one() {
  auto best = peers_.end();
  for (auto it = peers_.begin(); it != peers_.end(); ++it) {
    if (it->second.is_connected) continue;
    if (best == peers_.end() || total(it->second) > total(best->second)) best = it;
  }
  if (best == peers_.end()) return;
  peers_.erase(best);
  --retained_;
}

void PeerScores::first_delivery(const PeerId& peer, const Topic& topic) {
  const auto it = peers_.find(peer);
  if (it == peers_.end() || !it->second.is_connected) return;
  add_up_to(it->second.topics[topic].first_deliveries, 1, config_.first_deliveries_cap);
}

void PeerScores::invalid_message(const PeerId& peer, const Topic& topic) {
  const auto it = peers_.find(peer);
  if (it == peers_.end()) return;
  add_up_to(it->second.topics[topic].invalid, 1, Score{Score::kFactorMax});
}

void PeerScores::misbehaved(const PeerId& peer, std::size_t times) {
  const auto it = peers_.find(peer);
  if (it == peers_.end()) return;
  add_up_to(it->second.behaviour, times, Score{Score::kFactorMax});
}

void PeerScores::set_app_score(const PeerId& peer, Score score) {
  const auto it = peers_.find(peer);
  if (it != peers_.end()) it->second.app = clamped(score, config_.app_score_max);
}

Score PeerScores::total(const Counters& counters) const {
  Score topics;
  for (const auto& [name, counter] : counters.topics) {
    const Score of_topic = times(counter.first_deliveries, config_.first_deliveries_weight) +
                           times(square(counter.invalid), config_.invalid_weight);
    topics = topics + times(of_topic, config_.topic_weight);
  }
  return std::min(topics, config_.topic_score_cap) + times(counters.app, config_.app_weight) +
         times(square(counters.behaviour), config_.behaviour_weight);
}

Score PeerScores::score(const PeerId& peer) const {
  const auto it = peers_.find(peer);
  return it == peers_.end() ? Score{} : total(it->second);
}

bool PeerScores::misbehaves(const PeerId& peer) const {
  const auto it = peers_.find(peer);
  return it != peers_.end() && it->second.behaviour > Score{};
}

void PeerScores::decay(Millis now) {
  for (auto it = peers_.begin(); it != peers_.end();) {
    Counters& counters = it->second;
    if (!counters.is_connected && counters.forget_at <= now) {
      it = peers_.erase(it);
      --retained_;
      continue;
    }
    if (counters.is_connected) {
      for (auto& [name, counter] : counters.topics) {
        decay_counter(counter.first_deliveries, config_.first_deliveries_decay,
                      config_.decay_to_zero);
        decay_counter(counter.invalid, config_.invalid_decay, config_.decay_to_zero);
      }
      decay_counter(counters.behaviour, config_.behaviour_decay, config_.decay_to_zero);
    }
    ++it;
  }
}

}  // namespace preconf::io::wire
