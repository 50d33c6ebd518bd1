#include "core/codec/transaction.hpp"

#include "core/codec/rlp.hpp"
#include "core/crypto/secp256k1.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::TransactionDefect;

constexpr std::size_t kRawColumn = 15;

std::vector<Row> rows() { return read_vectors("transactions.txt", 16); }

TEST(Transaction, AgreesWithIndependentVectors) {
  for (const Row& row : rows()) {
    const Bytes raw = bytes(row[kRawColumn]);
    const auto decoded = codec::decode_transaction(raw);
    ASSERT_TRUE(decoded.has_value()) << row[0];
    EXPECT_EQ(static_cast<unsigned>(decoded->type), number(row[1])) << row[0];
    EXPECT_EQ(decoded->chain_id.has_value(), row[2] != "-") << row[0];
    if (decoded->chain_id) {
      EXPECT_EQ(*decoded->chain_id, number(row[2])) << row[0];
    }
    EXPECT_EQ(decoded->nonce, number(row[3])) << row[0];
    EXPECT_EQ(decoded->max_fee_per_gas, u256(row[4])) << row[0];
    EXPECT_EQ(decoded->max_priority_fee_per_gas, u256(row[5])) << row[0];
    EXPECT_EQ(decoded->gas_limit, number(row[6])) << row[0];
    EXPECT_EQ(decoded->to.has_value(), row[7] != "-") << row[0];
    if (decoded->to) {
      EXPECT_EQ(hex(*decoded->to), row[7]) << row[0];
    }
    EXPECT_EQ(decoded->value, u256(row[8])) << row[0];
    EXPECT_EQ(decoded->data.size(), number(row[9])) << row[0];
    EXPECT_EQ(decoded->access_list_addresses, number(row[10])) << row[0];
    EXPECT_EQ(decoded->access_list_slots, number(row[11])) << row[0];
    const auto sender = codec::recover_sender(*decoded);
    ASSERT_TRUE(sender.has_value()) << row[0];
    EXPECT_EQ(hex(*sender), row[12]) << row[0];
    EXPECT_EQ(hex(codec::transaction_hash(raw)), row[13]) << row[0];
    EXPECT_EQ(hex(decoded->signing_hash), row[14]) << row[0];
  }
}

TEST(Transaction, EveryTruncationAndExtensionIsRefused) {
  for (const Row& row : rows()) {
    const Bytes raw = bytes(row[kRawColumn]);
    for (std::size_t size = 0; size < raw.size(); ++size) {
      EXPECT_FALSE(codec::decode_transaction(BytesView{raw}.first(size)).has_value()) << row[0];
    }
    Bytes longer = raw;
    longer.push_back(0x01);
    EXPECT_EQ(codec::decode_transaction(longer).error(), TransactionDefect::kMalformed) << row[0];
  }
}

TEST(Transaction, EmptyAndForeignTypes) {
  EXPECT_EQ(codec::decode_transaction({}).error(), TransactionDefect::kEmpty);
  for (const char* text : {"00c0", "03c0", "04c0", "7fc0", "80", "bf"}) {
    EXPECT_EQ(codec::decode_transaction(bytes(text)).error(), TransactionDefect::kUnsupportedType)
        << text;
  }
  for (const char* text : {"02", "02c0", "01c0", "c0", "0280", "02c101"}) {
    EXPECT_EQ(codec::decode_transaction(bytes(text)).error(), TransactionDefect::kMalformed)
        << text;
  }
}

/// One EIP-1559 transaction with replaceable fields, each given as its RLP.
struct Fields {
  std::string chain = "01", nonce = "80", tip = "80", fee = "01", gas = "825208";
  std::string to = "94" + std::string(40, '1'), value = "80", data = "80", access = "c0";
  std::string parity = "80", r = "01", s = "01", more = "-";

  [[nodiscard]] Bytes raw() const {
    Bytes payload;
    for (const auto* field :
         {&chain, &nonce, &tip, &fee, &gas, &to, &value, &data, &access, &parity, &r, &s, &more}) {
      const Bytes part = bytes(*field);
      payload.insert(payload.end(), part.begin(), part.end());
    }
    const Bytes list = codec::rlp_list_of(payload);
    Bytes out{0x02};
    out.insert(out.end(), list.begin(), list.end());
    return out;
  }
};

TEST(Transaction, MalformedFields) {
  EXPECT_TRUE(codec::decode_transaction(Fields{}.raw()).has_value());
  const auto refused = [](auto change) {
    Fields fields;
    change(fields);
    const auto decoded = codec::decode_transaction(fields.raw());
    return !decoded && decoded.error() == TransactionDefect::kMalformed;
  };
  EXPECT_TRUE(refused([](Fields& f) { f.nonce = "00"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.nonce = "89010000000000000000"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.to = "93" + std::string(38, '1'); }));
  EXPECT_TRUE(refused([](Fields& f) { f.to = "c0"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.data = "c0"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.access = "80"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.access = "c180"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.access = "c1c0"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.access = "d6d594" + std::string(40, '2'); }));
  EXPECT_TRUE(refused([](Fields& f) { f.access = "d8d794" + std::string(40, '2') + "c101"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.access = "d8d794" + std::string(40, '2') + "c080"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.parity = "02"; }));
  EXPECT_TRUE(refused([](Fields& f) { f.r = "a101" + std::string(64, '0'); }));
  EXPECT_TRUE(refused([](Fields& f) { f.more = "80"; }));
  Fields creation;
  creation.to = "80";
  EXPECT_EQ(codec::decode_transaction(creation.raw())->to, std::nullopt);
}

TEST(Transaction, SendersNeedALowSignature) {
  const Bytes raw = bytes(rows().back()[kRawColumn]);
  auto decoded = codec::decode_transaction(raw);
  ASSERT_TRUE(codec::recover_sender(*decoded).has_value());
  auto high = *decoded;
  high.signature.bytes[32] = 0xf0;
  EXPECT_EQ(codec::recover_sender(high), std::nullopt);
  auto zero = *decoded;
  std::fill_n(zero.signature.bytes.begin(), 32, std::uint8_t{0});
  EXPECT_EQ(codec::recover_sender(zero), std::nullopt);
}

}  // namespace
}  // namespace preconf::core::test
