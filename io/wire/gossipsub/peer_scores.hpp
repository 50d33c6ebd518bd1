// Peer scores (gossipsub v1.1, "Peer Scoring"), reduced to what this network gives a weight: P2,
// P4, P5 and P7. Kept by peer id, so that a reconnect washes nothing off.
#pragma once

#include <map>

#include "io/wire/gossipsub/config.hpp"
#include "io/wire/peer_id.hpp"

namespace preconf::io::wire {

class PeerScores {
 public:
  explicit PeerScores(const ScoreConfig& config) : config_(config) {}

  void peer_connected(const PeerId& peer);
  /// A positive score ends with the connection; another is kept for retain_score, undecayed.
  void peer_disconnected(const PeerId& peer, Millis now);

  /// P2: `peer` was the first to deliver an accepted message of `topic`.
  void first_delivery(const PeerId& peer, const Topic& topic);
  /// P4: `peer` sent an invalid message. Also of a peer that left, while its score is kept.
  void invalid_message(const PeerId& peer, const Topic& topic);
  /// P7: broken promises, GRAFT during backoff.
  void misbehaved(const PeerId& peer, std::size_t times);
  /// P5, cut to +-app_score_max.
  void set_app_score(const PeerId& peer, Score score);

  /// Zero for an unknown peer.
  [[nodiscard]] Score score(const PeerId& peer) const;
  /// Has `peer` a P7 counter that has not decayed?
  [[nodiscard]] bool misbehaves(const PeerId& peer) const;

  /// Decay of the connected peers' counters, once per decay_interval; forgets what was retained
  /// long enough.
  void decay(Millis now);

  /// Peers that are known: connected and retained.
  [[nodiscard]] std::size_t size() const { return peers_.size(); }

 private:
  /// Counters in messages. Invalid ones and misbehaviour stop at Score::kFactorMax: their squares
  /// must fit, and nobody is further down than that.
  struct TopicCounters {
    Score first_deliveries;
    Score invalid;
  };
  struct Counters {
    std::map<Topic, TopicCounters> topics;
    Score app;
    Score behaviour;
    bool is_connected = true;
    Millis forget_at;  ///< when not connected
  };

  [[nodiscard]] Score total(const Counters& counters) const;
  void forget_one();

  ScoreConfig config_;
  std::map<PeerId, Counters> peers_;
  std::size_t retained_ = 0;
};

}  // namespace preconf::io::wire
