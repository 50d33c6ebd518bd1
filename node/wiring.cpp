#include "node/wiring.hpp"

#include <csignal>
#include <cstdio>
#include <utility>

#include "io/engine/jwt.hpp"
#include "node/boot.hpp"
#include "node/exit_codes.hpp"
#include "node/l1/checkpoint_sync.hpp"
#include "node/l1/l1_probe.hpp"
#include "node/log.hpp"
#include "node/node_process.hpp"
#include "node/p2p/identity_file.hpp"
#include "node/version.hpp"

namespace preconf::node {
namespace {

int refuse(int exit_code, const std::string& message) {
  std::fprintf(stderr, "preconf node: %s\n", message.c_str());
  return exit_code;
}

/// The code to exit with, or nothing: the node goes on, from a checkpoint if one was reached.
std::optional<int> sync_checkpoint(const NodeConfig& config, const io::JwtSecret& secret,
                                   Booted& booted) {
  const bool is_wanted =
      config.l1 && !config.l1->checkpoint_urls.empty() && !booted.recovered.state->l1_chain.start;
  if (!is_wanted) return std::nullopt;
  l1::CheckpointSyncOptions options;
  options.l1 = &*config.l1;
  options.engine.public_url = config.l2_http;
  options.engine.auth_url = config.l2_auth;
  options.engine.jwt_secret = secret;
  options.chain = config.chain;
  auto synced = l1::sync_to_checkpoint(std::move(options));
  if (!synced) return refuse(kExitFailure, synced.error());
  if (synced->is_stopped) return kExitOk;
  if (!synced->reached) {
    log::write(log::Level::kInfo, "no checkpoint sync", {{"detail", synced->remark}});
  }
  booted.checkpoint = synced->reached;
  return std::nullopt;
}

int run(const NodeConfig& config) {
  auto secret = io::load_jwt_secret(config.jwt_secret);
  if (!secret) return refuse(kExitFailure, "--jwt.secret: " + secret.error());
  if (!secret->warning.empty()) {
    log::write(log::Level::kWarning, "--jwt.secret", {{"detail", secret->warning}});
  }
  if (!config.static_proposals && !config.l1) {
    log::write(log::Level::kWarning, "the ingress gate stays shut",
               {{"detail",
                 "L1 is not followed: give --l1.http, or --l1.static-proposals where there "
                 "is no L1"}});
  }
  auto booted = boot(config);
  if (!booted) return refuse(booted.error().exit_code, booted.error().message);
  const Recovered& recovered = booted->recovered;
  for (const std::string& reason : recovered.unusable_snapshots) {
    log::write(log::Level::kWarning, "snapshot passed over", {{"snapshot", reason}});
  }
  log::write(log::Level::kInfo, "recovered",
             {{"seq", recovered.end.seq.value},
              {"snapshot", recovered.snapshot_seq.value},
              {"replayed", recovered.events_replayed},
              {"us", static_cast<std::uint64_t>(recovered.elapsed.count())},
              {"version", program_version()}});
  if (config.l1) {
    // After the log is open: whoever restarts a node wants to hear of a damaged log first.
    const auto probed = l1::probe(*config.l1, config.network.slasher_address);
    if (!probed) return refuse(kExitFailure, probed.error());
    for (const std::string& remark : *probed) {
      log::write(log::Level::kWarning, "L1 probe", {{"detail", remark}});
    }
  }
  if (const auto exit_code = sync_checkpoint(config, secret->secret, *booted)) return *exit_code;
  std::optional<io::wire::Identity> identity;
  if (config.p2p) {
    auto loaded = load_or_create_identity(config.p2p->identity);
    if (!loaded) return refuse(kExitFailure, "--p2p.identity: " + loaded.error().detail);
    identity = *loaded;
  } else {
    log::write(log::Level::kWarning, "no libp2p",
               {{"detail",
                 "peers are neither heard nor asked: give --p2p.listen or "
                 "--p2p.static-peers"}});
  }
  NodeProcess process(config, std::move(*booted), secret->secret, identity);
  return process.run();
}

}  // namespace

int run_node(const NodeConfig& config) {
  // A reader of our output that goes away is no reason to die.
  std::signal(SIGPIPE, SIG_IGN);
  log::set_up(config.log_format, config.verbosity);
  const int exit_code = run(config);
  log::write(log::Level::kInfo, "stopped", {{"exit", static_cast<std::uint64_t>(exit_code)}});
  log::shut_down();
  return exit_code;
}

}  // namespace preconf::node
