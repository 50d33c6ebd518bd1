// Transaction lists as they travel: a zlib stream (RFC 1950) of an RLP list. A legacy transaction
// is a list element as it stands, a typed one (EIP-2718) a byte string of type and payload.
//
// A list is named by keccak256 of its compressed bytes; two streams of one list are two lists.
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/protocol/txlist_facts.hpp"

namespace preconf::core::codec {

struct InflatedTxList {
  Bytes rlp;                       ///< the RLP list, header and payload, nothing after it
  std::size_t inflated_bytes = 0;  ///< size before the bytes after the list were cut off
};

/// Inflates at most limits::kTxListInflatedBytesMax bytes and cuts off what follows the list. Bytes
/// after the end of the zlib stream are ignored. Elements are not looked at: see split_txlist.
[[nodiscard]] Result<InflatedTxList, protocol::TxListDefect> inflate_txlist_counted(
    BytesView compressed);
[[nodiscard]] Result<Bytes, protocol::TxListDefect> inflate_txlist(BytesView compressed);

/// The raw transactions (EIP-2718 form) of an RLP list, as views into it. Bytes after the list are
/// ignored; the transactions are not decoded.
[[nodiscard]] Result<std::vector<BytesView>, protocol::TxListDefect> split_txlist(BytesView rlp);

/// The RLP list of raw transactions (EIP-2718 form).
[[nodiscard]] Bytes encode_txlist(std::span<const Bytes> transactions);

/// zlib stream at the default level.
[[nodiscard]] Bytes deflate_bytes(BytesView bytes);

/// What the wire carries: encode, then deflate.
[[nodiscard]] Bytes compress_txlist(std::span<const Bytes> transactions);

}  // namespace preconf::core::codec
