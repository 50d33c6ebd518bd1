#include "core/codec/manifest.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/inflate.hpp"
#include "core/codec/manifest_parser.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/txlist.hpp"

namespace preconf::core::codec {
namespace {

constexpr std::size_t kWordBytes = 32;
constexpr std::size_t kPrefixBytes = 2 * kWordBytes;
constexpr std::uint32_t kPayloadVersion = 1;
constexpr std::size_t kFirstBufferBytes = 64 * 1024;
/// What is claimed but never comes costs at most so many times what came.
constexpr std::size_t kBufferGrowth = 4;

U256 word_at(BytesView bytes, std::size_t at) { return U256{Hash32::from(bytes.subspan(at))}; }

/// The zlib stream behind the two words.
Result<BytesView, ManifestDefect> stream_at(BytesView payload, std::size_t offset) {
  if (payload.size() < kPrefixBytes || payload.size() - kPrefixBytes < offset) {
    return Unexpected{ManifestDefect::kTooShort};
  }
  const U256 version = word_at(payload, offset);
  // As deployed: the word must fit 64 bits, and only 32 of them are compared.
  if (!version.fits_u64() || static_cast<std::uint32_t>(version.low_u64()) != kPayloadVersion) {
    return Unexpected{ManifestDefect::kVersion};
  }
  // Likewise: the upper 24 bytes of the size word are not looked at.
  U256 size = word_at(payload, offset + kWordBytes);
  std::fill_n(size.be.bytes.begin(), kWordBytes - sizeof(std::uint64_t), std::uint8_t{0});
  const BytesView rest = payload.subspan(offset + kPrefixBytes);
  if (size.low_u64() > rest.size()) return Unexpected{ManifestDefect::kSizeBeyondEnd};
  return rest.first(size.low_u64());
}

/// Inflates and parses side by side. The buffer holds the whole RLP as long as it fits; beyond that
/// only what the parser still asks for, and the answer is a defect in every case.
class Decoding {
 public:
  Decoding(BytesView stream, ManifestBounds bounds)
      : inflater_(stream), parser_(bounds.blocks_max), bytes_max_(bounds.bytes_max) {}

  Result<Manifest, ManifestDefect> run() {
    for (;;) {
      if (!make_room()) return Unexpected{ManifestDefect::kTooLarge};
      const InflateStep step = inflater_.fill(std::span(buffer_).subspan(filled_), filled_);
      parser_.advance(BytesView(buffer_).first(filled_), base_);
      if (parser_.defect() != ManifestDefect::kNone) return Unexpected{parser_.defect()};
      if (parser_.done() && base_ + filled_ > *parser_.total()) {
        return Unexpected{ManifestDefect::kTrailingBytes};
      }
      if (step == InflateStep::kBad) return Unexpected{ManifestDefect::kZlib};
      if (step == InflateStep::kEnd) return finish();
    }
  }

 private:
  /// At least one free byte behind what is filled. False: one item alone is over the bound.
  bool make_room() {
    if (filled_ < buffer_.size()) return true;
    if (buffer_.size() < bytes_max_) {
      std::size_t size = std::max(buffer_.size() * kBufferGrowth, kFirstBufferBytes);
      // One byte more than the RLP has: enough to see that the stream goes on.
      if (parser_.total()) size = std::max(std::min(size, *parser_.total() + 1), filled_ + 1);
      buffer_.resize(std::min(size, bytes_max_));
      return true;
    }
    const std::size_t read = parser_.consumed() - base_;
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(read), buffer_.end(), buffer_.begin());
    base_ += read;
    filled_ -= read;
    return read > 0;
  }

  Result<Manifest, ManifestDefect> finish() {
    if (!parser_.done()) return Unexpected{ManifestDefect::kRlpTruncated};
    if (base_ > 0) return Unexpected{ManifestDefect::kTooLarge};
    buffer_.resize(filled_);
    return Manifest{std::move(buffer_), std::move(parser_.blocks())};
  }

  Inflater inflater_;
  ManifestParser parser_;
  std::size_t bytes_max_;
  Bytes buffer_;
  std::size_t base_ = 0;    ///< position of the buffer's first byte in the RLP
  std::size_t filled_ = 0;  ///< bytes of the buffer that are inflated
};

Bytes block_rlp(const BlockToPropose& proposed) {
  Bytes fields;
  append_rlp_u64(fields, proposed.block.timestamp.value);
  append_rlp_string(fields, proposed.block.coinbase.view());
  append_rlp_u64(fields, proposed.block.anchor_block_number.value);
  append_rlp_u64(fields, proposed.block.gas_limit);
  const Bytes transactions = rlp_list_of(proposed.transactions);
  fields.insert(fields.end(), transactions.begin(), transactions.end());
  return rlp_list_of(fields);
}

void append_word(Bytes& out, std::uint64_t value) {
  const U256 word = U256::from_u64(value);
  out.insert(out.end(), word.be.bytes.begin(), word.be.bytes.end());
}

}  // namespace

Result<Manifest, ManifestDefect> decode_manifest(BytesView payload, std::size_t offset,
                                                 ManifestBounds bounds) {
  PRECONF_ASSERT(bounds.bytes_max > 0);
  const auto stream = stream_at(payload, offset);
  if (!stream) return Unexpected{stream.error()};
  return Decoding(*stream, bounds).run();
}

Manifest default_manifest() { return Manifest{{}, {BlockManifest{}}}; }

bool is_default(std::span<const BlockManifest> blocks) {
  if (blocks.size() != 1) return false;
  BlockManifest block = blocks.front();
  block.transactions_offset = 0;
  return block == BlockManifest{};
}

Bytes encode_manifest(std::span<const BlockToPropose> blocks) {
  Bytes list;
  for (const BlockToPropose& block : blocks) {
    const Bytes one = block_rlp(block);
    list.insert(list.end(), one.begin(), one.end());
  }
  const Bytes stream = deflate_bytes(rlp_list_of(rlp_list_of(list)));
  Bytes out;
  append_word(out, kPayloadVersion);
  append_word(out, stream.size());
  out.insert(out.end(), stream.begin(), stream.end());
  return out;
}

const char* name_of(ManifestDefect defect) {
  // clang-format off
  switch (defect) {
    case ManifestDefect::kNone: return "none";
    case ManifestDefect::kTooShort: return "too_short";
    case ManifestDefect::kVersion: return "version";
    case ManifestDefect::kSizeBeyondEnd: return "size_beyond_end";
    case ManifestDefect::kZlib: return "zlib";
    case ManifestDefect::kRlp: return "rlp";
    case ManifestDefect::kRlpTruncated: return "rlp_truncated";
    case ManifestDefect::kTrailingBytes: return "trailing_bytes";
    case ManifestDefect::kTransaction: return "transaction";
    case ManifestDefect::kTooManyBlocks: return "too_many_blocks";
    case ManifestDefect::kNoBlobs: return "no_blobs";
    case ManifestDefect::kOffset: return "offset";
    case ManifestDefect::kBlob: return "blob";
    case ManifestDefect::kForcedBlockCount: return "forced_block_count";
    case ManifestDefect::kTooLarge: return "too_large";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::codec
