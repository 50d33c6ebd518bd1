#include "io/wire/noise_handshake.hpp"

#include "io/wire/limits.hpp"
#include "io/wire/protobuf.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;

constexpr std::string_view kSignaturePrefix = "noise-libp2p-static-key:";
constexpr std::uint32_t kIdentityKeyField = 1;
constexpr std::uint32_t kSignatureField = 2;
constexpr std::size_t kLengthBytes = 2;

Bytes signed_bytes(const X25519Public& static_key) {
  const BytesView prefix = as_bytes(kSignaturePrefix);
  Bytes out(prefix.size() + X25519Public::kSize);
  const auto middle = std::copy(prefix.begin(), prefix.end(), out.begin());
  std::copy(static_key.bytes.begin(), static_key.bytes.end(), middle);
  return out;
}

}  // namespace

NoiseHandshake::NoiseHandshake(NoiseRole role, const Identity& identity, const NoiseXx::Keys& keys,
                               const PeerId& expected)
    : role_(role),
      identity_(&identity),
      static_key_(x25519_public(keys.fixed)),
      noise_(role, keys, {}),
      expected_(expected) {
  if (noise_.is_my_turn()) send({});
}

/// Never part of the first message: nothing protects it there.
Bytes NoiseHandshake::payload() const {
  Bytes out;
  ProtoWriter writer(out);
  writer.bytes(kIdentityKeyField, encode(identity_->public_key()));
  writer.bytes(kSignatureField, identity_->sign(signed_bytes(static_key_)));
  return out;
}

void NoiseHandshake::send(BytesView payload) {
  Bytes message;
  if (const auto error = noise_.write(payload, message)) {
    error_ = error;
    return;
  }
  output_.push_back(static_cast<std::uint8_t>(message.size() >> 8));
  output_.push_back(static_cast<std::uint8_t>(message.size() & 0xff));
  output_.insert(output_.end(), message.begin(), message.end());
}

std::optional<NoiseError> NoiseHandshake::accept(BytesView payload) {
  std::optional<BytesView> key;
  std::optional<BytesView> signature;
  ProtoReader reader(payload);
  while (const auto field = reader.next()) {
    if (field->is_bytes(kIdentityKeyField)) key = field->bytes;
    if (field->is_bytes(kSignatureField)) signature = field->bytes;
  }
  if (reader.error() || !key || !signature) return NoiseError::kBadPayload;
  const auto decoded = decode_public_key(*key);
  if (!decoded) return NoiseError::kBadIdentity;
  if (!verify(*decoded, signed_bytes(noise_.remote_static()), *signature)) {
    return NoiseError::kBadSignature;
  }
  remote_key_ = *decoded;
  remote_peer_ = peer_id_of(*decoded);
  if (!expected_.empty() && remote_peer_ != expected_) return NoiseError::kWrongPeer;
  return std::nullopt;
}

void NoiseHandshake::step(BytesView message) {
  Bytes payload_read;
  error_ = noise_.read(message, payload_read);
  if (error_) return;
  const bool is_first = role_ == NoiseRole::kResponder && !noise_.finished();
  if (!is_first) {
    error_ = accept(payload_read);
  } else if (!payload_read.empty()) {
    error_ = NoiseError::kEarlyPayload;
  }
  if (error_) return;
  if (noise_.is_my_turn()) send(payload());
}

/// The next message once it is whole; pieces are collected.
std::optional<BytesView> NoiseHandshake::take_message(BytesView& in) {
  while (message_.size() < kLengthBytes && !in.empty()) {
    message_.push_back(in.front());
    in = in.subspan(1);
  }
  if (message_.size() < kLengthBytes) return std::nullopt;
  const std::size_t size = (std::size_t{message_[0]} << 8) | message_[1];
  if (size > limits::kNoiseHandshakeBytesMax) {
    error_ = NoiseError::kTooLong;
    return std::nullopt;
  }
  const BytesView piece = in.first(std::min(in.size(), kLengthBytes + size - message_.size()));
  message_.insert(message_.end(), piece.begin(), piece.end());
  in = in.subspan(piece.size());
  if (message_.size() < kLengthBytes + size) return std::nullopt;
  return BytesView{message_}.subspan(kLengthBytes);
}

NoiseHandshake::Status NoiseHandshake::on_bytes(BytesView& in) {
  while (status_ == Status::kInProgress) {
    const auto message = take_message(in);
    if (message) {
      step(*message);
      message_.clear();
    }
    if (error_) return status_ = Status::kFailed;
    if (noise_.finished()) {
      message_ = Bytes();
      return status_ = Status::kDone;
    }
    if (!message) break;
  }
  return status_;
}

void NoiseHandshake::take_output(Bytes& out) {
  out.insert(out.end(), output_.begin(), output_.end());
  output_.clear();
}

}  // namespace preconf::io::wire
