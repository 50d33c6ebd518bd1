// Short histories told by hand: who said what when, on the model world, and what an audit makes of
// them.
#pragma once

#include <string>
#include <vector>

#include "replay/audit/audit.hpp"
#include "tests/support/world.hpp"

namespace preconf::tests {

class Story {
 public:
  static constexpr std::uint64_t kWindowSeconds = 384;
  static constexpr std::uint64_t kFirstEnd = 1000 + kWindowSeconds;  ///< of signer 1's window

  Story();

  /// The next event is stamped exactly then.
  void at(std::uint64_t seconds, std::uint64_t nanos = 0);
  /// The commitment, and everything the node does about it.
  void tell(const core::protocol::CommitmentFacts& facts);
  void tell_list(const core::protocol::TxListFacts& list);
  /// List and commitment at the block's own time.
  void tell_in_time(const Promise& promise);
  /// The next block of the chain, told in time.
  Promise block(bool eop = false, std::uint64_t seconds = 2);
  /// Brings the signer's clock to this time: the next block comes after it.
  void go_to(std::uint64_t seconds) { preconfer.clock = core::UnixSeconds{seconds}; }
  /// The engine's head L1 origin is `number`, and the node reads it.
  void confirm(std::uint64_t number);
  /// The node reads the engine's heads.
  void read_heads();
  /// An event that says nothing, to bring the log up to this time.
  void idle_until(std::uint64_t seconds, std::uint64_t nanos = 0);
  /// The process ends and begins again at `seconds`.
  void restart(std::uint64_t seconds);

  [[nodiscard]] replay::audit::AuditReport audit(replay::audit::AuditOptions options = {}) const;

  ModelEngine engine;
  World world;
  Preconfer preconfer;
};

/// "kind verdict" of every finding, sorted.
[[nodiscard]] std::vector<std::string> verdicts_of(const replay::audit::AuditReport& report);
/// The only finding of this kind; fails the test when there is none or more than one.
[[nodiscard]] replay::audit::Finding only(const replay::audit::AuditReport& report,
                                          replay::audit::Kind kind);

}  // namespace preconf::tests
