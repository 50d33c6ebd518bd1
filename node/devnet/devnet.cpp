#include "node/devnet/devnet.hpp"

#include <sys/random.h>

#include <chrono>

#include "core/base/hex.hpp"
#include "core/base/hex_literal.hpp"
#include "core/crypto/hash.hpp"
#include "node/devnet/sim_schedule.hpp"

namespace preconf::node::devnet {
namespace {

using core::Unexpected;

/// Stands for the slasher contract, which does nothing on the simulated L1.
constexpr core::Address kSlasher = core::fixed_hex("00000000000000000000000000000000000515a5");

core::crypto::SecretKey preconfer_key() {
  constexpr std::string_view kSeed = "preconf devnet preconfer";
  return core::crypto::keccak256(core::Bytes(kSeed.begin(), kSeed.end()));
}

core::UnixSeconds now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  return core::UnixSeconds{static_cast<std::uint64_t>(seconds)};
}

}  // namespace

core::Result<std::unique_ptr<Devnet>, std::string> Devnet::create(io::EventLoop& loop,
                                                                  DevnetOptions options) {
  std::unique_ptr<Devnet> devnet(new Devnet(loop));
  auto started = devnet->start(loop, options);
  if (!started) return Unexpected<std::string>{started.error()};
  return devnet;
}

core::Result<core::Ok, std::string> Devnet::start(io::EventLoop& loop,
                                                  const DevnetOptions& options) {
  network_ = core::protocol::permissionless_network(kSlasher);
  const auto profile = core::protocol::chain_profile("devnet");
  PRECONF_ASSERT(profile.has_value());

  io::JwtSecret secret;
  if (::getrandom(secret.data(), secret.bytes.size(), 0) !=
      static_cast<ssize_t>(secret.bytes.size())) {
    return Unexpected<std::string>{"no random bytes for the JWT secret"};
  }
  jwt_file_ = options.directory + "/jwt.hex";
  auto written = write_file(jwt_file_, core::to_hex(secret.view()) + "\n");
  if (!written) return written;

  for (std::size_t i = 0; i <= options.followers; ++i) {
    EngineServerOptions engine;
    engine.jwt_secret = secret;
    engine.profile = *profile;
    engines_.push_back(std::make_unique<EngineServer>(loop, std::move(engine)));
    auto listening = engines_.back()->start();
    if (!listening) return listening;
    if (i > 0) feeds_.push_back(std::make_unique<FollowerFeed>(loop, client_));
  }
  auto made = start_preconfer(loop, options);
  if (!made || !options.has_network) return made;
  network_peer_ = std::make_unique<NetworkPeer>(loop);
  auto listening = network_peer_->start();
  if (listening) add_peer(network_peer_->address());
  return listening;
}

core::Result<core::Ok, std::string> Devnet::start_preconfer(io::EventLoop& loop,
                                                            const DevnetOptions& options) {
  PreconferOptions preconfer;
  preconfer.network = network_;
  preconfer.key = preconfer_key();
  preconfer.sign_guard_file = options.directory + "/signed.txt";
  preconfer.block_time = options.block_time;
  preconfer.transfers_per_block = options.transfers_per_block;
  const auto committer = core::crypto::address_of(preconfer.key);
  PRECONF_ASSERT(committer.has_value());
  EngineChain& chain = engines_[0]->engine().chain;
  if (options.has_l1) {
    DevnetL1Options l1;
    l1.directory = options.directory;
    l1.committer = *committer;
    l1.slasher = slasher();
    l1.now = now();
    l1.finalized_lag = options.l1_finalized_lag;
    l1_ = std::make_unique<DevnetL1>(loop, chain, l1);
    auto started = l1_->start();
    if (!started) return started;
    preconfer.schedule = l1_->schedule(options.windows);
    preconfer.proposal = [this] { return l1_->proposer().open_proposal(); };
    preconfer.anchor = [this](core::UnixSeconds time) { return l1_->anchor_at(time); };
  } else {
    preconfer.schedule = epoch_schedule(now(), options.windows, *committer);
    schedule_file_ = options.directory + "/schedule.json";
    auto written = write_file(schedule_file_, schedule_json(preconfer.schedule));
    if (!written) return written;
  }
  auto made = Preconfer::create(loop, chain, std::move(preconfer));
  if (!made) return Unexpected<std::string>{made.error()};
  preconfer_ = std::move(*made);
  return core::Ok{};
}

void Devnet::propose_due() {
  if (!l1_) return;
  const auto instead = l1_->proposer().add_block();
  if (!instead) return;
  const auto replaced = preconfer_->replace_head(*instead);
  PRECONF_ASSERT(replaced.has_value());  // it differs from a valid block in what may differ
}

std::vector<std::string> Devnet::network_arguments() const {
  std::vector<std::string> out{"--chain", "devnet", "--preconf.slasher",
                               core::to_hex0x(slasher().view())};
  if (l1_) {
    const auto l1 = l1_->node_arguments();
    out.insert(out.end(), l1.begin(), l1.end());
  } else {
    out.insert(out.end(), {"--schedule", schedule_file_, "--l1.static-proposals", "0"});
  }
  out.insert(out.end(), {"--preconf.rpc.addr", "127.0.0.1:0"});
  if (!network_peer_) return out;
  std::string peers;
  for (const std::string& peer : peers_) peers += (peers.empty() ? "" : ",") + peer;
  out.insert(out.end(), {"--p2p.listen", "127.0.0.1:0", "--p2p.static-peers", peers});
  return out;
}

std::vector<std::string> Devnet::node_arguments(std::size_t follower, const std::string& datadir) {
  const EngineServer& own = engine(follower);
  std::vector<std::string> out{"node",         "--datadir",      datadir,
                               "--l2.http",    own.public_url(), "--l2.auth",
                               own.auth_url(), "--jwt.secret",   jwt_file_};
  const auto network = network_arguments();
  out.insert(out.end(), network.begin(), network.end());
  if (const auto more = more_arguments_.find(follower); more != more_arguments_.end()) {
    out.insert(out.end(), more->second.begin(), more->second.end());
  }
  return out;
}

}  // namespace preconf::node::devnet
