// Is a list element a transaction? The question decides whether a proposal's manifest is used, so
// it is about form only, for every type that execution clients decode: legacy, EIP-2930, EIP-1559,
// EIP-4844 (with and without its network sidecar) and EIP-7702. Signatures are not verified.
#pragma once

#include "core/base/bytes.hpp"
#include "core/codec/rlp.hpp"

namespace preconf::core::codec {

/// `item`: a legacy transaction is an RLP list, others are a string of type byte and payload.
[[nodiscard]] bool is_transaction(const RlpItem& item);

}  // namespace preconf::core::codec
