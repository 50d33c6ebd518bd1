#include "replay/history.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "replay/clipped_source.hpp"
#include "replay/report.hpp"
#include "replay/snapshots.hpp"
#include "storage/capture_file.hpp"
#include "storage/capture_format.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log.hpp"
#include "storage/high_water_mark.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using storage::StorageError;
using storage::StorageFailure;

/// Damaged records at the very end are few; beyond this whoever reads up to them finds out.
constexpr std::uint64_t kStepsBackMax = 65'536;

/// Where the trailer has its magic, from its beginning (docs/capture_format.md, section 4).
constexpr std::streamoff kEndMagicOffset = 16;

/// Has the file the magic of a capture at its beginning or its end? One of them may be damaged; a
/// file without both is another kind of file, not a damaged capture.
bool looks_like_capture(const std::filesystem::path& path) {
  namespace capture = storage::capture;
  const auto has = [&path](const auto& magic, std::streamoff offset, std::ios::seekdir from) {
    std::string found(magic.size(), '\0');
    std::ifstream file(path, std::ios::binary);
    file.seekg(offset, from);
    file.read(found.data(), static_cast<std::streamsize>(found.size()));
    return file && std::equal(found.begin(), found.end(), magic.begin());
  };
  const auto trailer = static_cast<std::streamoff>(capture::kTrailerBytes);
  return has(capture::kMagic, 0, std::ios::beg) ||
         has(capture::kEndMagic, kEndMagicOffset - trailer, std::ios::end);
}

/// The last event whose record is sound.
Seq last_sound(const storage::EventSource& log) {
  const Seq end = log.end().seq;
  const std::uint64_t steps = std::min(kStepsBackMax, end.value - log.base().seq.value);
  for (std::uint64_t back = 0; back <= steps; ++back) {
    if (log.chain_at(Seq{end.value - back})) return Seq{end.value - back};
  }
  return end;
}

}  // namespace

core::Result<History, StorageFailure> open_history(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) {
    if (!looks_like_capture(path)) {
      return core::Unexpected{StorageFailure{
          StorageError::kNotFound, {}, path.string() + " is no data directory and no capture"}};
    }
    auto capture = storage::CaptureFile::open(path);
    if (!capture) return core::Unexpected{capture.error()};
    auto snapshots = (*capture)->snapshots();
    return History{path, std::move(capture).value(), std::move(snapshots)};
  }
  auto log = storage::EventLog::open(path, storage::OpenMode::kReadOnly);
  if (!log) return core::Unexpected{log.error()};
  return History{path, std::move(log).value(),
                 std::make_unique<storage::SnapshotStore>(path / kSnapshotDirectory)};
}

core::Result<History, StorageFailure> open_readable(const std::filesystem::path& path) {
  auto whole = open_history(path);
  if (whole) return whole;
  const bool is_damage = result_of(whole.error()) == ReplayResult::kDamaged;
  if (!is_damage || !std::filesystem::is_directory(path)) return whole;
  auto rest = storage::EventLog::open_readable(path);
  if (!rest) return whole;
  Seq witnessed = (*rest)->end().seq;
  if (const auto mark = storage::read_mark(path / storage::kHighWaterFile)) {
    witnessed = std::max(witnessed, mark->position.seq);
  }
  History history{path, std::move(rest).value(),
                  std::make_unique<storage::SnapshotStore>(path / kSnapshotDirectory)};
  const Seq last = last_sound(*history.events);
  history.loss = Loss{whole.error(), witnessed};
  end_after(history, last, whole.error());
  return history;
}

void end_after(History& history, Seq last, StorageFailure why) {
  const Seq end = history.events->end().seq;
  const Seq witnessed = history.loss ? history.loss->witnessed : end;
  history.loss = Loss{std::move(why), std::max(witnessed, end)};
  if (last >= end) return;
  const auto chain = history.events->chain_at(last).value_or(core::Hash32{});
  history.events =
      std::make_unique<ClippedSource>(std::move(history.events), storage::LogPosition{last, chain});
}

}  // namespace preconf::replay
