// Every bound of the peer-to-peer protocol machines, with its unit and its reason.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/types.hpp"

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

// --- yamux (libp2p specifications, yamux/1.0.0) --------------------------------------------------

/// Credit that both sides of a stream have from the start, by protocol.
inline constexpr std::uint32_t kYamuxWindowBytesFirst = 262'144;
/// Credit that a stream in use grows to: one transaction list in two round trips. js peers may send
/// as much in one frame. Received bytes are not stored by the session, so it costs no memory.
inline constexpr std::uint32_t kYamuxWindowBytesMax = 1'048'576;
/// Body of a Data frame that is accepted; rust-yamux refuses larger ones, too.
inline constexpr std::uint32_t kYamuxBodyBytesMax = 1'048'576;
/// Body of a Data frame that is sent: small enough that streams take turns (rust-yamux: the same).
inline constexpr std::size_t kYamuxBodySentBytesMax = 16'384;
/// Live streams that a peer may have opened; more are reset. Deployed peers open at most 100 per
/// request protocol, and we serve fewer (kInboundExchangesMax).
inline constexpr std::size_t kYamuxInboundStreamsMax = 256;
/// Streams of ours that the peer has not acknowledged (rust-yamux: the same).
inline constexpr std::size_t kYamuxAckBacklogMax = 256;
/// Answers to pings, and resets, that wait because the peer does not read.
inline constexpr std::size_t kYamuxControlFramesMax = 256;
/// Room that take_output() wants: a frame is not worth less.
inline constexpr std::size_t kYamuxOutputBytesMin = 1'024;
/// A peer that is gone is noticed within the sum of the two.
inline constexpr core::Millis kYamuxPingInterval{30'000};
inline constexpr core::Millis kYamuxPingTimeout{20'000};

}  // namespace preconf::io::wire::limits
