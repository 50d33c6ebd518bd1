#include "io/wire/upgrade.hpp"

#include <array>

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;

const std::array<std::string, 1>& security_protocols() {
  static const std::array<std::string, 1> protocols{std::string(kNoiseProtocol)};
  return protocols;
}

const std::array<std::string, 1>& muxer_protocols() {
  static const std::array<std::string, 1> protocols{std::string(kYamuxProtocol)};
  return protocols;
}

}  // namespace

Upgrade::Upgrade(Direction direction, const Identity& identity, const NoiseXx::Keys& keys,
                 const PeerId& expected)
    : direction_(direction), negotiation_(negotiation(security_protocols())) {
  const auto role = direction == Direction::kOutbound ? NoiseRole::kInitiator  //
                                                      : NoiseRole::kResponder;
  noise_.emplace(role, identity, keys, expected);
  send_negotiation();
  // The dialer proposes one protocol only, so its first message need not wait for the answer.
  if (direction == Direction::kOutbound) noise_->take_output(output_);
}

Upgrade::Negotiation Upgrade::negotiation(std::span<const std::string> protocols) const {
  if (direction_ == Direction::kOutbound) return MultistreamDialer(protocols);
  return MultistreamListener(protocols);
}

/// Of the stage at hand: in the clear before the channel stands, sealed after.
void Upgrade::send_negotiation() {
  Bytes bytes;
  std::visit([&bytes](auto& machine) { machine.take_output(bytes); }, negotiation_);
  if (transport_) {
    transport_->seal(bytes, output_);
  } else {
    output_.insert(output_.end(), bytes.begin(), bytes.end());
  }
}

/// Is there an agreement? When there can be none the stage is kFailed.
bool Upgrade::negotiate(BytesView& in) {
  const MultistreamStatus status =
      std::visit([&in](auto& machine) { return machine.on_bytes(in); }, negotiation_);
  send_negotiation();
  if (status == MultistreamStatus::kFailed) stage_ = Stage::kFailed;
  return status == MultistreamStatus::kAgreed;
}

Upgrade::Status Upgrade::on_bytes(BytesView in, Bytes& early) {
  if (stage_ == Stage::kSecurity && negotiate(in)) stage_ = Stage::kNoise;
  if (stage_ == Stage::kNoise) on_noise(in);
  if (stage_ == Stage::kMuxer) on_channel(in, early);
  if (stage_ == Stage::kFailed) return Status::kFailed;
  return stage_ == Stage::kDone ? Status::kDone : Status::kInProgress;
}

void Upgrade::on_noise(BytesView& in) {
  const NoiseHandshake::Status status = noise_->on_bytes(in);
  noise_->take_output(output_);
  if (status == NoiseHandshake::Status::kFailed) {
    noise_error_ = noise_->error();
    stage_ = Stage::kFailed;
  } else if (status == NoiseHandshake::Status::kDone) {
    remote_peer_ = noise_->remote_peer();
    transport_.emplace(noise_->split());
    noise_.reset();
    stage_ = Stage::kMuxer;
    negotiation_ = negotiation(muxer_protocols());
    send_negotiation();
  }
}

void Upgrade::on_channel(BytesView in, Bytes& early) {
  Bytes plaintext;
  const bool authentic = transport_->on_bytes(in, plaintext);
  BytesView rest(plaintext);
  if (negotiate(rest)) {
    early.insert(early.end(), rest.begin(), rest.end());
    stage_ = Stage::kDone;
  }
  if (!authentic) {
    noise_error_ = transport_->error();
    stage_ = Stage::kFailed;
  }
}

void Upgrade::take_output(Bytes& out) {
  out.insert(out.end(), output_.begin(), output_.end());
  output_.clear();
}

}  // namespace preconf::io::wire
