#include "core/protocol/derived_block.hpp"

#include "core/codec/header.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/known_canonical.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::CanonicalBlockFacts;
using protocol::CanonicalMismatch;
using protocol::DeriveDefect;

/// The worked block of the derivation rules: devnet's first.
struct Worked {
  protocol::ChainProfile chain = *protocol::chain_profile("devnet");
  protocol::DerivationParent parent;
  protocol::ProposalFacts proposal;
  codec::BlockManifest block;
  protocol::AnchorFactsFromChains anchor;
  Bytes transactions;

  Worked() {
    parent.header.hash = filled<32>(0xaa);
    parent.header.gas_limit = 15'000'000;
    parent.header.base_fee_wei = 10'000'000;
    proposal.id = ProposalId{1};
    proposal.base_fee_sharing_pctg = 75;
    block.timestamp = UnixSeconds{1700000000};
    block.coinbase = address("00000000000000000000000000000000000000c0");
    block.anchor_block_number = L1BlockNumber{12345678};
    block.gas_limit = 15'000'000;
    anchor.call = {L1BlockNumber{12345678}, filled<32>(0x11), filled<32>(0x22)};
  }
  [[nodiscard]] auto derive() const {
    return protocol::derive_block(parent, proposal, block, transactions, anchor, chain);
  }
};

TEST(DerivedBlock, WorkedBlock) {
  const auto derived = Worked{}.derive();
  ASSERT_TRUE(derived.has_value());
  EXPECT_EQ(hex(crypto::keccak256(derived->anchor_tx)),
            "4defc52092a538a458d7872dbe182e863494124e061a9fb127b7f99a84d6b77b");
  EXPECT_EQ(hex(derived->tx_list_rlp), "f8d4b8d2" + hex(derived->anchor_tx));
  const auto& attributes = derived->attributes;
  EXPECT_EQ(hex(attributes.tx_list_rlp_hash),
            "69cf60130c3a330d5c66c8b746c95883573ad96c0b05b1bb7ce7e72a740aebd2");
  EXPECT_EQ(hex(attributes.payload_id), "02b2e312a511eb47");
  EXPECT_EQ(attributes.block_number, BlockNumber{1});
  EXPECT_EQ(attributes.parent_hash, filled<32>(0xaa));
  EXPECT_EQ(attributes.gas_limit, 16'000'000U);
  EXPECT_EQ(attributes.base_fee_wei, 25'000'000U);
  EXPECT_EQ(hex(attributes.extra_data), "4b000000000001");
  EXPECT_EQ(hex(attributes.prev_randao),
            "a6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb49");
  EXPECT_TRUE(attributes.tx_list_hash.is_zero());
}

TEST(DerivedBlock, TransactionsFollowTheAnchorAsTheyStand) {
  Worked worked;
  std::vector<Bytes> raw;
  for (const Row& row : read_vectors("transactions.txt", 16)) {
    raw.push_back(bytes(row[15]));
    if (raw.back()[0] >= 0xc0) {
      worked.transactions.insert(worked.transactions.end(), raw.back().begin(), raw.back().end());
    } else {
      codec::append_rlp_string(worked.transactions, raw.back());
    }
  }
  const auto derived = worked.derive();
  ASSERT_TRUE(derived.has_value());
  raw.insert(raw.begin(), derived->anchor_tx);
  EXPECT_EQ(derived->tx_list_rlp, codec::encode_txlist(raw));
}

TEST(DerivedBlock, TheGasLimitSaturates) {
  Worked worked;
  worked.block.gas_limit = ~std::uint64_t{0} - 1;
  EXPECT_EQ(worked.derive()->attributes.gas_limit, ~std::uint64_t{0});
}

TEST(DerivedBlock, ContradictionsAreNamed) {
  Worked worked;
  worked.chain.shasta_time = UnixSeconds{1};  // the parent has timestamp 0
  EXPECT_EQ(worked.derive().error(), DeriveDefect::kForkInactive);
  worked = Worked{};
  worked.proposal.id = ProposalId{kUint48Max + 1};
  EXPECT_EQ(worked.derive().error(), DeriveDefect::kNumberRange);
  worked = Worked{};
  worked.block.anchor_block_number = worked.anchor.call.block_number =
      L1BlockNumber{kUint48Max + 1};
  EXPECT_EQ(worked.derive().error(), DeriveDefect::kNumberRange);
  worked = Worked{};
  worked.parent.header.number = BlockNumber{~std::uint64_t{0}};
  EXPECT_EQ(worked.derive().error(), DeriveDefect::kNumberRange);
  worked = Worked{};
  worked.parent.header.number = BlockNumber{1};
  worked.parent.header.gas_limit = 1;
  EXPECT_EQ(worked.derive().error(), DeriveDefect::kBaseFeeUndefined);
}

TEST(DerivedBlock, AnchorNumbersOfOlderBlocks) {
  const Address anchor = protocol::anchor_address_of(167000);
  protocol::AnchorTxInput input;
  input.chain_id = 167000;
  input.anchor_address = anchor;
  input.call.block_number = L1BlockNumber{24789123};
  const Bytes raw = protocol::build_anchor_tx(input);
  EXPECT_EQ(protocol::anchor_number_of_transaction(raw, anchor), L1BlockNumber{24789123});
  EXPECT_EQ(protocol::anchor_number_of_transaction(raw, filled<20>(1)), std::nullopt);
  // anchorV3(uint64, ...): only the first argument is read, so the last bytes do not matter here.
  Bytes third = raw;
  const auto selector =
      std::search(third.begin(), third.end(), protocol::kAnchorV4Selector.bytes.begin(),
                  protocol::kAnchorV4Selector.bytes.end());
  const Bytes v3 = bytes("48080a45");
  std::copy(v3.begin(), v3.end(), selector);
  EXPECT_EQ(protocol::anchor_number_of_transaction(third, anchor), L1BlockNumber{24789123});
  *selector ^= 1;
  EXPECT_EQ(protocol::anchor_number_of_transaction(third, anchor), std::nullopt);
  EXPECT_EQ(protocol::anchor_number_of_transaction({}, anchor), std::nullopt);
}

TEST(DerivedBlock, AnchorBlockState) {
  Bytes data(64);
  data[29] = 0xbc, data[30] = 0x61, data[31] = 0x4e;
  EXPECT_EQ(protocol::read_anchor_block_state(data), L1BlockNumber{12345678});
  data[25] = 1;
  EXPECT_EQ(protocol::read_anchor_block_state(data), std::nullopt);
  EXPECT_EQ(protocol::read_anchor_block_state(Bytes(32)), std::nullopt);
  EXPECT_EQ(protocol::read_anchor_block_state(Bytes(96)), std::nullopt);
}

/// The canonical block that equals the worked one.
struct Canonical {
  Worked worked;
  protocol::DerivedBlock derived = *worked.derive();
  std::optional<CanonicalBlockFacts> block = CanonicalBlockFacts{};

  Canonical() {
    auto& header = block->header;
    const auto& attributes = derived.attributes;
    header.number = attributes.block_number;
    header.hash = filled<32>(0x77);
    header.parent_hash = attributes.parent_hash;
    header.timestamp = attributes.timestamp;
    header.beneficiary = attributes.fee_recipient;
    header.mix_hash = attributes.prev_randao;
    header.difficulty = U256::from_u64(293'000);
    header.gas_limit = attributes.gas_limit;
    header.base_fee_wei = attributes.base_fee_wei;
    const BytesView extra = attributes.extra_data.view();
    header.extra_data.assign(extra.begin(), extra.end());
    block->origin = protocol::OriginRow{};
    block->origin->block_number = attributes.block_number;
    block->origin->l2_block_hash = header.hash;
    block->origin->build_payload_args_id = attributes.payload_id;
    block->first_tx_hash = crypto::keccak256(derived.anchor_tx);
    block->blob_gas_used = 0;
    block->excess_blob_gas = 0;
    block->parent_beacon_block_root = Hash32{};
    block->requests_hash = codec::kEmptyRequestsHash;
  }
  [[nodiscard]] CanonicalMismatch compare() const {
    return protocol::compare_with_canonical(
        derived.attributes, crypto::keccak256(derived.anchor_tx), block, worked.chain);
  }
};

TEST(KnownCanonical, TheSameBlockMatches) {
  EXPECT_EQ(Canonical{}.compare(), CanonicalMismatch::kNone);
  Canonical nameless;  // a row of an engine that has not filled in the hash
  nameless.block->origin->l2_block_hash = {};
  EXPECT_EQ(nameless.compare(), CanonicalMismatch::kNone);
}

TEST(KnownCanonical, EveryFieldThatDiffersIsNamed) {
  using Change = void (*)(CanonicalBlockFacts&);
  const std::pair<CanonicalMismatch, Change> rows[] = {
      {CanonicalMismatch::kNoOriginRow, [](auto& b) { b.origin.reset(); }},
      {CanonicalMismatch::kNoOriginRow, [](auto& b) { b.origin->block_number.value = 2; }},
      {CanonicalMismatch::kNoOriginRow, [](auto& b) { b.origin->l2_block_hash = filled<32>(1); }},
      {CanonicalMismatch::kNoPayloadId, [](auto& b) { b.origin->build_payload_args_id = {}; }},
      {CanonicalMismatch::kPayloadId,
       [](auto& b) { b.origin->build_payload_args_id.bytes[7] ^= 1; }},
      {CanonicalMismatch::kNoTransactions, [](auto& b) { b.first_tx_hash.reset(); }},
      {CanonicalMismatch::kAnchorTransaction, [](auto& b) { b.first_tx_hash = filled<32>(1); }},
      {CanonicalMismatch::kParentHash, [](auto& b) { b.header.parent_hash = filled<32>(1); }},
      {CanonicalMismatch::kOmmers, [](auto& b) { b.ommers = 1; }},
      {CanonicalMismatch::kBeneficiary, [](auto& b) { b.header.beneficiary = filled<20>(1); }},
      {CanonicalMismatch::kForkFields, [](auto& b) { b.header.difficulty = {}; }},
      {CanonicalMismatch::kForkFields, [](auto& b) { b.blob_gas_used = 1; }},
      {CanonicalMismatch::kForkFields, [](auto& b) { b.excess_blob_gas.reset(); }},
      {CanonicalMismatch::kForkFields, [](auto& b) { b.parent_beacon_block_root = filled<32>(1); }},
      {CanonicalMismatch::kForkFields, [](auto& b) { b.requests_hash = Hash32{}; }},
      {CanonicalMismatch::kMixHash, [](auto& b) { b.header.mix_hash = filled<32>(1); }},
      {CanonicalMismatch::kNumber, [](auto& b) { b.header.number.value = 2; }},
      {CanonicalMismatch::kGasLimit, [](auto& b) { ++b.header.gas_limit; }},
      {CanonicalMismatch::kTimestamp, [](auto& b) { ++b.header.timestamp.value; }},
      {CanonicalMismatch::kExtraData, [](auto& b) { b.header.extra_data.pop_back(); }},
      {CanonicalMismatch::kBaseFee, [](auto& b) { ++b.header.base_fee_wei; }},
      {CanonicalMismatch::kWithdrawals, [](auto& b) { b.withdrawals = 1; }},
  };
  for (const auto& [expected, change] : rows) {
    Canonical canonical;
    change(*canonical.block);
    EXPECT_EQ(canonical.compare(), expected) << protocol::name_of(expected);
  }
  Canonical missing;
  missing.block.reset();
  EXPECT_EQ(missing.compare(), CanonicalMismatch::kNoBlock);
}

TEST(KnownCanonical, BeforeUnzenTheForkFieldsAreAbsent) {
  Canonical canonical;
  canonical.worked.chain.unzen_time = UnixSeconds{1700000001};
  EXPECT_EQ(canonical.compare(), CanonicalMismatch::kForkFields);
  canonical.block->header.difficulty = {};
  canonical.block->blob_gas_used.reset();
  canonical.block->excess_blob_gas.reset();
  canonical.block->parent_beacon_block_root.reset();
  EXPECT_EQ(canonical.compare(), CanonicalMismatch::kForkFields);
  canonical.block->requests_hash.reset();
  EXPECT_EQ(canonical.compare(), CanonicalMismatch::kNone);
}

}  // namespace
}  // namespace preconf::core::test
