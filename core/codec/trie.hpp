// Merkle-Patricia trie roots of ordered lists (Ethereum yellow paper, appendix D).
#pragma once

#include <span>

#include "core/base/bytes.hpp"

namespace preconf::core::codec {

/// Root of the trie that maps rlp(index) to values[index]: the transactions root (raw EIP-2718
/// transactions) and the receipts root. Values must not be empty. No values: kEmptyTrieRoot.
[[nodiscard]] Hash32 ordered_trie_root(std::span<const BytesView> values);
[[nodiscard]] Hash32 ordered_trie_root(std::span<const Bytes> values);

}  // namespace preconf::core::codec
