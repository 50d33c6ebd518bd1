// Streams and their uses. What is done in a use: session_streams.cpp, session_exchanges.cpp.
#include "io/wire/session.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;

Millis after(Millis now, Millis delay) { return Millis{now.value + delay.value}; }

CloseReason reason_of(ConnectionFault fault) {
  switch (fault) {
    case ConnectionFault::kSetupTimeout:
      return CloseReason::kSetupTimeout;
    case ConnectionFault::kUpgrade:
      return CloseReason::kUpgrade;
    case ConnectionFault::kWrongPeer:
      return CloseReason::kWrongPeer;
    case ConnectionFault::kChannelBroken:
      return CloseReason::kChannelBroken;
    case ConnectionFault::kMuxer:
      return CloseReason::kMuxer;
    case ConnectionFault::kUnresponsive:
      return CloseReason::kUnresponsive;
    case ConnectionFault::kGoAway:
      return CloseReason::kRemoteGoAway;
  }
  return CloseReason::kMuxer;
}

template <class T>
T* as(StreamUse& use) {
  return std::get_if<T>(&use);
}

}  // namespace

std::optional<Millis> deadline_of(const StreamUse& use) {
  if (const auto* linger = std::get_if<use::Linger>(&use)) return linger->deadline;
  if (const auto* identify = std::get_if<use::ReadIdentify>(&use)) return identify->deadline;
  if (const auto* gossip = std::get_if<use::GossipIn>(&use)) return gossip->deadline;
  if (const auto* ask = std::get_if<use::AskPeer>(&use)) return ask->reader.deadline();
  if (const auto* answer = std::get_if<use::AnswerPeer>(&use)) return answer->reader.deadline();
  if (const auto* ping = std::get_if<use::AskPing>(&use)) {
    const auto overdue = ping->dialer.next_deadline();
    return overdue ? overdue : ping->next;
  }
  return std::nullopt;
}

Session::Session(Direction direction, const SessionProtocols& protocols, const Identity& identity,
                 const NoiseXx::Keys& keys, const PeerId& expected, Millis now)
    : protocols_(&protocols),
      connection_(direction, identity, keys, expected, protocols.served, now) {}

void Session::start(SharedBytes identify, Millis now) {
  identify_ = std::move(identify);
  idle_deadline_ = after(now, limits::kIdleTimeout);
  (void)open(protocols_->identify, use::ReadIdentify{after(now, limits::kIdentifyTimeout)}, now);
  (void)open(protocols_->ping, use::AskPing{}, now);
}

void Session::on_bytes(BytesView in, Bytes& scratch, Millis now, Events& events) {
  connection_.on_bytes(in, scratch, now);
  read_on(now, events);
}

void Session::read_on(Millis now, Events& events) {
  while (const auto event = connection_.next_event(now)) {
    on_event(*event, now, events);
    if (std::holds_alternative<connection::Established>(*event)) return;
  }
  settle_answers(now, events);
}

void Session::on_event(const ConnectionEvent& event, Millis now, Events& events) {
  if (std::holds_alternative<connection::Established>(event)) {
    events.push_back(session::Established{});
  } else if (const auto* ready = std::get_if<connection::StreamReady>(&event)) {
    if (ready->inbound) {
      on_inbound(ready->stream, static_cast<Served>(ready->protocol), now, events);
    } else {
      on_ready(ready->stream, ready->protocol, now, events);
    }
  } else if (const auto* refused = std::get_if<connection::StreamRefused>(&event)) {
    const auto use = uses_.find(refused->stream);
    if (use == uses_.end()) return;
    on_gone(use,
            refused->unsupported ? ExchangeFailure::kUnsupportedProtocol
                                 : ExchangeFailure::kNegotiation,
            now, events);
  } else if (const auto* data = std::get_if<connection::Data>(&event)) {
    connection_.consumed(data->stream, data->bytes.size());  // taken below, all of it
    const auto use = uses_.find(data->stream);
    if (use != uses_.end()) on_data(use, data->bytes, now, events);
  } else if (const auto* ended = std::get_if<connection::Ended>(&event)) {
    const auto use = uses_.find(ended->stream);
    if (use != uses_.end()) on_ended(use, now, events);
  } else if (const auto* reset = std::get_if<connection::Reset>(&event)) {
    const auto use = uses_.find(reset->stream);
    if (use != uses_.end()) on_gone(use, ExchangeFailure::kReset, now, events);
  } else if (const auto* failed = std::get_if<connection::Failed>(&event)) {
    events.push_back(session::Failed{reason_of(failed->fault)});
  }
}

/// A stream of ours has its protocol.
void Session::on_ready(StreamId stream, std::size_t protocol, Millis now, Events& events) {
  const auto found = uses_.find(stream);
  if (found == uses_.end()) return;
  if (const auto* identify = as<use::WriteIdentify>(found->second)) {
    (void)connection_.write(stream, identify->frame);
    connection_.finish(stream);
    linger(found, now);
  } else if (auto* ping = as<use::AskPing>(found->second)) {
    ping->next = now;
  } else if (as<use::GossipOut>(found->second) != nullptr) {
    gossip_out_ready_ = true;
    events.push_back(session::GossipReady{gossip_version(protocol), true});
    feed_gossip(now);
  } else if (auto* ask = as<use::AskPeer>(found->second)) {
    (void)connection_.write(stream, std::exchange(ask->frame, nullptr));
    connection_.finish(stream);
  } else if (as<use::ReadIdentify>(found->second) != nullptr) {
    connection_.finish(stream);  // nothing is asked but the opening itself
  }
}

void Session::on_inbound(StreamId stream, Served protocol, Millis now, Events& events) {
  switch (protocol) {
    case Served::kIdentify:
      if (!identify_) return connection_.reset(stream);
      (void)connection_.write(stream, identify_);
      connection_.finish(stream);
      uses_.emplace(stream, use::Linger{after(now, limits::kStreamLingerTimeout)});
      return;
    case Served::kIdentifyPush:
      uses_.emplace(stream, use::ReadIdentify{after(now, limits::kIdentifyTimeout)});
      return;
    case Served::kPing:
      uses_.emplace(stream, use::AnswerPing{});
      return;
    case Served::kMeshsub12:
    case Served::kMeshsub11:
    case Served::kMeshsub10:
    case Served::kFloodsub:
      return accept_gossip(
          stream, static_cast<std::size_t>(protocol) - static_cast<std::size_t>(Served::kMeshsub12),
          now, events);
    case Served::kGetHead:
      return accept_request(stream, ExchangeProtocol::kGetHead, now);
    case Served::kGetCommitmentsByNumber:
      return accept_request(stream, ExchangeProtocol::kGetCommitmentsByNumber, now);
    case Served::kGetRawTxList:
      return accept_request(stream, ExchangeProtocol::kGetRawTxList, now);
  }
}

void Session::on_data(Uses::iterator found, BytesView bytes, Millis now, Events& events) {
  if (as<use::ReadIdentify>(found->second) != nullptr) {
    read_identify(found, bytes, now, events);
  } else if (as<use::AnswerPing>(found->second) != nullptr) {
    read_ping(found, bytes);
  } else if (as<use::AskPing>(found->second) != nullptr) {
    read_pong(found, bytes, now);
  } else if (as<use::GossipIn>(found->second) != nullptr) {
    read_rpcs(found, bytes, now, events);
  } else if (as<use::AskPeer>(found->second) != nullptr) {
    read_response(found, bytes, now, events);
  } else if (as<use::AnswerPeer>(found->second) != nullptr) {
    read_request(found, bytes, events);
  }
  // Of a gossip stream of ours, or one that lingers: nobody has anything to say there.
}

/// The peer closed its half.
void Session::on_ended(Uses::iterator found, Millis now, Events& events) {
  const StreamId stream = found->first;
  if (auto* ask = as<use::AskPeer>(found->second)) {
    if (ask->reader.on_end() == ExchangeReader::Status::kFailed) {
      end_response(found, ask->reader.failure(), events);
    }
  } else if (auto* answer = as<use::AnswerPeer>(found->second)) {
    if (answer->reader.on_end() == ExchangeReader::Status::kFailed) {
      end_request(found, answer->reader.failure(), events);
    }
  } else if (as<use::Linger>(found->second) != nullptr) {
    uses_.erase(found);
  } else if (as<use::GossipOut>(found->second) == nullptr) {
    if (gossip_in_ == stream) {
      gossip_in_.reset();
      partial_rpc_bytes_ = 0;
    }
    if (as<use::AskPing>(found->second) != nullptr) {
      ping_again_ = after(now, limits::kPingInterval);
    }
    connection_.finish(stream);
    linger(found, now);
  }
}

/// The stream is dead, or never came to life.
void Session::on_gone(Uses::iterator found, ExchangeFailure failure, Millis now, Events& events) {
  if (as<use::AskPeer>(found->second) != nullptr) return end_response(found, failure, events);
  if (as<use::AnswerPeer>(found->second) != nullptr) return end_request(found, failure, events);
  const bool is_gossip_out = as<use::GossipOut>(found->second) != nullptr;
  const bool is_ping = as<use::AskPing>(found->second) != nullptr;
  drop(found);
  if (is_ping && failure != ExchangeFailure::kUnsupportedProtocol) {
    ping_again_ = after(now, limits::kPingInterval);
  }
  if (!is_gossip_out) return;
  if (failure == ExchangeFailure::kUnsupportedProtocol) {
    gossip_out_count_ = limits::kGossipStreamsOpenedMax;
  }
  gossip_gone(now, events);
}

void Session::on_time(Millis now, Prng& prng, Events& events) {
  // Exchanges first: their time is up at the same moment as that of their negotiation.
  for (auto next = uses_.begin(); next != uses_.end();) {
    const auto use = next++;
    const auto deadline = deadline_of(use->second);
    if (deadline && now >= *deadline) on_use_time(use, now, prng, events);
  }
  while (const auto event = connection_.on_time(now)) on_event(*event, now, events);
  if (ping_again_ && now >= *ping_again_) {
    ping_again_.reset();
    (void)open(protocols_->ping, use::AskPing{}, now);
  }
  check_idle(now, events);
  feed_gossip(now);
}

void Session::on_use_time(Uses::iterator found, Millis now, Prng& prng, Events& events) {
  if (as<use::AskPing>(found->second) != nullptr) return on_ping_time(found, now, prng);
  if (as<use::AskPeer>(found->second) != nullptr) {
    return end_response(found, ExchangeFailure::kTimeout, events);
  }
  if (as<use::AnswerPeer>(found->second) != nullptr) {
    return end_request(found, ExchangeFailure::kTimeout, events);
  }
  if (as<use::GossipIn>(found->second) != nullptr) {
    events.push_back(session::Failed{CloseReason::kMemory});
    return;
  }
  connection_.reset(found->first);
  drop(found);
}

/// A connection without gossip and without exchanges is of no use to anybody.
void Session::check_idle(Millis now, Events& events) {
  if (!idle_deadline_ || now < *idle_deadline_) return;
  if (gossip_in_ || gossip_out_ready_ || has_exchanges()) {
    idle_deadline_ = after(now, limits::kIdleTimeout);
  } else {
    idle_deadline_.reset();
    events.push_back(session::Failed{CloseReason::kIdle});
  }
}

Millis Session::next_deadline() const {
  Millis deadline = connection_.next_deadline();
  for (const auto& [stream, use] : uses_) {
    if (const auto one = deadline_of(use)) deadline = std::min(deadline, *one);
  }
  if (ping_again_) deadline = std::min(deadline, *ping_again_);
  if (idle_deadline_) deadline = std::min(deadline, *idle_deadline_);
  return deadline;
}

void Session::take_output(Bytes& out, Bytes& scratch, Millis now, Events& events) {
  connection_.take_output(out, scratch, limits::kSwarmOutputBytes);
  if (!connection_.established()) return;
  feed_gossip(now);
  settle_answers(now, events);
}

void Session::go_away(Events& events) {
  abandon(events);
  connection_.go_away();
}

void Session::linger(Uses::iterator found, Millis now) {
  found->second = use::Linger{after(now, limits::kStreamLingerTimeout)};
}

void Session::drop(Uses::iterator found) {
  if (gossip_in_ == found->first) {
    gossip_in_.reset();
    partial_rpc_bytes_ = 0;
  }
  if (gossip_out_ == found->first) {
    gossip_out_.reset();
    gossip_out_ready_ = false;
  }
  uses_.erase(found);
}

bool Session::open(std::span<const std::string> protocols, StreamUse use, Millis now) {
  const auto stream = connection_.open_stream(protocols, now);
  if (!stream) return false;
  if (std::holds_alternative<use::GossipOut>(use)) gossip_out_ = *stream;
  uses_.emplace(*stream, std::move(use));
  return true;
}

std::optional<Millis> Session::round_trip() const {
  return ping_round_trip_ ? ping_round_trip_ : connection_.round_trip();
}

std::size_t Session::partial_bytes() const {
  return partial_rpc_bytes_ + connection_.partial_bytes();
}

}  // namespace preconf::io::wire
