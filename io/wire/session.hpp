// What is spoken with one peer over one connection: identify, ping, gossip RPCs, exchanges.
//
// Owned by the swarm, which decides who may connect and what RPCs mean. Calls append events; the
// swarm handles them before it calls again.
#pragma once

#include <deque>

#include "io/wire/connection.hpp"
#include "io/wire/prng.hpp"
#include "io/wire/rpc_queue.hpp"
#include "io/wire/session_events.hpp"
#include "io/wire/session_protocols.hpp"
#include "io/wire/session_uses.hpp"

namespace preconf::io::wire {

class Session {
 public:
  using Events = std::deque<SessionEvent>;

  /// `protocols` and `identity` outlive the session.
  Session(Direction direction, const SessionProtocols& protocols, const Identity& identity,
          const NoiseXx::Keys& keys, const PeerId& expected, core::Millis now);

  void on_bytes(core::BytesView in, core::Bytes& scratch, core::Millis now, Events& events);
  /// Goes on where on_bytes() stopped, which it does at Established: streams of the peer may be in
  /// the same bytes, and mean something only once it is welcome. Call after every on_bytes().
  void read_on(core::Millis now, Events& events);
  void on_time(core::Millis now, Prng& prng, Events& events);
  [[nodiscard]] core::Millis next_deadline() const;
  /// Appends about kSwarmOutputBytes at most.
  void take_output(core::Bytes& out, core::Bytes& scratch, core::Millis now, Events& events);
  [[nodiscard]] bool has_output() const { return connection_.has_output(); }

  /// After Established, when the peer is welcome: opens the streams that every connection has.
  /// `identify`: the frame that tells the peer who we are.
  void start(SharedBytes identify, core::Millis now);
  /// This connection carries the RPCs to the peer. Once.
  void open_gossip(core::Millis now);
  /// Tells the peer that what identify says has changed.
  void push_identify(SharedBytes identify, core::Millis now);

  [[nodiscard]] RpcQueue::Push send_rpc(const gossip::SendRpc& rpc, core::Millis now);

  /// A failure when it can not even begin; otherwise one Response follows. `frame`: frame_of().
  [[nodiscard]] std::optional<ExchangeFailure> request(RequestRef ref, ExchangeProtocol protocol,
                                                       SharedBytes frame, core::Millis now);
  /// Complete requests that nobody serves yet.
  [[nodiscard]] bool has_waiting_request() const { return !waiting_.empty(); }
  /// Requests that were given out and whose answer is not wholly sent.
  [[nodiscard]] std::size_t served_count() const { return served_; }
  struct Given {
    ExchangeProtocol protocol;
    core::Bytes body;
    core::Millis deadline;
  };
  /// Requires has_waiting_request().
  [[nodiscard]] Given give_request(InboundRef ref);
  /// False: the request is over.
  [[nodiscard]] bool respond(InboundRef ref, SharedBytes frame);
  void refuse(InboundRef ref, Events& events);

  /// Exchanges that are going on, in either direction.
  [[nodiscard]] bool has_exchanges() const;
  /// When closing breaks no exchange: kGoodbyeDelay after the last one ended, because a peer that
  /// has the whole answer may not have read it. Nothing while exchanges are going on.
  [[nodiscard]] std::optional<core::Millis> may_close_at() const;
  /// GoAway: when its output is taken the transport may be closed.
  void go_away(Events& events);
  /// The connection is gone: fails every exchange that is open.
  void abandon(Events& events);

  [[nodiscard]] const PeerId& remote_peer() const { return connection_.remote_peer(); }
  [[nodiscard]] std::optional<core::Millis> round_trip() const;
  [[nodiscard]] std::uint64_t refused_streams() const { return connection_.refused_streams(); }
  /// Bytes held of what is not complete: an RPC, a record.
  [[nodiscard]] std::size_t partial_bytes() const;
  [[nodiscard]] const RpcQueue& rpcs() const { return rpcs_; }
  [[nodiscard]] std::uint64_t rpcs_sent() const { return rpcs_sent_; }

 private:
  using Uses = std::map<StreamId, StreamUse>;

  // session.cpp
  void on_event(const ConnectionEvent& event, core::Millis now, Events& events);
  void on_ready(StreamId stream, std::size_t protocol, core::Millis now, Events& events);
  void on_inbound(StreamId stream, Served protocol, core::Millis now, Events& events);
  void on_data(Uses::iterator use, core::BytesView bytes, core::Millis now, Events& events);
  void on_ended(Uses::iterator use, core::Millis now, Events& events);
  void on_gone(Uses::iterator use, ExchangeFailure failure, core::Millis now, Events& events);
  void on_use_time(Uses::iterator use, core::Millis now, Prng& prng, Events& events);
  void linger(Uses::iterator use, core::Millis now);
  void drop(Uses::iterator use);
  bool open(std::span<const std::string> protocols, StreamUse use, core::Millis now);
  void check_idle(core::Millis now, Events& events);
  // session_streams.cpp
  void read_identify(Uses::iterator use, core::BytesView bytes, core::Millis now, Events& events);
  void read_ping(Uses::iterator use, core::BytesView bytes);
  void read_pong(Uses::iterator use, core::BytesView bytes, core::Millis now);
  void on_ping_time(Uses::iterator use, core::Millis now, Prng& prng);
  void accept_gossip(StreamId stream, std::size_t version, core::Millis now, Events& events);
  void read_rpcs(Uses::iterator use, core::BytesView bytes, core::Millis now, Events& events);
  void gossip_gone(core::Millis now, Events& events);
  void feed_gossip(core::Millis now);
  // session_exchanges.cpp
  void accept_request(StreamId stream, ExchangeProtocol protocol, core::Millis now);
  void read_request(Uses::iterator use, core::BytesView bytes, Events& events);
  void read_response(Uses::iterator use, core::BytesView bytes, core::Millis now, Events& events);
  void end_request(Uses::iterator use, ExchangeFailure failure, Events& events);
  void end_response(Uses::iterator use, ExchangeFailure failure, Events& events);
  void settle_answers(core::Millis now, Events& events);
  [[nodiscard]] std::size_t count_exchanges(ExchangeProtocol protocol, bool inbound) const;

  const SessionProtocols* protocols_;
  Connection connection_;
  Uses uses_;
  SharedBytes identify_;

  RpcQueue rpcs_;
  std::uint64_t rpcs_sent_ = 0;
  std::optional<StreamId> gossip_in_;
  std::optional<StreamId> gossip_out_;
  bool gossip_out_ready_ = false;
  std::size_t gossip_in_count_ = 0;
  std::size_t gossip_out_count_ = 0;
  std::size_t partial_rpc_bytes_ = 0;

  std::deque<StreamId> waiting_;  ///< requests that are complete and not given out
  std::size_t served_ = 0;
  core::Millis last_answer_;  ///< when the last byte of an answer left

  std::size_t identified_count_ = 0;
  core::Millis identified_at_;
  std::optional<core::Millis> ping_round_trip_;
  std::optional<core::Millis> ping_again_;  ///< when a ping stream is to be opened
  std::optional<core::Millis> idle_deadline_;
};

}  // namespace preconf::io::wire
