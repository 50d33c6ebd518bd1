#include "core/protocol/txlist_facts.hpp"

#include "core/codec/rlp.hpp"
#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/chain_profile.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::AnchorDefect;
using protocol::TxListDefect;
using protocol::TxListFacts;

Bytes anchor() {
  protocol::AnchorTxInput input;
  input.chain_id = 167001;
  input.nonce = 7;
  input.base_fee_wei = 25'000'000;
  input.anchor_address = protocol::anchor_address_of(167001);
  input.call = {L1BlockNumber{12345678}, filled<32>(0x11), filled<32>(0x22)};
  return protocol::build_anchor_tx(input);
}

TxListFacts facts_of(const std::vector<Bytes>& transactions) {
  return protocol::verify_txlist(codec::compress_txlist(transactions));
}

Bytes user_transaction(std::size_t index) {
  return bytes(read_vectors("transactions.txt", 16)[index][15]);
}

TEST(TxListFacts, AgreesWithIndependentVectors) {
  for (const Row& row : read_vectors("txlists.txt", 6)) {
    const Bytes compressed = bytes(row[5]);
    const TxListFacts facts = protocol::verify_txlist(compressed);
    EXPECT_EQ(facts.defect, TxListDefect::kNone) << row[0];
    EXPECT_EQ(facts.transactions, number(row[1])) << row[0];
    EXPECT_EQ(hex(facts.hash), row[2]) << row[0];
    EXPECT_EQ(hex(facts.rlp_hash), row[3]) << row[0];
    EXPECT_EQ(facts.inflated_bytes, number(row[4])) << row[0];
    EXPECT_EQ(facts.compressed_bytes, compressed.size()) << row[0];
  }
}

TEST(TxListFacts, Anchor) {
  const TxListFacts facts = facts_of({anchor(), user_transaction(1), user_transaction(6)});
  EXPECT_EQ(facts.defect, TxListDefect::kNone);
  EXPECT_EQ(facts.transactions, 3U);
  EXPECT_EQ(facts.anchor.defect, AnchorDefect::kNone);
  EXPECT_EQ(facts.anchor.sender, protocol::kGoldenTouchAddress);
  EXPECT_EQ(facts.anchor.to, protocol::anchor_address_of(167001));
  EXPECT_EQ(facts.anchor.chain_id, 167001U);
  EXPECT_EQ(facts.anchor.nonce, 7U);
  EXPECT_EQ(facts.anchor.gas_limit, 1'000'000U);
  EXPECT_EQ(facts.anchor.max_fee_per_gas, U256::from_u64(25'000'000));
  EXPECT_EQ(facts.anchor.max_priority_fee_per_gas, U256{});
  EXPECT_TRUE(facts.anchor.value_is_zero);
  EXPECT_EQ(facts.anchor.anchor_block_number, 12345678U);
  EXPECT_EQ(facts.anchor.anchor_block_hash, filled<32>(0x11));
  EXPECT_EQ(facts.anchor.anchor_state_root, filled<32>(0x22));
}

TEST(TxListFacts, AnchorDefects) {
  EXPECT_EQ(facts_of({}).anchor.defect, AnchorDefect::kMissing);
  EXPECT_EQ(facts_of({user_transaction(1), anchor()}).anchor.defect, AnchorDefect::kNotDynamicFee);
  EXPECT_EQ(facts_of({user_transaction(4)}).anchor.defect, AnchorDefect::kNotDynamicFee);
  EXPECT_EQ(facts_of({bytes("03c0")}).anchor.defect, AnchorDefect::kNotDynamicFee);
  EXPECT_EQ(facts_of({Bytes{}}).anchor.defect, AnchorDefect::kNotDynamicFee);
  EXPECT_EQ(facts_of({bytes("02c0")}).anchor.defect, AnchorDefect::kMalformed);
  EXPECT_EQ(facts_of({user_transaction(6)}).anchor.defect, AnchorDefect::kNotAnchorV4);
  // The last 32 bytes are s: zero bytes make its RLP malformed, a high s has no sender.
  Bytes high = anchor();
  high[high.size() - 32] = 0xf0;
  EXPECT_EQ(facts_of({high}).anchor.defect, AnchorDefect::kUnrecoverable);
  Bytes zero = anchor();
  std::fill(zero.end() - 32, zero.end(), std::uint8_t{0});
  EXPECT_EQ(facts_of({zero}).anchor.defect, AnchorDefect::kMalformed);
  Bytes selector = anchor();
  const Bytes wanted = bytes("523e6854");
  auto found = std::search(selector.begin(), selector.end(), wanted.begin(), wanted.end());
  ASSERT_NE(found, selector.end());
  *found ^= 1;
  const TxListFacts facts = facts_of({selector});
  EXPECT_EQ(facts.anchor.defect, AnchorDefect::kNotAnchorV4);
  EXPECT_EQ(facts.anchor.sender, Address{});
}

TEST(TxListFacts, OfUnusableLists) {
  const auto expect = [](const Bytes& compressed, TxListDefect defect) {
    const TxListFacts facts = protocol::verify_txlist(compressed);
    EXPECT_EQ(facts.defect, defect) << name_of(facts.defect);
    EXPECT_EQ(facts.hash, crypto::keccak256(compressed));
    EXPECT_EQ(facts.compressed_bytes, compressed.size());
    EXPECT_EQ(facts.transactions, 0U);
    EXPECT_EQ(facts.rlp_hash, Hash32{});
    EXPECT_EQ(facts.anchor.defect, AnchorDefect::kMissing);
  };
  expect({}, TxListDefect::kZlibDecode);
  expect(Bytes(limits::kTxListBytesMax + 1, 0x78), TxListDefect::kCompressedTooLarge);
  expect(codec::deflate_bytes(Bytes(std::size_t{8} << 20, 0)), TxListDefect::kDecompressedTooLarge);
  expect(codec::deflate_bytes(bytes("80")), TxListDefect::kRlpNotAList);
  expect(codec::deflate_bytes(bytes("c501")), TxListDefect::kRlpTruncated);
  expect(codec::deflate_bytes(bytes("c28101")), TxListDefect::kRlpElementOverrun);
  expect(codec::deflate_bytes(codec::rlp_list_of(Bytes(limits::kTxListTransactionsMax + 1, 1))),
         TxListDefect::kTooManyTransactions);
}

TEST(TxListFacts, TrailingBytesCountButAreNotHashed) {
  Bytes list = codec::encode_txlist(std::vector<Bytes>{anchor()});
  const Hash32 hash = crypto::keccak256(list);
  list.push_back(0xff);
  const TxListFacts facts = protocol::verify_txlist(codec::deflate_bytes(list));
  EXPECT_EQ(facts.defect, TxListDefect::kNone);
  EXPECT_EQ(facts.rlp_hash, hash);
  EXPECT_EQ(facts.inflated_bytes, list.size());
}

}  // namespace
}  // namespace preconf::core::test
