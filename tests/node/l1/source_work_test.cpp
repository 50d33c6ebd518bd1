// Blobs to manifests to transaction lists, and the caches between them.
#include "node/l1/source_work.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/base/hex.hpp"
#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::tests {
namespace {

namespace ev = core::events;
namespace commands = core::commands;
using node::l1::BytesCache;

core::Hash32 filled(std::uint8_t byte) {
  core::Hash32 out;
  out.bytes.fill(byte);
  return out;
}

struct SourceWork : testing::Test {
  core::ContentRef store_blob(const core::Bytes& payload) {
    auto blob = std::make_shared<const core::Bytes>(core::codec::encode_blob(payload));
    const core::ContentRef ref{core::crypto::keccak256(*blob),
                               static_cast<std::uint32_t>(blob->size())};
    stored[ref.hash] = std::move(blob);
    return ref;
  }
  node::l1::BlobLoader loader() {
    return [this](const core::Hash32& hash) -> std::shared_ptr<const core::Bytes> {
      const auto found = stored.find(hash);
      return found == stored.end() ? nullptr : found->second;
    };
  }
  /// One block with two legacy transactions, as a proposer says it.
  static core::Bytes manifest() {
    core::codec::BlockToPropose block;
    block.block.timestamp = core::UnixSeconds{1'775'135'800};
    block.block.anchor_block_number = core::L1BlockNumber{24'789'123};
    block.block.gas_limit = 45'000'000;
    return core::codec::encode_manifest(std::vector{block});
  }
  static commands::ResolveSources resolve(std::size_t hashes) {
    commands::ResolveSources out;
    out.id = core::ProposalId{11};
    out.blocks_per_source_max = 192;
    core::protocol::DerivationSource source;
    source.blobs.blob_hashes.resize(hashes);
    out.sources = {source};
    return out;
  }

  std::map<core::Hash32, std::shared_ptr<const core::Bytes>> stored;
  BytesCache manifests{1 << 20};
  BytesCache lists{1 << 20};
  const core::protocol::ChainProfile chain = *core::protocol::chain_profile("devnet");
};

TEST_F(SourceWork, AManifestOutOfItsBlob) {
  const core::ContentRef blob = store_blob(manifest());
  const auto result = node::l1::resolve_sources(resolve(1), {{blob}}, loader(), manifests);
  const auto& resolved = std::get<ev::SourcesResolved>(result);
  EXPECT_EQ(resolved.id.value, 11U);
  ASSERT_EQ(resolved.sources.size(), 1U);
  const ev::SourceFacts& source = resolved.sources[0];
  EXPECT_EQ(source.defect, core::codec::ManifestDefect::kNone);
  EXPECT_EQ(source.blobs, std::vector{blob});
  ASSERT_EQ(source.blocks.size(), 1U);
  EXPECT_EQ(source.blocks[0].timestamp.value, 1'775'135'800U);
  EXPECT_EQ(source.blocks[0].anchor_block_number.value, 24'789'123U);
  const auto kept = manifests.find(source.manifest_hash);
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(core::crypto::keccak256(*kept), source.manifest_hash);
}

TEST_F(SourceWork, BadContentIsTheDefaultAndMissingContentIsNot) {
  const core::ContentRef bad = store_blob(core::Bytes(200, 7));
  const auto defaulted = std::get<ev::SourcesResolved>(
      node::l1::resolve_sources(resolve(1), {{bad}}, loader(), manifests));
  EXPECT_EQ(defaulted.sources[0].defect, core::codec::ManifestDefect::kVersion);
  EXPECT_TRUE(defaulted.sources[0].manifest_hash.is_zero());
  EXPECT_TRUE(core::codec::is_default(defaulted.sources[0].blocks));
  const auto none = std::get<ev::SourcesResolved>(
      node::l1::resolve_sources(resolve(0), {{}}, loader(), manifests));
  EXPECT_EQ(none.sources[0].defect, core::codec::ManifestDefect::kNoBlobs);
  const core::ContentRef lost{filled(9), core::codec::kBlobBytes};
  const auto failed =
      std::get<ev::L1Failed>(node::l1::resolve_sources(resolve(1), {{lost}}, loader(), manifests));
  EXPECT_EQ(failed.kind, ev::L1FailureKind::kContentMissing);
  EXPECT_EQ(failed.hash, lost.hash);
}

// The worked anchor transaction of the derivation rules (section 6.5, 6.6), alone in its list.
TEST_F(SourceWork, AnchorTransactionAlone) {
  commands::AssembleTxList command;
  command.base_fee_wei = 25'000'000;
  command.anchor_number = core::L1BlockNumber{12'345'678};
  command.anchor_hash = filled(0x11);
  command.anchor_state_root = filled(0x22);
  const auto list = std::get<ev::TxListAssembled>(
      node::l1::assemble_list(command, chain, loader(), manifests, lists));
  EXPECT_EQ(core::to_hex(list.anchor_tx_hash.view()),
            "4defc52092a538a458d7872dbe182e863494124e061a9fb127b7f99a84d6b77b");
  EXPECT_EQ(core::to_hex(list.rlp_hash.view()),
            "69cf60130c3a330d5c66c8b746c95883573ad96c0b05b1bb7ce7e72a740aebd2");
  EXPECT_EQ(list.bytes, 214U);
  ASSERT_NE(lists.find(list.rlp_hash), nullptr);
  EXPECT_EQ(lists.find(list.rlp_hash)->size(), 214U);
}

TEST_F(SourceWork, TransactionsComeFromTheCacheOrFromTheBlobsAgain) {
  const core::ContentRef blob = store_blob(manifest());
  auto resolved = std::get<ev::SourcesResolved>(
      node::l1::resolve_sources(resolve(1), {{blob}}, loader(), manifests));
  commands::AssembleTxList command;
  command.source = resolved.sources[0];
  command.source.blocks.clear();
  command.blocks_per_source_max = 192;
  // Any range of the manifest stands for transactions here: they are copied, not read.
  command.transactions_offset = 1;
  command.transactions_bytes = 5;
  const auto first = node::l1::assemble_list(command, chain, loader(), manifests, lists);
  const auto& list = std::get<ev::TxListAssembled>(first);
  const auto bytes = lists.find(list.rlp_hash);
  const auto kept = manifests.find(command.source.manifest_hash);
  EXPECT_TRUE(std::equal(bytes->end() - 5, bytes->end(), kept->begin() + 1));

  BytesCache empty{1 << 20};
  EXPECT_EQ(node::l1::assemble_list(command, chain, loader(), empty, lists), first);
  EXPECT_NE(empty.find(command.source.manifest_hash), nullptr);

  stored.clear();
  BytesCache other{1 << 20};
  const auto lost = node::l1::assemble_list(command, chain, loader(), other, lists);
  EXPECT_EQ(std::get<ev::L1Failed>(lost).kind, ev::L1FailureKind::kContentMissing);
  command.transactions_bytes = 1'000'000;
  const auto beyond = node::l1::assemble_list(command, chain, loader(), manifests, lists);
  EXPECT_EQ(std::get<ev::L1Failed>(beyond).kind, ev::L1FailureKind::kMalformed);
}

TEST(BytesCache, TheLeastRecentlyUsedGoesFirst) {
  BytesCache cache(250);
  const auto bytes = std::make_shared<const core::Bytes>(100);
  cache.put(filled(1), bytes);
  cache.put(filled(2), bytes);
  EXPECT_NE(cache.find(filled(1)), nullptr);
  cache.put(filled(3), bytes);
  EXPECT_EQ(cache.find(filled(2)), nullptr);
  EXPECT_NE(cache.find(filled(1)), nullptr);
  EXPECT_EQ(cache.bytes(), 200U);
  // One that is larger than all room still stays: it is what is needed next.
  cache.put(filled(4), std::make_shared<const core::Bytes>(1'000));
  EXPECT_NE(cache.find(filled(4)), nullptr);
  EXPECT_EQ(cache.bytes(), 1'000U);
}

}  // namespace
}  // namespace preconf::tests
