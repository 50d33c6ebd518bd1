#include "replay/audit/readable.hpp"

#include <algorithm>
#include <utility>

#include "replay/report.hpp"
#include "replay/snapshots.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log.hpp"
#include "storage/high_water_mark.hpp"

namespace preconf::replay::audit {

core::Result<Readable, storage::StorageFailure> open_readable(const std::filesystem::path& path) {
  auto whole = open_history(path);
  if (whole) {
    const core::Seq end = whole->events->end().seq;
    return Readable{std::move(whole).value(), std::nullopt, end};
  }
  const bool is_damage = replay::result_of(whole.error()) == ReplayResult::kDamaged;
  if (!is_damage || !std::filesystem::is_directory(path)) return core::Unexpected{whole.error()};
  auto rest = storage::EventLog::open_readable(path);
  if (!rest) return core::Unexpected{whole.error()};
  core::Seq witnessed = (*rest)->end().seq;
  if (const auto mark = storage::read_mark(path / storage::kHighWaterFile)) {
    witnessed = std::max(witnessed, mark->position.seq);
  }
  return Readable{History{path, std::move(rest).value(),
                          std::make_unique<storage::SnapshotStore>(path / kSnapshotDirectory)},
                  whole.error(), witnessed};
}

}  // namespace preconf::replay::audit
