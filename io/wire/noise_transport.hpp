// Records of a Noise channel after its handshake: a 16-bit length and sealed bytes.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "io/wire/noise_xx.hpp"

namespace preconf::io::wire {

/// Both directions of one channel. Holds at most one incomplete record, and nothing when idle.
class NoiseTransport {
 public:
  explicit NoiseTransport(const NoiseXx::Ciphers& ciphers) : ciphers_(ciphers) {}

  /// Takes all of `in` and appends the content of every record that is complete; it is never larger
  /// than what was received. False when the channel has failed: error() says why, and all
  /// records before the bad one have been appended.
  [[nodiscard]] bool on_bytes(core::BytesView in, core::Bytes& plaintext);
  [[nodiscard]] std::optional<NoiseError> error() const { return error_; }

  /// Appends `plaintext` as records of at most kNoisePlaintextBytesMax; nothing for nothing.
  void seal(core::BytesView plaintext, core::Bytes& out);

  /// Has a record begun that is not complete? A channel that ends here was cut.
  [[nodiscard]] bool in_record() const { return !record_.empty(); }
  /// Heap bytes held for it.
  [[nodiscard]] std::size_t memory_bytes() const { return record_.capacity(); }

 private:
  [[nodiscard]] bool open(core::BytesView record, core::Bytes& plaintext);
  [[nodiscard]] core::BytesView take_record(core::BytesView& in);

  NoiseXx::Ciphers ciphers_;
  core::Bytes record_;  ///< length and content of a record that is not complete
  std::optional<NoiseError> error_;
};

}  // namespace preconf::io::wire
