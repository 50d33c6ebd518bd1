// What a replay found, as data; printed as text or as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/types.hpp"
#include "replay/fact_checker.hpp"
#include "replay/snapshots.hpp"
#include "storage/storage_error.hpp"

namespace preconf::replay {

/// How a replay ended; the values are the exit codes of the program.
enum class ReplayResult : std::uint8_t {
  kClean = 0,       ///< states and effects are equal
  kFailed = 1,      ///< wrong use, or the log could not be read for a reason outside of it
  kDivergence = 3,  ///< what was recorded and what is recomputed differ
  kDamaged = 4,     ///< the log is damaged or incomplete
};
[[nodiscard]] const char* name_of(ReplayResult result);

/// Which comparison failed.
enum class Check : std::uint8_t {
  kEffectsDigest,  ///< digest beside the event, of its commands and decisions
  kSnapshot,       ///< snapshot file against the fold from the first event
  kSnapshotFold,   ///< fold from a snapshot against the fold from the first event
  kFact,           ///< fact inside an event against the bytes it follows from
  kInvariant,      ///< the recomputed state contradicts itself
};
[[nodiscard]] const char* name_of(Check check);
/// Which side is history: where `recorded` comes from.
[[nodiscard]] const char* history_of(Check check);

struct Divergence {
  core::Seq seq;
  std::string event;  ///< kind of the event at seq
  Check check = Check::kEffectsDigest;
  std::string field;
  std::string recorded;
  std::string recomputed;
  std::string outcome;  ///< JSON: recomputed commands and decisions; empty unless kEffectsDigest
  PRECONF_FIELDS(Divergence, seq, event, check, field, recorded, recomputed, outcome);
};

struct SnapshotCheck {
  core::Seq seq;
  SnapshotHealth health = SnapshotHealth::kNotReached;
  PRECONF_FIELDS(SnapshotCheck, seq, health);
};

struct MissingContent {
  core::Seq seq;
  std::string what;
  PRECONF_FIELDS(MissingContent, seq, what);
};

/// Why the log could not be read to its end.
struct LogTrouble {
  std::string code;  ///< storage error name
  core::Seq seq;
  std::string detail;
  PRECONF_FIELDS(LogTrouble, code, seq, detail);
};

struct ReplayReport {
  ReplayResult result = ReplayResult::kClean;
  std::string message;      ///< with kFailed: what to tell the user
  core::Seq started_after;  ///< snapshot the fold began with; 0 = the first event
  core::Seq last_seq;
  std::uint64_t events = 0;
  core::Hash32 chain;       ///< at last_seq
  core::Hash32 state_hash;  ///< at last_seq
  std::uint64_t digests_compared = 0;
  core::Seq digests_until;  ///< last event with a recorded digest
  std::vector<SnapshotCheck> snapshots;
  std::optional<FactCounts> facts;      ///< with --verify
  std::vector<Divergence> divergences;  ///< by seq; the first one counts
  std::vector<MissingContent> missing;
  std::optional<LogTrouble> trouble;
  std::uint64_t elapsed_ms = 0;
  PRECONF_FIELDS(ReplayReport, result, message, started_after, last_seq, events, chain, state_hash,
                 digests_compared, digests_until, snapshots, facts, divergences, missing, trouble,
                 elapsed_ms);
};

[[nodiscard]] LogTrouble trouble_of(const storage::StorageFailure& failure);
/// kFailed or kDamaged, by whether the log itself is at fault.
[[nodiscard]] ReplayResult result_of(const storage::StorageFailure& failure);

/// The report for a person; every line ends with a newline. Nothing for kFailed: see `message`.
[[nodiscard]] std::string to_text(const ReplayReport& report);

}  // namespace preconf::replay
