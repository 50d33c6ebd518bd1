#include "core/codec/txlist.hpp"

#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::TxListDefect;

TxListDefect inflate_defect(const Bytes& compressed) {
  const auto inflated = codec::inflate_txlist(compressed);
  return inflated ? TxListDefect::kNone : inflated.error();
}
TxListDefect split_defect(const std::string& rlp) {
  const Bytes list = bytes(rlp);
  const auto split = codec::split_txlist(list);
  return split ? TxListDefect::kNone : split.error();
}

TEST(TxList, AgreesWithIndependentVectors) {
  for (const Row& row : read_vectors("txlists.txt", 6)) {
    const auto inflated = codec::inflate_txlist(bytes(row[5]));
    ASSERT_TRUE(inflated.has_value()) << row[0];
    EXPECT_EQ(hex(crypto::keccak256(*inflated)), row[3]) << row[0];
    EXPECT_EQ(inflated->size(), number(row[4])) << row[0];
    const auto split = codec::split_txlist(*inflated);
    ASSERT_TRUE(split.has_value()) << row[0];
    EXPECT_EQ(split->size(), number(row[1])) << row[0];
  }
}

TEST(TxList, ElementsAreTheRawTransactions) {
  std::vector<Bytes> transactions;
  for (const Row& row : read_vectors("transactions.txt", 16))
    transactions.push_back(bytes(row[15]));
  const auto inflated = codec::inflate_txlist(codec::compress_txlist(transactions));
  ASSERT_TRUE(inflated.has_value());
  EXPECT_EQ(*inflated, codec::encode_txlist(transactions));
  const auto split = codec::split_txlist(*inflated);
  ASSERT_TRUE(split.has_value());
  ASSERT_EQ(split->size(), transactions.size());
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    EXPECT_EQ(Bytes((*split)[i].begin(), (*split)[i].end()), transactions[i]) << i;
  }
}

TEST(TxList, EmptyList) {
  const Bytes compressed = bytes("789c3b000000c100c1");
  EXPECT_EQ(hex(crypto::keccak256(compressed)),
            "c3a2d9c4988bb42f12341f86c970553e183e3832a8c1961ded5498c7c89b2003");
  const auto inflated = codec::inflate_txlist(compressed);
  ASSERT_TRUE(inflated.has_value());
  EXPECT_EQ(hex(*inflated), "c0");
  EXPECT_TRUE(codec::split_txlist(*inflated)->empty());
}

TEST(TxList, BytesAfterTheListAndTheStreamAreIgnored) {
  Bytes compressed = codec::deflate_bytes(bytes("c3820102deadbeef"));
  compressed.push_back(0x99);
  const auto inflated = codec::inflate_txlist_counted(compressed);
  ASSERT_TRUE(inflated.has_value());
  EXPECT_EQ(hex(inflated->rlp), "c3820102");
  EXPECT_EQ(inflated->inflated_bytes, 8U);
}

TEST(TxList, BrokenStreams) {
  EXPECT_EQ(inflate_defect({}), TxListDefect::kZlibDecode);
  EXPECT_EQ(inflate_defect(bytes("00")), TxListDefect::kZlibDecode);
  EXPECT_EQ(inflate_defect(Bytes(1000, 0xff)), TxListDefect::kZlibDecode);
  const Bytes good = codec::deflate_bytes(Bytes(1000, 0xc0));
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(inflate_defect(cut), TxListDefect::kZlibDecode) << size;
  }
  Bytes checksum = good;
  checksum.back() ^= 1;
  EXPECT_EQ(inflate_defect(checksum), TxListDefect::kZlibDecode);
  // A raw deflate stream and a gzip stream are not zlib streams; 78bb asks for a dictionary.
  EXPECT_EQ(inflate_defect(bytes("3b0000")), TxListDefect::kZlibDecode);
  EXPECT_EQ(inflate_defect(bytes("1f8b08000000000000033b0000c70dc8ab01000000")),
            TxListDefect::kZlibDecode);
  EXPECT_EQ(inflate_defect(bytes("78bb000000013b000000c100c1")), TxListDefect::kZlibDecode);
}

TEST(TxList, SizeLimits) {
  constexpr std::size_t kMax = limits::kTxListInflatedBytesMax;
  // A list of exactly the largest size: header fa1ffffc and its payload.
  Bytes largest = codec::rlp_list_of(Bytes(kMax - 4, 0x01));
  ASSERT_EQ(largest.size(), kMax);
  EXPECT_EQ(inflate_defect(codec::deflate_bytes(largest)), TxListDefect::kNone);
  largest.push_back(0x01);
  EXPECT_EQ(inflate_defect(codec::deflate_bytes(largest)), TxListDefect::kDecompressedTooLarge);
  // A bomb: 64 MiB in 64 KiB.
  const Bytes bomb = codec::deflate_bytes(Bytes(std::size_t{64} << 20, 0));
  ASSERT_LT(bomb.size(), 80'000U);
  EXPECT_EQ(inflate_defect(bomb), TxListDefect::kDecompressedTooLarge);
  EXPECT_EQ(inflate_defect(Bytes(limits::kTxListBytesMax + 1, 0)),
            TxListDefect::kCompressedTooLarge);
}

TEST(TxList, OuterListDefects) {
  const auto defect = [](const std::string& rlp) {
    return inflate_defect(codec::deflate_bytes(bytes(rlp)));
  };
  EXPECT_EQ(defect("-"), TxListDefect::kRlpNotAList);
  EXPECT_EQ(defect("80"), TxListDefect::kRlpNotAList);
  EXPECT_EQ(defect("01"), TxListDefect::kRlpNotAList);
  EXPECT_EQ(defect("83646f67"), TxListDefect::kRlpNotAList);
  EXPECT_EQ(defect("f800"), TxListDefect::kRlpNotAList);
  EXPECT_EQ(defect("c1"), TxListDefect::kRlpTruncated);
  EXPECT_EQ(defect("f8"), TxListDefect::kRlpTruncated);
  EXPECT_EQ(defect("f838c0"), TxListDefect::kRlpTruncated);
  EXPECT_EQ(defect("ffffffffffffffffff"), TxListDefect::kRlpTruncated);
  EXPECT_EQ(split_defect("c1"), TxListDefect::kRlpTruncated);
  EXPECT_EQ(split_defect("80"), TxListDefect::kRlpNotAList);
  EXPECT_EQ(split_defect("-"), TxListDefect::kRlpNotAList);
}

TEST(TxList, ElementDefects) {
  EXPECT_EQ(split_defect("c101"), TxListDefect::kNone);
  EXPECT_EQ(split_defect("c28101"), TxListDefect::kRlpElementOverrun);      // not canonical
  EXPECT_EQ(split_defect("c282018203"), TxListDefect::kRlpElementOverrun);  // ends after the list
  EXPECT_EQ(split_defect("c3c0c101"), TxListDefect::kNone);
  EXPECT_EQ(split_defect("c2c0c1c0"), TxListDefect::kRlpElementOverrun);
  EXPECT_EQ(split_defect("c2b838"), TxListDefect::kRlpElementOverrun);
}

TEST(TxList, TooManyTransactions) {
  Bytes list = codec::rlp_list_of(Bytes(limits::kTxListTransactionsMax, 0x01));
  EXPECT_EQ(codec::split_txlist(list)->size(), limits::kTxListTransactionsMax);
  list = codec::rlp_list_of(Bytes(limits::kTxListTransactionsMax + 1, 0x01));
  EXPECT_EQ(codec::split_txlist(list).error(), TxListDefect::kTooManyTransactions);
}

}  // namespace
}  // namespace preconf::core::test
