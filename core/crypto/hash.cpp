#include "core/crypto/hash.hpp"

#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include <bit>
#include <cstring>
#include <new>

#include "core/crypto/keccak_f1600.hpp"

namespace preconf::core::crypto {
namespace {

constexpr std::size_t kKeccakRate = 136;
constexpr std::size_t kLaneBytes = 8;
/// The original Keccak padding starts with a single 1 bit; SHA3-256 has 01 before it.
constexpr std::uint8_t kKeccakPadFirst = 0x01;
constexpr std::uint8_t kKeccakPadLast = 0x80;

std::uint64_t little_endian(std::uint64_t value) {
  return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}

std::uint64_t load_le64(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return little_endian(value);
}

void store_le64(std::uint8_t* bytes, std::uint64_t value) {
  value = little_endian(value);
  std::memcpy(bytes, &value, sizeof value);
}

void absorb_block(KeccakState& state, const std::uint8_t* block) {
  for (std::size_t lane = 0; lane < kKeccakRate / kLaneBytes; ++lane) {
    state[lane] ^= load_le64(block + lane * kLaneBytes);
  }
  keccak_f1600(state);
}

void absorb_byte(KeccakState& state, std::size_t position, std::uint8_t byte) {
  state[position / kLaneBytes] ^= std::uint64_t{byte} << (8 * (position % kLaneBytes));
}

/// XORs fewer bytes than one block into an otherwise untouched block.
void absorb_tail(KeccakState& state, const std::uint8_t* tail, std::size_t size) {
  std::size_t at = 0;
  for (; at + kLaneBytes <= size; at += kLaneBytes) {
    state[at / kLaneBytes] ^= load_le64(tail + at);
  }
  for (; at < size; ++at) absorb_byte(state, at, tail[at]);
}

Hash32 squeeze(KeccakState& state, std::size_t filled) {
  absorb_byte(state, filled, kKeccakPadFirst);
  absorb_byte(state, kKeccakRate - 1, kKeccakPadLast);
  keccak_f1600(state);
  Hash32 digest;
  for (std::size_t lane = 0; lane < Hash32::kSize / kLaneBytes; ++lane) {
    store_le64(digest.data() + lane * kLaneBytes, state[lane]);
  }
  return digest;
}

sha256_ctx* sha256_context(std::uint8_t* storage) {
  return std::launder(reinterpret_cast<sha256_ctx*>(storage));
}

}  // namespace

Hash32 keccak256(BytesView data) {
  KeccakState state{};
  const std::uint8_t* cursor = data.data();
  std::size_t left = data.size();
  for (; left >= kKeccakRate; left -= kKeccakRate, cursor += kKeccakRate) {
    absorb_block(state, cursor);
  }
  absorb_tail(state, cursor, left);
  return squeeze(state, left);
}

void Keccak256::update(BytesView data) {
  KeccakState state;
  std::memcpy(&state, state_.data(), sizeof state);
  const std::uint8_t* cursor = data.data();
  std::size_t left = data.size();
  while (left > 0) {
    if (filled_ == 0 && left >= kRateBytes) {
      absorb_block(state, cursor);
      cursor += kRateBytes;
      left -= kRateBytes;
      continue;
    }
    const std::size_t step = filled_ % kLaneBytes == 0 && left >= kLaneBytes ? kLaneBytes : 1;
    if (step == kLaneBytes) {
      state[filled_ / kLaneBytes] ^= load_le64(cursor);
    } else {
      absorb_byte(state, filled_, *cursor);
    }
    filled_ += step;
    cursor += step;
    left -= step;
    if (filled_ == kRateBytes) {
      keccak_f1600(state);
      filled_ = 0;
    }
  }
  std::memcpy(state_.data(), &state, sizeof state);
}

Hash32 Keccak256::finish() {
  static_assert(kRateBytes == kKeccakRate);
  KeccakState state;
  std::memcpy(&state, state_.data(), sizeof state);
  const Hash32 digest = squeeze(state, filled_);
  state_.fill(0);
  filled_ = 0;
  return digest;
}

Sha256::Sha256() {
  static_assert(sizeof(sha256_ctx) <= sizeof context_);
  static_assert(alignof(sha256_ctx) <= 8);
  sha256_init(::new (context_.data()) sha256_ctx);
}

void Sha256::update(BytesView data) {
  sha256_update(sha256_context(context_.data()), data.size(), data.data());
}

Hash32 Sha256::finish() {
  Hash32 digest;
  // sha256_digest also starts the next message.
  sha256_digest(sha256_context(context_.data()), Hash32::kSize, digest.data());
  return digest;
}

Hash32 sha256(BytesView data) {
  Sha256 hasher;
  hasher.update(data);
  return hasher.finish();
}

Hash32 hmac_sha256(BytesView key, BytesView data) {
  hmac_sha256_ctx context;
  hmac_sha256_set_key(&context, key.size(), key.data());
  hmac_sha256_update(&context, data.size(), data.data());
  Hash32 digest;
  hmac_sha256_digest(&context, Hash32::kSize, digest.data());
  return digest;
}

}  // namespace preconf::core::crypto
