// Faults that a test orders from a simulated engine or L1, and the table that hands them out.
//
// They are ordered by JSON-RPC (namespace sim_, fault_orders.hpp) and are deterministic: a fault
// hits the next `times` calls of its method after the first `skip`, in the order in which they are
// received. Every hit is counted by kind.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/events/engine.hpp"

namespace preconf::node::devnet {

enum class FaultKind : std::uint8_t {
  kTimeout,  ///< "timeout": no answer, the connection stays open
  kDrop,     ///< "drop": the connection is closed without an answer. libcurl repeats a request by
             ///< itself when that was a reused connection: order two drops for it
  kHttp,     ///< "http": an HTTP status (default 500) instead of an answer
  kGarbage,  ///< "garbage": HTTP 200 with bytes that are not JSON
  kHuge,     ///< "huge": a JSON-RPC result of `bytes` bytes (default 64 MiB)
  kStatus,   ///< "status": a payload status (SYNCING, ACCEPTED, INVALID) with latestValidHash null
  kError,    ///< "error": a JSON-RPC error with `code` and `message`
  kSlow,     ///< "slow": the answer comes after `delay_ms`
  kCount,
};
inline constexpr std::size_t kFaultKinds = static_cast<std::size_t>(FaultKind::kCount);
[[nodiscard]] const char* name_of(FaultKind kind);
[[nodiscard]] std::optional<FaultKind> fault_kind_from(std::string_view name);

struct Fault {
  FaultKind kind = FaultKind::kTimeout;
  std::string method = "*";  ///< exact name, or a prefix followed by '*'
  std::uint32_t times = 1;   ///< calls to hit
  std::uint32_t skip = 0;    ///< matching calls to let pass before
  bool act = false;          ///< perform the call before failing to answer it
  unsigned http_status = 500;
  core::events::PayloadStatus status = core::events::PayloadStatus::kSyncing;
  std::int32_t code = -32000;
  std::string message;
  std::size_t bytes = 64 * 1024 * 1024;
  std::uint32_t delay_ms = 1'000;
  std::uint32_t retry_after_s = 0;  ///< of "http": header Retry-After when not 0
};

/// Faults that hit whether or not the call is performed by default: a dropped connection and a huge
/// garbled or slow answer come after the engine acted, the others instead.
[[nodiscard]] bool acts_by_default(FaultKind kind);

class FaultTable {
 public:
  static constexpr std::size_t kFaultsMax = 256;
  static constexpr std::size_t kHugeBytesMax = 256 * 1024 * 1024;

  /// False when kFaultsMax are waiting.
  [[nodiscard]] bool add(Fault fault);
  /// The fault that hits this call of `method`, if any; consumes one of its times (or skips).
  /// Faults are tried in the order in which they were added.
  [[nodiscard]] std::optional<Fault> take(std::string_view method);
  /// Forgets all; returns how many were waiting.
  std::size_t clear();

  [[nodiscard]] std::size_t waiting() const { return faults_.size(); }
  [[nodiscard]] std::uint64_t fired(FaultKind kind) const {
    return fired_[static_cast<std::size_t>(kind)];
  }

 private:
  std::vector<Fault> faults_;
  std::array<std::uint64_t, kFaultKinds> fired_{};
};

}  // namespace preconf::node::devnet
