// What can be read of a table file without its index. Private to storage/.
#pragma once

#include <rocksdb/slice.h>

#include <cstdint>
#include <functional>

#include "core/base/bytes.hpp"

namespace preconf::storage {

/// One version of a key, as RocksDB stores it (its db/dbformat.h).
struct TableEntry {
  rocksdb::Slice key;
  std::uint64_t sequence = 0;  ///< RocksDB's, larger = newer; 0 when a compaction dropped it
  bool is_value = false;       ///< false: deleted, or the value is in a blob file
  rocksdb::Slice value;
  bool is_in_whole_block = false;  ///< the block has the structure of one, up to its end
};

/// Finds data blocks of a block based table of RocksDB, wherever they are in `file`, by their
/// structure: entries of (shared u, added u, value size u, key bytes, value), restart offsets u32,
/// their number u32, type u8, checksum u32, with u = varint. Only uncompressed blocks. Checksums
/// are not looked at. A block that is cut or broken gives the entries before the defect.
void scan_table(core::BytesView file, const std::function<void(const TableEntry&)>& visit);

}  // namespace preconf::storage
