// What can go wrong with durable data. Every failure stops the node: it never goes on with an
// unsure log, and never shortens one silently.
#pragma once

#include <string>

#include "core/types.hpp"

namespace preconf::storage {

enum class StorageError : std::uint8_t {
  kIo,              ///< read, write or sync failed; `detail` has the system's words
  kLocked,          ///< another process owns the data directory; `detail` names its pid
  kNotFound,        ///< no log in this directory
  kFormat,          ///< written by an unknown format version
  kDamaged,         ///< a record's hash, chain or sequence number is wrong at `seq`
  kTailLost,        ///< the log ends before the high-water mark; `seq` is the last event present
  kUnknownKind,     ///< an event kind this program does not know, at `seq`
  kUndecodable,     ///< a payload that does not decode, at `seq`
  kContentMissing,  ///< content that an event refers to is absent
  kPruned,          ///< the event at `seq` was removed on purpose (it lies before the log's base)
  kStale,           ///< older than its witness: a copy restored from a backup
  kAlreadySigned,   ///< the sign-once ledger holds other content
};
[[nodiscard]] const char* name_of(StorageError error);

struct StorageFailure {
  StorageError code = StorageError::kIo;
  core::Seq seq;       ///< where, 0 when no event is concerned
  std::string detail;  ///< for a person
};

}  // namespace preconf::storage
