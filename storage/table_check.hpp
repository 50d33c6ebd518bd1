// What RocksDB itself does not survive in a damaged table file. Private to storage/.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>

namespace preconf::storage {

/// Corruption when the table file has a properties block that claims a hash index.
/// RocksDB builds that index before it verifies the block's checksum, and a build with assertions
/// (Debian's) ends the process there. Everything else is left to its own checks, files that can
/// not be read as tables included.
[[nodiscard]] rocksdb::Status check_table(rocksdb::Env& env, const std::filesystem::path& path);
/// The same of every table below `directory`.
[[nodiscard]] rocksdb::Status check_tables(rocksdb::Env& env,
                                           const std::filesystem::path& directory);

}  // namespace preconf::storage
