// ChaCha20-Poly1305 (RFC 8439) with the nonce of the Noise protocol framework: four zero bytes and
// a counter of 64 bits, little-endian (Noise, section 12.3).
#pragma once

#include "core/base/bytes.hpp"

namespace preconf::io::wire {

using CipherKey = core::FixedBytes<32>;
inline constexpr std::size_t kAeadTagBytes = 16;

/// Writes plaintext.size() bytes and the tag to `out`. `out` may begin where `plaintext` does.
void aead_seal(const CipherKey& key, std::uint64_t counter, core::BytesView associated,
               core::BytesView plaintext, std::uint8_t* out);

/// Writes sealed.size() - 16 bytes to `out`; false when the tag is wrong, and then `out` holds
/// nothing to be used. Requires sealed.size() >= 16. `out` may begin where `sealed` does.
[[nodiscard]] bool aead_open(const CipherKey& key, std::uint64_t counter,
                             core::BytesView associated, core::BytesView sealed, std::uint8_t* out);

}  // namespace preconf::io::wire
