// Everything that can still be read of a damaged database. Private to storage/.
#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "storage/posix_file.hpp"
#include "storage/rocks.hpp"

namespace preconf::storage {

struct Salvage {
  core::Seq highest;  ///< largest seq of any sound record, wherever it was found
  /// Records of gaps by the first event that they say is lost.
  std::map<core::Seq, std::vector<core::Seq>> gaps;
};

/// Puts what is left of the database in `damaged` into `target`. Every file is looked at for
/// itself, whatever the others are like: tables by their blocks, write-ahead logs by their writes,
/// blob files by their values; and the database as far as it opens. Records with their own hashes
/// and content with its hash are taken from anywhere. Effects digests and the log's notes about
/// itself prove nothing of themselves: they are taken only where RocksDB's checksums hold. Whether
/// records form a chain is not looked at. Nothing in `damaged` is changed. `scratch` is a directory
/// for copies, removed afterwards. kIo when a file is there and can not be read: that is no damage.
[[nodiscard]] IoResult<Salvage> salvage(const std::filesystem::path& damaged,
                                        const std::filesystem::path& scratch, const Rocks& target);

/// kIo when a file of the database can not be opened for reading though it is there.
[[nodiscard]] IoResult<core::Ok> check_readable(const std::filesystem::path& directory);

}  // namespace preconf::storage
