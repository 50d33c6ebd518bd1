#include "storage/storage_error.hpp"

namespace preconf::storage {

const char* name_of(StorageError error) {
  switch (error) {
    case StorageError::kIo:
      return "io";
    case StorageError::kLocked:
      return "locked";
    case StorageError::kNotFound:
      return "not_found";
    case StorageError::kFormat:
      return "format";
    case StorageError::kDamaged:
      return "damaged";
    case StorageError::kTailLost:
      return "tail_lost";
    case StorageError::kUnknownKind:
      return "unknown_kind";
    case StorageError::kUndecodable:
      return "undecodable";
    case StorageError::kContentMissing:
      return "content_missing";
    case StorageError::kPruned:
      return "pruned";
    case StorageError::kStale:
      return "stale";
    case StorageError::kAlreadySigned:
      return "already_signed";
  }
  return "unknown";
}

}  // namespace preconf::storage
