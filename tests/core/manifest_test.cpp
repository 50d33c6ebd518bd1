#include "core/codec/manifest.hpp"

#include "core/codec/blob.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/txlist.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/derivation_rules.hpp"
#include "core/protocol/source_manifest.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::BlockManifest;
using codec::BlockToPropose;
using codec::ManifestBounds;
using codec::ManifestDefect;
using protocol::DerivationSource;

constexpr ManifestBounds kBounds{192, limits::kManifestBytesMax};

ManifestDefect defect_of(const Bytes& payload, std::size_t offset = 0,
                         ManifestBounds bounds = kBounds) {
  const auto decoded = codec::decode_manifest(payload, offset, bounds);
  return decoded ? ManifestDefect::kNone : decoded.error();
}

/// The worked example of the derivation rules.
const char* const kWorkedRlp =
    "e7e6e58469ce6c389400000000000000000000000000000000000000c084017a40838402aea540c0";
const char* const kWorkedStream =
    "789c7bfeec694be6b91c8b290c98e0400b639543730bd3baa50e0700f0f80b01";
const char* const kWorkedBlob =
    "0000000060000000000000000000000000000000000000000000000000000000"
    "0000000001000000000000000000000000000000000000000000000000000000"
    "0000000020789c7bfeec694be6b91c8b290c98e0400b639543730bd3baa50e07"
    "00f0f80b01000000000000000000000000000000000000000000000000000000";

BlockManifest worked_block() {
  BlockManifest block;
  block.timestamp = UnixSeconds{1775135800};
  block.coinbase = address("00000000000000000000000000000000000000c0");
  block.anchor_block_number = L1BlockNumber{24789123};
  block.gas_limit = 45'000'000;
  return block;
}

Bytes word(const std::string& last) { return bytes(std::string(64 - last.size(), '0') + last); }
Bytes joined(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}
/// Words and stream around any RLP.
Bytes payload_of(const Bytes& rlp) {
  const Bytes stream = codec::deflate_bytes(rlp);
  const auto size = U256::from_u64(stream.size()).be.bytes;
  return joined({word("1"), Bytes(size.begin(), size.end()), stream});
}

TEST(Manifest, WorkedExample) {
  const Bytes payload = joined({word("1"), word("20"), bytes(kWorkedStream)});
  ASSERT_EQ(payload.size(), 96U);
  const auto decoded = codec::decode_manifest(payload, 0, kBounds);
  ASSERT_TRUE(decoded.has_value()) << codec::name_of(decoded.error());
  EXPECT_EQ(hex(decoded->bytes), kWorkedRlp);
  ASSERT_EQ(decoded->blocks.size(), 1U);
  BlockManifest expected = worked_block();
  expected.transactions_offset = 40;
  EXPECT_EQ(decoded->blocks[0], expected);

  Bytes blob = bytes(kWorkedBlob);
  blob.resize(codec::kBlobBytes);
  EXPECT_EQ(codec::encode_blob(payload), blob);
  Bytes out;
  ASSERT_TRUE(codec::decode_blob(blob, out).has_value());
  EXPECT_EQ(out, payload);
}

TEST(Manifest, WhatIsEncodedIsDecoded) {
  Bytes items;
  protocol::AnchorTxInput input;
  input.chain_id = 167001;
  codec::append_rlp_string(items, protocol::build_anchor_tx(input));
  const Bytes one = items;
  items.insert(items.end(), one.begin(), one.end());
  std::vector<BlockToPropose> blocks(192);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].block = worked_block();
    blocks[i].block.timestamp.value += i;
    if (i % 2 == 1) blocks[i].transactions = i % 4 == 1 ? one : items;
  }
  const auto decoded = codec::decode_manifest(codec::encode_manifest(blocks), 0, kBounds);
  ASSERT_TRUE(decoded.has_value());
  ASSERT_EQ(decoded->blocks.size(), blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(decoded->blocks[i].timestamp, blocks[i].block.timestamp);
    EXPECT_EQ(decoded->blocks[i].transactions, i % 2 == 0 ? 0U : i % 4 == 1 ? 1U : 2U);
    const BytesView range = decoded->transactions_of(decoded->blocks[i]);
    EXPECT_EQ(Bytes(range.begin(), range.end()), blocks[i].transactions) << i;
  }
  blocks.emplace_back();
  EXPECT_EQ(defect_of(codec::encode_manifest(blocks)), ManifestDefect::kTooManyBlocks);
  EXPECT_EQ(defect_of(codec::encode_manifest(blocks), 0, {193, limits::kManifestBytesMax}),
            ManifestDefect::kNone);
  EXPECT_EQ(defect_of(codec::encode_manifest({})), ManifestDefect::kNone);
}

TEST(Manifest, DefaultManifest) {
  EXPECT_TRUE(codec::is_default(codec::default_manifest().blocks));
  const auto decoded = codec::decode_manifest(
      payload_of(bytes("dbdad9809400000000000000000000000000000000000000008080c0")), 0, kBounds);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(codec::is_default(decoded->blocks));
  std::vector<BlockManifest> blocks(2);
  EXPECT_FALSE(codec::is_default(blocks));
  EXPECT_FALSE(codec::is_default({}));
  blocks.pop_back();
  for (const auto change : {0, 1, 2, 3, 4}) {
    BlockManifest block;
    if (change == 0) block.timestamp.value = 1;
    if (change == 1) block.coinbase.bytes[19] = 1;
    if (change == 2) block.anchor_block_number.value = 1;
    if (change == 3) block.gas_limit = 1;
    if (change == 4) block.transactions = 1;
    EXPECT_FALSE(codec::is_default(std::vector{block})) << change;
  }
}

TEST(Manifest, VersionWord) {
  const Bytes stream = bytes(kWorkedStream);
  const auto version = [&stream](const std::string& last) {
    return defect_of(joined({word(last), word("20"), stream}));
  };
  EXPECT_EQ(version("1"), ManifestDefect::kNone);
  EXPECT_EQ(version("200000001"), ManifestDefect::kNone);         // bit 33: 32 bits are compared
  EXPECT_EQ(version("ffffffff00000001"), ManifestDefect::kNone);  // 64 bits are allowed
  EXPECT_EQ(version("10000000000000001"), ManifestDefect::kVersion);  // 2^64 + 1
  EXPECT_EQ(version("0"), ManifestDefect::kVersion);
  EXPECT_EQ(version("2"), ManifestDefect::kVersion);
  EXPECT_EQ(version("100000000"), ManifestDefect::kVersion);
}

TEST(Manifest, SizeWord) {
  const Bytes stream = bytes(kWorkedStream);
  const auto size = [&stream](const std::string& digits, std::size_t more = 0) {
    return defect_of(joined({word("1"), word(digits), stream, Bytes(more, 0xff)}));
  };
  EXPECT_EQ(size("20"), ManifestDefect::kNone);
  EXPECT_EQ(size(std::string(48, 'f') + "0000000000000020"), ManifestDefect::kNone);
  EXPECT_EQ(size("21"), ManifestDefect::kSizeBeyondEnd);
  EXPECT_EQ(size("ffffffffffffffff"), ManifestDefect::kSizeBeyondEnd);  // an addition overflows
  EXPECT_EQ(size("ffffffffffffffc0"), ManifestDefect::kSizeBeyondEnd);
  EXPECT_EQ(size("1f"), ManifestDefect::kZlib);
  EXPECT_EQ(size("0"), ManifestDefect::kZlib);
  EXPECT_EQ(size("24", 4), ManifestDefect::kNone);  // bytes after the stream, inside the window
}

TEST(Manifest, OffsetAndShortness) {
  const Bytes payload = joined({Bytes(7, 0xaa), word("1"), word("20"), bytes(kWorkedStream)});
  EXPECT_EQ(defect_of(payload, 7), ManifestDefect::kNone);
  EXPECT_EQ(defect_of(payload, 8), ManifestDefect::kVersion);
  EXPECT_EQ(defect_of(payload, payload.size() - 63), ManifestDefect::kTooShort);
  EXPECT_EQ(defect_of(payload, ~std::size_t{0}), ManifestDefect::kTooShort);
  EXPECT_EQ(defect_of({}), ManifestDefect::kTooShort);
  EXPECT_EQ(defect_of(Bytes(63)), ManifestDefect::kTooShort);
  EXPECT_EQ(defect_of(Bytes(64)), ManifestDefect::kVersion);
}

TEST(Manifest, BrokenStreams) {
  const Bytes whole = bytes(kWorkedStream);
  const auto stream = [](const Bytes& bytes_in) {
    const U256 size = U256::from_u64(bytes_in.size());
    return defect_of(
        joined({word("1"), Bytes(size.be.bytes.begin(), size.be.bytes.end()), bytes_in}));
  };
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(stream(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
              ManifestDefect::kZlib)
        << size;
  }
  Bytes checksum = whole;
  checksum.back() ^= 1;
  EXPECT_EQ(stream(checksum), ManifestDefect::kZlib);
  EXPECT_EQ(stream(bytes("78bb00000001")), ManifestDefect::kZlib);  // asks for a dictionary
  EXPECT_EQ(stream(Bytes(40, 0x5a)), ManifestDefect::kZlib);
}

TEST(Manifest, BrokenRlp) {
  const auto rlp = [](const std::string& text) { return defect_of(payload_of(bytes(text))); };
  const std::string worked = kWorkedRlp;
  EXPECT_EQ(rlp(worked), ManifestDefect::kNone);
  EXPECT_EQ(rlp(worked + "00"), ManifestDefect::kTrailingBytes);
  EXPECT_EQ(rlp(worked + "c0"), ManifestDefect::kTrailingBytes);
  for (std::size_t size = 2; size < worked.size(); size += 2) {
    EXPECT_EQ(rlp(worked.substr(0, size)), ManifestDefect::kRlpTruncated) << size;
  }
  EXPECT_EQ(defect_of(payload_of({})), ManifestDefect::kRlpTruncated);
  EXPECT_EQ(rlp("00"), ManifestDefect::kRlp);      // a string
  EXPECT_EQ(rlp("c0"), ManifestDefect::kRlp);      // no list of blocks
  EXPECT_EQ(rlp("c180"), ManifestDefect::kRlp);    // a string instead of it
  EXPECT_EQ(rlp("c2c0c0"), ManifestDefect::kRlp);  // two of them
  EXPECT_EQ(rlp("c1c0"), ManifestDefect::kNone);   // no blocks: decided by validation
  EXPECT_EQ(rlp("c2c180"), ManifestDefect::kRlp);  // a block that is a string
  EXPECT_EQ(rlp("c2c1c0"), ManifestDefect::kRlp);  // a block without fields
  EXPECT_EQ(rlp("f80100"), ManifestDefect::kRlp);  // a long header for a short list
  EXPECT_EQ(rlp("ffffffffffffffffff"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("ff7fffffffffffffff"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("fa800000"), ManifestDefect::kRlpTruncated);
}

/// A block of any fields.
std::string block(const std::string& fields) {
  const Bytes inner = codec::rlp_list_of(bytes(fields));
  return hex(codec::rlp_list_of(codec::rlp_list_of(inner)));
}

TEST(Manifest, BrokenFields) {
  const auto rlp = [](const std::string& fields) {
    return defect_of(payload_of(bytes(block(fields))));
  };
  const std::string coinbase = "94" + std::string(40, '1');
  EXPECT_EQ(rlp("01" + coinbase + "0203c0"), ManifestDefect::kNone);
  EXPECT_EQ(rlp("88ffffffffffffffff" + coinbase + "88ffffffffffffffff88ffffffffffffffffc0"),
            ManifestDefect::kNone);
  EXPECT_EQ(rlp("89010000000000000000" + coinbase + "0203c0"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("820001" + coinbase + "0203c0"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("00" + coinbase + "0203c0"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("8101" + coinbase + "0203c0"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("01930102030203c0"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("0180"
                "0203c0"),
            ManifestDefect::kRlp);
  EXPECT_EQ(rlp("01" + coinbase + "0203"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("01" + coinbase + "020380"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("01" + coinbase + "0203c0c0"), ManifestDefect::kRlp);  // a sixth field
  EXPECT_EQ(rlp("01" + coinbase + "0203c105"), ManifestDefect::kTransaction);
  EXPECT_EQ(rlp("01" + coinbase + "0203c1c0"), ManifestDefect::kTransaction);
  EXPECT_EQ(rlp("01" + coinbase +
                "0203c382"
                "02c0"),
            ManifestDefect::kTransaction);
  EXPECT_EQ(rlp("01" + coinbase + "0203c28105"), ManifestDefect::kRlp);
  EXPECT_EQ(rlp("01" + coinbase + "0203c2c280"), ManifestDefect::kRlp);  // beyond the list
}

/// A manifest of one block with `transactions` equal items, about 300 bytes each.
Bytes long_manifest(std::size_t transactions, const std::string& last = "") {
  protocol::AnchorTxInput input;
  input.chain_id = 167001;
  Bytes item;
  codec::append_rlp_string(item, protocol::build_anchor_tx(input));
  BlockToPropose one{worked_block(), {}};
  for (std::size_t i = 0; i < transactions; ++i) {
    one.transactions.insert(one.transactions.end(), item.begin(), item.end());
  }
  const Bytes more = bytes(last.empty() ? "-" : last);
  one.transactions.insert(one.transactions.end(), more.begin(), more.end());
  return codec::encode_manifest(std::vector{one});
}

TEST(Manifest, OverTheBoundIsUndecidedOnlyWhenWellFormed) {
  const ManifestBounds small{192, 1000};
  EXPECT_EQ(defect_of(long_manifest(3), 0, small), ManifestDefect::kNone);
  EXPECT_EQ(defect_of(long_manifest(500), 0, small), ManifestDefect::kTooLarge);
  EXPECT_EQ(defect_of(long_manifest(500)), ManifestDefect::kNone);
  // What is wrong far behind the bound is still found.
  EXPECT_EQ(defect_of(long_manifest(500, "05"), 0, small), ManifestDefect::kTransaction);
  EXPECT_EQ(defect_of(long_manifest(500, "8105"), 0, small), ManifestDefect::kRlp);
  // One item alone over the bound.
  EXPECT_EQ(defect_of(long_manifest(1), 0, {192, 100}), ManifestDefect::kTooLarge);
  Bytes zeros = payload_of(Bytes(5'000'000));
  EXPECT_EQ(defect_of(zeros, 0, small), ManifestDefect::kRlp);
}

TEST(Manifest, BoundIsExact) {
  const Bytes payload = payload_of(bytes(kWorkedRlp));
  EXPECT_EQ(defect_of(payload, 0, {192, 40}), ManifestDefect::kNone);
  EXPECT_EQ(defect_of(payload, 0, {192, 39}), ManifestDefect::kTooLarge);
}

DerivationSource source_of(std::size_t blobs, std::uint32_t offset = 0, bool forced = false) {
  DerivationSource source;
  source.is_forced_inclusion = forced;
  source.blobs.blob_hashes.resize(blobs);
  source.blobs.offset = offset;
  return source;
}
protocol::SourceManifest resolve(const DerivationSource& source, const std::vector<Bytes>& blobs) {
  const std::vector<BytesView> views(blobs.begin(), blobs.end());
  return protocol::resolve_source(source, views, kBounds);
}

TEST(SourceManifest, WithoutBlobsOrRoomTheDefaultNeedsNoNetwork) {
  EXPECT_EQ(defect_without_blobs(source_of(0)), ManifestDefect::kNoBlobs);
  EXPECT_EQ(defect_without_blobs(source_of(1, 131'009)), ManifestDefect::kOffset);
  EXPECT_EQ(defect_without_blobs(source_of(1, 131'008)), ManifestDefect::kNone);
  EXPECT_EQ(defect_without_blobs(source_of(2, 0xffffff)), ManifestDefect::kOffset);
  EXPECT_TRUE(codec::is_default(resolve(source_of(0), {}).manifest.blocks));
}

TEST(SourceManifest, PayloadsOfSeveralBlobsAreJoined) {
  const Bytes payload =
      joined({Bytes(130'000, 0x11),
              codec::encode_manifest(std::vector{BlockToPropose{worked_block(), {}}})});
  const auto cut = payload.begin() + codec::kBlobPayloadBytesMax;
  const std::vector<Bytes> blobs{codec::encode_blob(Bytes(payload.begin(), cut)),
                                 codec::encode_blob(Bytes(cut, payload.end()))};
  const auto found = resolve(source_of(2, 130'000), blobs);
  EXPECT_EQ(found.defect, ManifestDefect::kNone);
  EXPECT_EQ(found.manifest.blocks.size(), 1U);
  const auto swapped = resolve(source_of(2, 130'000), {blobs[1], blobs[0]});
  EXPECT_NE(swapped.defect, ManifestDefect::kNone);
  EXPECT_TRUE(codec::is_default(swapped.manifest.blocks));
}

TEST(SourceManifest, AnUndecodableBlobIsTheDefaultAndNamed) {
  Bytes bad(codec::kBlobBytes);
  bad[6] = 2;
  const auto found = resolve(source_of(2), {codec::encode_blob(long_manifest(1)), bad});
  EXPECT_EQ(found.defect, ManifestDefect::kBlob);
  EXPECT_EQ(found.blob_defect, codec::BlobDefect::kStrayPayload);
  EXPECT_TRUE(codec::is_default(found.manifest.blocks));
  EXPECT_FALSE(found.is_undecided());
}

TEST(SourceManifest, AForcedInclusionHasExactlyOneBlock) {
  const BlockToPropose one{worked_block(), {}};
  const auto forced = [&one](std::size_t blocks) {
    const Bytes blob =
        codec::encode_blob(codec::encode_manifest(std::vector<BlockToPropose>(blocks, one)));
    return resolve(source_of(1, 0, true), {blob}).defect;
  };
  EXPECT_EQ(forced(0), ManifestDefect::kForcedBlockCount);
  EXPECT_EQ(forced(1), ManifestDefect::kNone);
  EXPECT_EQ(forced(2), ManifestDefect::kForcedBlockCount);
}

TEST(DerivationRules, BlocksPerSourceSwitchExactlyAtUnzen) {
  const auto hoodi = *protocol::chain_profile("hoodi");
  EXPECT_EQ(protocol::blocks_per_source_max(hoodi, UnixSeconds{1781787599}), 192U);
  EXPECT_EQ(protocol::blocks_per_source_max(hoodi, UnixSeconds{1781787600}), 768U);
  const auto mainnet = *protocol::chain_profile("mainnet");
  EXPECT_EQ(protocol::blocks_per_source_max(mainnet, UnixSeconds{1786021199}), 192U);
  EXPECT_EQ(protocol::blocks_per_source_max(mainnet, UnixSeconds{1786021200}), 768U);
  EXPECT_EQ(protocol::blocks_per_source_max(*protocol::chain_profile("devnet"), {}), 768U);
  EXPECT_EQ(protocol::blocks_per_source_max(*protocol::chain_profile("masaya"), {}), 768U);
  auto custom = *protocol::chain_profile("devnet");
  custom.chain_id = 7;
  custom.unzen_time = UnixSeconds{~std::uint64_t{0}};
  EXPECT_EQ(protocol::blocks_per_source_max(custom, UnixSeconds{1786021200}), 192U);
}

TEST(DerivationRules, AnchorInTheParentsTransactionOnlyInMainnetsFirstProposals) {
  const auto mainnet = *protocol::chain_profile("mainnet");
  EXPECT_TRUE(protocol::anchor_in_parent_transaction(mainnet, ProposalId{7}));
  EXPECT_FALSE(protocol::anchor_in_parent_transaction(mainnet, ProposalId{8}));
  EXPECT_FALSE(
      protocol::anchor_in_parent_transaction(*protocol::chain_profile("hoodi"), ProposalId{1}));
}

}  // namespace
}  // namespace preconf::core::test
