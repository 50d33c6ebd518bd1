// Recomputes facts from bytes on all cores: signatures are the dearest thing in a log, and each can
// be checked without the others.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "replay/bounded_queue.hpp"
#include "replay/event_stream.hpp"
#include "replay/facts.hpp"

namespace preconf::replay {

struct FactCounts {
  std::uint64_t commitments = 0;
  std::uint64_t tx_lists = 0;
  std::uint64_t payloads = 0;
  std::uint64_t blobs = 0;
  std::uint64_t sources = 0;
  std::uint64_t different = 0;  ///< facts that do not follow from their bytes
  std::uint64_t missing = 0;    ///< bytes that are not in the content store
  PRECONF_FIELDS(FactCounts, commitments, tx_lists, payloads, blobs, sources, different, missing);
};

struct FactFinding {
  core::EventKind kind = core::EventKind::kGenesisRecorded;
  FactCheck check;
};

struct FactSummary {
  FactCounts counts;
  std::map<core::Seq, FactFinding> findings;  ///< the first kFindingsMax, by event
};

class FactChecker {
 public:
  static constexpr std::size_t kFindingsMax = 100;

  /// `log` outlives the checker.
  FactChecker(const storage::EventSource& log, std::size_t workers);
  ~FactChecker();
  FactChecker(const FactChecker&) = delete;
  FactChecker& operator=(const FactChecker&) = delete;

  /// Before the first submit().
  void set_rules(const Rules& rules) { rules_ = rules; }
  /// Before the first submit(): only facts of this kind.
  void set_scope(FactKind kind) { scope_ = kind; }
  /// Waits while the workers are behind. Any one thread.
  void submit(EventRunPtr run);
  /// Waits for everything submitted.
  [[nodiscard]] FactSummary finish();

 private:
  void work();
  void check_run(const EventRun& run, FactSummary& found) const;

  const storage::EventSource& log_;
  Rules rules_;
  std::optional<FactKind> scope_;
  BoundedQueue<EventRunPtr> queue_;
  std::mutex mutex_;
  FactSummary total_;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace preconf::replay
