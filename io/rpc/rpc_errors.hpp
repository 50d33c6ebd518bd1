// From decisions to JSON-RPC errors: one table (protocol: preconf.md 9.2).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/decision.hpp"
#include "core/protocol/commitment.hpp"

namespace preconf::io {

namespace preconf_code {
inline constexpr int kInternal = -32000;
inline constexpr int kInvalidCommitment = -32001;
inline constexpr int kInvalidTxList = -32002;
inline constexpr int kNotSynced = -32003;
inline constexpr int kSubmissionWindowExpired = -32004;
inline constexpr int kInvalidSigner = -32005;
inline constexpr int kLookaheadUnavailable = -32006;
inline constexpr int kInvalidParams = -32602;
}  // namespace preconf_code

struct PreconfError {
  int code = 0;
  std::string message;
  friend bool operator==(const PreconfError&, const PreconfError&) = default;
};

/// JSON-RPC code of a reason that refuses a commitment or transaction list.
[[nodiscard]] int code_of(core::Reason reason);

/// The error that answers a commitment with these decisions; nothing when it was taken (admitted,
/// duplicate, contested, handoff, or waiting for its parent or schedule).
[[nodiscard]] std::optional<PreconfError> refusal_of(std::span<const core::Decision> decisions);

/// Stateless refusal of a commitment by its bytes.
[[nodiscard]] PreconfError refusal_of(core::protocol::CommitmentDefect defect);

}  // namespace preconf::io
