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

/// Text or bytes of a multiaddr: a host name, a port and a peer id take less than 400.
inline constexpr std::size_t kMultiaddrBytesMax = 512;
/// RFC 1035: 255 octets on the wire, 253 characters.
inline constexpr std::size_t kHostNameBytesMax = 253;

// --- multistream-select -------------------------------------------------------------------------

/// Longest message. Deployed readers take 16,383 (two bytes of length) or 1,024; the longest
/// protocol id of this network has 52.
inline constexpr std::size_t kMultistreamMessageBytesMax = 1'024;
/// Questions of one negotiation. A peer that speaks all of gossipsub asks four times.
inline constexpr std::size_t kMultistreamProposalsMax = 32;

// --- Noise --------------------------------------------------------------------------------------

/// A record: 16 bits of length (Noise, section 3).
inline constexpr std::size_t kNoiseRecordBytesMax = 65'535;
/// Plaintext that we put into one record; the deployed peers use the same.
inline constexpr std::size_t kNoisePlaintextBytesMax = kNoiseRecordBytesMax - 1'024;
/// A handshake message: two keys, two tags and a payload of an identity key, a signature and
/// extensions. Ours take 200; certificate hashes of browsers some hundred more.
inline constexpr std::size_t kNoiseHandshakeBytesMax = 4'096;

// --- identify -----------------------------------------------------------------------------------

/// What we send (deployed peers read 4,096) and what we read (some send 8,192).
inline constexpr std::size_t kIdentifySentBytesMax = 4'096;
inline constexpr std::size_t kIdentifyBytesMax = 8'192;
/// Kept of one message; what is beyond is passed over.
inline constexpr std::size_t kIdentifyProtocolsMax = 128;
inline constexpr std::size_t kIdentifyAddressesMax = 32;
/// Longer protocol ids are passed over, longer versions are cut.
inline constexpr std::size_t kIdentifyTextBytesMax = 128;

// --- ping ---------------------------------------------------------------------------------------

/// Random bytes that come back (libp2p ping).
inline constexpr std::size_t kPingBytes = 32;

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

// --- request/response (P2P specification, sections 10 and 11; sizes as deployed) -----------------

inline constexpr std::size_t kGetHeadRequestBytesMax = 128;
inline constexpr std::size_t kGetHeadResponseBytesMax = 65'536;
inline constexpr std::size_t kGetCommitmentsRequestBytesMax = 512;
inline constexpr std::size_t kGetCommitmentsResponseBytesMax = 1'048'576;
inline constexpr std::size_t kGetRawTxListRequestBytesMax = 256;
inline constexpr std::size_t kGetRawTxListResponseBytesMax = 2'101'248;
/// From the opening of the stream to the last byte of the answer.
inline constexpr core::Millis kExchangeTimeout{10'000};

// --- connections (numbers of the deployed peers unless said) -------------------------------------

/// Connections that are being set up, in each direction.
inline constexpr std::size_t kPendingInboundMax = 40;
inline constexpr std::size_t kPendingOutboundMax = 40;
inline constexpr std::size_t kInboundMax = 110;
inline constexpr std::size_t kOutboundMax = 110;
inline constexpr std::size_t kConnectionsMax = 220;
inline constexpr std::size_t kConnectionsPerPeerMax = 4;
/// Inbound connections of one IPv4 address, or of one IPv6 /56 (go-libp2p: the same numbers).
inline constexpr std::size_t kInboundPerAddressMax = 8;
inline constexpr std::size_t kIp6GroupBytes = 7;
/// Handshakes per second that strangers may begin: of all, and of one address. One costs us about
/// a millisecond, so that a flood takes a twentieth of a core.
inline constexpr std::uint32_t kAcceptRate = 50;
inline constexpr std::uint32_t kAcceptRatePerAddress = 2;
/// Addresses whose rate is remembered: of each only for seconds after it connected, so that the
/// rate of all keeps far below.
inline constexpr std::size_t kAcceptAddressesMax = 4'096;
/// A connection whose handshake is not done by then may have to give way to a new one: a handshake
/// takes three round trips.
inline constexpr core::Millis kPendingGrace{2'000};
/// From the transport to yamux, both directions: a peer that is silent holds no place for longer.
inline constexpr core::Millis kConnectionSetupTimeout{10'000};
/// From the opening of a stream to its protocol.
inline constexpr core::Millis kStreamNegotiationTimeout{10'000};
/// Streams of a peer whose protocol is not agreed on; more are reset.
inline constexpr std::size_t kNegotiatingStreamsMax = 128;
/// A peer that speaks none of our protocols is left alone after this; the deployed peers wait 10 s.
inline constexpr core::Millis kIdleTimeout{60'000};
/// A stream that we are done with and the peer does not close.
inline constexpr core::Millis kStreamLingerTimeout{10'000};
/// Bytes that take_output() gives at a time: one record, so that a small message that comes later
/// waits for little.
inline constexpr std::size_t kSwarmOutputBytes = 64'511;
/// Peers that are refused. Above it the one banned first is allowed again: an id costs its owner
/// nothing, so the list can not be complete.
inline constexpr std::size_t kBannedPeersMax = 4'096;

// --- dialing ------------------------------------------------------------------------------------

/// Before a static peer is dialed again. Doubles from the first to the last with each failure in a
/// row, times 0.5 to 1.5, so that a network that was cut does not dial in step.
inline constexpr core::Millis kRedialDelayFirst{1'000};
inline constexpr core::Millis kRedialDelayMax{60'000};
/// A connection that lasted so long was a success, and delays begin anew.
inline constexpr core::Millis kRedialSuccess{60'000};

// --- identify and ping --------------------------------------------------------------------------

/// For the one frame of identify; rust-libp2p waits 60 s.
inline constexpr core::Millis kIdentifyTimeout{10'000};
/// Between two pings; the deployed peers the same.
inline constexpr core::Millis kPingInterval{15'000};
/// Answers to pings that the peer does not read.
inline constexpr std::size_t kPingQueuedBytesMax = 4'096;

// --- gossip streams -----------------------------------------------------------------------------

/// RPCs that wait for a slow peer, half of each kind (connection_handler_queue_len).
inline constexpr std::size_t kRpcQueueMax = 2'500;
/// Bytes of them, of each kind; shared between peers, so this bounds what one slow peer can keep
/// alive.
inline constexpr std::size_t kRpcQueueBytesMax = 16 * 1024 * 1024;
/// Bytes that are given to yamux ahead of the transport. Little, so that urgent RPCs overtake.
inline constexpr std::size_t kRpcWrittenBytesMax = 32'768;
/// Streams that we open for RPCs on one connection: deployed peers end gossip with the fifth.
inline constexpr std::size_t kGossipStreamsOpenedMax = 3;
/// Streams for RPCs that a peer may open on one connection, each replacing the one before.
inline constexpr std::size_t kGossipStreamsAcceptedMax = 8;
/// A frame that is not complete by then is an attempt to hold memory.
inline constexpr core::Millis kRpcFrameTimeout{30'000};
/// Bytes of incomplete frames of all peers together. Twelve of the largest; above it the
/// connection that holds most is closed.
inline constexpr std::size_t kRpcPartialBytesMax = 128 * 1024 * 1024;

// --- exchanges ----------------------------------------------------------------------------------

/// Exchanges that a peer may have open per protocol and connection (deployed peers: 100).
inline constexpr std::size_t kInboundExchangesMax = 100;
/// Ours, per protocol and connection: we pace ourselves far below.
inline constexpr std::size_t kOutboundExchangesMax = 16;
/// Requests that are with the application or whose answer is being sent: bounds the bytes of
/// answers, 2 MiB each. Complete requests above it wait, and count against their ten seconds.
inline constexpr std::size_t kServedMax = 32;
inline constexpr std::size_t kServedPerConnectionMax = 4;
/// Between the last byte of an answer and a goodbye: rust-libp2p drops what it has not read when it
/// reads a GoAway, and counts the exchange as failed.
inline constexpr core::Millis kGoodbyeDelay{1'000};
/// For the goodbye to leave; then the transport is closed without it.
inline constexpr core::Millis kGoodbyeTimeout{5'000};

}  // namespace preconf::io::wire::limits
