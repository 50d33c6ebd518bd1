// Ethereum node records (EIP-778) of the "v4" identity scheme, as far as a bootnode entry needs
// them: the address to dial. Discovery itself is not spoken.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "io/wire/multiaddr.hpp"

namespace preconf::io::wire {

/// Records have at most 300 bytes (EIP-778): 400 characters and the prefix.
inline constexpr std::size_t kEnrBytesMax = 300;
inline constexpr std::size_t kEnrTextMax = 404;

enum class EnrError : std::uint8_t {
  kNotAnEnr,       ///< not "enr:" and base64 without padding, or above 300 bytes
  kMalformed,      ///< no list of signature, sequence number and sorted pairs
  kUnknownScheme,  ///< another identity scheme than "v4"
  kBadSignature,   ///< the record's key did not sign it
  kNoTcpAddress,   ///< no ip with tcp and no ip6 with tcp6 (or tcp)
};

struct Enr {
  std::uint64_t sequence = 0;
  core::FixedBytes<33> public_key;  ///< secp256k1, compressed; of discovery, see address
  /// /ip4|ip6/A/tcp/P without a peer id: the deployed nodes of this network sign their records with
  /// another key than their libp2p identity.
  Multiaddr address;
};

/// Reads the text form. The signature is verified.
[[nodiscard]] core::Result<Enr, EnrError> parse_enr(std::string_view text);

}  // namespace preconf::io::wire
