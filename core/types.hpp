// The numbers of this program, each with its own type: a proposal id can not be passed where a
// block number is expected (one reference driver did exactly that, and compared the two).
#pragma once

#include <compare>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"

namespace preconf::core {

/// An unsigned 64-bit number that only mixes with its own kind.
template <class Tag>
struct Strong {
  std::uint64_t value = 0;
  friend auto operator<=>(const Strong&, const Strong&) = default;
};

/// The number after `n`. Requires that n is not the maximum.
template <class Tag>
[[nodiscard]] constexpr Strong<Tag> next(Strong<Tag> n) {
  return Strong<Tag>{n.value + 1};
}
/// a - b, or 0 when b is larger.
template <class Tag>
[[nodiscard]] constexpr std::uint64_t distance(Strong<Tag> from, Strong<Tag> to) {
  return to.value > from.value ? to.value - from.value : 0;
}

using Seq = Strong<struct SeqTag>;  ///< Position in the event log; dense, first is 1.
using BlockNumber = Strong<struct BlockNumberTag>;  ///< L2 block number.
using L1BlockNumber = Strong<struct L1BlockNumberTag>;
using ProposalId = Strong<struct ProposalIdTag>;    ///< Inbox proposal id; fits uint48 on chain.
using UnixSeconds = Strong<struct UnixSecondsTag>;  ///< Seconds since 1970-01-01 UTC.
using WallNanos = Strong<struct WallNanosTag>;  ///< Nanoseconds since 1970-01-01 UTC, as stamped.
using MonoNanos = Strong<struct MonoNanosTag>;  ///< Nanoseconds of a clock that never goes back.
using Millis = Strong<struct MillisTag>;        ///< A duration in milliseconds.
using RequestId =
    Strong<struct RequestIdTag>;  ///< Names one waiting RPC request; 0 = nobody waits.
using PeerNumber =
    Strong<struct PeerNumberTag>;  ///< One connected libp2p peer; not used again within a boot.

/// Largest value of a Solidity uint48 (proposal ids, anchor block numbers).
inline constexpr std::uint64_t kUint48Max = (std::uint64_t{1} << 48) - 1;

/// Identity of a command: the event that caused it and its position among that event's commands.
/// Replay reproduces it, so it needs no random source.
struct CommandId {
  Seq cause;
  std::uint32_t ordinal = 0;
  friend auto operator<=>(const CommandId&, const CommandId&) = default;
  template <class Self, class Visit>
  static constexpr void each_field(Self& self, Visit&& visit) {
    visit("cause", self.cause);
    visit("ordinal", self.ordinal);
  }
};

/// A block by number and hash.
struct BlockRef {
  BlockNumber number;
  Hash32 hash;
  PRECONF_FIELDS(BlockRef, number, hash);
};

/// Names bytes in the content store. The hash is keccak256 of exactly those bytes.
struct ContentRef {
  Hash32 hash;
  std::uint32_t size_bytes = 0;
  PRECONF_FIELDS(ContentRef, hash, size_bytes);
};

/// Where an input came from. Persistent values: never renumber.
enum class SourceKind : std::uint8_t {
  kLocal = 0,     ///< this process (boot, configuration, shutdown)
  kRpc = 1,       ///< a JSON-RPC user
  kGossip = 2,    ///< a libp2p gossip message
  kResponse = 3,  ///< a libp2p response we asked for
  kEngine = 4,    ///< an answer of the L2 execution engine
  kTimer = 5,     ///< a timer that we set
  kL1 = 6,        ///< L1 execution or beacon node
};

/// Priority class of an input: it decides which waiting input is appended next, nothing else. Once
/// in the log, order is history. Persistent values: never renumber.
enum class Lane : std::uint8_t {
  kControl = 0,
  kEngine = 1,
  kTimer = 2,
  kCommitment = 3,
  kTxList = 4,
  kL1 = 5,
  kMaintenance = 6,
  kPeer = 7,  ///< peers come and go, and answer what we asked
};
inline constexpr std::size_t kLaneCount = 8;

}  // namespace preconf::core
