#include "io/wire/connection.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;

Millis after(Millis now, Millis delay) { return Millis{now.value + delay.value}; }

/// Sealing a record adds a length and a tag.
constexpr std::size_t kSealOverheadBytes = 18;

template <class Machine>
SharedBytes output_of(Machine& machine) {
  Bytes bytes;
  std::visit([&bytes](auto& m) { m.take_output(bytes); }, machine);
  return share(std::move(bytes));
}

}  // namespace

Connection::Connection(Direction direction, const Identity& identity, const NoiseXx::Keys& keys,
                       const PeerId& expected, std::span<const std::string> served, Millis now)
    : direction_(direction),
      served_(served),
      setup_deadline_(after(now, limits::kConnectionSetupTimeout)) {
  upgrade_.emplace(direction, identity, keys, expected);
}

void Connection::on_bytes(BytesView in, Bytes& scratch, Millis now) {
  PRECONF_ASSERT(plaintext_.empty() && !rest_);
  if (failed_ || broken_) return;
  scratch.clear();
  if (muxer_) {
    if (!transport_->on_bytes(in, scratch)) broken_ = ConnectionFault::kChannelBroken;
  } else {
    switch (upgrade_->on_bytes(in, scratch)) {
      case Upgrade::Status::kInProgress:
        break;
      case Upgrade::Status::kDone:
        on_upgraded(now);
        break;
      case Upgrade::Status::kFailed:
        broken_ = upgrade_->noise_error() == NoiseError::kWrongPeer ? ConnectionFault::kWrongPeer
                                                                    : ConnectionFault::kUpgrade;
        break;
    }
  }
  plaintext_ = scratch;
}

void Connection::on_upgraded(Millis now) {
  transport_.emplace(upgrade_->take_transport());
  remote_peer_ = upgrade_->remote_peer();
  const YamuxRole role =
      direction_ == Direction::kOutbound ? YamuxRole::kDialer : YamuxRole::kListener;
  muxer_.emplace(role, YamuxConfig{}, now);
  if (!upgrade_->has_output()) upgrade_.reset();
  tell_established_ = true;
}

std::optional<ConnectionEvent> Connection::next_event(Millis now) {
  if (failed_) return std::nullopt;
  if (tell_established_) {
    tell_established_ = false;
    return connection::Established{};
  }
  if (rest_) return *std::exchange(rest_, std::nullopt);
  while (muxer_) {
    const auto event = muxer_->read(plaintext_, now);
    if (!event) break;
    if (auto told = on_mux_event(*event, now)) return told;
  }
  if (broken_) return fail(*broken_);
  return std::nullopt;
}

std::optional<ConnectionEvent> Connection::on_mux_event(const YamuxEvent& event, Millis now) {
  if (const auto* data = std::get_if<yamux::StreamData>(&event)) return on_data(*data);
  if (const auto* opened = std::get_if<yamux::StreamOpened>(&event)) {
    on_opened(opened->stream, now);
  } else if (const auto* ended = std::get_if<yamux::StreamEnded>(&event)) {
    const auto negotiation = negotiations_.find(ended->stream);
    if (negotiation != negotiations_.end()) return give_up(negotiation, false);
    return connection::Ended{ended->stream};
  } else if (const auto* reset = std::get_if<yamux::StreamReset>(&event)) {
    const auto negotiation = negotiations_.find(reset->stream);
    if (negotiation != negotiations_.end()) return give_up(negotiation, false);
    return connection::Reset{reset->stream};
  } else if (std::holds_alternative<yamux::GoneAway>(event)) {
    return fail(ConnectionFault::kGoAway);
  } else if (const auto* failed = std::get_if<yamux::Failed>(&event)) {
    return fail(ConnectionFault::kMuxer, failed->error);
  }
  return std::nullopt;
}

void Connection::on_opened(StreamId stream, Millis now) {
  if (negotiating_inbound_ >= limits::kNegotiatingStreamsMax) {
    ++refused_;
    muxer_->reset(stream);
    return;
  }
  ++negotiating_inbound_;
  negotiations_.emplace(stream, Negotiation{MultistreamListener(served_),
                                            after(now, limits::kStreamNegotiationTimeout), true});
}

std::optional<ConnectionEvent> Connection::on_data(const yamux::StreamData& data) {
  const auto negotiation = negotiations_.find(data.stream);
  if (negotiation == negotiations_.end()) return connection::Data{data.stream, data.data};
  return negotiate(negotiation, data.data);
}

std::optional<ConnectionEvent> Connection::negotiate(Negotiations::iterator found, BytesView data) {
  const StreamId stream = found->first;
  Negotiation& negotiation = found->second;
  const std::size_t size = data.size();
  const MultistreamStatus status =
      std::visit([&data](auto& machine) { return machine.on_bytes(data); }, negotiation.machine);
  (void)muxer_->write(stream, output_of(negotiation.machine));
  muxer_->consumed(stream, size - data.size());
  if (status == MultistreamStatus::kNegotiating) return std::nullopt;
  if (status == MultistreamStatus::kFailed) {
    const auto error =
        std::visit([](const auto& machine) { return machine.error(); }, negotiation.machine);
    return give_up(found, error == MultistreamError::kNoCommonProtocol);
  }
  const std::size_t agreed =
      std::visit([](const auto& machine) { return machine.agreed(); }, negotiation.machine);
  const bool inbound = negotiation.inbound;
  if (inbound) --negotiating_inbound_;
  negotiations_.erase(found);
  if (!data.empty()) rest_ = connection::Data{stream, data};
  return connection::StreamReady{stream, agreed, inbound};
}

/// The stream is reset, if it is not already gone.
std::optional<ConnectionEvent> Connection::give_up(Negotiations::iterator found, bool unsupported) {
  const StreamId stream = found->first;
  const bool inbound = found->second.inbound;
  negotiations_.erase(found);
  muxer_->reset(stream);
  if (!inbound) return connection::StreamRefused{stream, unsupported};
  --negotiating_inbound_;
  ++refused_;
  return std::nullopt;
}

ConnectionEvent Connection::fail(ConnectionFault fault, std::optional<YamuxError> yamux) {
  failed_ = true;
  negotiations_.clear();
  plaintext_ = {};
  rest_.reset();
  return connection::Failed{fault, yamux};
}

std::optional<ConnectionEvent> Connection::on_time(Millis now) {
  if (failed_) return std::nullopt;
  if (!muxer_) {
    if (now >= setup_deadline_) return fail(ConnectionFault::kSetupTimeout);
    return std::nullopt;
  }
  if (const auto event = muxer_->on_time(now)) {
    return fail(ConnectionFault::kUnresponsive, std::get<yamux::Failed>(*event).error);
  }
  while (true) {
    const auto late = std::find_if(negotiations_.begin(), negotiations_.end(),
                                   [now](const auto& n) { return now >= n.second.deadline; });
    if (late == negotiations_.end()) return std::nullopt;
    if (auto event = give_up(late, false)) return event;
  }
}

Millis Connection::next_deadline() const {
  if (failed_) return Millis{UINT64_MAX};
  if (!muxer_) return setup_deadline_;
  Millis deadline = muxer_->next_deadline();
  for (const auto& [stream, negotiation] : negotiations_) {
    deadline = std::min(deadline, negotiation.deadline);
  }
  return deadline;
}

void Connection::take_output(Bytes& out, Bytes& scratch, std::size_t bytes_max) {
  if (upgrade_) {
    upgrade_->take_output(out);
    if (muxer_) upgrade_.reset();
  }
  if (!muxer_) return;
  PRECONF_ASSERT(bytes_max > kSealOverheadBytes);
  scratch.clear();
  muxer_->take_output(scratch, bytes_max - kSealOverheadBytes);
  transport_->seal(scratch, out);
}

bool Connection::has_output() const {
  return (upgrade_ && upgrade_->has_output()) || (muxer_ && muxer_->has_output());
}

std::optional<StreamId> Connection::open_stream(std::span<const std::string> protocols,
                                                Millis now) {
  PRECONF_ASSERT(muxer_);
  const auto stream = muxer_->open_stream();
  if (!stream) return std::nullopt;
  Negotiation negotiation{MultistreamDialer(protocols),
                          after(now, limits::kStreamNegotiationTimeout), false};
  (void)muxer_->write(*stream, output_of(negotiation.machine));
  negotiations_.emplace(*stream, std::move(negotiation));
  return stream;
}

bool Connection::write(StreamId stream, SharedBytes bytes) {
  return muxer_->write(stream, std::move(bytes));
}
void Connection::consumed(StreamId stream, std::size_t size) { muxer_->consumed(stream, size); }
void Connection::finish(StreamId stream) { muxer_->finish(stream); }
void Connection::reset(StreamId stream) {
  const auto negotiation = negotiations_.find(stream);
  if (negotiation != negotiations_.end()) {
    if (negotiation->second.inbound) --negotiating_inbound_;
    negotiations_.erase(negotiation);
  }
  muxer_->reset(stream);
}
std::size_t Connection::queued_bytes(StreamId stream) const { return muxer_->queued_bytes(stream); }
bool Connection::has_stream(StreamId stream) const { return muxer_->has_stream(stream); }

void Connection::go_away() {
  if (muxer_) muxer_->go_away(0);
}

std::optional<Millis> Connection::round_trip() const {
  return muxer_ ? muxer_->round_trip() : std::nullopt;
}
std::uint64_t Connection::refused_streams() const {
  return refused_ + (muxer_ ? muxer_->refused_streams() : 0);
}
std::size_t Connection::partial_bytes() const {
  return transport_ ? transport_->memory_bytes() : 0;
}

}  // namespace preconf::io::wire
