// Everything that can still be read of a damaged database. Private to storage/.
#pragma once

#include <filesystem>

#include "storage/posix_file.hpp"
#include "storage/rocks.hpp"

namespace preconf::storage {

struct Salvage {
  core::Seq highest;            ///< largest seq of any sound record, wherever it was found
  bool was_read_whole = false;  ///< the database opened and was read to its end without an error
};

/// Puts what is left of the database in `damaged` into `target`: records that have their own hashes
/// and seq, content that has its hash, groups of digests, notes of the log about itself. Looks into
/// the database as far as it opens; when it does not, into what RocksDB's repair makes of a copy
/// (in `scratch`, removed afterwards), into the write-ahead logs and the blob files as such.
/// Whether records form a chain is not looked at. Nothing in `damaged` is changed.
[[nodiscard]] IoResult<Salvage> salvage(const std::filesystem::path& damaged,
                                        const std::filesystem::path& scratch, const Rocks& target);

}  // namespace preconf::storage
