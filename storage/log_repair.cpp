#include "storage/log_repair.hpp"

#include <cstdlib>
#include <set>
#include <sstream>

#include "core/base/hex.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log.hpp"
#include "storage/high_water_mark.hpp"
#include "storage/log_rebuild.hpp"
#include "storage/log_salvage.hpp"
#include "storage/losses.hpp"

namespace preconf::storage {

using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

constexpr const char* kNewDirectory = "log.repairing";
constexpr const char* kScratchDirectory = "log.scratch";
constexpr const char* kPlanMagic = "preconf-repair";
constexpr std::size_t kPlanBytesMax = 1024;

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
    auto lock = options_.dry_run ? hold_directory(directory_) : lock_directory(directory_);
    if (!lock) return Unexpected{lock.error()};
    if (auto readable = check_all_readable(); !readable) return Unexpected{readable.error()};
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
      case StorageError::kContentMissing:
        break;
      default:
        return Unexpected{*report_.found};
    }
    if (!goes_on(RepairStep::kBuild)) return stopped();
    auto built = build();
    if (built && report_.kept.seq.value > 0) built = check_base();
    if (!built || options_.dry_run) {
      if (!options_.dry_run) remove(kNewDirectory);
      if (!built) return Unexpected{built.error()};
      return report_;
    }
    if (!goes_on(RepairStep::kWritePlan)) return stopped();
    const Plan plan{free_name(), report_.end};
    const auto written = write_file_atomically(directory_ / kRepairFile, as_bytes(plan_text(plan)));
    if (!written) return Unexpected{written.error()};
    return finish(plan);
  }

  /// What may not be read is no damage, and must not be given up.
  IoResult<Ok> check_all_readable() {
    for (const char* name : {"", kRocksDirectory, kBaseDirectory}) {
      if (auto readable = check_readable(directory_ / name); !readable) return readable;
    }
    return Ok{};
  }

  /// What is wrong with the log; nothing when every event and content can be read, and its end is
  /// proved.
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
    std::optional<StorageFailure> lost;
    std::set<core::Hash32> seen;
    LoggedEvent event;
    for (;;) {
      const auto more = reader->next_into(event);
      if (!more) return more.error();
      if (!*more) break;
      for (const core::ContentRef& ref : core::content_refs(event.event.body)) {
        if (!seen.insert(ref.hash).second || (*log)->content(ref.hash) != nullptr) continue;
        if (!lost && !(*log)->removed(ref.hash)) {
          lost = StorageFailure{StorageError::kContentMissing, event.event.seq,
                                "content " + core::to_hex0x(ref.hash.view()) + " is lost"};
        }
      }
    }
    if (lost) return lost;
    return check_base_state(directory_, (*log)->base());
  }

  /// A dry run leaves nothing in the directory: its database is made elsewhere.
  IoResult<Ok> build() {
    if (options_.dry_run) return build_elsewhere();
    remove(kNewDirectory);
    LogRebuild rebuild(directory_, options_.now, report_);
    if (auto made = rebuild.build(directory_ / kNewDirectory, directory_ / kScratchDirectory);
        !made) {
      return made;
    }
    return sync_directory(directory_);
  }

  IoResult<Ok> build_elsewhere() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "preconf-repair-XXXXXX");
    if (error || ::mkdtemp(name.data()) == nullptr) return Unexpected{io_failure("mkdtemp")};
    const std::filesystem::path place(name);
    LogRebuild rebuild(directory_, options_.now, report_);
    auto made = rebuild.build(place / "log", place / "scratch");
    std::filesystem::remove_all(place, error);
    return made;
  }

  /// Nothing but the state at the log's begin can stand in for the events before it.
  IoResult<Ok> check_base() {
    auto failure = check_base_state(directory_, report_.base);
    if (!failure) return Ok{};
    failure->detail += "; no repair can make it: put that file back";
    return Unexpected{*failure};
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
    if (auto moved = make_room(kHighWaterFile); !moved) return Unexpected{moved.error()};
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

  /// A file can not replace what is none.
  IoResult<Ok> make_room(const char* name) {
    std::error_code error;
    const auto status = std::filesystem::symlink_status(directory_ / name, error);
    if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) return Ok{};
    return move(directory_ / name, directory_ / free_name(name));
  }

  std::string free_name(const char* of = kRocksDirectory) const {
    for (std::uint64_t n = 1;; ++n) {
      std::string name = of + (".damaged-" + std::to_string(n));
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
};

}  // namespace

std::optional<SeqRange> found_behind_end(const RepairReport& report) {
  const bool is_tail = report.found && report.found->code == StorageError::kTailLost;
  if (!is_tail || report.kept.seq <= report.found->seq) return std::nullopt;
  return SeqRange{core::next(report.found->seq), report.kept.seq};
}

IoResult<RepairReport> repair_log(const std::filesystem::path& directory,
                                  const RepairOptions& options) {
  if (!std::filesystem::is_directory(directory)) {
    return Unexpected{
        StorageFailure{StorageError::kNotFound, {}, "no log in " + directory.string()}};
  }
  return Repair(directory, options).run();
}

}  // namespace preconf::storage
