// The preconfer: what it signs verifies, links, executes elsewhere, and is never signed twice.
#include "node/devnet/preconfer.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/codec/ssz.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "io/json/eth_json.hpp"
#include "node/devnet/sim_schedule.hpp"
#include "tests/node/devnet_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

constexpr std::uint64_t kStart = 1'800'000'000 - 1'800'000'000 % 384 + 1;  // just inside a window

class DevnetPreconfer : public ::testing::Test {
 protected:
  DevnetPreconfer() {
    std::string pattern = (std::filesystem::temp_directory_path() / "preconfer-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  ~DevnetPreconfer() override { std::filesystem::remove_all(directory_); }

  std::string guard_file() const { return directory_ + "/signed.txt"; }

  std::unique_ptr<Preconfer> make(EngineChain& chain) {
    PreconferOptions options;
    core::Address slasher;
    slasher.bytes.fill(0x51);
    options.network = core::protocol::permissionless_network(slasher);
    options.key.bytes.fill(3);
    options.schedule =
        epoch_schedule(core::UnixSeconds{kStart}, 10, *core::crypto::address_of(options.key));
    options.sign_guard_file = guard_file();
    options.now = [this] { return now_; };
    network_ = options.network;
    schedule_ = options.schedule;
    auto made = Preconfer::create(loop_, chain, std::move(options));
    EXPECT_TRUE(made.has_value());
    return made ? std::move(*made) : nullptr;
  }

  struct Sent {
    core::protocol::CommitmentFacts facts;
    core::Bytes commitment;
    core::Bytes tx_list;
  };
  Sent sent(const PublishedBlock& block) {
    const auto document = io::JsonDocument::parse(block.request);
    EXPECT_TRUE(document.has_value());
    const io::JsonValue params = document->root().get("params").at(0);
    Sent out;
    out.commitment = io::as_data(params.get("commitment"), 1000).value_or(core::Bytes{});
    out.tx_list = io::as_data(params.get("txList"), 1 << 21).value_or(core::Bytes{});
    out.facts = core::protocol::verify_commitment(out.commitment, network_.preconf_domain);
    EXPECT_EQ(out.facts.defect, core::protocol::CommitmentDefect::kNone);
    EXPECT_EQ(io::as_fixed<32>(params.get("txListHash")), core::crypto::keccak256(out.tx_list));
    return out;
  }

  io::EventLoop loop_;
  core::UnixSeconds now_{kStart};
  core::protocol::NetworkProfile network_;
  core::protocol::Schedule schedule_;
  std::string directory_;
};

TEST_F(DevnetPreconfer, ItsBlocksVerifyLinkAndExecuteOnAnotherEngine) {
  EngineChain own(devnet_profile());
  EngineChain other(devnet_profile());
  const auto preconfer = make(own);
  core::Hash32 parent;
  for (std::uint64_t number = 1; number <= 20; ++number, now_.value += 2) {
    const auto block = preconfer->produce();
    ASSERT_TRUE(block.has_value()) << block.error();
    const Sent got = sent(**block);
    EXPECT_EQ(got.facts.signer, preconfer->address());
    EXPECT_EQ(got.facts.block_number.value, number);
    EXPECT_EQ(got.facts.timestamp, now_);
    EXPECT_EQ(got.facts.parent_preconf_hash, parent);
    EXPECT_EQ(got.facts.slasher, network_.slasher_address);
    EXPECT_EQ(got.facts.window_end, schedule_.windows[0].end);
    EXPECT_EQ(got.facts.commitment_hash, (*block)->commitment_hash);
    parent = got.facts.preconf_hash;
    // What a driver builds from the commitment alone is the block that was executed.
    const auto list = core::codec::inflate_txlist(got.tx_list);
    ASSERT_TRUE(list.has_value());
    const auto facts = core::protocol::verify_txlist(got.tx_list);
    EXPECT_EQ(facts.anchor.anchor_block_number, got.facts.anchor_block_number.value);
    EXPECT_EQ(facts.anchor.sender, core::protocol::kGoldenTouchAddress);
    BuildRequest request = request_on(other, other.head());
    request.timestamp = got.facts.timestamp;
    request.fee_recipient = got.facts.coinbase;
    request.gas_limit = got.facts.gas_limit;
    const auto extra =
        core::protocol::extra_data_of(other.profile().base_fee_sharing_pctg, got.facts.proposal_id);
    request.extra_data.assign(extra.bytes.begin(), extra.bytes.end());
    request.tx_list = *list;
    const SimBlock* executed = apply(other, other.head(), request);
    ASSERT_NE(executed, nullptr);
    EXPECT_EQ(executed->hash, (*block)->hash);
    EXPECT_EQ(executed->transactions.size(), 4U) << "anchor and three transfers";
  }
}

TEST_F(DevnetPreconfer, TheLastBlockOfAWindowSaysSoAndTheNextOneOpensTheNextWindow) {
  EngineChain chain(devnet_profile());
  const auto preconfer = make(chain);
  const core::UnixSeconds end = schedule_.windows[0].end;
  now_ = core::UnixSeconds{end.value - 3};
  auto block = preconfer->produce();
  ASSERT_TRUE(block.has_value());
  EXPECT_FALSE((*block)->eop);
  now_.value += 2;  // one second is left: no further block fits
  block = preconfer->produce();
  ASSERT_TRUE(block.has_value());
  EXPECT_TRUE((*block)->eop);
  EXPECT_EQ(sent(**block).facts.window_end, end);
  block = preconfer->produce();  // at the same second
  ASSERT_TRUE(block.has_value());
  EXPECT_FALSE((*block)->eop);
  EXPECT_EQ((*block)->timestamp.value, end.value + 1);
  EXPECT_EQ(sent(**block).facts.window_end, schedule_.windows[1].end);
}

TEST_F(DevnetPreconfer, OutsideTheScheduleItHasNoBlock) {
  EngineChain chain(devnet_profile());
  const auto preconfer = make(chain);
  now_ = core::UnixSeconds{schedule_.windows.back().end.value + 1};
  const auto block = preconfer->produce();
  ASSERT_FALSE(block.has_value());
  EXPECT_NE(block.error().find("no window"), std::string::npos);
  EXPECT_EQ(chain.head().number(), 0U);
}

TEST_F(DevnetPreconfer, AfterARestartItNeverSignsAnotherContentAtASignedHeight) {
  core::Hash32 signed_hash;
  {
    EngineChain chain(devnet_profile());
    const auto block = make(chain)->produce();
    ASSERT_TRUE(block.has_value());
    signed_hash = (*block)->commitment_hash;
  }
  {  // the same content again is the same signature again
    EngineChain chain(devnet_profile());
    const auto block = make(chain)->produce();
    ASSERT_TRUE(block.has_value());
    EXPECT_EQ((*block)->commitment_hash, signed_hash);
  }
  EngineChain chain(devnet_profile());
  ++now_.value;
  const auto block = make(chain)->produce();
  ASSERT_FALSE(block.has_value());
  EXPECT_NE(block.error().find("another one was signed"), std::string::npos);
  EXPECT_EQ(chain.head().number(), 0U) << "the refused block is not the head";
}

TEST_F(DevnetPreconfer, TheGuardCutsAnUnfinishedLineAndRefusesADamagedFile) {
  {
    auto guard = SignGuard::open(guard_file());
    ASSERT_TRUE(guard.has_value());
    EXPECT_EQ(guard->permit(core::UnixSeconds{384}, core::BlockNumber{1}, filled(1)),
              SignPermit::kFirst);
    EXPECT_EQ(guard->permit(core::UnixSeconds{384}, core::BlockNumber{1}, filled(1)),
              SignPermit::kRepeat);
    EXPECT_EQ(guard->permit(core::UnixSeconds{384}, core::BlockNumber{1}, filled(2)),
              SignPermit::kConflict);
    EXPECT_EQ(guard->permit(core::UnixSeconds{768}, core::BlockNumber{1}, filled(2)),
              SignPermit::kFirst)
        << "another window";
  }
  std::ofstream(guard_file(), std::ios::app) << "768 2 0x12";
  {
    auto guard = SignGuard::open(guard_file());
    ASSERT_TRUE(guard.has_value());
    EXPECT_EQ(guard->size(), 2U);
    EXPECT_EQ(guard->permit(core::UnixSeconds{768}, core::BlockNumber{2}, filled(3)),
              SignPermit::kFirst);
  }
  EXPECT_EQ(SignGuard::open(guard_file())->size(), 3U);
  std::ofstream(guard_file(), std::ios::app) << "768 x\n";
  EXPECT_FALSE(SignGuard::open(guard_file()).has_value());
  EXPECT_FALSE(SignGuard::open(directory_ + "/none/signed.txt").has_value());
}

TEST(DevnetSchedule, WindowsFollowEachOtherAndTheFileSaysTheSame) {
  core::Address committer;
  committer.bytes.fill(0xab);
  const auto schedule = epoch_schedule(core::UnixSeconds{1000}, 3, committer, 7);
  ASSERT_EQ(schedule.windows.size(), 3U);
  EXPECT_EQ(schedule.windows[0].start.value, 768U);
  EXPECT_EQ(schedule.windows[0].end.value, 1152U);
  EXPECT_EQ(core::protocol::check_schedule(schedule), core::protocol::ScheduleDefect::kNone);
  EXPECT_EQ(epoch_schedule(core::UnixSeconds{1152}, 1, committer).windows[0].end.value, 1152U);
  EXPECT_EQ(core::protocol::check_schedule(
                epoch_schedule(core::UnixSeconds{0}, core::limits::kScheduleWindowsMax, committer)),
            core::protocol::ScheduleDefect::kNone);
  const auto document = io::JsonDocument::parse(schedule_json(schedule));
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root().get("version").as_u64(), std::uint64_t{7});
  const io::JsonValue window = document->root().get("windows").at(2);
  EXPECT_EQ(window.get("start").as_u64(), std::uint64_t{1536});
  EXPECT_EQ(window.get("committer").as_string(), "0xabababababababababababababababababababab");
}

}  // namespace
}  // namespace preconf::node::devnet::testing
