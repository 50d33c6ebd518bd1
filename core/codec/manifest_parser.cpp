#include "core/codec/manifest_parser.hpp"

#include <algorithm>

#include "core/codec/transaction_envelope.hpp"

namespace preconf::core::codec {
namespace {

/// Timestamp, coinbase, anchor, gas limit and the header of the transaction list, at their longest.
constexpr std::size_t kFieldsBytesMax = 9 + 21 + 9 + 9 + 9;
/// What an RLP may declare without that sums of positions overflow; no stream inflates to so much.
constexpr std::size_t kPositionMax = std::size_t{1} << 62;

}  // namespace

bool ManifestParser::fail(ManifestDefect defect) {
  defect_ = defect;
  return false;
}

/// Reads a list header whose content may lie beyond what is there. False: more bytes are needed, or
/// a defect.
bool ManifestParser::open_list(BytesView rest, std::size_t limit, std::size_t& end) {
  const BytesView within = rest.first(std::min(rest.size(), limit - at_));
  const RlpHeader header = read_rlp_header(within);
  if (header.defect == RlpDefect::kTruncated && within.size() < limit - at_) return false;
  if (header.defect != RlpDefect::kNone || !header.is_list) return fail(ManifestDefect::kRlp);
  if (header.payload_size > limit - at_ - header.header_size) return fail(ManifestDefect::kRlp);
  at_ += header.header_size;
  end = at_ + header.payload_size;
  return true;
}

/// [timestamp, coinbase, anchor block number, gas limit, [transaction, ...]]
bool ManifestParser::read_fields(BytesView rest) {
  const std::size_t left = block_end_ - at_;
  if (rest.size() < std::min(left, kFieldsBytesMax)) return false;
  const BytesView within = rest.first(std::min(rest.size(), left));
  RlpReader reader(within);
  BlockManifest block;
  block.timestamp = UnixSeconds{reader.u64()};
  block.coinbase = reader.fixed<Address::kSize>();
  block.anchor_block_number = L1BlockNumber{reader.u64()};
  block.gas_limit = reader.u64();
  if (!reader.ok()) return fail(ManifestDefect::kRlp);
  at_ += within.size() - reader.rest().size();
  if (!open_list(reader.rest(), block_end_, transactions_end_)) {
    return fail(ManifestDefect::kRlp);  // its header is among the bytes asked for
  }
  if (transactions_end_ != block_end_) return fail(ManifestDefect::kRlp);
  block.transactions_offset = static_cast<std::uint32_t>(at_);
  block.transactions_bytes = static_cast<std::uint32_t>(transactions_end_ - at_);
  blocks_.push_back(block);
  stage_ = Stage::kTransaction;
  return true;
}

bool ManifestParser::read_transaction(BytesView rest) {
  const std::size_t left = transactions_end_ - at_;
  if (left == 0) {
    stage_ = Stage::kBlock;
    return true;
  }
  const BytesView within = rest.first(std::min(rest.size(), left));
  const RlpHeader header = read_rlp_header(within);
  if (header.defect == RlpDefect::kTruncated && within.size() < left) return false;
  if (header.defect != RlpDefect::kNone || header.payload_size > left - header.header_size) {
    return fail(ManifestDefect::kRlp);
  }
  if (within.size() < header.header_size + header.payload_size) return false;
  RlpReader reader(within);
  const RlpItem item = reader.next();
  if (!reader.ok()) return fail(ManifestDefect::kRlp);
  if (!is_transaction(item)) return fail(ManifestDefect::kTransaction);
  at_ += item.encoded.size();
  ++blocks_.back().transactions;
  return true;
}

bool ManifestParser::step(BytesView rest) {
  switch (stage_) {
    case Stage::kOuterList: {
      std::size_t end = 0;
      if (!open_list(rest, kPositionMax, end)) return false;
      total_ = end;
      stage_ = Stage::kBlockList;
      return true;
    }
    case Stage::kBlockList: {
      std::size_t end = 0;
      if (!open_list(rest, *total_, end)) return false;
      if (end != *total_) return fail(ManifestDefect::kRlp);
      stage_ = Stage::kBlock;
      return true;
    }
    case Stage::kBlock:
      if (at_ == *total_) {
        stage_ = Stage::kDone;
        return true;
      }
      if (!open_list(rest, *total_, block_end_)) return false;
      if (blocks_.size() == blocks_max_) return fail(ManifestDefect::kTooManyBlocks);
      stage_ = Stage::kFields;
      return true;
    case Stage::kFields:
      return read_fields(rest);
    case Stage::kTransaction:
      return read_transaction(rest);
    case Stage::kDone:
      return false;
  }
  return false;
}

void ManifestParser::advance(BytesView bytes, std::size_t base) {
  while (defect_ == ManifestDefect::kNone && step(bytes.subspan(at_ - base))) {
  }
}

}  // namespace preconf::core::codec
