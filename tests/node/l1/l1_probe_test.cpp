// The probe before the start against a simulated L1 on real sockets: what is refused, and by which
// name; what is remarked.
#include "node/l1/l1_probe.hpp"

#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "core/base/hex_literal.hpp"
#include "io/clock.hpp"
#include "node/devnet/beacon_server.hpp"
#include "node/devnet/l1_server.hpp"
#include "tests/io/support/loop_thread.hpp"
#include "tests/node/devnet_l1_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

constexpr core::Address kSlasher = core::fixed_hex("00000000000000000000000000000000000515a5");
constexpr const char* kNobody = "http://127.0.0.1:1";

L1ChainOptions with_slasher() {
  L1ChainOptions options = l1_options();
  options.idle_contracts = {kSlasher};
  return options;
}

/// Of another chain id, and an hour old.
L1ChainOptions other_options() {
  L1ChainOptions options = with_slasher();
  options.deployment.l1_chain_id = 17;
  constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
  options.deployment.clock.genesis =
      core::UnixSeconds{io::wall_now().value / kNanosPerSecond - 3'600};
  return options;
}

/// An L1 of 2023 with an activated inbox, and another one.
class L1Probe : public ::testing::Test {
 protected:
  L1Probe() : node_(with_slasher()), other_node_(other_options()) {
    activate(node_.chain);
    activate(other_node_.chain);
    thread_.call([this] {
      EXPECT_TRUE(l1_.start().has_value());
      EXPECT_TRUE(beacon_.start().has_value());
      EXPECT_TRUE(other_l1_.start().has_value());
      EXPECT_TRUE(other_beacon_.start().has_value());
      return 0;
    });
    config_.deployment = node_.chain.deployment();
    config_.http_urls = {l1_.url()};
    config_.beacon_urls = {beacon_.url()};
  }
  ~L1Probe() override { thread_.join(); }

  /// A proposal with one blob.
  static core::Hash32 propose(L1Node& node) {
    const core::Hash32 hash = node.chain.add_blob(core::Bytes(core::codec::kBlobBytes));
    node.chain.submit(propose_of({hash}));
    node.chain.mine();
    return hash;
  }
  std::vector<std::string> remarks() {
    const auto probed = l1::probe(config_, slasher_);
    EXPECT_TRUE(probed.has_value()) << probed.error();
    return probed ? *probed : std::vector<std::string>{};
  }
  std::string refusal() {
    const auto probed = l1::probe(config_, slasher_);
    EXPECT_FALSE(probed.has_value());
    return probed ? std::string() : probed.error();
  }
  std::uint64_t calls_of(L1Node& node, const std::string& name) {
    return thread_.call([&] { return node.calls[name]; });
  }

  L1Node node_;
  L1Node other_node_;
  io::test::LoopThread thread_;
  L1Server l1_{thread_.loop, node_, {}};
  BeaconServer beacon_{thread_.loop, node_, {}};
  L1Server other_l1_{thread_.loop, other_node_, {}};
  BeaconServer other_beacon_{thread_.loop, other_node_, {}};
  L1Config config_;
  core::Address slasher_ = kSlasher;
};

TEST_F(L1Probe, AllIsWell) {
  config_.deployment = other_node_.chain.deployment();
  config_.http_urls = {other_l1_.url()};
  config_.beacon_urls = {other_beacon_.url()};
  EXPECT_EQ(remarks(), std::vector<std::string>{}) << "an inbox without proposals";
  EXPECT_EQ(calls_of(other_node_, "beacon_blob_sidecars"), 0U);
  propose(other_node_);
  EXPECT_EQ(remarks(), std::vector<std::string>{});
  EXPECT_EQ(calls_of(other_node_, "beacon_blob_sidecars"), 1U);
}

TEST_F(L1Probe, ThatABlobServerIsBelievedIsRemarked) {
  config_.blob_servers = {beacon_.url()};
  const auto heard = remarks();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].rfind("--blob.server: ", 0), 0U) << heard[0];
  EXPECT_NE(heard[0].find("not checked"), std::string::npos) << heard[0];
}

TEST_F(L1Probe, AWrongChainIdIsRefusedByItsUrl) {
  config_.http_urls = {l1_.url(), other_l1_.url()};
  EXPECT_EQ(refusal(), "--l1.http: " + other_l1_.url() + ": eth_chainId is 17, not " +
                           std::to_string(config_.deployment.l1_chain_id));
  config_.http_urls = {other_l1_.url()};
  EXPECT_EQ(refusal().rfind("--l1.http: " + other_l1_.url() + ": eth_chainId is 17", 0), 0U);
}

TEST_F(L1Probe, AnEndpointThatIsSilentIsRefusedOnlyAlone) {
  config_.http_urls = {kNobody, l1_.url()};
  const auto heard = remarks();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].rfind("--l1.http: http://127.0.0.1:1: eth_chainId: connect", 0), 0U)
      << heard[0];
  config_.http_urls = {kNobody};
  EXPECT_EQ(refusal().rfind("--l1.http: http://127.0.0.1:1: eth_chainId: connect", 0), 0U);
}

TEST_F(L1Probe, AnAddressWithoutAnInboxIsRefused) {
  config_.deployment.inbox = address_of(0x77);
  const std::string refused = refusal();
  EXPECT_EQ(refused.rfind("--shasta.inbox: no inbox at 0x7777", 0), 0U) << refused;
  EXPECT_NE(refused.find("there is no contract"), std::string::npos) << refused;
  // A contract, and another one.
  config_.deployment.inbox = config_.deployment.lookahead_store;
  EXPECT_EQ(refusal().find("there is no contract"), std::string::npos);
}

// Logs and answers of an address without a contract are missing in silence: with a mistake in the
// deployment file the node came up, and nobody was in its schedule.
TEST_F(L1Probe, AnAddressOfTheScheduleWithoutAContractIsRefusedByItsName) {
  const core::protocol::L1Deployment right = config_.deployment;
  config_.deployment.preconf_whitelist = address_of(0x66);
  EXPECT_EQ(refusal(),
            "--l1.deployment: preconf_whitelist: no contract at "
            "0x6666666666666666666666666666666666666666 on L1 chain id 32382");
  config_.deployment = right;
  config_.deployment.lookahead_store = address_of(0x55);
  EXPECT_EQ(refusal(),
            "--l1.deployment: lookahead_store: no contract at "
            "0x5555555555555555555555555555555555555555 on L1 chain id 32382");
  // Without one there is nothing to ask for.
  config_.deployment.preconf_whitelist = {};
  config_.deployment.lookahead_store = {};
  EXPECT_EQ(remarks(), std::vector<std::string>{});
}

// The node never calls it, and networks for tests have none.
TEST_F(L1Probe, ASlasherWithoutAContractIsRemarked) {
  slasher_ = address_of(0x44);
  const auto heard = remarks();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].rfind("--preconf.slasher: no contract at 0x4444", 0), 0U) << heard[0];
}

TEST_F(L1Probe, AnEndpointThatDoesNotTellCodeIsRemarked) {
  thread_.call([this] {
    Fault fault;
    fault.kind = FaultKind::kError;
    fault.code = -32601;
    fault.message = "the method does not exist";
    fault.method = "eth_getCode";
    fault.times = 100;
    EXPECT_TRUE(node_.faults.add(fault));
    return 0;
  });
  const auto heard = remarks();
  ASSERT_EQ(heard.size(), 4U) << "inbox, whitelist, lookahead store, slasher";
  EXPECT_EQ(heard[0].rfind("--l1.http: eth_getCode: the method does not exist", 0), 0U) << heard[0];
}

TEST_F(L1Probe, AnotherBeaconClockIsRefusedByItsUrl) {
  config_.beacon_urls = {beacon_.url(), other_beacon_.url()};
  EXPECT_EQ(refusal(), "--l1.beacon: " + other_beacon_.url() + ": genesis " +
                           std::to_string(other_node_.chain.deployment().clock.genesis.value) +
                           ", slots of 12 s, 32 to the epoch; the deployment has genesis "
                           "1700000000, slots of 12 s, 32 to the epoch");
}

TEST_F(L1Probe, ABeaconNodeThatIsSilentIsRefusedOnlyAlone) {
  config_.beacon_urls = {kNobody, beacon_.url()};
  const auto heard = remarks();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].rfind("--l1.beacon: http://127.0.0.1:1 genesis: connect", 0), 0U) << heard[0];
  config_.beacon_urls = {kNobody};
  EXPECT_EQ(refusal().rfind("--l1.beacon: http://127.0.0.1:1 genesis: connect", 0), 0U);
}

TEST_F(L1Probe, AHiddenBlobIsARemark) {
  const core::Hash32 hash = propose(node_);
  for (BlobService& side : node_.blob_service) side.hides_all = true;
  config_.blob_servers = {beacon_.url()};
  const auto heard = remarks();
  ASSERT_EQ(heard.size(), 2U);  // and the server's own
  EXPECT_EQ(heard[1].rfind("blob_missing: blob " + core::to_hex0x(hash.view()), 0), 0U) << heard[1];
  EXPECT_EQ(calls_of(node_, "blob_server"), 1U);
}

TEST_F(L1Probe, ABlobThatIsTooOldIsNotTriedAndRemarked) {
  propose(node_);
  const auto heard = remarks();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_NE(heard[0].find("older than beacon nodes keep blobs"), std::string::npos) << heard[0];
  EXPECT_EQ(calls_of(node_, "beacon_blob_sidecars") + calls_of(node_, "beacon_blocks"), 0U);
}

}  // namespace
}  // namespace preconf::node::devnet::testing
