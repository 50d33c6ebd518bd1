#include "core/codec/transaction_envelope.hpp"

#include "core/codec/blob.hpp"
#include "core/codec/transaction.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::RlpItem;

/// Text pieces of hexadecimal RLP; nested lists by list().
Bytes list(const std::vector<Bytes>& items) {
  Bytes payload;
  for (const Bytes& item : items) payload.insert(payload.end(), item.begin(), item.end());
  return codec::rlp_list_of(payload);
}
Bytes string_of(const Bytes& content) {
  Bytes out;
  codec::append_rlp_string(out, content);
  return out;
}
Bytes num(std::uint64_t value) {
  Bytes out;
  codec::append_rlp_u64(out, value);
  return out;
}
/// 0x01 and `bytes` - 1 zeros: the smallest number of that length.
Bytes wide(std::size_t bytes) {
  Bytes content(bytes);
  content[0] = 1;
  return string_of(content);
}

std::vector<Bytes> legacy_fields(const Bytes& v = num(27)) {
  return {num(1), num(2),   num(21000), string_of(Bytes(20, 3)), num(0), string_of({}),
          v,      wide(32), wide(32)};
}
std::vector<Bytes> typed_fields(std::uint8_t type) {
  std::vector<Bytes> out{num(167001), num(1), num(2)};
  if (type >= 2) out.push_back(num(3));
  for (const Bytes& field :
       {num(21000), string_of(Bytes(20, 3)), num(0), string_of(Bytes{9, 9}),
        list({list({string_of(Bytes(20, 4)), list({string_of(Bytes(32, 5))})})})}) {
    out.push_back(field);
  }
  if (type == 3) {
    out.push_back(num(1));
    out.push_back(list({string_of(Bytes(32, 1))}));
  }
  if (type == 4) {
    out.push_back(
        list({list({wide(32), string_of(Bytes(20, 6)), num(7), num(1), wide(32), wide(32)})}));
  }
  for (const Bytes& field : {num(1), wide(32), wide(32)}) out.push_back(field);
  return out;
}

bool is_legacy(const std::vector<Bytes>& fields) {
  const Bytes encoded = list(fields);
  codec::RlpReader reader(encoded);
  return codec::is_transaction(reader.next());
}
bool is_raw(const Bytes& raw) { return codec::is_transaction(RlpItem{false, raw, {}}); }
bool is_typed(std::uint8_t type, const std::vector<Bytes>& fields) {
  Bytes raw{type};
  const Bytes body = list(fields);
  raw.insert(raw.end(), body.begin(), body.end());
  return is_raw(raw);
}

TEST(TransactionEnvelope, IndependentTransactions) {
  for (const Row& row : read_vectors("transactions.txt", 16)) {
    const Bytes raw = bytes(row[15]);
    const auto decoded = codec::decode_transaction(raw);
    ASSERT_TRUE(decoded.has_value()) << row[0];
    if (decoded->max_fee_per_gas.be.bytes[0] != 0 || decoded->max_fee_per_gas.be.bytes[6] != 0) {
      // Two vectors have fees of more than 128 bits, which execution clients of today can not hold.
      codec::RlpReader reader(raw);
      EXPECT_FALSE(codec::is_transaction(reader.next())) << row[0];
      EXPECT_FALSE(is_raw(raw)) << row[0];
      continue;
    }
    if (raw[0] >= 0xc0) {
      codec::RlpReader reader(raw);
      EXPECT_TRUE(codec::is_transaction(reader.next())) << row[0];
      EXPECT_FALSE(is_raw(raw)) << row[0];  // a legacy transaction is no string
    } else {
      EXPECT_TRUE(is_raw(raw)) << row[0];
      EXPECT_FALSE(is_raw(Bytes(raw.begin(), raw.end() - 1))) << row[0];
    }
  }
}

TEST(TransactionEnvelope, LegacyForms) {
  EXPECT_TRUE(is_legacy(legacy_fields()));
  for (const std::uint64_t v : {28U, 35U, 36U, 334037U}) {
    EXPECT_TRUE(is_legacy(legacy_fields(num(v)))) << v;
  }
  for (const std::uint64_t v : {0U, 1U, 26U, 29U, 34U}) {
    EXPECT_FALSE(is_legacy(legacy_fields(num(v)))) << v;
  }
  // The largest v has the largest 64-bit chain id in it: 2^65 + 34.
  EXPECT_TRUE(is_legacy(legacy_fields(string_of(bytes("020000000000000022")))));
  EXPECT_FALSE(is_legacy(legacy_fields(string_of(bytes("020000000000000023")))));
  auto fields = legacy_fields();
  fields.push_back(num(0));
  EXPECT_FALSE(is_legacy(fields));
  fields = legacy_fields();
  fields.pop_back();
  EXPECT_FALSE(is_legacy(fields));
  EXPECT_FALSE(is_legacy({}));
}

TEST(TransactionEnvelope, WidthsOfNumbers) {
  const auto with = [](std::size_t index, const Bytes& value) {
    auto fields = legacy_fields();
    fields[index] = value;
    return is_legacy(fields);
  };
  EXPECT_TRUE(with(0, wide(8)));
  EXPECT_FALSE(with(0, wide(9)));
  EXPECT_TRUE(with(1, wide(16)));
  EXPECT_FALSE(with(1, wide(17)));
  EXPECT_TRUE(with(4, wide(32)));
  EXPECT_FALSE(with(4, wide(33)));
  EXPECT_FALSE(with(0, string_of({0, 1})));  // a leading zero
  EXPECT_FALSE(with(0, Bytes{0x81, 0x01}));  // a byte that needs no header
  EXPECT_TRUE(with(3, string_of({})));       // creation
  EXPECT_FALSE(with(3, string_of(Bytes(19))));
  EXPECT_FALSE(with(5, list({})));
}

TEST(TransactionEnvelope, TypesOneToFour) {
  for (std::uint8_t type = 1; type <= 4; ++type) {
    EXPECT_TRUE(is_typed(type, typed_fields(type))) << int{type};
    EXPECT_FALSE(is_typed(static_cast<std::uint8_t>(type % 4 + 1), typed_fields(type)));
    auto parity = typed_fields(type);
    parity[parity.size() - 3] = num(2);
    EXPECT_FALSE(is_typed(type, parity)) << int{type};
    auto creation = typed_fields(type);
    creation[type == 1 ? 4 : 5] = string_of({});
    EXPECT_EQ(is_typed(type, creation), type <= 2) << int{type};
    auto slots = typed_fields(type);
    slots[type == 1 ? 7 : 8] = list({list({string_of(Bytes(20)), list({string_of(Bytes(31))})})});
    EXPECT_FALSE(is_typed(type, slots)) << int{type};
  }
  for (const unsigned type : {0U, 5U, 0x7fU}) {
    EXPECT_FALSE(is_typed(static_cast<std::uint8_t>(type), typed_fields(2))) << type;
  }
  EXPECT_FALSE(is_raw({}));
  EXPECT_FALSE(is_raw({2}));
}

TEST(TransactionEnvelope, AuthorizationsAndBlobHashes) {
  auto hashes = typed_fields(3);
  hashes[10] = list({string_of(Bytes(31, 1))});
  EXPECT_FALSE(is_typed(3, hashes));
  hashes[10] = list({});
  EXPECT_TRUE(is_typed(3, hashes));
  auto authorizations = typed_fields(4);
  authorizations[9] =
      list({list({num(1), string_of(Bytes(20)), num(0), num(256), num(1), num(1)})});
  EXPECT_FALSE(is_typed(4, authorizations));
  authorizations[9] = list({list({num(1), string_of(Bytes(20)), num(0), num(255), num(1)})});
  EXPECT_FALSE(is_typed(4, authorizations));
  authorizations[9] = list({num(1)});
  EXPECT_FALSE(is_typed(4, authorizations));
}

TEST(TransactionEnvelope, BlobTransactionsWithTheirSidecar) {
  const Bytes body = list(typed_fields(3));
  const Bytes blobs = list({string_of(Bytes(codec::kBlobBytes))});
  const Bytes points = list({string_of(Bytes(48))});
  EXPECT_TRUE(is_typed(3, {body, blobs, points, points}));
  EXPECT_TRUE(is_typed(3, {body, num(1), blobs, points, points}));
  EXPECT_FALSE(is_typed(3, {body, num(2), blobs, points, points}));
  EXPECT_FALSE(is_typed(3, {body, blobs, points}));
  EXPECT_FALSE(is_typed(3, {body, points, points, points}));
  EXPECT_FALSE(is_typed(3, {list(typed_fields(2)), blobs, points, points}));
  EXPECT_FALSE(is_typed(2, {body, blobs, points, points}));
}

}  // namespace
}  // namespace preconf::core::test
