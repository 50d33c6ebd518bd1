// Where logged events come from: the log of a data directory, or a capture of a part of one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/event.hpp"
#include "storage/storage_error.hpp"

namespace preconf::storage {

/// A position in the log together with the hash that fixes everything before it.
struct LogPosition {
  core::Seq seq;       ///< 0 = empty log
  core::Hash32 chain;  ///< zero for the empty log
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

/// One event as read back, its integrity verified.
struct LoggedEvent {
  core::Event event;
  core::Hash32 chain;
  std::optional<core::Hash32> effects_digest;  ///< none: written but not yet digested (tail)
};

/// Events that were removed on purpose; their chain hashes stay.
struct PrunedRange {
  core::Seq from;
  core::Seq to;
  core::Hash32 chain_before;  ///< at from - 1
  core::Hash32 chain_at_to;
  core::WallNanos pruned_at;
};

/// Why content is not there although an event refers to it. Persistent values: never renumber.
enum class RemovalCause : std::uint8_t {
  kRedacted = 0,  ///< an operator removed it, and said why
  kPruned = 1,    ///< older than what is kept
  kLost = 2,      ///< nobody wanted that: a repair did not find it
};
[[nodiscard]] const char* name_of(RemovalCause cause);

struct RemovedContent {
  RemovalCause cause = RemovalCause::kRedacted;
  std::uint32_t size_bytes = 0;
  core::WallNanos removed_at;
  std::string reason;
};

/// Reads records one after the other and verifies hash, chain and density; one thread at a time.
class EventScanner {
 public:
  virtual ~EventScanner() = default;
  /// True: `out` holds the next event (its buffers are reused); false: the end. A failure names the
  /// seq at fault, and every later call returns it again.
  [[nodiscard]] virtual core::Result<bool, StorageFailure> next_into(LoggedEvent& out) = 0;
  /// Events still to come, if all is well.
  [[nodiscard]] virtual std::uint64_t left() const = 0;
};

/// Reads forward. Not thread safe; outlived by the source it came from. Long scans read, hash and
/// decode ahead on a thread of their own.
class LogReader {
 public:
  explicit LogReader(std::unique_ptr<EventScanner> scanner);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;
  /// The next event; nothing at the end of the log; a failure names the seq at fault, and every
  /// later call returns it again.
  [[nodiscard]] core::Result<std::optional<LoggedEvent>, StorageFailure> next();
  /// The same into an existing object, whose buffers are reused: true = `out` is the next event,
  /// false = the end of the log.
  [[nodiscard]] core::Result<bool, StorageFailure> next_into(LoggedEvent& out);
  /// The next events at once, at most `most`: false = the end of the log. What `run` held is
  /// recycled. Cheaper than one by one: nothing is moved. Do not mix with the other two.
  [[nodiscard]] core::Result<bool, StorageFailure> next_run(std::vector<LoggedEvent>& run,
                                                            std::size_t most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Verified events, and the content that they refer to. Any thread.
class EventSource {
 public:
  virtual ~EventSource() = default;

  /// The position just before the first event that is present: {0, zero} when the log is here from
  /// its beginning; more when older events were pruned or not captured.
  [[nodiscard]] virtual LogPosition base() const = 0;
  [[nodiscard]] virtual LogPosition end() const = 0;

  /// A reader that starts at `from`, or at the first event present when that is later. Verifies
  /// hash, chain and density as it goes; the chain before `from` is taken from the record before
  /// it, or from base().
  [[nodiscard]] virtual std::unique_ptr<LogReader> read(core::Seq from) const = 0;

  /// The chain hash recorded at `seq`, base().seq included; none when there is no such event.
  [[nodiscard]] virtual std::optional<core::Hash32> chain_at(core::Seq seq) const = 0;

  /// The record of event `seq` as it is stored, unverified; none when there is no such event.
  [[nodiscard]] virtual std::optional<core::Bytes> record(core::Seq seq) const = 0;

  /// Which log this is, or is a part of: the chain of event 1, which no two logs share. None when
  /// that event is gone and nobody wrote it down.
  [[nodiscard]] virtual std::optional<core::Hash32> log_id() const {
    return chain_at(core::Seq{1});
  }

  /// Whether all content was left out on purpose: what is absent is redacted then, not missing.
  [[nodiscard]] virtual bool omits_content() const { return false; }

  /// Checks what reading events and content does not touch; nothing when all is well.
  [[nodiscard]] virtual std::optional<StorageFailure> check_container() const {
    return std::nullopt;
  }

  /// What was pruned, oldest first.
  [[nodiscard]] virtual std::vector<PrunedRange> pruned() const { return {}; }

  /// The content's tombstone: it was removed on purpose and is not missing.
  [[nodiscard]] virtual std::optional<RemovedContent> removed(const core::Hash32& /*hash*/) const {
    return std::nullopt;
  }

  /// Content by its keccak256. Nothing when absent; never other bytes than asked for (re-hashed).
  [[nodiscard]] virtual std::shared_ptr<const core::Bytes> content(
      const core::Hash32& hash) const = 0;
};

/// A state of the fold, as somebody wrote it down.
struct Snapshot {
  LogPosition position;  ///< the state after this event
  std::uint32_t reducer_version = 0;
  core::Hash32 state_hash;  ///< core::state_hash of the decoded state
  core::Bytes state;        ///< canonical encoding
};

/// Snapshots that may help to read a source. Any of them may be absent, damaged or of another
/// history: whoever loads one checks it against the events.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;
  /// Sequence numbers for which there is one, ascending. Says nothing about their health.
  [[nodiscard]] virtual std::vector<core::Seq> list() const = 0;
  /// Nothing when it is missing or its checksum is wrong.
  [[nodiscard]] virtual std::optional<Snapshot> load(core::Seq seq) const = 0;
};

}  // namespace preconf::storage
