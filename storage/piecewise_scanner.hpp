// How records are read one after the other: in three steps, so that several threads can share the
// work of a long scan.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/event_source.hpp"

namespace preconf::storage {

/// Consecutive records on their way to verified events. Reused: vectors keep what they hold beyond
/// the counts, for its buffers.
struct ScanPiece {
  struct Record {
    std::size_t at = 0;  ///< offset of its bytes, a multiple of 8
    std::size_t size = 0;
    std::optional<core::Seq> key;  ///< where it was found; nothing: under a key that is no seq
    std::optional<core::Hash32> digest;
    core::Hash32 prev_chain;  ///< once decoded
  };

  // Taken:
  std::vector<std::uint64_t> words;  ///< the records' bytes
  std::size_t words_used = 0;
  std::vector<Record> records;
  bool is_last = false;                   ///< nothing comes after these records
  std::optional<StorageFailure> failure;  ///< comes after the events; implies is_last

  // Decoded:
  std::vector<LoggedEvent> events;
  std::size_t count = 0;  ///< of `events`
  /// Why the record behind them could not be decoded; the others were not tried.
  std::optional<schemas::CodecError> error;

  void clear();
  [[nodiscard]] std::size_t bytes() const { return words_used * sizeof(std::uint64_t); }
  void add(core::BytesView bytes, std::optional<core::Seq> key, std::optional<core::Hash32> digest);
  [[nodiscard]] core::BytesView bytes_of(const Record& record) const;
};

/// Reads records and verifies hash, chain and density. Each piece goes through take, decode and
/// link. After them `count` events are verified, and a failure says what is wrong behind them.
class PiecewiseScanner : public EventScanner {
 public:
  /// A piece ends where it reaches so many bytes: memory is bounded whatever records hold.
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

  /// Fills an empty piece with the records that follow, at most `most` (> 0). Piece by piece, one
  /// thread at a time; not again after a last piece.
  virtual void take(ScanPiece& piece, std::size_t most) = 0;
  /// What needs one record only: hashes and decoding. Any thread, beside everything else.
  void decode(ScanPiece& piece) const;
  /// What needs the record before: density and chain. In the order of take(), one thread at a time,
  /// which may be another than that of take(). Nothing is taken or linked after a failure.
  virtual void link(ScanPiece& piece) = 0;

  /// All three for the next event alone.
  [[nodiscard]] core::Result<bool, StorageFailure> next_into(LoggedEvent& out) final;

 private:
  ScanPiece single_;
};

}  // namespace preconf::storage
