// The sign-once ledger: what this node's key has signed, so that it never signs two contents for
// one block of one submission window (docs/log_format.md, section 15).
//
// Nobody signs yet: own block production is still to come, and will ask here before a signature
// leaves the process. The ledger is a small database of its own (DIR/ledger/), so that it outlives
// the log: repair, prune, import and even the removal of log/ do not touch it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/types.hpp"
#include "storage/event_source.hpp"
#include "storage/posix_file.hpp"

namespace rocksdb {
class Env;
}

namespace preconf::storage {

/// What may be signed once.
struct SigningSlot {
  std::uint64_t chain_id = 0;
  core::Address slasher;
  core::UnixSeconds submission_window_end;
  core::BlockNumber block_number;
};

struct SignedOnce {
  core::Hash32 content;            ///< digest that was signed
  core::FixedBytes<65> signature;  ///< r, s, v
  core::Seq seq;                   ///< event that led to it
  friend bool operator==(const SignedOnce&, const SignedOnce&) = default;
};

/// One owner: a second opening fails with kLocked. One thread.
class SignOnceLedger {
 public:
  /// Opens or makes the ledger of a data directory. kStale: it has fewer entries than were once
  /// recorded, or others, so it was restored from a backup or removed; what was signed since is
  /// unknown and nothing may be signed before an operator has decided. kDamaged: unreadable.
  /// `env` replaces RocksDB's file system (tests); it outlives the ledger.
  [[nodiscard]] static IoResult<std::unique_ptr<SignOnceLedger>> open(
      const std::filesystem::path& directory, rocksdb::Env* env = nullptr);
  ~SignOnceLedger();
  SignOnceLedger(const SignOnceLedger&) = delete;
  SignOnceLedger& operator=(const SignOnceLedger&) = delete;

  /// Records that `entry` was signed for `slot`; on success it is on the disk and may be used. The
  /// answer is what stands: for content signed before, the signature of then. kAlreadySigned: other
  /// content was signed for this slot. After a failure of the disk the object refuses everything.
  [[nodiscard]] IoResult<SignedOnce> record(const SigningSlot& slot, const SignedOnce& entry);

  [[nodiscard]] IoResult<std::optional<SignedOnce>> find(const SigningSlot& slot) const;

  /// Number of entries, and the hash that fixes all of them in their order.
  [[nodiscard]] LogPosition end() const;

 private:
  struct Impl;
  explicit SignOnceLedger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::storage
