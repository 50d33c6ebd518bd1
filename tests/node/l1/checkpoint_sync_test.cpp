// Checkpoint sync over real sockets: what L1 proved, what another node serves, what engines do.
// does.
#include "node/l1/checkpoint_sync.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "io/engine/served_block.hpp"
#include "node/devnet/engine_json.hpp"
#include "node/devnet/engine_server.hpp"
#include "node/devnet/l1_server.hpp"
#include "tests/io/support/loop_thread.hpp"
#include "tests/node/devnet_l1_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

/// An engine to sync from with ten blocks, one that is at genesis, and an L1 that has proven the
/// fifth block and finalized that.
class CheckpointSync : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kProven = 5;

  CheckpointSync() : l1_node_(l1_options()) {
    secret_.bytes.fill(0x2a);
    source_ = make_engine();
    own_ = make_engine();
    EXPECT_TRUE(thread_.call([this] { return l1_.start().has_value(); }));
    extend(source_chain(), 10);
    activate(l1_node_.chain);
    deployment_.deployment = l1_node_.chain.deployment();
    deployment_.http_urls = {l1_.url()};
    deployment_.checkpoint_urls = {source_->public_url()};
  }
  ~CheckpointSync() override { thread_.join(); }

  std::unique_ptr<EngineServer> make_engine() {
    EngineServerOptions options;
    options.jwt_secret = secret_;
    options.profile = devnet_profile();
    return thread_.call([&] {
      auto server = std::make_unique<EngineServer>(thread_.loop, std::move(options));
      EXPECT_TRUE(server->start().has_value());
      return server;
    });
  }
  EngineChain& source_chain() { return source_->engine().chain; }
  EngineChain& own_chain() { return own_->engine().chain; }

  /// L1 proves that proposal 1 ends at this block, and finalizes it.
  void prove(const core::Hash32& last_block) {
    l1_node_.chain.submit(propose_of({filled(0x01)}));
    l1_node_.chain.mine();
    l1_call::Prove proof;
    proof.last = core::ProposalId{1};
    proof.last_block_hash = last_block;
    l1_node_.chain.submit(proof);
    l1_node_.chain.mine();
    ASSERT_TRUE(l1_node_.chain.set_finalized(l1_node_.chain.head().number()));
  }

  core::Result<l1::CheckpointSynced, std::string> sync() {
    l1::CheckpointSyncOptions options;
    options.l1 = &deployment_;
    options.engine.public_url = own_->public_url();
    options.engine.auth_url = own_->auth_url();
    options.engine.jwt_secret = secret_;
    options.chain = devnet_profile();
    options.interval_max = std::chrono::milliseconds{100};
    return l1::sync_to_checkpoint(std::move(options));
  }

  io::JwtSecret secret_;
  L1Node l1_node_;
  io::test::LoopThread thread_;
  std::unique_ptr<EngineServer> source_;
  std::unique_ptr<EngineServer> own_;
  L1Server l1_{thread_.loop, l1_node_, {}};
  L1Config deployment_;
};

TEST_F(CheckpointSync, AnEngineAtGenesisIsBroughtToTheProvenBlock) {
  const SimBlock& proven = *source_chain().canonical(kProven);
  prove(proven.hash);
  own_chain().set_sync_peer(&source_chain());
  const auto synced = sync();
  ASSERT_TRUE(synced.has_value()) << synced.error();
  ASSERT_TRUE(synced->reached) << synced->remark;
  EXPECT_EQ(synced->reached->proposal, core::ProposalId{1});
  EXPECT_EQ(synced->reached->block, (core::BlockRef{core::BlockNumber{kProven}, proven.hash}));
  EXPECT_EQ(synced->reached->anchor.value, proven.anchor_number);
  EXPECT_EQ(synced->reached->proven.hash, l1_node_.chain.head().hash);
  EXPECT_EQ(own_chain().head().hash, proven.hash);
}

TEST_F(CheckpointSync, AnEngineThatHasTheBlockIsNotToldAnything) {
  prove(source_chain().canonical(kProven)->hash);
  extend(own_chain(), 7);  // the same blocks: nothing in them is random
  const std::uint64_t calls = own_->engine().chain.blocks_known();
  const auto synced = sync();
  ASSERT_TRUE(synced.has_value()) << synced.error();
  ASSERT_TRUE(synced->reached) << synced->remark;
  EXPECT_EQ(own_chain().head().number(), 7U);
  EXPECT_EQ(own_->engine().chain.blocks_known(), calls);
}

/// reth's pipeline has all bodies before it executes the first block; meanwhile it serves them.
TEST_F(CheckpointSync, ABlockThatTheEngineHasFetchedIsNotReached) {
  const SimBlock& proven = *source_chain().canonical(kProven);
  prove(proven.hash);
  own_chain().set_sync_peer(&source_chain());
  own_chain().sync_in_stages();
  // The state is what comes last: who asks for it too early would ask for ever.
  own_->on_call([this](std::string_view method) {
    if (method == "eth_call" && own_chain().head().number() < kProven) {
      ::kill(::getpid(), SIGTERM);
    }
  });
  const auto synced = sync();
  ASSERT_TRUE(synced.has_value()) << synced.error();
  ASSERT_TRUE(synced->reached) << synced->remark;
  EXPECT_EQ(synced->reached->block, (core::BlockRef{core::BlockNumber{kProven}, proven.hash}));
  EXPECT_EQ(synced->reached->anchor.value, proven.anchor_number);
}

TEST_F(CheckpointSync, NothingIsDoneWithoutAProof) {
  auto synced = sync();
  ASSERT_TRUE(synced.has_value()) << synced.error();
  EXPECT_EQ(synced->remark, "L1 has finalized nothing yet");
  ASSERT_TRUE(l1_node_.chain.set_finalized(l1_node_.chain.head().number()));
  synced = sync();
  ASSERT_TRUE(synced.has_value()) << synced.error();
  EXPECT_EQ(synced->remark, "nothing is proven on L1 yet");
  EXPECT_FALSE(synced->reached);
}

TEST_F(CheckpointSync, AnEngineWithAPointerGoesOnFromThere) {
  prove(source_chain().canonical(kProven)->hash);
  extend(own_chain(), 1);
  own_chain().tables().head_origin = 1;
  const auto synced = sync();
  ASSERT_TRUE(synced.has_value()) << synced.error();
  EXPECT_NE(synced->remark.find("head L1 origin"), std::string::npos) << synced->remark;
  EXPECT_EQ(own_chain().head().number(), 1U);
}

TEST_F(CheckpointSync, ABlockOfAnotherProposalIsRefused) {
  prove(source_chain().canonical(kProven)->hash);
  l1_node_.chain.submit(propose_of({filled(0x02)}));
  l1_node_.chain.mine();
  l1_call::Prove proof;
  proof.last = core::ProposalId{2};
  proof.last_block_hash = source_chain().canonical(kProven)->hash;
  l1_node_.chain.submit(proof);
  l1_node_.chain.mine();
  ASSERT_TRUE(l1_node_.chain.set_finalized(l1_node_.chain.head().number()));
  const auto synced = sync();
  ASSERT_FALSE(synced.has_value());
  EXPECT_NE(synced.error().find("not of the proposal"), std::string::npos) << synced.error();
}

TEST_F(CheckpointSync, ANodeWithoutTheBlockIsPassedOver) {
  prove(source_chain().canonical(kProven)->hash);
  own_chain().set_sync_peer(&source_chain());
  const auto empty = make_engine();
  deployment_.checkpoint_urls = {empty->public_url(), source_->public_url()};
  const auto synced = sync();
  ASSERT_TRUE(synced.has_value()) << synced.error();
  ASSERT_TRUE(synced->reached) << synced->remark;
  EXPECT_EQ(synced->reached->block.number.value, kProven);
  thread_.join();  // before the server goes
}

TEST_F(CheckpointSync, WhoeverIsSilentFromTheBeginningIsNamed) {
  prove(source_chain().canonical(kProven)->hash);
  deployment_.checkpoint_urls = {"http://127.0.0.1:1"};
  auto synced = sync();
  ASSERT_FALSE(synced.has_value());
  EXPECT_EQ(synced.error().rfind("--l2.checkpoint: ", 0), 0U) << synced.error();
  deployment_.http_urls = {"http://127.0.0.1:1"};
  synced = sync();
  ASSERT_FALSE(synced.has_value());
  EXPECT_EQ(synced.error().rfind("--l1.http: ", 0), 0U) << synced.error();
}

/// The engine asks nobody: it stays where it is, until a signal comes.
TEST_F(CheckpointSync, ASignalEndsIt) {
  prove(source_chain().canonical(kProven)->hash);
  std::atomic<int> told{0};
  own_->on_call([&told](std::string_view method) {
    if (method == "engine_forkchoiceUpdatedV2" && ++told == 3) ::kill(::getpid(), SIGTERM);
  });
  const auto synced = sync();
  ASSERT_TRUE(synced.has_value()) << synced.error();
  EXPECT_TRUE(synced->is_stopped);
  EXPECT_FALSE(synced->reached);
  EXPECT_EQ(told, 3);
}

/// The checkpoint node is a stranger: every byte is checked against the hash that L1 names.
TEST(ServedBlock, NothingInItIsBelieved) {
  EngineChain chain(devnet_profile());
  extend(chain, 2);
  const SimBlock& block = chain.head();
  std::vector<core::Bytes> transactions;
  for (const SimTransaction& one : block.transactions) transactions.push_back(one.raw);
  const std::string text = block_json(block, false);
  const auto read = [&](const std::string& json, const core::Hash32& hash,
                        std::vector<core::Bytes> raw) {
    const auto document = io::JsonDocument::parse(json);
    EXPECT_TRUE(document.has_value());
    return io::served_block_from(document->root(), hash, std::move(raw), devnet_profile());
  };
  const auto sound = read(text, block.hash, transactions);
  ASSERT_TRUE(sound.has_value()) << sound.error();
  EXPECT_EQ(sound->header.ref(), (core::BlockRef{core::BlockNumber{2}, block.hash}));
  EXPECT_EQ(sound->header.parent_hash, block.header.parent_hash);

  EXPECT_FALSE(read(text, filled(0x77), transactions).has_value());
  EXPECT_FALSE(read(text, block.hash, {}).has_value());
  auto other = transactions;
  other[0].back() ^= 1;
  EXPECT_FALSE(read(text, block.hash, other).has_value());
  for (const char* member :
       {"parentHash", "miner", "stateRoot", "receiptsRoot", "logsBloom", "mixHash", "number",
        "gasLimit", "gasUsed", "timestamp", "extraData", "baseFeePerGas"}) {
    std::string changed = text;
    const std::size_t at = changed.find("\"" + std::string(member) + "\":\"0x");
    ASSERT_NE(at, std::string::npos) << member;
    const std::size_t end = changed.find('"', at + std::string(member).size() + 4);
    char& digit = changed[end - 1];
    digit = digit == '1' ? '2' : '1';
    EXPECT_FALSE(read(changed, block.hash, transactions).has_value()) << member;
    changed.erase(at, end + 2 - at);
    const auto without = read(changed, block.hash, transactions);
    ASSERT_FALSE(without.has_value()) << member;
    EXPECT_NE(without.error().find(member), std::string::npos) << without.error();
  }
}

}  // namespace
}  // namespace preconf::node::devnet::testing
