// A small log to be attacked byte by byte, and the judgement of what is left of it: every damage
// must be named, or change nothing that a reader gets.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "storage/event_log.hpp"
#include "storage/snapshot_store.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::storage {

/// Where the events of an attacked log are.
enum class AttackShape : std::uint8_t {
  kWal,     ///< all in the write-ahead log
  kTables,  ///< all flushed and compacted: table and blob files, an empty write-ahead log
  kMixed,   ///< the first half in tables, the others in the write-ahead log
};

/// What was written, to be compared with what is read.
struct AttackLog {
  std::filesystem::path path;
  std::vector<core::Event> events;          ///< seq 1 .. n
  std::vector<core::Hash32> chains;         ///< of the same events
  std::vector<core::Hash32> digests;        ///< of the same events
  std::vector<Content> contents;            ///< one in a blob file (when flushed), one inline
  Snapshot snapshot;                        ///< saved in snapshots/
  core::Seq mark;                           ///< what high_water witnesses
  std::filesystem::path wal;                ///< the file with the events that are not in tables
  std::map<std::uint64_t, core::Seq> ends;  ///< offset in `wal` after the record of each event

  [[nodiscard]] LogPosition position(core::Seq seq) const { return {seq, chains[seq.value - 1]}; }
  [[nodiscard]] core::Seq last() const { return core::Seq{events.size()}; }
  /// The event whose record has the byte at `offset` of `wal`; 0 behind the last.
  [[nodiscard]] core::Seq event_at(std::uint64_t offset) const;
};

inline constexpr std::uint64_t kAttackEvents = 40;

/// Makes a closed log below `path`. Logs of one shape have the same files whatever the seed.
[[nodiscard]] AttackLog make_attack_log(const std::filesystem::path& path, AttackShape shape,
                                        std::uint64_t seed, core::Seq mark);

enum class Verdict : std::uint8_t {
  kHarmless,   ///< opened; everything is as it was written
  kAtOpen,     ///< refused with a named failure
  kAtReading,  ///< opened; the reader stopped with a named failure, all before it as written
  kContent,    ///< the events are as written; content is reported absent
  kCacheLost,  ///< events and contents are as written; digests or the snapshot are absent
  kShorter,    ///< opened without a word, but events above the mark are gone
  kWrong,      ///< anything else: never allowed
};
inline constexpr std::size_t kVerdicts = 7;
[[nodiscard]] const char* name_of(Verdict verdict);

struct Judgement {
  Verdict verdict = Verdict::kHarmless;
  StorageFailure failure;  ///< with kAtOpen and kAtReading
  core::Seq end;           ///< of the log that opened
  std::string why;         ///< for a person
};

/// Opens the log below `path`, reads all of it and compares with what was written.
[[nodiscard]] Judgement judge(const AttackLog& log, OpenMode mode);
[[nodiscard]] Judgement judge(const AttackLog& log, const std::filesystem::path& path,
                              OpenMode mode);

/// Counts verdicts per kind of file and prints them.
class Tally {
 public:
  void add(const std::string& row, Verdict verdict);
  void print(const std::string& title) const;
  [[nodiscard]] std::uint64_t count(const std::string& row, Verdict verdict) const;

 private:
  std::map<std::string, std::array<std::uint64_t, kVerdicts>> rows_;
};

/// Files of the log in order of name, relative to its directory; without RocksDB's own text log.
[[nodiscard]] std::vector<std::filesystem::path> files_of(const std::filesystem::path& path);
/// The row of a file in a tally: its name without number.
[[nodiscard]] std::string row_of(const std::filesystem::path& file);

/// True with PRECONF_ATTACK=full in the environment: every byte instead of a sample.
[[nodiscard]] bool full_attack();

/// Where attacked logs live: memory when the machine has it, these tests sync a lot.
[[nodiscard]] std::filesystem::path attack_parent();

}  // namespace preconf::storage
