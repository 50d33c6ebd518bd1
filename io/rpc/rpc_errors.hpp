// From decisions to JSON-RPC answers: one table (protocol: preconf.md 9.2).
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

/// What the durable decisions of one event say about `subject` (preconfirmation hash or transaction
/// list hash); decisions about others, such as children that were waiting, do not count.
struct Admission {
  core::Verdict verdict = core::Verdict::kIgnored;
  core::Reason reason = core::Reason::kNone;
  std::optional<PreconfError>
      refusal;  ///< nothing: taken, perhaps to wait for its parent or schedule
};
[[nodiscard]] Admission admission_of(std::span<const core::Decision> decisions,
                                     const core::Hash32& subject);

/// Stateless refusal of a commitment by its bytes.
[[nodiscard]] PreconfError refusal_of(core::protocol::CommitmentDefect defect);

}  // namespace preconf::io
