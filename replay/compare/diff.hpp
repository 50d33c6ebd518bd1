// `preconf diff`: two nodes compared by content, not by sequence numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "replay/compare/ledger.hpp"

namespace preconf::replay {

/// One side of something that both nodes met.
struct DiffSide {
  bool present = false;
  core::Seq seq;
  core::WallNanos time;
  std::string verdict;  ///< "rejected signer_mismatch", a block hash, or empty
  PRECONF_FIELDS(DiffSide, present, seq, time, verdict);
};

/// A decision or an input on which the nodes differ.
struct DiffEntry {
  std::string kind;      ///< name of an ItemKind, or "block"
  core::Hash32 subject;  ///< preconfirmation, list, block or content hash; zero for "block"
  core::BlockNumber number;
  std::string how;    ///< "verdict", "block", "engine", "only_in_1", "only_in_2"
  std::string cause;  ///< "one_not_running": no disagreement; empty otherwise
  DiffSide one;
  DiffSide two;
  PRECONF_FIELDS(DiffEntry, kind, subject, number, how, cause, one, two);
};

/// First-seen time in log 2 minus that in log 1, over what both saw.
struct LatencyDelta {
  std::uint64_t items = 0;
  std::int64_t median_ns = 0;
  std::int64_t max_ns = 0;  ///< the largest in absolute value
  PRECONF_FIELDS(LatencyDelta, items, median_ns, max_ns);
};

/// When a node ran, by its own clock.
struct Running {
  core::WallNanos from;
  core::WallNanos to;
  std::uint64_t lives = 0;  ///< more than one: it was down in between
  PRECONF_FIELDS(Running, from, to, lives);
};

struct DiffReport {
  bool agree = true;                        ///< no decision differs where both ran
  std::optional<DiffEntry> first_decision;  ///< in the order of log 1
  std::optional<DiffEntry> first_input;     ///< earliest that differs before it, by time
  std::uint64_t decisions_different = 0;
  std::uint64_t same_input_other_decision = 0;  ///< of those, inputs that both met
  std::uint64_t blocks_different = 0;
  /// Decisions that differ because only one node was running; in none of the counts above.
  std::uint64_t one_not_running = 0;
  std::uint64_t engine_in_both = 0;  ///< blocks judged, and attributes built from, by both engines
  std::uint64_t engine_different = 0;              ///< of those, with another answer
  std::map<std::string, std::uint64_t> only_in_1;  ///< inputs by kind
  std::map<std::string, std::uint64_t> only_in_2;
  std::uint64_t in_both = 0;
  std::map<std::string, LatencyDelta> latency;  ///< by kind
  std::vector<DiffEntry> shown;  ///< differing decisions, the first ones; then those with a cause
  std::optional<Running> running_1;
  std::optional<Running> running_2;
  std::uint64_t events_1 = 0;
  std::uint64_t events_2 = 0;
  std::uint64_t left_out = 0;  ///< inputs above the bound on memory, not compared
  PRECONF_FIELDS(DiffReport, agree, first_decision, first_input, decisions_different,
                 same_input_other_decision, blocks_different, one_not_running, engine_in_both,
                 engine_different, only_in_1, only_in_2, in_both, latency, shown, running_1,
                 running_2, events_1, events_2, left_out);
};

/// Compares what two nodes met and concluded. Inputs that only one of them met are counted, but are
/// no disagreement by themselves; another final verdict about the same input is, and so is another
/// block at a height that both executed, and another answer of the engine to the same question:
/// is this block valid, which block follows from these attributes.
///
/// A node that is not running can not follow: a verdict that rests on time (stale, evicted,
/// waiting, no window) differs without disagreement when one node was down, or had not caught up
/// with the other one since its start, at any time between the two decisions; and so does a block
/// when the node that had its own first was down when the other one executed. Verdicts about the
/// content and answers of an engine are compared in any case.
[[nodiscard]] DiffReport compare(const Ledger& one, const Ledger& two);

[[nodiscard]] std::string to_text(const DiffReport& report);

}  // namespace preconf::replay
