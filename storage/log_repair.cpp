#include "storage/log_repair.hpp"

#include <fcntl.h>

#include <algorithm>
#include <sstream>

#include "core/base/hex.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/log_salvage.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::storage {

using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

constexpr const char* kNewDirectory = "log.repairing";
constexpr const char* kScratchDirectory = "log.scratch";
constexpr const char* kPlanMagic = "preconf-repair";
constexpr std::size_t kPlanBytesMax = 1024;
constexpr std::size_t kLostShown = 100;
constexpr std::size_t kDigestBytes = 32;

StorageFailure io(const std::string& what, const std::error_code& error) {
  return StorageFailure{StorageError::kIo, {}, what + ": " + error.message()};
}

/// What remains to be done once the new database is complete.
struct Plan {
  std::string set_aside;
  LogPosition end;
};

core::BytesView as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string plan_text(const Plan& plan) {
  return std::string(kPlanMagic) + " 1 " + plan.set_aside + " " +
         std::to_string(plan.end.seq.value) + " " + core::to_hex(plan.end.chain.view()) + "\n";
}

IoResult<std::optional<Plan>> read_plan(const std::filesystem::path& directory) {
  const auto bytes = read_file(directory / kRepairFile, kPlanBytesMax);
  if (!bytes) return Unexpected{bytes.error()};
  if (!bytes->has_value()) return std::optional<Plan>();
  std::istringstream in(std::string((**bytes).begin(), (**bytes).end()));
  std::string magic;
  std::string chain;
  int version = 0;
  Plan plan;
  in >> magic >> version >> plan.set_aside >> plan.end.seq.value >> chain;
  const auto hash = core::fixed_from_hex<32>(chain);
  if (!in || magic != kPlanMagic || version != 1 || !hash ||
      plan.set_aside.find('/') != std::string::npos) {
    return Unexpected{StorageFailure{
        StorageError::kFormat, {}, (directory / kRepairFile).string() + " is not a repair's plan"}};
  }
  plan.end.chain = *hash;
  return std::optional<Plan>(plan);
}

class Repair {
 public:
  Repair(std::filesystem::path directory, const RepairOptions& options)
      : directory_(std::move(directory)), options_(options) {}

  IoResult<RepairReport> run() {
    auto lock = lock_directory(directory_);
    if (!lock) return Unexpected{lock.error()};
    const auto plan = read_plan(directory_);
    if (!plan) return Unexpected{plan.error()};
    if (*plan && options_.dry_run) {
      report_.found = StorageFailure{StorageError::kDamaged, {}, "a repair was interrupted"};
      report_.end = (*plan)->end;
      return report_;
    }
    if (*plan) {
      report_.was_resumed = true;
      return finish(**plan);
    }
    return begin();
  }

 private:
  IoResult<RepairReport> begin() {
    const auto version = has_version(directory_);
    if (!version) return Unexpected{version.error()};
    report_.found = judge(*version);
    if (!report_.found) {
      report_.was_sound = true;
      return report_;
    }
    switch (report_.found->code) {
      case StorageError::kDamaged:
      case StorageError::kTailLost:
        break;
      default:
        return Unexpected{*report_.found};
    }
    if (!goes_on(RepairStep::kBuild)) return stopped();
    auto built = build();
    if (!built || options_.dry_run) {
      remove(kNewDirectory);
      if (!built) return Unexpected{built.error()};
      return report_;
    }
    if (!goes_on(RepairStep::kWritePlan)) return stopped();
    const Plan plan{free_name(), report_.end};
    const auto written = write_file_atomically(directory_ / kRepairFile, as_bytes(plan_text(plan)));
    if (!written) return Unexpected{written.error()};
    return finish(plan);
  }

  /// What is wrong with the log; nothing when every event can be read and its end is proved.
  std::optional<StorageFailure> judge(bool has_version) {
    if (!has_version) {
      // Without VERSION a directory is new, unless it holds a database.
      if (!std::filesystem::exists(directory_ / kRocksDirectory / "CURRENT")) {
        return StorageFailure{StorageError::kNotFound, {}, "no log in " + directory_.string()};
      }
      return StorageFailure{StorageError::kDamaged, {}, "VERSION is missing"};
    }
    const auto log = EventLog::open(directory_, OpenMode::kReadOnly);
    if (!log) return log.error();
    report_.end = report_.kept = (*log)->end();
    const auto reader = (*log)->read(core::next((*log)->base().seq));
    LoggedEvent event;
    for (;;) {
      const auto more = reader->next_into(event);
      if (!more) return more.error();
      if (!*more) return std::nullopt;
    }
  }

  IoResult<Ok> build() {
    remove(kNewDirectory);
    auto made = Rocks::open(directory_ / kNewDirectory, RocksMode::kCreate, nullptr);
    if (!made) return Unexpected{rocks_failure(made.error(), {}, "making the new database")};
    const Rocks& rocks = **made;
    const auto found = salvage(directory_ / kRocksDirectory, directory_ / kScratchDirectory, rocks);
    if (!found) return Unexpected{found.error()};
    const auto base = find_base(rocks);
    if (!base) return Unexpected{base.error()};
    if (auto kept = find_prefix(rocks, *base, found->highest); !kept) return kept;
    if (auto cut = finish_database(rocks, *base, found->highest); !cut) return cut;
    return sync_directory(directory_);
  }

  /// Where the log begins; when its own note is lost, the base state beside it says so.
  IoResult<BaseMeta> find_base(const Rocks& rocks) {
    auto base = read_base(rocks);
    if (!base || base->position.seq.value > 0) return base;
    if (const auto first = read_record(rocks, Seq{1}); first && first->has_value()) return base;
    const SnapshotStore states(directory_ / "snapshots");
    for (const Seq seq : states.list_base()) {
      const auto state = states.load(seq);
      const auto next = read_record(rocks, core::next(seq));
      if (!state || !next || !next->has_value()) continue;
      if ((*next)->prev_chain == state->position.chain) return BaseMeta{state->position, {}};
    }
    return base;
  }

  IoResult<Ok> find_prefix(const Rocks& rocks, const BaseMeta& base, Seq highest) {
    report_.kept = base.position;
    RecordScanner scanner(rocks, core::next(base.position.seq), base.position, {highest, {}});
    LoggedEvent event;
    for (auto more = scanner.next_into(event); more && *more; more = scanner.next_into(event)) {
      report_.kept = LogPosition{event.event.seq, event.chain};
      last_mono_ = event.event.mono;
      for (const core::ContentRef& ref : core::content_refs(event.event.body)) {
        note_content(rocks, event.event.seq, ref);
      }
    }
    if (report_.kept.seq.value > 0) return Ok{};
    return Unexpected{StorageFailure{
        StorageError::kDamaged, Seq{1},
        "not one event can be proved: nothing to repair; move " + directory_.string() + " away"}};
  }

  void note_content(const Rocks& rocks, Seq seq, const core::ContentRef& ref) {
    rocksdb::PinnableSlice value;
    const auto status =
        rocks.db().Get(point_read(), rocks.content(), to_slice(ref.hash.view()), &value);
    if (status.ok() || read_removed(rocks, ref.hash)) return;
    ++report_.contents_lost_total;
    if (report_.contents_lost.size() < kLostShown) report_.contents_lost.push_back({seq, ref.hash});
  }

  /// Takes out what is not part of the proved log, and appends the gap's record.
  IoResult<Ok> finish_database(const Rocks& rocks, const BaseMeta& base, Seq highest) {
    describe_gap(highest);
    core::Event event;
    event.seq = core::next(report_.gap->to);
    event.wall = options_.now;
    event.mono = last_mono_;
    event.body = *report_.gap;
    schemas::RecordEncoder encoder;
    const schemas::EncodedRecord& record = encoder.encode(event, report_.kept.chain);
    report_.end = LogPosition{event.seq, record.chain};

    rocksdb::WriteBatch batch;
    count_behind(rocks);
    const Seq first_lost = core::next(report_.kept.seq);
    const Seq none{~std::uint64_t{0}};
    const Seq first_kept = core::next(base.position.seq);
    bool ok = batch.DeleteRange(rocks.log(), SeqKey(first_lost).slice(), SeqKey(none).slice()).ok();
    ok = ok &&
         batch.DeleteRange(rocks.log(), SeqKey(Seq{0}).slice(), SeqKey(first_kept).slice()).ok();
    ok = ok && batch.Put(rocks.log(), SeqKey(event.seq).slice(), to_slice(record.bytes)).ok();
    ok = ok && cut_digests(rocks, first_lost, batch);
    if (base.position.seq.value > 0) put_base(rocks, base, batch);
    take_out_removed(rocks, batch);
    const auto status = ok ? rocks.db().Write(rocksdb::WriteOptions(), &batch)
                           : rocksdb::Status::Corruption("batch");
    if (!status.ok()) return Unexpected{rocks_failure(status, {}, "writing the new database")};
    return flush(rocks);
  }

  void describe_gap(Seq highest) {
    const auto mark = read_mark(directory_ / kHighWaterFile);
    core::events::LogGapRecorded gap;
    gap.from = core::next(report_.kept.seq);
    gap.to = std::max(report_.kept.seq, highest);
    if (mark) {
      gap.to = std::max(gap.to, mark->position.seq);
      if (mark->position.seq.value > 0) gap.chain_at_mark = mark->position.chain;
    }
    const bool is_inside = highest > report_.kept.seq && mark && highest >= mark->position.seq;
    gap.lost_known = is_inside && report_.found->code == StorageError::kDamaged;
    gap.reason = std::string(name_of(report_.found->code)) + ": " + report_.found->detail;
    if (gap.reason.size() > core::limits::kDetailBytesMax) {
      gap.reason.resize(core::limits::kDetailBytesMax);
    }
    report_.gap = gap;
  }

  void count_behind(const Rocks& rocks) {
    const std::unique_ptr<rocksdb::Iterator> at(rocks.db().NewIterator(scan_read(), rocks.log()));
    for (at->Seek(SeqKey(core::next(report_.kept.seq)).slice()); at->Valid(); at->Next()) {
      ++report_.readable_behind;
    }
  }

  /// Digests of lost events go; a group that reaches over the edge is cut there.
  bool cut_digests(const Rocks& rocks, Seq first_lost, rocksdb::WriteBatch& batch) {
    const std::unique_ptr<rocksdb::Iterator> at(
        rocks.db().NewIterator(scan_read(), rocks.effects()));
    at->SeekForPrev(SeqKey(Seq{first_lost.value - 1}).slice());
    const auto first = at->Valid() ? SeqKey::parse(at->key()) : std::nullopt;
    if (first && first->value > 0) {
      const std::uint64_t left = first_lost.value - first->value;
      const std::size_t size = at->value().size();
      if (size / kDigestBytes > left) {
        const rocksdb::Slice cut(at->value().data(), static_cast<std::size_t>(left) * kDigestBytes);
        if (!batch.Put(rocks.effects(), at->key(), cut).ok()) return false;
      }
    }
    const Seq none{~std::uint64_t{0}};
    return batch.DeleteRange(rocks.effects(), SeqKey(first_lost).slice(), SeqKey(none).slice())
        .ok();
  }

  /// Files of the damaged database may still hold what was redacted.
  static void take_out_removed(const Rocks& rocks, rocksdb::WriteBatch& batch) {
    for (const core::Hash32& hash : removed_hashes(rocks)) {
      (void)batch.Delete(rocks.content(), to_slice(hash.view()));
    }
  }

  static IoResult<Ok> flush(const Rocks& rocks) {
    const auto status = rocks.db().Flush(
        rocksdb::FlushOptions(), {rocks.log(), rocks.effects(), rocks.content(), rocks.meta()});
    if (!status.ok()) return Unexpected{rocks_failure(status, {}, "writing the new database")};
    return Ok{};
  }

  /// The steps from the plan on; each finds out whether an earlier attempt took it.
  IoResult<RepairReport> finish(const Plan& plan) {
    report_.end = plan.end;
    report_.set_aside = plan.set_aside;
    const auto log = directory_ / kRocksDirectory;
    const auto made = directory_ / kNewDirectory;
    const auto aside = directory_ / plan.set_aside;
    if (!goes_on(RepairStep::kSetAside)) return stopped();
    if (std::filesystem::exists(made) && !std::filesystem::exists(aside)) {
      if (auto moved = move(log, aside); !moved) return Unexpected{moved.error()};
    }
    if (!goes_on(RepairStep::kPutInPlace)) return stopped();
    if (std::filesystem::exists(made)) {
      if (auto moved = move(made, log); !moved) return Unexpected{moved.error()};
    }
    if (!goes_on(RepairStep::kWriteMark)) return stopped();
    if (auto marked = MarkWriter::create(directory_ / kHighWaterFile, plan.end); !marked) {
      return Unexpected{marked.error()};
    }
    if (auto version = write_version(directory_); !version) return Unexpected{version.error()};
    if (!goes_on(RepairStep::kForgetPlan)) return stopped();
    std::error_code error;
    std::filesystem::remove(directory_ / kRepairFile, error);
    if (error) return Unexpected{io("removing the plan", error)};
    if (auto synced = sync_directory(directory_); !synced) return Unexpected{synced.error()};
    return report_;
  }

  /// A database that is gone altogether is not moved.
  IoResult<Ok> move(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (!std::filesystem::exists(from)) return Ok{};
    std::error_code error;
    std::filesystem::rename(from, to, error);
    if (error) return Unexpected{io("renaming " + from.string(), error)};
    return sync_directory(directory_);
  }

  std::string free_name() const {
    for (std::uint64_t n = 1;; ++n) {
      std::string name = "log.damaged-" + std::to_string(n);
      if (!std::filesystem::exists(directory_ / name)) return name;
    }
  }
  void remove(const char* name) {
    std::error_code error;
    std::filesystem::remove_all(directory_ / name, error);
  }
  [[nodiscard]] bool goes_on(RepairStep step) const {
    return !options_.goes_on || options_.goes_on(step);
  }
  RepairReport stopped() {
    report_.was_stopped = true;
    return report_;
  }

  const std::filesystem::path directory_;
  const RepairOptions& options_;
  RepairReport report_;
  core::MonoNanos last_mono_;
};

}  // namespace

IoResult<RepairReport> repair_log(const std::filesystem::path& directory,
                                  const RepairOptions& options) {
  if (!std::filesystem::is_directory(directory)) {
    return Unexpected{
        StorageFailure{StorageError::kNotFound, {}, "no log in " + directory.string()}};
  }
  return Repair(directory, options).run();
}

}  // namespace preconf::storage
