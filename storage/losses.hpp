// What a log may have lost for good: the state at its begin (docs/log_format.md, section 13).
#pragma once

#include <filesystem>
#include <optional>

#include "storage/event_source.hpp"

namespace preconf::storage {

/// Why the state with which the log in `directory` begins can not be used: without it nothing
/// behind `base` can be folded. Nothing when it is there, or when the log begins with event 1. kIo
/// when the file is there and can not be read.
[[nodiscard]] std::optional<StorageFailure> check_base_state(const std::filesystem::path& directory,
                                                             const LogPosition& base);

}  // namespace preconf::storage
