#include "tests/storage/attack_log.hpp"

#include <rocksdb/db.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "storage/rocks.hpp"

namespace preconf::storage {

using core::Seq;
using tests::EventGenerator;

namespace {

constexpr std::size_t kBlobBytes = 5 * 1024;
constexpr std::size_t kInlineBytes = 300;
constexpr std::uint32_t kReducerVersion = 7;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

/// Moves everything from the write-ahead log into compacted tables.
void flush(const std::filesystem::path& path) {
  const auto rocks = Rocks::open(path / "log", RocksMode::kWrite, nullptr);
  require(rocks.has_value(), "open to flush");
  rocksdb::DB& db = (*rocks)->db();
  const std::vector<rocksdb::ColumnFamilyHandle*> families = {(*rocks)->log(), (*rocks)->effects(),
                                                              (*rocks)->content()};
  require(db.Flush(rocksdb::FlushOptions(), families).ok(), "flush");
  for (auto* family : families) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    require(db.CompactRange(options, family, nullptr, nullptr).ok(), "compact");
  }
}

std::filesystem::path largest_wal(const std::filesystem::path& path) {
  std::filesystem::path out;
  std::uintmax_t size = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path / "log")) {
    if (entry.path().extension() != ".log" || entry.file_size() < size) continue;
    out = entry.path();
    size = entry.file_size();
  }
  return out;
}

/// Sizes do not depend on the seed: all shapes but those with texts of random length.
core::Event sized_event(EventGenerator& generator, Seq seq) {
  constexpr std::size_t kShapes[] = {2, 6, 7, 7, 0};
  return generator.event(seq, kShapes[seq.value % std::size(kShapes)]);
}

/// Appends events up to `last`, one by one, each with its digest.
void append_up_to(AttackLog& out, EventLog& log, EventGenerator& generator, Seq last) {
  out.ends.clear();
  while (out.last() < last) {
    EventBatch batch;
    batch.events.push_back(sized_event(generator, core::next(out.last())));
    if (out.last().value % 10 == 4) {
      const std::size_t size = out.last().value % 20 == 4 ? kBlobBytes : kInlineBytes;
      batch.contents.push_back(tests::content_of(generator.bytes(size)));
      out.contents.push_back(batch.contents.back());
    }
    const EventBatch* batches[] = {&batch};
    const EffectsDigests digests[] = {{batch.events[0].seq, {generator.fixed<32>()}}};
    const auto position = log.append(batches, digests, true);
    require(position.has_value(), "append");
    out.events.push_back(batch.events[0]);
    out.chains.push_back(position->chain);
    out.digests.push_back(digests[0].digests[0]);
    if (out.ends.empty()) out.wal = largest_wal(out.path);
    out.ends[std::filesystem::file_size(out.wal)] = out.last();
  }
}

bool same_snapshot(const Snapshot& a, const Snapshot& b) {
  return a.position == b.position && a.reducer_version == b.reducer_version &&
         a.state_hash == b.state_hash && a.state == b.state;
}

Judgement wrong(std::string why) { return {Verdict::kWrong, {}, {}, std::move(why)}; }

/// A failure names an event of this log, or none.
Judgement failed(Verdict verdict, const AttackLog& log, const StorageFailure& failure, Seq end) {
  if (failure.code == StorageError::kLocked || failure.detail.empty()) return wrong("unnamed");
  if (failure.seq > core::next(log.last())) return wrong("names an event that never was");
  return {verdict, failure, end, failure.detail};
}

/// Content, digests and snapshot beside events that are all as written.
Judgement judge_rest(const AttackLog& log, const std::filesystem::path& path,
                     const EventLog& opened, bool digest_lost) {
  Judgement out;
  out.end = opened.end().seq;
  for (const Content& content : log.contents) {
    const auto found = opened.content(content.hash);
    if (found == nullptr) {
      out.verdict = Verdict::kContent;
      out.why = "content absent";
    } else if (*found != *content.bytes) {
      return wrong("content with other bytes");
    }
  }
  const auto snapshot = SnapshotStore(path / "snapshots").load(log.snapshot.position.seq);
  // A snapshot of another history is whole in itself: its chain tells it from one of this log.
  const bool own = snapshot && snapshot->position == log.snapshot.position;
  if (own && !same_snapshot(*snapshot, log.snapshot)) return wrong("another snapshot");
  if (out.verdict == Verdict::kHarmless && (digest_lost || !own)) {
    out.verdict = Verdict::kCacheLost;
  }
  return out;
}

}  // namespace

Seq AttackLog::event_at(std::uint64_t offset) const {
  const auto found = ends.upper_bound(offset);
  return found == ends.end() ? Seq{} : found->second;
}

AttackLog make_attack_log(const std::filesystem::path& path, AttackShape shape, std::uint64_t seed,
                          Seq mark) {
  AttackLog out;
  out.path = path;
  out.mark = mark;
  EventGenerator generator(seed);
  const auto fill = [&](OpenMode mode, std::uint64_t last) {
    auto log = EventLog::open(path, mode);
    require(log.has_value(), "open");
    append_up_to(out, **log, generator, Seq{last});
    const Seq witnessed = std::min(mark, out.last());
    require((*log)->write_high_water_mark(out.position(witnessed)).has_value(), "mark");
  };
  fill(OpenMode::kCreate, shape == AttackShape::kMixed ? kAttackEvents / 2 : kAttackEvents);
  if (shape != AttackShape::kWal) flush(path);
  if (shape == AttackShape::kMixed) fill(OpenMode::kWrite, kAttackEvents);
  out.snapshot = {out.position(mark), kReducerVersion, generator.fixed<32>(), generator.bytes(200)};
  require(SnapshotStore(path / "snapshots").save(out.snapshot).has_value(), "snapshot");
  if (shape == AttackShape::kTables) out.ends.clear();
  out.wal = largest_wal(path);
  return out;
}

const char* name_of(Verdict verdict) {
  constexpr const char* kNames[kVerdicts] = {"harmless", "at_open",     "at_reading", "content",
                                             "cache",    "tail_unseen", "WRONG"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Judgement judge(const AttackLog& log, OpenMode mode) { return judge(log, log.path, mode); }

Judgement judge(const AttackLog& log, const std::filesystem::path& path, OpenMode mode) {
  const auto opened = EventLog::open(path, mode);
  if (!opened) return failed(Verdict::kAtOpen, log, opened.error(), {});
  const Seq end = (*opened)->end().seq;
  if (end > log.last()) return wrong("longer than it was");
  if (end < log.mark) return wrong("silently ends below the mark at " + std::to_string(end.value));
  const auto reader = (*opened)->read(Seq{1});
  bool digest_lost = false;
  for (std::uint64_t i = 0; i < end.value; ++i) {
    const auto next = reader->next();
    if (!next) {
      if (next.error().seq != Seq{i + 1}) return wrong("the reader names another event");
      return failed(Verdict::kAtReading, log, next.error(), end);
    }
    if (!next->has_value()) return wrong("the reader ends early at " + std::to_string(i));
    const LoggedEvent& logged = **next;
    if (logged.chain != log.chains[i] || !(logged.event == log.events[i])) {
      return wrong("another event at " + std::to_string(i + 1));
    }
    if (!logged.effects_digest)
      digest_lost = true;
    else if (*logged.effects_digest != log.digests[i])
      return wrong("another effects digest");
  }
  if (end < log.last()) return {Verdict::kShorter, {}, end, "ends at " + std::to_string(end.value)};
  return judge_rest(log, path, **opened, digest_lost);
}

void Tally::add(const std::string& row, Verdict verdict) {
  ++rows_[row][static_cast<std::size_t>(verdict)];
}

std::uint64_t Tally::count(const std::string& row, Verdict verdict) const {
  const auto found = rows_.find(row);
  return found == rows_.end() ? 0 : found->second[static_cast<std::size_t>(verdict)];
}

void Tally::print(const std::string& title) const {
  std::printf("%-22s", title.c_str());
  for (std::size_t v = 0; v < kVerdicts; ++v) {
    std::printf(" %12s", name_of(static_cast<Verdict>(v)));
  }
  std::printf("\n");
  for (const auto& [row, counts] : rows_) {
    std::printf("  %-20s", row.c_str());
    for (const std::uint64_t count : counts) {
      std::printf(" %12llu", static_cast<unsigned long long>(count));
    }
    std::printf("\n");
  }
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    const auto name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.starts_with("LOG")) continue;
    out.push_back(std::filesystem::relative(entry.path(), path));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string row_of(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  if (!extension.empty()) return "*" + extension;
  const std::string name = file.string();
  return name.substr(0, name.find('-'));
}

bool full_attack() {
  const char* value = std::getenv("PRECONF_ATTACK");
  return value != nullptr && std::string(value) == "full";
}

std::filesystem::path attack_parent() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

}  // namespace preconf::storage
