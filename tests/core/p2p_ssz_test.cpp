#include "core/codec/p2p_ssz.hpp"

#include "core/limits.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::SszDefect;
using protocol::GetCommitmentsRequest;
using protocol::PreconfHead;
using protocol::RawTxList;

template <std::size_t N>
Bytes bytes_of(const FixedBytes<N>& fixed) {
  return Bytes(fixed.bytes.begin(), fixed.bytes.end());
}

/// Encodes the values of a row and decodes its encoding.
void check(const Row& row) {
  const Bytes encoded = bytes(row[3]);
  SCOPED_TRACE(row[0] + " " + row[1].substr(0, 64));
  if (row[0] == "get_head_request") {
    EXPECT_EQ(bytes_of(codec::encode_get_head_request()), encoded);
    EXPECT_TRUE(codec::decode_get_head_request(encoded));
  } else if (row[0] == "preconf_head") {
    const PreconfHead head{u256(row[1]), u256(row[2])};
    EXPECT_EQ(bytes_of(codec::encode_preconf_head(head)), encoded);
    EXPECT_EQ(codec::decode_preconf_head(encoded).value(), head);
  } else if (row[0] == "get_commitments_request") {
    const GetCommitmentsRequest request{u256(row[1]), static_cast<std::uint32_t>(number(row[2]))};
    EXPECT_EQ(bytes_of(codec::encode_get_commitments_request(request)), encoded);
    EXPECT_EQ(codec::decode_get_commitments_request(encoded).value(), request);
  } else if (row[0] == "get_raw_tx_list_request") {
    EXPECT_EQ(codec::decode_get_raw_tx_list_request(encoded).value(), hash32(row[1]));
  } else if (row[0] == "raw_tx_list") {
    const Bytes txlist = bytes(row[2]);
    EXPECT_EQ(codec::encode_raw_tx_list({hash32(row[1]), txlist}), encoded);
    const auto decoded = codec::decode_raw_tx_list(encoded);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->raw_tx_list_hash, hash32(row[1]));
    EXPECT_TRUE(std::ranges::equal(decoded->txlist, txlist));
  } else {
    ASSERT_EQ(row[0], "commitment_list");
    const Bytes packed = bytes(row[2]);
    EXPECT_EQ(codec::encode_commitment_list(packed), encoded);
    const auto decoded = codec::decode_commitment_list(encoded);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->size(), number(row[1]));
    EXPECT_TRUE(std::ranges::equal(decoded->packed, packed));
  }
}

TEST(P2pSsz, AgreesWithAnIndependentEncoder) {
  for (const Row& row : read_vectors("p2p_ssz.txt", 4)) check(row);
}

TEST(P2pSsz, AListOfTheNetwork) {  // txlist "c0", as the deployed peers gossip it
  EXPECT_EQ(hex(codec::encode_raw_tx_list(
                {hash32("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"),
                 Bytes{0xc0}})),
            "1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d4934724000000c0");
}

TEST(P2pSsz, GetHeadRequestIsNotEmpty) {
  EXPECT_EQ(codec::decode_get_head_request({}).error(), SszDefect::kWrongSize);
  EXPECT_EQ(codec::decode_get_head_request(Bytes{5, 0, 0, 0}).error(), SszDefect::kWrongOffset);
  EXPECT_EQ(codec::decode_get_head_request(Bytes{4, 0, 0, 0, 0}).error(), SszDefect::kWrongSize);
}

TEST(P2pSsz, FixedContainersHaveExactlyTheirSize) {
  for (const std::size_t size : {0U, 31U, 33U, 35U, 37U, 63U, 65U}) {
    const Bytes wrong(size, 0);
    EXPECT_EQ(codec::decode_preconf_head(wrong).error(), SszDefect::kWrongSize);
    EXPECT_EQ(codec::decode_get_commitments_request(wrong).error(), SszDefect::kWrongSize);
    EXPECT_EQ(codec::decode_get_raw_tx_list_request(wrong).error(), SszDefect::kWrongSize);
  }
}

TEST(P2pSsz, RawTxListIsStrict) {
  EXPECT_EQ(codec::decode_raw_tx_list(Bytes(35, 0)).error(), SszDefect::kWrongSize);
  Bytes list = codec::encode_raw_tx_list({filled<32>(7), Bytes{1, 2}});
  for (const int offset : {0, 35, 37}) {
    list[32] = static_cast<std::uint8_t>(offset);
    EXPECT_EQ(codec::decode_raw_tx_list(list).error(), SszDefect::kWrongOffset);
  }
  list[32] = 36;
  list[35] = 1;
  EXPECT_EQ(codec::decode_raw_tx_list(list).error(), SszDefect::kWrongOffset);
  list[35] = 0;
  list.resize(36 + limits::kTxListBytesMax);
  EXPECT_TRUE(codec::decode_raw_tx_list(list));
  list.push_back(0);
  EXPECT_EQ(codec::decode_raw_tx_list(list).error(), SszDefect::kTooLong);
}

TEST(P2pSsz, CommitmentListIsStrict) {
  EXPECT_EQ(codec::decode_commitment_list(Bytes{4, 0, 0}).error(), SszDefect::kWrongSize);
  EXPECT_EQ(codec::decode_commitment_list(Bytes{0, 0, 0, 0}).error(), SszDefect::kWrongOffset);
  Bytes list = codec::encode_commitment_list(Bytes(256 * 382, 1));
  EXPECT_EQ(codec::decode_commitment_list(list).value().size(), 256U);
  EXPECT_EQ(codec::decode_commitment_list(BytesView(list).first(4 + 383)).error(),
            SszDefect::kWrongSize);
  list[4 + 255 * 382] = 2;  // the eop byte of the last one
  EXPECT_EQ(codec::decode_commitment_list(list).error(), SszDefect::kNonCanonicalBool);
  list[4 + 255 * 382] = 0;
  list.resize(4 + 257 * 382, 0);
  EXPECT_EQ(codec::decode_commitment_list(list).error(), SszDefect::kTooLong);
}

}  // namespace
}  // namespace preconf::core::test
