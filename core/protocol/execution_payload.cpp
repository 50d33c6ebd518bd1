#include "core/protocol/execution_payload.hpp"

namespace preconf::core::protocol {

void set_taiko_constants(codec::Header& header, const ChainProfile& chain) {
  header.ommers_hash = codec::kEmptyOmmersHash;
  header.nonce = {};
  header.withdrawals_root = codec::kEmptyTrieRoot;
  if (unzen_active(chain, UnixSeconds{header.timestamp})) {
    header.blob_gas_used = 0;
    header.excess_blob_gas = 0;
    header.parent_beacon_block_root = Hash32{};
    header.requests_hash = codec::kEmptyRequestsHash;
  } else {
    header.blob_gas_used.reset();
    header.excess_blob_gas.reset();
    header.parent_beacon_block_root.reset();
    header.requests_hash.reset();
  }
}

codec::Header header_of(const ExecutionPayload& payload, const ChainProfile& chain) {
  codec::Header header;
  header.parent_hash = payload.parent_hash;
  header.beneficiary = payload.fee_recipient;
  header.state_root = payload.state_root;
  header.transactions_root = payload.transactions_root;
  header.receipts_root = payload.receipts_root;
  header.logs_bloom = payload.logs_bloom;
  if (unzen_active(chain, payload.timestamp)) header.difficulty = payload.block_value;
  header.number = payload.block_number.value;
  header.gas_limit = payload.gas_limit;
  header.gas_used = payload.gas_used;
  header.timestamp = payload.timestamp.value;
  header.extra_data = payload.extra_data;
  header.mix_hash = payload.prev_randao;
  header.base_fee_wei = payload.base_fee_wei;
  set_taiko_constants(header, chain);
  return header;
}

HeaderFacts facts_of(const codec::Header& header, const Hash32& hash) {
  HeaderFacts facts;
  facts.number = BlockNumber{header.number};
  facts.hash = hash;
  facts.parent_hash = header.parent_hash;
  facts.timestamp = UnixSeconds{header.timestamp};
  facts.beneficiary = header.beneficiary;
  facts.mix_hash = header.mix_hash;
  facts.difficulty = header.difficulty;
  facts.gas_limit = header.gas_limit;
  facts.gas_used = header.gas_used;
  facts.base_fee_wei = header.base_fee_wei.value_or(0);
  facts.extra_data = header.extra_data;
  return facts;
}

}  // namespace preconf::core::protocol
