// What RocksDB takes for the torn tail of its write-ahead log, looked at once more. Private to
// storage/.
#pragma once

#include <filesystem>

#include "storage/rocks.hpp"

namespace preconf::storage {

/// Whether a write-ahead log holds a whole record behind the point where RocksDB stopped to read
/// it. RocksDB ends quietly at a record whose length points behind the end of the file, whose type
/// is one of recycled files, or that begins with zeros: a crash leaves such a record only as the
/// last one, a changed byte leaves others behind it. Beside a running writer, records written
/// since `rocks` was opened do not count.
[[nodiscard]] bool has_records_behind_the_tail(const Rocks& rocks,
                                               const std::filesystem::path& directory);

}  // namespace preconf::storage
