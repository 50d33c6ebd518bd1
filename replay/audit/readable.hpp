// A history to audit, whole or not: what is left of a damaged log is still evidence.
#pragma once

#include <filesystem>
#include <optional>

#include "replay/history.hpp"
#include "storage/storage_error.hpp"

namespace preconf::replay::audit {

struct Readable {
  History history;
  std::optional<storage::StorageFailure> damage;  ///< why it does not open as a whole log
  core::Seq witnessed;                            ///< last event that is known to have existed
};

/// Opens `path` as open_history() does; where that finds damage, opens what can be read of it.
[[nodiscard]] core::Result<Readable, storage::StorageFailure> open_readable(
    const std::filesystem::path& path);

}  // namespace preconf::replay::audit
