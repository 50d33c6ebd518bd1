// What an audit looks for: kinds of findings, their classes, and the predicates of the slashing
// contracts. One version names the whole table; every report states it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace preconf::replay::audit {

/// Names this table: definitions, tolerances and on-chain predicates together. Changes with any of
/// them. The predicates are those of the permissionless-preconf contracts (PreconfSlasherL2).
inline constexpr const char* kTaxonomyVersion = "permissionless-2026-08/1";

/// Kinds of findings; docs/audit.md has the definitions.
enum class Kind : std::uint8_t {
  kEquivocation,     ///< two contents, one scheduled signer, one window and height
  kWithheldTxList,   ///< a promised transaction list that never came
  kMissingEop,       ///< a later window went on, and this one was never ended
  kInvalidEop,       ///< a block beyond the signer's own end of its window
  kWrongSigner,      ///< signed by a key that the schedule does not name
  kLateCommitment,   ///< first seen too long after the end of its window
  kL1Contradiction,  ///< the confirmed block at a promised height is another one
  kReorg,            ///< the head chain of this node was replaced
  kLogGap,           ///< events that are missing
};
inline constexpr std::size_t kKindCount = 9;
[[nodiscard]] const char* name_of(Kind kind);
[[nodiscard]] std::optional<Kind> finding_kind_from(std::string_view name);

enum class FaultClass : std::uint8_t { kNone, kSafety, kLiveness };
[[nodiscard]] const char* name_of(FaultClass value);
[[nodiscard]] FaultClass class_of(Kind kind);

/// What an audit can say about a question.
enum class Verdict : std::uint8_t {
  kOk,
  kFault,
  kExcused,  ///< looks like a fault, and there is a reason why it is none
  kUnknown,  ///< the log does not hold what the answer needs
};
[[nodiscard]] const char* name_of(Verdict verdict);

/// What became of a promise on the confirmed chain.
enum class Landing : std::uint8_t {
  kHonoured,      ///< the confirmed block at its height is the block it was executed as
  kContradicted,  ///< the confirmed block at its height is another one
  kNotLanded,     ///< above the confirmed boundary, and too old for what L1 may still bring
  kUnknown,       ///< confirmed, but the log does not show as what; or nobody read L1 that far
  kNoBlock,       ///< EOP-only: it promises no block
};
[[nodiscard]] const char* name_of(Landing landing);

/// Faults of the slashing contract, in the order of its enum (contracts.md 5.2).
enum class Predicate : std::uint8_t {
  kMissedSubmission = 0,
  kMissingEop = 1,
  kTxListOrAnchorMismatch = 2,
  kInvalidEop = 3,
};
inline constexpr std::size_t kPredicateCount = 4;
[[nodiscard]] const char* name_of(Predicate predicate);

enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };
[[nodiscard]] const char* name_of(Truth truth);

/// Could the finding be acted upon on chain?
enum class Actionability : std::uint8_t {
  kYes,
  kEncodingNotSlashable,  ///< a predicate holds, but the peer-to-peer signature covers the SSZ
                          ///< container, not the ABI encoding that the contract verifies
  kNeedsL1Landing,        ///< the predicate needs the confirmed blocks n and n+1
  kOffchainOnly,          ///< no predicate of the contracts covers it
};
[[nodiscard]] const char* name_of(Actionability value);

}  // namespace preconf::replay::audit
