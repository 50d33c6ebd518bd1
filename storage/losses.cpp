#include "storage/losses.hpp"

#include <fcntl.h>

#include <cerrno>

#include "storage/data_directory.hpp"
#include "storage/posix_file.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::storage {

std::optional<StorageFailure> check_base_state(const std::filesystem::path& directory,
                                               const LogPosition& base) {
  if (base.seq.value == 0) return std::nullopt;
  const auto state = SnapshotStore(directory / "snapshots").load(base.seq);
  if (state && state->position == base) return std::nullopt;
  const std::string digits = std::to_string(base.seq.value);
  const std::filesystem::path path =
      directory / kBaseDirectory / (std::string(20 - digits.size(), '0') + digits + ".snap");
  const auto file = open_file(path, O_RDONLY);
  if (!file && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) return file.error();
  return StorageFailure{StorageError::kDamaged, base.seq,
                        "the log begins after event " + std::to_string(base.seq.value) +
                            ", and the state there (" + path.string() + ") is " +
                            (!file   ? "missing"
                             : state ? "of another history"
                                     : "damaged")};
}

}  // namespace preconf::storage
