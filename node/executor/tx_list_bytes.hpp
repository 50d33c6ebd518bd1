// From the compressed transaction list in the content store to what the engine receives.
#pragma once

#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/protocol/payload_attributes.hpp"

namespace preconf::node {

/// Inflates `compressed` and cuts it to the RLP list. The result hashes to
/// attributes.tx_list_rlp_hash, as recorded when the list arrived; otherwise the error says what
/// differs. Large lists take milliseconds: not for the loop's thread.
[[nodiscard]] core::Result<std::shared_ptr<const core::Bytes>, std::string> engine_tx_list(
    const core::Bytes& compressed, const core::protocol::PayloadAttributes& attributes);

}  // namespace preconf::node
