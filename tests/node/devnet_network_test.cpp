// The network with its own L1, in one process: blocks land, a broken promise is followed, and the
// schedule that L1 tells is the one that the preconfer keeps to.
#include "node/devnet/devnet.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/protocol/lookahead_table.hpp"
#include "tests/node/devnet_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

namespace protocol = core::protocol;

class DevnetNetwork : public ::testing::Test {
 protected:
  DevnetNetwork() {
    std::string pattern = (std::filesystem::temp_directory_path() / "devnet-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    DevnetOptions options;
    options.directory = directory_;
    options.followers = 1;
    options.has_l1 = true;
    auto devnet = Devnet::create(loop_, options);
    EXPECT_TRUE(devnet.has_value()) << (devnet ? "" : devnet.error());
    if (devnet) devnet_ = std::move(*devnet);
  }
  ~DevnetNetwork() override {
    devnet_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::shared_ptr<const PublishedBlock> preconfirm() {
    auto block = devnet_->preconfer().produce();
    EXPECT_TRUE(block.has_value()) << (block ? "" : block.error());
    devnet_->propose_due();
    return block ? *block : nullptr;
  }
  L1Chain& l1() { return devnet_->l1()->node().chain; }
  EngineChain& l2() { return devnet_->engine(0).engine().chain; }

  io::EventLoop loop_;
  std::string directory_;
  std::unique_ptr<Devnet> devnet_;
};

TEST_F(DevnetNetwork, BlocksLandAndABrokenPromiseIsFollowed) {
  core::Hash32 promised;
  std::uint64_t broken = 0;
  for (int i = 0; i < 12; ++i) {
    if (i == 4) devnet_->l1()->node().contradict_next(Contradiction::kTransactions);
    const auto block = preconfirm();
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(block->number.value, l2().head().number()) << "none is left out";
    if (l2().head().hash == block->hash) continue;
    EXPECT_EQ(broken, 0U) << "only one was ordered";
    broken = block->number.value;
    promised = block->hash;
  }
  ASSERT_NE(broken, 0U);
  EXPECT_NE(l2().canonical(broken)->hash, promised);
  EXPECT_EQ(l2().canonical(broken)->transactions.size(), 1U) << "the anchor alone is left";
  static_cast<void>(devnet_->l1()->proposer().close());
  devnet_->l1()->settle();
  const auto& sent = devnet_->l1()->proposer().sent();
  ASSERT_GE(sent.size(), 3U);
  EXPECT_EQ(l1().finalized()->contracts.inbox.next.value, sent.back().id.value + 1);
  EXPECT_EQ(l1().finalized()->contracts.inbox.last_finalized, sent.back().id);
  for (const SentProposal& one : sent) {
    EXPECT_EQ(one.is_contradicting, one.last.value == broken);
    const core::Bytes& extra = l2().canonical(one.last.value)->header.extra_data;
    const auto expected = protocol::extra_data_of(75, one.id);
    EXPECT_TRUE(
        std::equal(extra.begin(), extra.end(), expected.bytes.begin(), expected.bytes.end()));
  }
}

TEST_F(DevnetNetwork, TheScheduleFromL1IsThePreconfersOwn) {
  static_cast<void>(preconfirm());
  const protocol::EpochClock& clock = l1().deployment().clock;
  protocol::ScheduleHistory history;
  for (std::uint64_t number = 0; number <= l1().head().header.number; ++number) {
    const L1Block& block = *l1().canonical(core::L1BlockNumber{number});
    for (const L1Log& log : block.logs) {
      if (log.address != l1().deployment().lookahead_store) continue;
      const auto posted = protocol::read_lookahead_posted(log.log.topics, log.log.data, clock);
      ASSERT_TRUE(posted.has_value());
      ASSERT_TRUE(protocol::append_fact(history, {block.number(), block.hash, block.timestamp(),
                                                  protocol::LookaheadFact{*posted, {}}}));
    }
  }
  ASSERT_EQ(history.facts.size(), 2U) << "this epoch's and the next one's, once each";
  const protocol::LookaheadTable table = protocol::table_of(history, clock);
  const core::UnixSeconds end{clock.genesis.value + 2 * clock.epoch_seconds()};
  const protocol::Schedule derived = protocol::schedule_of(
      protocol::spans_of(table, clock.genesis, end, protocol::FallbackSigner::kProposer), 1);
  const protocol::Schedule own = devnet_->l1()->schedule(3);
  ASSERT_GE(derived.windows.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(derived.windows[i].end, own.windows[i].end);
    EXPECT_EQ(derived.windows[i].committer, own.windows[i].committer);
    // Before genesis there is nothing to preconfirm.
    if (i > 0) {
      EXPECT_EQ(derived.windows[i].start, own.windows[i].start);
    }
  }
}

TEST_F(DevnetNetwork, FollowersAreToldWhereL1Is) {
  const auto arguments = devnet_->node_arguments(1, directory_ + "/data");
  const auto value_of = [&arguments](const char* name) -> std::string {
    const auto found = std::find(arguments.begin(), arguments.end(), name);
    return found == arguments.end() || found + 1 == arguments.end() ? "" : *(found + 1);
  };
  EXPECT_EQ(value_of("--l1.http"), devnet_->l1()->url());
  EXPECT_EQ(value_of("--l1.beacon"), devnet_->l1()->beacon_url());
  EXPECT_EQ(value_of("--schedule"), "");
  EXPECT_EQ(value_of("--l1.static-proposals"), "");
  std::ifstream file(value_of("--l1.deployment"));
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), deployment_toml(l1().deployment()));
  EXPECT_NE(text.str().find("slot_seconds = 3\n"), std::string::npos);
}

}  // namespace
}  // namespace preconf::node::devnet::testing
