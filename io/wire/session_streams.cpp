// identify, ping and gossip of a session.
#include "core/base/assert.hpp"
#include "io/wire/session.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;

Millis after(Millis now, Millis delay) { return Millis{now.value + delay.value}; }

}  // namespace

void Session::push_identify(SharedBytes identify, Millis now) {
  identify_ = identify;
  (void)open(protocols_->identify_push, use::WriteIdentify{std::move(identify)}, now);
}

void Session::read_identify(Uses::iterator found, BytesView bytes, Millis now, Events& events) {
  auto& use = std::get<use::ReadIdentify>(found->second);
  Bytes frame;
  switch (use.reader.next(bytes, frame)) {
    case FrameReader::Status::kNeedMore:
      return;
    case FrameReader::Status::kFrame: {
      // What is wrong in it is not believed, and costs the peer nothing else.
      auto decoded = decode_identify(frame, connection_.remote_peer());
      const bool too_soon = identified_count_ >= use::ReadIdentify::kFreeMax &&
                            now < after(identified_at_, use::ReadIdentify::kPause);
      if (decoded && !too_soon) {
        identified_at_ = now;
        ++identified_count_;
        events.push_back(
            session::Identified{std::make_unique<const Identify>(std::move(*decoded))});
      }
      connection_.finish(found->first);
      return linger(found, now);
    }
    case FrameReader::Status::kTooLarge:
    case FrameReader::Status::kBadLength:
      connection_.reset(found->first);
      return drop(found);
  }
}

void Session::read_ping(Uses::iterator found, BytesView bytes) {
  Bytes answer;
  std::get<use::AnswerPing>(found->second).responder.on_bytes(bytes, answer);
  if (answer.empty()) return;
  if (connection_.queued_bytes(found->first) + answer.size() > limits::kPingQueuedBytesMax) {
    connection_.reset(found->first);  // asks without reading
    return drop(found);
  }
  (void)connection_.write(found->first, share(std::move(answer)));
}

void Session::read_pong(Uses::iterator found, BytesView bytes, Millis now) {
  auto& use = std::get<use::AskPing>(found->second);
  if (const auto round_trip = use.dialer.on_bytes(bytes, now)) {
    ping_round_trip_ = round_trip;
    use.next = after(now, limits::kPingInterval);
  }
  if (!use.dialer.error()) return;
  ping_again_ = after(now, limits::kPingInterval);
  connection_.reset(found->first);
  drop(found);
}

void Session::on_ping_time(Uses::iterator found, Millis now, Prng& prng) {
  auto& use = std::get<use::AskPing>(found->second);
  if (!use.dialer.on_time(now)) {
    ping_again_ = after(now, limits::kPingInterval);
    connection_.reset(found->first);
    return drop(found);
  }
  if (!use.next || now < *use.next) return;
  use.next.reset();
  PingPayload payload;
  for (std::size_t i = 0; i < payload.bytes.size(); ++i) {
    payload.bytes[i] = static_cast<std::uint8_t>(prng.next());
  }
  Bytes bytes;
  use.dialer.send(payload, now, bytes);
  (void)connection_.write(found->first, share(std::move(bytes)));
}

void Session::open_gossip(Millis now) {
  PRECONF_ASSERT(!gossip_out_);
  ++gossip_out_count_;
  (void)open(protocols_->gossip, use::GossipOut{}, now);
}

/// Our stream was reset, or not agreed on. Deployed peers end gossip on a connection with the fifth
/// stream, so it is not tried without end.
void Session::gossip_gone(Millis now, Events& events) {
  if (gossip_out_count_ < limits::kGossipStreamsOpenedMax) return open_gossip(now);
  events.push_back(session::GossipLost{});
}

void Session::accept_gossip(StreamId stream, std::size_t version, Millis now, Events& events) {
  if (++gossip_in_count_ > limits::kGossipStreamsAcceptedMax) return connection_.reset(stream);
  if (gossip_in_) {  // the newer one replaces it
    const auto old = uses_.find(*gossip_in_);
    connection_.finish(old->first);
    linger(old, now);
  }
  gossip_in_ = stream;
  partial_rpc_bytes_ = 0;
  uses_.emplace(stream, use::GossipIn{FrameReader(protocols_->rpc_bytes_max), std::nullopt});
  events.push_back(session::GossipReady{gossip_version(version), false});
}

void Session::read_rpcs(Uses::iterator found, BytesView bytes, Millis now, Events& events) {
  auto& use = std::get<use::GossipIn>(found->second);
  while (true) {
    const std::size_t before = bytes.size();
    Bytes frame;
    const FrameReader::Status status = use.reader.next(bytes, frame);
    partial_rpc_bytes_ += before - bytes.size();
    if (status == FrameReader::Status::kNeedMore) break;
    if (status != FrameReader::Status::kFrame) {
      events.push_back(session::Failed{CloseReason::kGossipMalformed});
      return;
    }
    partial_rpc_bytes_ = 0;
    use.deadline.reset();
    if (!frame.empty()) events.push_back(session::Rpc{std::move(frame)});
  }
  if (use.reader.in_frame() && !use.deadline) use.deadline = after(now, limits::kRpcFrameTimeout);
}

RpcQueue::Push Session::send_rpc(const gossip::SendRpc& rpc, Millis now) {
  const RpcQueue::Push pushed = rpcs_.push(rpc, now);
  feed_gossip(now);
  return pushed;
}

/// Gives yamux as much as keeps the transport busy; what waits here can still be overtaken or
/// become useless.
void Session::feed_gossip(Millis now) {
  if (!gossip_out_ready_) return;
  while (!rpcs_.empty() && connection_.queued_bytes(*gossip_out_) < limits::kRpcWrittenBytesMax) {
    SharedBytes frame = rpcs_.pop(now);
    if (!frame) return;
    (void)connection_.write(*gossip_out_, std::move(frame));
    ++rpcs_sent_;
  }
}

}  // namespace preconf::io::wire
