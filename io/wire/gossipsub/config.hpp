// Parameters of the router. Defaults are those of Taiko's permissionless preconfirmation network
// as deployed; names follow the gossipsub v1.1 specification. Rates of the score are in `Score`.
#pragma once

#include "io/wire/gossipsub/score.hpp"
#include "io/wire/gossipsub/types.hpp"

namespace preconf::io::wire {

/// What a message's id is a hash of (message_id.hpp). Both networks of Taiko are served by the
/// same router, so it is a parameter.
enum class MessageIdFormula : std::uint8_t {
  kContent,          ///< permissionless network
  kTopicAndContent,  ///< whitelist network
};

/// Scoring, gossipsub v1.1. P1, P3, P3b and P6 have weight zero on this network and are not
/// computed.
struct ScoreConfig {
  Score topic_weight = Score::whole(1);
  Score first_deliveries_weight = Score::milli(500);  ///< P2
  Score first_deliveries_cap = Score::whole(20);      ///< messages
  Score first_deliveries_decay = Score::milli(999);   ///< per decay interval
  Score invalid_weight = Score::whole(-2);            ///< P4, of the square
  Score invalid_decay = Score::milli(990);
  Score topic_score_cap = Score::whole(3600);
  Score app_weight = Score::whole(1);        ///< P5
  Score app_score_max = Score::whole(10);    ///< of its absolute value
  Score behaviour_weight = Score::whole(0);  ///< P7, of the square; counted all the same
  Score behaviour_decay = Score::milli(990);
  Score decay_to_zero = Score::milli(100);
  Millis decay_interval{10'000};
  Millis retain_score{3'600'000};  ///< a score that is not positive outlives its connection

  Score gossip_threshold = Score::whole(-1);
  Score publish_threshold = Score::whole(-2);
  Score graylist_threshold = Score::whole(-5);
  Score opportunistic_graft_threshold = Score::milli(500);
};

struct GossipConfig {
  std::size_t mesh_n = 8;             ///< D
  std::size_t mesh_n_low = 6;         ///< D_lo
  std::size_t mesh_n_high = 12;       ///< D_hi
  std::size_t mesh_outbound_min = 2;  ///< D_out
  std::size_t retain_scores = 4;      ///< D_score
  std::size_t gossip_lazy = 6;        ///< D_lazy
  std::size_t gossip_divisor = 4;     ///< 1 / gossip_factor: a quarter of the peers, or D_lazy

  Millis heartbeat_initial_delay{5'000};
  Millis heartbeat_interval{500};
  std::size_t history_length = 12;  ///< mcache_len: windows of one heartbeat
  std::size_t history_gossip = 3;   ///< mcache_gossip
  Millis fanout_ttl{60'000};
  Millis duplicate_cache_time{120'000};  ///< seen_ttl

  std::size_t max_transmit_size = 10'485'760;  ///< bytes of a message and of an RPC
  std::size_t gossip_retransmission = 3;       ///< IWANT answers per peer and message
  std::size_t max_ihave_length = 5'000;        ///< ids per heartbeat and peer, both directions
  std::size_t max_ihave_messages = 10;         ///< IHAVE per heartbeat and peer
  Millis iwant_followup_time{3'000};
  Millis prune_backoff{60'000};
  Millis unsubscribe_backoff{10'000};
  Millis prune_backoff_max{3'600'000};  ///< honoured at most, whatever a PRUNE says
  std::size_t backoff_slack_heartbeats = 1;
  Millis graft_flood_threshold{10'000};
  std::size_t opportunistic_graft_ticks = 60;
  std::size_t opportunistic_graft_peers = 2;
  std::size_t idontwant_size_min = 1'000;  ///< bytes of a message protobuf
  std::size_t idontwant_length_max = 10'000;
  Millis idontwant_lifetime{3'000};
  Millis publish_lifetime{5'000};  ///< how long an own message may wait in a send queue
  Millis forward_lifetime{1'000};
  Millis report_interval{10'000};  ///< between two PeerFaults of one peer

  MessageIdFormula message_id_formula = MessageIdFormula::kContent;
  std::uint64_t first_seqno = 1;  ///< nobody may have seen it with this key: wall nanoseconds
  ScoreConfig score;
};

}  // namespace preconf::io::wire
