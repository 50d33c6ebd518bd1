#include "node/devnet/devnet_l1.hpp"

#include <fmt/format.h>

#include <chrono>

#include "core/base/hex.hpp"
#include "node/devnet/sim_schedule.hpp"

namespace preconf::node::devnet {
namespace {

core::UnixSeconds system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  return core::UnixSeconds{static_cast<std::uint64_t>(seconds)};
}

std::uint64_t first_block_count(const DevnetL1Options& options) {
  return 2 * options.finalized_lag;
}

L1ChainOptions chain_options(const DevnetL1Options& options) {
  core::protocol::EpochClock clock;
  clock.slot_seconds = options.slot_seconds;
  clock.slots_per_epoch = options.slots_per_epoch;
  clock.genesis =
      core::UnixSeconds{options.now.value - first_block_count(options) * options.slot_seconds};
  L1ChainOptions chain;
  chain.deployment = simulated_deployment(clock);
  chain.operators = {{options.committer, options.committer, clock.genesis}};
  chain.idle_contracts = {options.slasher};
  chain.safe_lag = DevnetL1::kSafeLag;
  chain.finalized_lag = options.finalized_lag;
  return chain;
}

/// The inbox exists, and the first lookaheads.
L1Node first_blocks(const DevnetL1Options& options, const core::Hash32& l2_genesis) {
  L1Node node(chain_options(options));
  node.chain.submit(l1_call::Activate{l2_genesis});
  LookaheadPoster(node.chain, options.committer).post_due();
  for (std::uint64_t i = 0; i < first_block_count(options); ++i) node.chain.mine();
  return node;
}

ProposerOptions proposer_options(const DevnetL1Options& options) {
  ProposerOptions proposer;
  proposer.proposer = options.committer;
  proposer.blocks_per_proposal = options.blocks_per_proposal;
  // A block that anchors to what L1 may still take back is promised in vain when it does.
  proposer.anchor_lag = options.finalized_lag;
  return proposer;
}

}  // namespace

DevnetL1::DevnetL1(io::EventLoop& loop, const EngineChain& l2, const DevnetL1Options& options)
    : loop_(loop),
      directory_(options.directory),
      committer_(options.committer),
      finalized_lag_(options.finalized_lag),
      node_(first_blocks(options, l2.canonical(0)->hash)),
      lookahead_(node_.chain, options.committer),
      server_(loop, node_, {}),
      beacon_(loop, node_, {}),
      proposer_(node_.chain, l2, proposer_options(options)) {
  node_.contradict_next = [this](Contradiction kind) { proposer_.contradict_next(kind); };
}

DevnetL1::~DevnetL1() { loop_.cancel(timer_); }

core::Result<core::Ok, std::string> DevnetL1::start() {
  auto started = server_.start();
  if (started) started = beacon_.start();
  if (started) {
    started = write_file(deployment_file(), deployment_toml(node_.chain.deployment()));
  }
  if (started) tick();
  return started;
}

void DevnetL1::tick() {
  static_cast<void>(anchor_at(system_now()));
  timer_ = loop_.arm(std::chrono::seconds(node_.chain.deployment().clock.slot_seconds),
                     [this] { tick(); });
}

core::protocol::AnchorCall DevnetL1::anchor_at(core::UnixSeconds time) {
  lookahead_.post_due();
  return proposer_.anchor_at(time);
}

core::protocol::Schedule DevnetL1::schedule(std::size_t windows) const {
  return posted_schedule(node_.chain.deployment().clock, windows, committer_);
}

void DevnetL1::settle() {
  lookahead_.post_due();
  proposer_.settle(finalized_lag_);
}

std::vector<std::string> DevnetL1::node_arguments() const {
  return {"--l1.http",   url(),        "--l1.ws",         server_.ws_url(),
          "--l1.beacon", beacon_url(), "--l1.deployment", deployment_file()};
}

std::string deployment_toml(const core::protocol::L1Deployment& deployment) {
  const auto hex = [](const core::Address& address) { return core::to_hex0x(address.view()); };
  return fmt::format(
      "l1_chain_id = {}\ngenesis_time = {}\nslot_seconds = {}\nslots_per_epoch = {}\n"
      "inbox = \"{}\"\npreconf_whitelist = \"{}\"\nlookahead_store = \"{}\"\n",
      deployment.l1_chain_id, deployment.clock.genesis.value, deployment.clock.slot_seconds,
      deployment.clock.slots_per_epoch, hex(deployment.inbox), hex(deployment.preconf_whitelist),
      hex(deployment.lookahead_store));
}

}  // namespace preconf::node::devnet
