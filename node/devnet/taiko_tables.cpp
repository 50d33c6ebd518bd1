#include "node/devnet/taiko_tables.hpp"

namespace preconf::node::devnet {

void TaikoTables::record_build(const StoredOrigin& origin,
                               std::optional<std::uint64_t> proposal_id) {
  origins[origin.block_id] = origin;
  if (origin.is_preconfirmation()) return;
  head_origin = origin.block_id;
  if (proposal_id) batch_blocks[*proposal_id] = origin.block_id;
}

const StoredOrigin* TaikoTables::origin_at(std::uint64_t block_id) const {
  const auto row = origins.find(block_id);
  return row == origins.end() ? nullptr : &row->second;
}

const StoredOrigin* TaikoTables::head_row() const {
  return head_origin ? origin_at(*head_origin) : nullptr;
}

}  // namespace preconf::node::devnet
