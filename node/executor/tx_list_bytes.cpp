#include "node/executor/tx_list_bytes.hpp"

#include <utility>

#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::node {

core::Result<std::shared_ptr<const core::Bytes>, std::string> engine_tx_list(
    const core::Bytes& compressed, const core::protocol::PayloadAttributes& attributes) {
  using Failed = core::Unexpected<std::string>;
  auto inflated = core::codec::inflate_txlist(compressed);
  if (!inflated) {
    return Failed{std::string("transaction list does not inflate: ") +
                  core::protocol::name_of(inflated.error())};
  }
  if (core::crypto::keccak256(*inflated) != attributes.tx_list_rlp_hash) {
    return Failed{"transaction list inflates to other bytes than were recorded"};
  }
  return std::shared_ptr<const core::Bytes>(std::make_shared<core::Bytes>(std::move(*inflated)));
}

}  // namespace preconf::node
