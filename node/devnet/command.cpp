#include "node/devnet/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "node/devnet/beacon_server.hpp"
#include "node/devnet/command_options.hpp"
#include "node/devnet/devnet_l1.hpp"
#include "node/devnet/engine_server.hpp"
#include "node/devnet/l1_server.hpp"
#include "node/devnet/sim_schedule.hpp"
#include "node/devnet/story.hpp"

namespace preconf::node::devnet {
namespace {

constexpr const char* kUsage = R"(usage: preconf devnet [OPTIONS]
       preconf devnet engine --jwt.secret FILE [OPTIONS]
       preconf devnet l1 [OPTIONS]

Starts simulated execution engines, an L1, a preconfer and two followers; kills one follower, starts
it again, breaks a promise, and proves by replay that both logs reproduce what happened. Exit code 0
when all was equal.

  --blocks N          blocks to preconfirm (default 12, at least 6)
  --block-time-ms N   time between blocks (default 2000)
  --dir DIR           where to keep data and logs (default: a new folder in the temporary folder)
  --feed p2p|rpc      how followers get blocks: libp2p (default), or JSON-RPC alone
  --l1 simulated|static  followers read a simulated L1 (default), on which one promise is
                      broken; or are told of no L1, and get the schedule as a file
  --keep              stay up after the story, until SIGINT or SIGTERM
  --program FILE      program for followers and replay (default: this one)

devnet engine: one simulated execution engine; control methods (sim_*) are on the auth port.

  --jwt.secret FILE   32 bytes in hex
  --http ADDR:PORT    public port (default 127.0.0.1:0)
  --auth ADDR:PORT    port with JWT (default 127.0.0.1:0); same ADDR as --http
  --peer.http ADDR:PORT, --peer.auth ADDR:PORT
                      of a second engine, which syncs from the first one (default: none)

prints `ready http=ADDR:PORT auth=ADDR:PORT` and serves until SIGINT or SIGTERM.

devnet l1: one simulated L1 node; control methods (sim_*) are on the JSON-RPC port.

  --http ADDR:PORT    JSON-RPC over HTTP and WebSocket (default 127.0.0.1:0)
  --beacon ADDR:PORT  beacon node and blob server (default 127.0.0.1:0)
  --slot-seconds N    default 12
  --genesis-time N    of the beacon chain, in seconds (default: now)
  --deployment FILE   writes where the contracts are, for the node's --l1.deployment
  --mine              a block per slot by the clock; else only by order

prints `ready l1=ADDR:PORT beacon=ADDR:PORT` and serves until SIGINT or SIGTERM.
)";

constexpr int kSuccess = 0;
constexpr int kFailure = 1;

std::uint64_t system_seconds() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

int usage_error(const std::string& message) {
  std::fprintf(stderr, "preconf devnet: %s\n\n%s", message.c_str(), kUsage);
  return kFailure;
}

/// A new folder for the run, or the given one when it is empty or new.
core::Result<std::string, std::string> prepare_directory(const std::optional<std::string>& given) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!given) {
    std::string pattern = (fs::temp_directory_path(error) / "preconf-devnet-XXXXXX").string();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
      return core::Unexpected<std::string>{"cannot create a temporary folder"};
    }
    return pattern;
  }
  fs::create_directories(*given, error);
  if (error) return core::Unexpected<std::string>{*given + ": " + error.message()};
  if (!fs::is_empty(*given, error) || error) {
    return core::Unexpected<std::string>{*given + " is not empty: a devnet starts from genesis"};
  }
  return fs::absolute(*given, error).string();
}

int run_story(const std::vector<std::string>& arguments) {
  CommandOptions options = read_options(
      arguments, 0, {"blocks", "block-time-ms", "dir", "program", "feed", "l1"}, {"keep"});
  StoryOptions story;
  story.blocks = options.number("blocks", story.blocks, 6, 1'000'000);
  story.block_time = std::chrono::milliseconds(options.number("block-time-ms", 2'000, 1, 60'000));
  story.keep = options.get("keep").has_value();
  const std::string feed = options.get("feed").value_or("p2p");
  if (feed != "p2p" && feed != "rpc") return usage_error("--feed is p2p or rpc");
  story.is_fed_by_rpc = feed == "rpc";
  const std::string l1 = options.get("l1").value_or("simulated");
  if (l1 != "static" && l1 != "simulated") return usage_error("--l1 is static or simulated");
  story.has_l1 = l1 == "simulated";
  story.program = options.get("program").value_or("/proc/self/exe");
  if (!options.defect.empty()) return usage_error(options.defect);
  auto directory = prepare_directory(options.get("dir"));
  if (!directory) return usage_error(directory.error());
  story.directory = *directory;
  const bool temporary = !options.get("dir").has_value();

  io::EventLoop loop;
  const int code = Story(loop, std::move(story)).run();
  if (temporary && code == kSuccess) {
    std::error_code ignored;
    std::filesystem::remove_all(*directory, ignored);
  } else {
    std::printf("   data and logs are in %s\n", directory->c_str());
  }
  return code;
}

/// Options of one simulated engine; nothing when the ports can not be read.
std::optional<EngineServerOptions> engine_at(const std::optional<std::string>& http_text,
                                             const std::optional<std::string>& auth_text,
                                             const io::JwtSecret& secret) {
  const auto http = listen_from(http_text);
  const auto auth = listen_from(auth_text);
  if (!http || !auth || http->address != auth->address) return std::nullopt;
  EngineServerOptions engine;
  engine.address = http->address;
  engine.public_port = http->port;
  engine.auth_port = auth->port;
  engine.jwt_secret = secret;
  const auto profile = core::protocol::chain_profile("devnet");
  PRECONF_ASSERT(profile.has_value());
  engine.profile = *profile;
  return engine;
}

int run_engine(const std::vector<std::string>& arguments) {
  const CommandOptions options =
      read_options(arguments, 1, {"jwt.secret", "http", "auth", "peer.http", "peer.auth"}, {});
  if (!options.defect.empty()) return usage_error(options.defect);
  const auto file = options.get("jwt.secret");
  if (!file) return usage_error("--jwt.secret is missing");
  const auto secret = io::load_jwt_secret(*file);
  if (!secret) return usage_error(secret.error());
  auto engine = engine_at(options.get("http"), options.get("auth"), secret->secret);
  if (!engine) return usage_error("--http and --auth are ADDR:PORT with the same ADDR");
  auto peer = engine_at(options.get("peer.http"), options.get("peer.auth"), secret->secret);
  if (!peer) return usage_error("--peer.http and --peer.auth are ADDR:PORT with the same ADDR");
  io::EventLoop loop;
  EngineServer server(loop, std::move(*engine));
  EngineServer peer_server(loop, std::move(*peer));
  if (auto started = server.start(); !started) return usage_error(started.error());
  if (options.get("peer.http") || options.get("peer.auth")) {
    if (auto started = peer_server.start(); !started) return usage_error(started.error());
    peer_server.engine().chain.set_sync_peer(&server.engine().chain);
  }
  loop.on_signals({SIGINT, SIGTERM}, [&loop](int) { loop.stop(); });
  std::printf("ready http=%s auth=%s\n", server.public_address().c_str(),
              server.auth_address().c_str());
  std::fflush(stdout);
  loop.run();
  peer_server.stop();
  server.stop();
  return kSuccess;
}

int run_l1(const std::vector<std::string>& arguments) {
  CommandOptions options = read_options(
      arguments, 1, {"http", "beacon", "slot-seconds", "genesis-time", "deployment"}, {"mine"});
  const auto http = listen_from(options.get("http"));
  const auto beacon = listen_from(options.get("beacon"));
  if (!http || !beacon) return usage_error("--http and --beacon are ADDR:PORT");
  constexpr std::uint64_t kTimeMax = std::uint64_t{1} << 40;
  core::protocol::EpochClock clock;
  clock.slot_seconds = options.number("slot-seconds", 12, 1, 3'600);
  clock.genesis = core::UnixSeconds{options.number("genesis-time", system_seconds(), 1, kTimeMax)};
  if (!options.defect.empty()) return usage_error(options.defect);
  io::EventLoop loop;
  L1ChainOptions chain;
  chain.deployment = simulated_deployment(clock);
  L1Node node(std::move(chain));
  node.chain.submit(l1_call::Activate{});
  node.chain.mine();
  L1Server server(loop, node, {http->address, http->port});
  BeaconServer beacon_server(loop, node, {beacon->address, beacon->port});
  if (auto started = server.start(); !started) return usage_error(started.error());
  if (auto started = beacon_server.start(); !started) return usage_error(started.error());
  if (const auto file = options.get("deployment")) {
    auto written = write_file(*file, deployment_toml(node.chain.deployment()));
    if (!written) return usage_error(written.error());
  }
  std::function<void()> tick = [&] {
    node.chain.mine_until(core::UnixSeconds{system_seconds()});
    loop.arm(std::chrono::seconds(clock.slot_seconds), tick);
  };
  if (options.get("mine")) tick();
  loop.on_signals({SIGINT, SIGTERM}, [&loop](int) { loop.stop(); });
  std::printf("ready l1=%s beacon=%s\n", server.address().c_str(), beacon_server.address().c_str());
  std::fflush(stdout);
  loop.run();
  server.stop();
  beacon_server.stop();
  return kSuccess;
}

}  // namespace

int devnet_command(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument != "--help" && argument != "-h") continue;
    std::fputs(kUsage, stdout);
    return kSuccess;
  }
  if (!arguments.empty() && arguments.front() == "engine") return run_engine(arguments);
  if (!arguments.empty() && arguments.front() == "l1") return run_l1(arguments);
  return run_story(arguments);
}

}  // namespace preconf::node::devnet
