// docs/log_format.md section 4, written a second time: seals a record whose header or payload was
// changed, so that only the change itself can be what a reader refuses.
#pragma once

#include <algorithm>
#include <cstring>

#include "core/crypto/hash.hpp"
#include "schemas/codec/event_codec.hpp"

namespace preconf::tests {

/// Offsets of the parts of a record, found by their values.
class RecordParts {
 public:
  explicit RecordParts(core::Bytes record) : record_(std::move(record)) {
    const auto decoded = schemas::decode_record(record_);
    payload_hash_ = find(decoded->payload_hash.view());
    prev_chain_ = find(decoded->prev_chain.view());
    chain_ = find(decoded->chain.view());
    core::Bytes start;
    for (const std::uint64_t value :
         {decoded->event.seq.value, decoded->event.wall.value, decoded->event.mono.value,
          decoded->event.source_id, decoded->event.request.value}) {
      for (int i = 0; i < 8; ++i) start.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    header_ = find(start);
    // The payload is what hashes to the payload hash: the vector after a length that fits.
    const std::size_t size = load_u32(header_ + 52);
    for (std::size_t at = 4; at + size <= record_.size(); ++at) {
      if (load_u32(at - 4) != size) continue;
      if (core::crypto::sha256({record_.data() + at, size}) == decoded->payload_hash) payload_ = at;
    }
    payload_size_ = size;
  }

  [[nodiscard]] std::size_t payload_size() const { return payload_size_; }
  [[nodiscard]] std::uint8_t& header(std::size_t offset) { return record_[header_ + offset]; }
  [[nodiscard]] std::uint8_t& payload(std::size_t offset) { return record_[payload_ + offset]; }
  [[nodiscard]] std::uint8_t& prev_chain(std::size_t offset) {
    return record_[prev_chain_ + offset];
  }

  /// The record with payload hash and chain recomputed. `refs` are its content references, as
  /// bytes.
  [[nodiscard]] core::Bytes sealed(const core::Bytes& refs = {}) {
    const core::Hash32 payload_hash =
        core::crypto::sha256({record_.data() + payload_, payload_size_});
    std::copy_n(payload_hash.data(), 32, record_.data() + payload_hash_);
    core::crypto::Sha256 chain;
    const char domain[16] = "preconf/log/1";
    chain.update({reinterpret_cast<const std::uint8_t*>(domain), sizeof(domain)});
    chain.update({record_.data() + header_, 64});
    chain.update(refs);
    chain.update(payload_hash.view());
    chain.update({record_.data() + prev_chain_, 32});
    const core::Hash32 sealed = chain.finish();
    std::copy_n(sealed.data(), 32, record_.data() + chain_);
    return record_;
  }

 private:
  [[nodiscard]] std::size_t find(core::BytesView part) const {
    const auto at = std::search(record_.begin(), record_.end(), part.begin(), part.end());
    return static_cast<std::size_t>(at - record_.begin());
  }
  [[nodiscard]] std::uint32_t load_u32(std::size_t at) const {
    std::uint32_t value = 0;
    std::memcpy(&value, record_.data() + at, sizeof(value));
    return value;
  }

  core::Bytes record_;
  std::size_t header_ = 0;
  std::size_t payload_ = 0;
  std::size_t payload_size_ = 0;
  std::size_t payload_hash_ = 0;
  std::size_t prev_chain_ = 0;
  std::size_t chain_ = 0;
};

}  // namespace preconf::tests
