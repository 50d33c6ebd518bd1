// Who is served next when there is more to do than one thread can work off: of the connections
// that have something to read (or to be written), the one that cost least lately. So a flood pays
// for itself: who wants little waits for few of those who want much, however many those are.
//
// No I/O and no clock in it; see TcpLinks for the use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "io/wire/swarm_actions.hpp"

namespace preconf::io {

/// One turn takes at most so many bytes of one connection; and of one whose bytes are expensive
/// only what is expected to be worked off in kTurnMicros.
inline constexpr std::size_t kTurnBytesMax = 65'536;
inline constexpr std::size_t kTurnBytesMin = 2'048;
inline constexpr std::uint64_t kTurnMicros = 1'000;
/// What a connection is taken to have cost before its first turn: a crowd that has just come, each
/// with a handshake to work off, does not go before those who are known to want little.
inline constexpr std::uint64_t kNewcomerMicros = 10'000;
/// By how many halvings the cost of the trusted is weighed less.
inline constexpr int kTrustShift = 4;
/// Time after which half of what a connection cost is forgotten.
inline constexpr std::uint64_t kCostHalfLifeMicros = 1'000'000;

class FairTurns {
 public:
  /// `conn` has something to do. No effect when that is known. What the trusted cost counts a
  /// sixteenth: where strangers are many an equal share is little.
  void ready(wire::ConnId conn, std::uint64_t now_micros, bool is_trusted = false);
  void forget(wire::ConnId conn);

  struct Turn {
    wire::ConnId conn;
    std::size_t bytes_max = 0;
  };
  /// Who is next. It waits again when ready() is called again.
  [[nodiscard]] std::optional<Turn> next();
  /// The turn took `bytes` and `micros`.
  void charge(wire::ConnId conn, std::size_t bytes, std::uint64_t micros, std::uint64_t now_micros);

  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const { return accounts_.size(); }

 private:
  struct Account {
    std::uint64_t cost = 0;  ///< microseconds, as of `at`
    std::uint64_t at = 0;
    std::uint64_t nanos_per_byte = 0;  ///< moving average
    std::uint64_t rank = 0;            ///< in waiting_
    bool is_waiting = false;
  };
  static void age(Account& account, std::uint64_t now);

  std::map<wire::ConnId, Account> accounts_;
  std::set<std::pair<std::uint64_t, wire::ConnId>> waiting_;  ///< by weighed cost
};

}  // namespace preconf::io
