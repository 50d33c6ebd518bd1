// A thousand strangers, each on a socket and an address of its own (127.1.x.y), who do one kind of
// harm as fast as the other side lets them, and come again when they are cut.
#pragma once

#include <cstdint>
#include <string>

namespace preconf::bench {

enum class Harm : std::uint8_t {
  kSlowHandshake,      ///< a byte of the handshake per second
  kHalfOpen,           ///< upgrades, opens gossip, then neither reads nor writes
  kSubscriptionFlood,  ///< SUBSCRIBE, GRAFT, UNSUBSCRIBE without end
  kIhaveFlood,         ///< 5,000 ids of nothing per RPC
  kBadSignatures,      ///< messages whose signature is wrong, at line rate
  kOversizedFrames,    ///< announces more than an RPC may have, or 10 MiB that come slowly
  kGarbage,            ///< random bytes instead of a handshake
  kHandshakeFlood,     ///< upgrades, goes, and comes again at once
  kNone,               ///< honest messages, signed in advance, as fast as they are taken
};
inline constexpr int kHarmCount = 8;  ///< without kNone
[[nodiscard]] const char* name_of(Harm harm);

/// Real-time scheduling at this priority when PRECONF_BENCH_REALTIME is set; children inherit it.
/// False: not asked for, or not allowed.
bool take_priority(int priority);

/// Runs until standard input ends, one thread, at low priority so that making the harm does not
/// take what the other side needs to stand it. `only`: one kind; negative: all, in equal parts.
/// Prints a line "hostile connected=N dials=N upgraded=N frames=N bytes=N cpu_us=N" for every
/// line that it reads; all but the first are sums since the start.
[[noreturn]] void run_hostile_peers(int in, int out, std::uint16_t port, int connections, int only);

}  // namespace preconf::bench
