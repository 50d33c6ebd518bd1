// A chain of blocks and a set of commitments that another implementation made (tests/e2e,
// JavaScript).
#include <simdjson.h>

#include "core/codec/header.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/trie.hpp"
#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "tests/core/vectors.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::core::test {
namespace {

using simdjson::dom::element;

class IndependentVectors : public ::testing::Test {
 protected:
  /// The array `key` of tests/vectors/<name>.
  simdjson::dom::array read(const std::string& name, const char* key) {
    document_ = parser_.load(preconf::tests::tests_dir() + "/vectors/" + name);
    return document_[key].get_array();
  }
  element document_;

 private:
  simdjson::dom::parser parser_;
};

std::string text(element object, const char* key) {
  return std::string(std::string_view(object[key].get_string()));
}
std::uint64_t integer(element object, const char* key) { return object[key].get_uint64(); }
Hash32 hash_of(element object, const char* key) { return hash32(text(object, key)); }
Bytes bytes_of(element object, const char* key) {
  const std::string hex = text(object, key);
  return bytes(hex.substr(2));
}

Hash32 domain() { return protocol::permissionless_network(Address{}).preconf_domain; }

TEST_F(IndependentVectors, Commitments) {
  std::size_t seen = 0;
  for (const element one : read("independent_commitments.json", "commitments")) {
    SCOPED_TRACE(text(one, "name"));
    const auto facts = protocol::verify_commitment(bytes_of(one, "ssz"), domain());
    EXPECT_EQ(facts.preconf_hash, hash_of(one, "preconfHash"));
    EXPECT_EQ(facts.content_hash, hash_of(one, "contentHash"));
    EXPECT_EQ(facts.commitment_hash, hash_of(one, "commitmentHash"));
    EXPECT_STREQ(protocol::name_of(facts.defect), text(one, "defect").c_str());
    ++seen;
    if (facts.defect != protocol::CommitmentDefect::kNone) continue;
    EXPECT_EQ(facts.signer, address(text(one, "signer")));
    EXPECT_EQ(facts.slasher, address(text(one, "slasher")));
    EXPECT_EQ(facts.eop, bool(one["eop"].get_bool()));
    EXPECT_EQ(facts.block_number.value, number(text(one, "blockNumber")));
    EXPECT_EQ(facts.timestamp.value, number(text(one, "timestamp")));
    EXPECT_EQ(facts.gas_limit, number(text(one, "gasLimit")));
    EXPECT_EQ(facts.coinbase, address(text(one, "coinbase")));
    EXPECT_EQ(facts.anchor_block_number.value, number(text(one, "anchorBlockNumber")));
    EXPECT_EQ(facts.raw_tx_list_hash, hash_of(one, "rawTxListHash"));
    EXPECT_EQ(facts.parent_preconf_hash, hash_of(one, "parentPreconfirmationHash"));
    EXPECT_EQ(facts.window_end.value, number(text(one, "submissionWindowEnd")));
    EXPECT_EQ(facts.proposal_id.value, number(text(one, "proposalId")));
  }
  EXPECT_EQ(seen, 24u);
}

TEST_F(IndependentVectors, TransactionLists) {
  std::uint64_t nonce = 0;
  for (const element one : read("independent_blocks.json", "blocks")) {
    SCOPED_TRACE(integer(one, "number"));
    const Bytes compressed = bytes_of(one, "compressed");
    const auto facts = protocol::verify_txlist(compressed);
    EXPECT_EQ(facts.defect, protocol::TxListDefect::kNone);
    EXPECT_EQ(facts.hash, hash_of(one, "txListHash"));
    EXPECT_EQ(facts.rlp_hash, hash_of(one, "rlpHash"));
    EXPECT_EQ(facts.transactions, integer(one, "transactions"));
    EXPECT_EQ(facts.anchor.defect, protocol::AnchorDefect::kNone);
    EXPECT_EQ(facts.anchor.sender, protocol::kGoldenTouchAddress);
    EXPECT_EQ(facts.anchor.anchor_block_number, integer(one, "anchorBlockNumber"));

    protocol::AnchorTxInput input;
    const auto chain = *protocol::chain_profile("devnet");
    input.chain_id = chain.chain_id;
    input.nonce = nonce++;
    input.base_fee_wei = integer(one, "baseFee");
    input.anchor_address = chain.anchor_address;
    input.call = {L1BlockNumber{facts.anchor.anchor_block_number}, facts.anchor.anchor_block_hash,
                  facts.anchor.anchor_state_root};
    EXPECT_EQ(hex(protocol::build_anchor_tx(input)), hex(bytes_of(one, "anchorTransaction")));
  }
}

TEST_F(IndependentVectors, BaseFeesMixHashesGasLimitsAndPayloadIds) {
  const auto chain = *protocol::chain_profile("devnet");
  protocol::BaseFeeParent parent;
  parent.gas_limit = 15'000'000;
  parent.base_fee_wei = 10'000'000;
  U256 difficulty;
  UnixSeconds timestamp;
  Hash32 parent_hash;
  const auto blocks = read("independent_blocks.json", "blocks");
  parent_hash = hash_of(document_, "genesisHash");
  for (const element one : blocks) {
    SCOPED_TRACE(integer(one, "number"));
    const BlockNumber number{integer(one, "number")};
    EXPECT_EQ(protocol::base_fee_after(parent, chain), integer(one, "baseFee"));
    EXPECT_EQ(protocol::mix_hash_of(difficulty, number), hash_of(one, "mixHash"));
    const protocol::GasLimitBounds bounds{integer(one, "gasLimitLow"),
                                          integer(one, "gasLimitHigh")};
    EXPECT_EQ(protocol::gas_limit_bounds(parent.number, parent.gas_limit), bounds);

    protocol::PayloadAttributes attributes;
    attributes.block_number = number;
    attributes.parent_hash = parent_hash;
    attributes.timestamp = UnixSeconds{integer(one, "timestamp")};
    attributes.prev_randao = hash_of(one, "mixHash");
    attributes.fee_recipient = address(text(one, "coinbase"));
    attributes.extra_data = protocol::extra_data_of(chain.base_fee_sharing_pctg, ProposalId{1});
    attributes.tx_list_rlp_hash = hash_of(one, "rlpHash");
    EXPECT_EQ(hex(attributes.extra_data), text(one, "extraData").substr(2));
    EXPECT_EQ(hex(protocol::payload_id_of(attributes)), text(one, "payloadId").substr(2));

    parent.number = number;
    parent.gas_limit = integer(one, "gasLimit");
    parent.gas_used = integer(one, "gasUsed");
    parent.base_fee_wei = integer(one, "baseFee");
    parent.block_time_seconds = attributes.timestamp.value - timestamp.value;
    timestamp = attributes.timestamp;
    difficulty = U256::from_u64(integer(one, "difficulty"));
    parent_hash = hash_of(one, "hash");
  }
}

TEST_F(IndependentVectors, HeadersAndTransactionRoots) {
  const auto blocks = read("independent_blocks.json", "blocks");
  Hash32 parent_hash = hash_of(document_, "genesisHash");
  EXPECT_EQ(crypto::keccak256(bytes_of(document_, "genesisRlp")), parent_hash);
  for (const element one : blocks) {
    SCOPED_TRACE(integer(one, "number"));
    std::vector<Bytes> included;
    for (const element raw : one["included"].get_array()) {
      included.push_back(bytes(std::string(std::string_view(raw.get_string())).substr(2)));
    }
    EXPECT_EQ(codec::ordered_trie_root(included), hash_of(one, "transactionsRoot"));

    const Bytes rlp = bytes_of(one, "headerRlp");
    EXPECT_EQ(crypto::keccak256(rlp), hash_of(one, "hash"));
    // state and receipts roots are not in the vector by name: they are taken from the RLP, all else
    // is put together here.
    codec::Header header;
    header.parent_hash = parent_hash;
    header.beneficiary = address(text(one, "coinbase"));
    constexpr std::size_t kStateRootAt = 3 + 33 + 33 + 21 + 1;
    header.state_root = Hash32::from(BytesView(rlp).subspan(kStateRootAt, 32));
    header.transactions_root = codec::ordered_trie_root(included);
    header.receipts_root = Hash32::from(BytesView(rlp).subspan(kStateRootAt + 2 * 33, 32));
    header.difficulty = U256::from_u64(integer(one, "difficulty"));
    header.number = integer(one, "number");
    header.gas_limit = integer(one, "gasLimit");
    header.gas_used = integer(one, "gasUsed");
    header.timestamp = integer(one, "timestamp");
    header.extra_data = bytes_of(one, "extraData");
    header.mix_hash = hash_of(one, "mixHash");
    header.base_fee_wei = integer(one, "baseFee");
    header.withdrawals_root = codec::kEmptyTrieRoot;
    header.blob_gas_used = 0;
    header.excess_blob_gas = 0;
    header.parent_beacon_block_root = Hash32{};
    header.requests_hash = codec::kEmptyRequestsHash;
    EXPECT_EQ(hex(codec::encode_header(header)), hex(rlp));
    EXPECT_EQ(codec::hash_header(header), hash_of(one, "hash"));
    parent_hash = codec::hash_header(header);
  }
}

}  // namespace
}  // namespace preconf::core::test
