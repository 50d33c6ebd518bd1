// LOCK and VERSION of a data directory (docs/log_format.md, section 1).
#pragma once

#include <filesystem>

#include "storage/posix_file.hpp"

namespace preconf::storage {

inline constexpr const char* kRocksDirectory = "log";
inline constexpr const char* kHighWaterFile = "high_water";
inline constexpr const char* kBaseDirectory = "base";      ///< states where pruned logs begin
inline constexpr const char* kLedgerDirectory = "ledger";  ///< what was signed
inline constexpr const char* kRepairFile = "REPAIR";       ///< there while a repair is not finished

/// Takes the directory's writer lock; it is held as long as the file is open. kLocked names the
/// owner's pid.
[[nodiscard]] IoResult<File> lock_directory(const std::filesystem::path& directory);

/// The same without writing anything: nobody else has the lock as long as the file is open. Where
/// there is no LOCK, there is no writer, and the file is none.
[[nodiscard]] IoResult<File> hold_directory(const std::filesystem::path& directory);

/// Whether a log was made here: true, false when VERSION is missing, kFormat when it names a format
/// this program does not know.
[[nodiscard]] IoResult<bool> has_version(const std::filesystem::path& directory);
[[nodiscard]] IoResult<core::Ok> write_version(const std::filesystem::path& directory);

}  // namespace preconf::storage
