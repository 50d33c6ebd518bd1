// What can be read of write-ahead logs and blob files that RocksDB refuses. Private to storage/.
#pragma once

#include <rocksdb/slice.h>

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/bytes.hpp"

namespace preconf::storage {

/// Finds the writes in a write-ahead log: batches as RocksDB logged them (sequence u64, count u32,
/// operations). `is_checked`: every fragment has its checksum; otherwise the bytes are what is left
/// of a write, and only what proves itself in them means anything.
void scan_wal(core::BytesView file,
              const std::function<void(const std::string& batch, bool is_checked)>& visit);

/// Finds the values in a blob file, whether or not their checksums hold.
void scan_blobs(
    core::BytesView file,
    const std::function<void(const rocksdb::Slice& key, const rocksdb::Slice& value)>& visit);

}  // namespace preconf::storage
