// The RLP of a manifest, checked while it is being inflated: defects show as early as the bytes do.
#pragma once

#include <optional>

#include "core/codec/manifest.hpp"
#include "core/codec/rlp.hpp"

namespace preconf::core::codec {

class ManifestParser {
 public:
  explicit ManifestParser(std::size_t blocks_max) : blocks_max_(blocks_max) {}

  /// Goes on as far as `bytes` allows. `bytes` begins at position `base` of the RLP and reaches as
  /// far as it has been inflated; everything from consumed() on must be in it.
  void advance(BytesView bytes, std::size_t base);

  [[nodiscard]] ManifestDefect defect() const { return defect_; }
  [[nodiscard]] bool done() const { return stage_ == Stage::kDone; }
  /// Bytes before this position are not asked for again.
  [[nodiscard]] std::size_t consumed() const { return at_; }
  /// Size of the whole RLP, as soon as its first bytes are there.
  [[nodiscard]] std::optional<std::size_t> total() const { return total_; }
  [[nodiscard]] std::vector<BlockManifest>& blocks() { return blocks_; }

 private:
  enum class Stage { kOuterList, kBlockList, kBlock, kFields, kTransaction, kDone };

  bool step(BytesView rest);
  bool open_list(BytesView rest, std::size_t limit, std::size_t& end);
  bool read_fields(BytesView rest);
  bool read_transaction(BytesView rest);
  bool fail(ManifestDefect defect);

  std::size_t blocks_max_;
  Stage stage_ = Stage::kOuterList;
  ManifestDefect defect_ = ManifestDefect::kNone;
  std::size_t at_ = 0;
  std::optional<std::size_t> total_;
  std::size_t block_end_ = 0;
  std::size_t transactions_end_ = 0;
  std::vector<BlockManifest> blocks_;
};

}  // namespace preconf::core::codec
