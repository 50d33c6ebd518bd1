#include "core/codec/txlist.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/inflate.hpp"
#include "core/codec/rlp.hpp"
#include "core/limits.hpp"

namespace preconf::core::codec {
namespace {

using protocol::TxListDefect;

constexpr std::uint8_t kRlpListBase = 0xc0;
/// Typical ratio is 2 to 4; the buffer doubles from there.
constexpr std::size_t kExpectedRatio = 4;
constexpr std::size_t kFirstBufferBytes = 4096;
/// One byte more than allowed is enough to know that a list is too large.
constexpr std::size_t kOutputMax = limits::kTxListInflatedBytesMax + 1;

Result<Bytes, TxListDefect> inflate_bounded(BytesView compressed) {
  Inflater inflater(compressed);
  Bytes out(std::min(std::max(compressed.size() * kExpectedRatio, kFirstBufferBytes), kOutputMax));
  std::size_t produced = 0;
  for (;;) {
    const InflateStep step = inflater.fill(std::span(out).subspan(produced), produced);
    if (produced > limits::kTxListInflatedBytesMax) {
      return Unexpected{TxListDefect::kDecompressedTooLarge};
    }
    if (step == InflateStep::kBad) return Unexpected{TxListDefect::kZlibDecode};
    if (step == InflateStep::kEnd) {
      out.resize(produced);
      return out;
    }
    out.resize(std::min(out.size() * 2, kOutputMax));
  }
}

/// The list at the start of `bytes`.
Result<RlpItem, TxListDefect> outer_list(BytesView bytes) {
  if (bytes.empty() || bytes[0] < kRlpListBase) return Unexpected{TxListDefect::kRlpNotAList};
  RlpReader reader(bytes);
  const RlpItem item = reader.next();
  if (reader.ok()) return item;
  return Unexpected{reader.defect() == RlpDefect::kTruncated ? TxListDefect::kRlpTruncated
                                                             : TxListDefect::kRlpNotAList};
}

}  // namespace

Result<InflatedTxList, TxListDefect> inflate_txlist_counted(BytesView compressed) {
  if (compressed.size() > limits::kTxListBytesMax) {
    return Unexpected{TxListDefect::kCompressedTooLarge};
  }
  auto inflated = inflate_bounded(compressed);
  if (!inflated) return Unexpected{inflated.error()};
  const auto list = outer_list(*inflated);
  if (!list) return Unexpected{list.error()};
  InflatedTxList out;
  out.inflated_bytes = inflated->size();
  inflated->resize(list->encoded.size());
  out.rlp = std::move(*inflated);
  return out;
}

Result<Bytes, TxListDefect> inflate_txlist(BytesView compressed) {
  auto inflated = inflate_txlist_counted(compressed);
  if (!inflated) return Unexpected{inflated.error()};
  return std::move(inflated->rlp);
}

Result<std::vector<BytesView>, TxListDefect> split_txlist(BytesView rlp) {
  const auto list = outer_list(rlp);
  if (!list) return Unexpected{list.error()};
  std::vector<BytesView> transactions;
  RlpReader reader(list->payload);
  while (!reader.at_end()) {
    const RlpItem item = reader.next();
    if (!reader.ok()) return Unexpected{TxListDefect::kRlpElementOverrun};
    if (transactions.size() == limits::kTxListTransactionsMax) {
      return Unexpected{TxListDefect::kTooManyTransactions};
    }
    transactions.push_back(item.is_list ? item.encoded : item.payload);
  }
  return transactions;
}

Bytes encode_txlist(std::span<const Bytes> transactions) {
  Bytes payload;
  for (const Bytes& transaction : transactions) {
    if (!transaction.empty() && transaction[0] >= kRlpListBase) {
      payload.insert(payload.end(), transaction.begin(), transaction.end());
    } else {
      append_rlp_string(payload, transaction);
    }
  }
  return rlp_list_of(payload);
}

Bytes deflate_bytes(BytesView bytes) {
  uLongf size = compressBound(bytes.size());
  Bytes out(size);
  const int code = compress2(out.data(), &size, bytes.data(), bytes.size(), Z_DEFAULT_COMPRESSION);
  PRECONF_ASSERT(code == Z_OK);
  out.resize(size);
  return out;
}

Bytes compress_txlist(std::span<const Bytes> transactions) {
  return deflate_bytes(encode_txlist(transactions));
}

}  // namespace preconf::core::codec
