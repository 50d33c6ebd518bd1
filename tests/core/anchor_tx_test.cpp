#include "core/protocol/anchor_tx.hpp"

#include "core/codec/transaction.hpp"
#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/chain_profile.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::AnchorCall;
using protocol::AnchorTxInput;

/// The worked example of the derivation rules, section 6.5.
AnchorTxInput worked_example() {
  AnchorTxInput input;
  input.chain_id = 167001;
  input.base_fee_wei = 25'000'000;
  input.anchor_address = protocol::anchor_address_of(167001);
  input.call = AnchorCall{L1BlockNumber{12345678}, filled<32>(0x11), filled<32>(0x22)};
  return input;
}

std::string worked_call() {
  return "523e6854" + std::string(56, '0') + "00bc614e" + std::string(64, '1') +
         std::string(64, '2');
}

TEST(AnchorTx, WorkedExample) {
  const Bytes raw = protocol::build_anchor_tx(worked_example());
  EXPECT_EQ(hex(raw),
            "02f8cf83028c59808084017d7840830f424094167001000000000000000000000000000001000180b864" +
                worked_call() +
                "c080a079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                "a002b8901e02f740e7115f24ec42dfbee6286d3b09f624bd9e9bc8b873b5a81eb9");
  EXPECT_EQ(hex(codec::transaction_hash(raw)),
            "4defc52092a538a458d7872dbe182e863494124e061a9fb127b7f99a84d6b77b");
  const auto decoded = codec::decode_transaction(raw);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(hex(decoded->signing_hash),
            "bf76e2285b768c3e9825915c6b3f8bedfcb5cb7300199cb887e6828c5c7aced8");
  EXPECT_EQ(codec::recover_sender(*decoded), protocol::kGoldenTouchAddress);
}

TEST(AnchorTx, WorkedExampleAsAList) {
  const std::vector<Bytes> transactions = {protocol::build_anchor_tx(worked_example())};
  const Bytes list = codec::encode_txlist(transactions);
  EXPECT_EQ(list.size(), 214U);
  EXPECT_EQ(hex(list).substr(0, 8), "f8d4b8d2");
  EXPECT_EQ(hex(crypto::keccak256(list)),
            "69cf60130c3a330d5c66c8b746c95883573ad96c0b05b1bb7ce7e72a740aebd2");
}

TEST(AnchorTx, SelectorIsThatOfTheSignature) {
  const std::string signature = "anchorV4((uint48,bytes32,bytes32))";
  const Hash32 hash = crypto::keccak256(Bytes(signature.begin(), signature.end()));
  EXPECT_EQ(FixedBytes<4>::from(hash.view()), protocol::kAnchorV4Selector);
}

TEST(AnchorTx, CallRoundTrip) {
  const AnchorCall call{L1BlockNumber{kUint48Max}, filled<32>(3), filled<32>(4)};
  EXPECT_EQ(protocol::decode_anchor_call(protocol::encode_anchor_call(call)), call);
  EXPECT_EQ(hex(protocol::encode_anchor_call(worked_example().call)), worked_call());
}

TEST(AnchorTx, OtherCallsAreRefused) {
  const Bytes good = bytes(worked_call());
  ASSERT_TRUE(protocol::decode_anchor_call(good).has_value());
  EXPECT_EQ(protocol::decode_anchor_call({}), std::nullopt);
  EXPECT_EQ(protocol::decode_anchor_call(BytesView{good}.first(99)), std::nullopt);
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(protocol::decode_anchor_call(longer), std::nullopt);
  for (const std::size_t at : {0U, 3U, 4U, 29U}) {  // selector, high bytes of the number
    Bytes other = good;
    other[at] ^= 0x01;
    EXPECT_EQ(protocol::decode_anchor_call(other), std::nullopt) << at;
  }
}

}  // namespace
}  // namespace preconf::core::test
