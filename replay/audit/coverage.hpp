// What a log covers: without this no absence in it means anything.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/fields.hpp"
#include "core/decision.hpp"
#include "core/types.hpp"

namespace preconf::replay::audit {

/// Which history a report is about.
struct LogIdentity {
  core::Hash32 id;  ///< chain hash of the first event: the same for every copy and capture
  std::uint64_t chain_id = 0;
  core::Hash32 rules_hash;  ///< SHA-256 of the canonical encoding of chain and network profile
  core::Hash32 signing_domain;
  core::Seq first;
  core::Seq last;
  core::Hash32 chain;  ///< chain hash of `last`: fixes everything before it
  std::vector<std::uint32_t> reducer_versions;  ///< under which the events were reduced
  PRECONF_FIELDS(LogIdentity, id, chain_id, rules_hash, signing_domain, first, last, chain,
                 reducer_versions);
};

/// A time in which this node could not see anything.
struct Outage {
  core::Seq before;  ///< last event before it
  core::Seq after;   ///< first event after it
  core::WallNanos from;
  core::WallNanos to;
  bool is_clean = false;  ///< a shutdown was requested; otherwise the process just ended
  PRECONF_FIELDS(Outage, before, after, from, to, is_clean);
};

/// A time in which L1 was not read up to its head, in a log that follows L1.
struct L1Absence {
  core::Seq from;  ///< event since which; the last one before it, when a process began
  core::Seq to;    ///< event that ended it; 0: none in this log
  core::WallNanos since;
  core::WallNanos until;
  std::string why;  ///< why L1's blocks were refused, or else the kind of the event
  PRECONF_FIELDS(L1Absence, from, to, since, until, why);
};

/// Events that the log should hold and does not.
struct Gap {
  core::Seq from;
  core::Seq to;
  std::string why;
  PRECONF_FIELDS(Gap, from, to, why);
};

/// A change of the ingress gate: while it is closed the node executes no preconfirmed block.
struct GateChange {
  core::Seq seq;
  core::WallNanos wall;
  bool open = false;
  core::Reason reason = core::Reason::kNone;
  PRECONF_FIELDS(GateChange, seq, wall, open, reason);
};

/// A schedule table and when it came into force.
struct ScheduleChange {
  core::Seq seq;
  core::WallNanos wall;
  std::uint64_t version = 0;
  std::uint64_t windows = 0;
  bool accepted = false;
  PRECONF_FIELDS(ScheduleChange, seq, wall, version, windows, accepted);
};

/// Recorded facts that were computed again from signed bytes.
struct FactCoverage {
  bool recomputed = false;  ///< false: the recorded facts were trusted
  std::uint64_t commitments = 0;
  std::uint64_t tx_lists = 0;
  std::uint64_t payloads = 0;
  std::uint64_t blobs = 0;
  std::uint64_t sources = 0;
  std::uint64_t different = 0;
  std::uint64_t missing = 0;
  std::vector<core::Seq> different_at;  ///< the first ones
  PRECONF_FIELDS(FactCoverage, recomputed, commitments, tx_lists, payloads, blobs, sources,
                 different, missing, different_at);
};

/// Why the log could not be read whole.
struct Trouble {
  std::string code;
  core::Seq seq;
  std::string detail;
  PRECONF_FIELDS(Trouble, code, seq, detail);
};

struct Coverage {
  static constexpr std::size_t kListMax = 10'000;  ///< of each list below

  core::Seq base;  ///< events up to here were pruned or not captured; 0 = the log is whole
  std::uint64_t events = 0;
  std::map<std::string, std::uint64_t> events_by_kind;
  core::WallNanos first_wall;
  core::WallNanos last_wall;
  std::uint64_t boots = 0;
  std::vector<Outage> outages;
  std::vector<L1Absence> l1_not_followed;
  std::vector<Gap> gaps;
  std::vector<GateChange> gate;
  std::vector<ScheduleChange> schedules;
  std::uint64_t lists_cut = 0;  ///< entries of the lists above that are beyond their bound
  std::uint64_t digests_compared = 0;
  std::uint64_t digests_different = 0;
  std::optional<core::Seq> first_different_digest;
  FactCoverage facts;
  /// Contents that events here refer to and that are not here, by why: "lost", "pruned",
  /// "redacted". One that several events refer to counts for each.
  std::map<std::string, std::uint64_t> content_removed{{"lost", 0}, {"pruned", 0}, {"redacted", 0}};
  std::map<std::string, std::uint64_t> ingress_rejected;  ///< inputs refused before the log
  std::uint64_t other_slasher = 0;     ///< commitments of another network: not judged
  std::uint64_t defective = 0;         ///< commitments whose bytes alone refuse them
  std::uint64_t no_schedule = 0;       ///< commitments whose time no known window covers
  std::uint64_t window_mismatch = 0;   ///< right signer, but another window end than scheduled
  std::uint64_t clock_steps_back = 0;  ///< events stamped earlier than the one before
  std::optional<std::uint64_t> clock_error_ns;  ///< largest one that a boot recorded
  std::uint64_t boots_without_clock_error = 0;  ///< how far the clock was off then is not known
  std::optional<Trouble> trouble;

  void note_l1_absence(L1Absence absence) {
    if (l1_not_followed.size() < kListMax) {
      l1_not_followed.push_back(std::move(absence));
    } else {
      ++lists_cut;
    }
  }
  PRECONF_FIELDS(Coverage, base, events, events_by_kind, first_wall, last_wall, boots, outages,
                 l1_not_followed, gaps, gate, schedules, lists_cut, digests_compared,
                 digests_different, first_different_digest, facts, content_removed,
                 ingress_rejected, other_slasher, defective, no_schedule, window_mismatch,
                 clock_steps_back, clock_error_ns, boots_without_clock_error, trouble);
};

}  // namespace preconf::replay::audit
