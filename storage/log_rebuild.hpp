// The new database that a repair makes of a damaged one. Private to storage/.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "storage/log_meta.hpp"
#include "storage/log_repair.hpp"
#include "storage/log_salvage.hpp"
#include "storage/rocks.hpp"

namespace preconf::storage {

/// Chooses among what was salvaged: the longest run of events that a chain holds together.
class LogRebuild {
 public:
  /// `report.found` says why; the rest of it is filled in.
  LogRebuild(const std::filesystem::path& directory, core::WallNanos now, RepairReport& report)
      : directory_(directory), now_(now), report_(report) {}

  /// Makes the database in `target`, which does not exist; `scratch` is for copies.
  [[nodiscard]] IoResult<core::Ok> build(const std::filesystem::path& target,
                                         const std::filesystem::path& scratch);

 private:
  struct Prefix {
    BaseMeta base;
    LogPosition end;
    core::MonoNanos mono;                               ///< of the last event
    std::vector<std::pair<core::Seq, core::Seq>> gaps;  ///< seqs without an event, both inclusive
  };

  [[nodiscard]] IoResult<core::Ok> find_prefix(const Rocks& rocks, const Salvage& found);
  [[nodiscard]] Prefix prefix_from(const Rocks& rocks, const Salvage& found,
                                   const BaseMeta& base) const;
  [[nodiscard]] std::vector<BaseMeta> possible_bases(const Rocks& rocks) const;
  void find_lost_contents(const Rocks& rocks, rocksdb::WriteBatch& batch);
  [[nodiscard]] IoResult<core::Ok> finish(const Rocks& rocks, core::Seq highest);
  void describe_gap(core::Seq highest);
  void count_behind(const Rocks& rocks);
  [[nodiscard]] bool take_out(const Rocks& rocks, rocksdb::WriteBatch& batch) const;

  const std::filesystem::path& directory_;
  const core::WallNanos now_;
  RepairReport& report_;
  Prefix prefix_;
};

}  // namespace preconf::storage
