// Every bound of the peer-to-peer protocol machines, with its unit and its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace preconf::io::wire::limits {

// --- encodings ----------------------------------------------------------------------------------

/// 64 bits in groups of seven.
inline constexpr std::size_t kVarintBytesMax = 10;
/// Length prefix of a frame: 32 bits in groups of seven. The deployed peers refuse longer ones.
inline constexpr std::size_t kFrameLengthBytesMax = 5;
/// Largest field number of Protocol Buffers.
inline constexpr std::uint32_t kProtoFieldMax = (std::uint32_t{1} << 29) - 1;
/// A peer id as text: base58 of 44 bytes takes at most 61 characters.
inline constexpr std::size_t kBase58TextMax = 64;

// --- identities (libp2p peer ids specification) -------------------------------------------------

/// Encoded public keys up to this size are the peer id themselves (identity multihash).
inline constexpr std::size_t kInlineKeyBytesMax = 42;
/// Multihash code, length, and an inlined key; a SHA-256 multihash takes 34.
inline constexpr std::size_t kPeerIdBytesMax = 2 + kInlineKeyBytesMax;
/// DER of two integers of up to 33 bytes.
inline constexpr std::size_t kSignatureBytesMax = 72;

}  // namespace preconf::io::wire::limits
