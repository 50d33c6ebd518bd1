#include "replay/report.hpp"

#include <fmt/format.h>

#include "replay/leaf.hpp"

namespace preconf::replay {

const char* name_of(ReplayResult result) {
  switch (result) {
    case ReplayResult::kClean:
      return "clean";
    case ReplayResult::kFailed:
      return "failed";
    case ReplayResult::kDivergence:
      return "divergence";
    case ReplayResult::kDamaged:
      return "damaged";
  }
  return "unknown";
}

const char* name_of(Check check) {
  switch (check) {
    case Check::kEffectsDigest:
      return "effects_digest";
    case Check::kSnapshot:
      return "snapshot";
    case Check::kSnapshotFold:
      return "snapshot_fold";
    case Check::kFact:
      return "fact";
    case Check::kInvariant:
      return "invariant";
  }
  return "unknown";
}

const char* history_of(Check check) {
  switch (check) {
    case Check::kEffectsDigest:
      return "recorded beside the event when it was first reduced";
    case Check::kSnapshot:
      return "written into the snapshot file";
    case Check::kSnapshotFold:
      return "folded from the snapshot";
    case Check::kFact:
      return "recorded inside the event when it arrived";
    case Check::kInvariant:
      return "what always holds";
  }
  return "";
}

LogTrouble trouble_of(const storage::StorageFailure& failure) {
  return {storage::name_of(failure.code), failure.seq, failure.detail};
}

ReplayResult result_of(const storage::StorageFailure& failure) {
  using storage::StorageError;
  switch (failure.code) {
    case StorageError::kIo:
    case StorageError::kLocked:
    case StorageError::kNotFound:
      return ReplayResult::kFailed;
    case StorageError::kFormat:
    case StorageError::kDamaged:
    case StorageError::kTailLost:
    case StorageError::kUnknownKind:
    case StorageError::kUndecodable:
    case StorageError::kContentMissing:
    case StorageError::kPruned:
    case StorageError::kStale:
    case StorageError::kAlreadySigned:
      return ReplayResult::kDamaged;
  }
  return ReplayResult::kFailed;
}

namespace {

std::string rate_text(const ReplayReport& report) {
  const double seconds = static_cast<double>(report.elapsed_ms) / 1000.0;
  if (report.elapsed_ms == 0) return "0.00 s";
  return fmt::format("{:.2f} s, {:.0f} events/s", seconds,
                     static_cast<double>(report.events) / seconds);
}

std::string quoted(const std::string& text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

std::string divergence_text(const Divergence& divergence) {
  std::string out = fmt::format("divergence at event {} ({}): {}\n", divergence.seq.value,
                                divergence.event, name_of(divergence.check));
  out += fmt::format("  field       {}\n", divergence.field);
  out += fmt::format("  recorded    {}   ({}: this is history)\n", divergence.recorded,
                     history_of(divergence.check));
  out += fmt::format("  recomputed  {}   (by this program, now)\n", divergence.recomputed);
  if (!divergence.outcome.empty()) {
    out += "  recomputed commands and decisions:\n  " + divergence.outcome + "\n";
  }
  return out;
}

std::string snapshots_text(const ReplayReport& report) {
  std::string out;
  for (const SnapshotCheck& check : report.snapshots) {
    if (!out.empty()) out += ", ";
    out += fmt::format("after event {}: {}", check.seq.value, name_of(check.health));
  }
  return out.empty() ? "none" : out;
}

std::string facts_text(const FactCounts& facts) {
  return fmt::format(
      "recomputed from bytes: {} commitments, {} transaction lists, {} payloads, {} blobs, "
      "sources of {} proposals; {} differ, bytes of {} missing",
      facts.commitments, facts.tx_lists, facts.payloads, facts.blobs, facts.sources,
      facts.different, facts.missing);
}

std::string conclusion(const ReplayReport& report) {
  switch (report.result) {
    case ReplayResult::kClean:
      return "clean: states and effects are equal\n";
    case ReplayResult::kFailed:
      return {};
    case ReplayResult::kDivergence:
      return fmt::format("DIVERGENCE: first at event {}\n", report.divergences.front().seq.value);
    case ReplayResult::kDamaged:
      return "DAMAGED OR INCOMPLETE: the log can not be trusted whole\n";
  }
  return {};
}

}  // namespace

std::string to_text(const ReplayReport& report) {
  std::string out;
  if (report.events > 0) {
    out += fmt::format("events     {} ({}..{}), {}\n", report.events,
                       report.started_after.value + 1, report.last_seq.value, rate_text(report));
    out += fmt::format("effects    {} digests compared, recorded up to event {}\n",
                       report.digests_compared, report.digests_until.value);
    out += fmt::format("snapshots  {}\n", snapshots_text(report));
    if (report.facts) out += fmt::format("facts      {}\n", facts_text(*report.facts));
    out += fmt::format("chain      {}\n", core::to_hex0x(report.chain.view()));
    out += fmt::format("state      {}\n", core::to_hex0x(report.state_hash.view()));
  }
  for (const Divergence& divergence : report.divergences) out += divergence_text(divergence);
  for (const MissingContent& missing : report.missing) {
    out += fmt::format("missing content of event {}: {}\n", missing.seq.value, missing.what);
  }
  if (report.trouble) {
    out += fmt::format("log {} at event {}: {}\n", report.trouble->code, report.trouble->seq.value,
                       quoted(report.trouble->detail));
  }
  return out + conclusion(report);
}

}  // namespace preconf::replay
