#include "node/devnet/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>

#include "node/devnet/engine_server.hpp"
#include "node/devnet/story.hpp"

namespace preconf::node::devnet {
namespace {

constexpr const char* kUsage = R"(usage: preconf devnet [OPTIONS]
       preconf devnet engine --jwt.secret FILE [OPTIONS]

Starts simulated execution engines, a preconfer and two followers; kills one follower, starts it
again, and proves by replay that both logs reproduce what happened. Exit code 0 when all was equal.

  --blocks N          blocks to preconfirm (default 12, at least 6)
  --block-time-ms N   time between blocks (default 2000)
  --dir DIR           where to keep data and logs (default: a new folder in the temporary folder)
  --feed p2p|rpc      how followers get blocks: libp2p (default), or JSON-RPC alone
  --keep              stay up after the story, until SIGINT or SIGTERM
  --program FILE      program for followers and replay (default: this one)

devnet engine: one simulated execution engine; control methods (sim_*) are on the auth port.

  --jwt.secret FILE   32 bytes in hex
  --http ADDR:PORT    public port (default 127.0.0.1:0)
  --auth ADDR:PORT    port with JWT (default 127.0.0.1:0); same ADDR as --http

prints `ready http=ADDR:PORT auth=ADDR:PORT` and serves until SIGINT or SIGTERM.
)";

constexpr int kSuccess = 0;
constexpr int kFailure = 1;

int usage_error(const std::string& message) {
  std::fprintf(stderr, "preconf devnet: %s\n\n%s", message.c_str(), kUsage);
  return kFailure;
}

/// Options as --name VALUE or --name=VALUE; flags have no value.
struct Options {
  std::map<std::string, std::string, std::less<>> values;
  std::string defect;

  [[nodiscard]] std::optional<std::string> get(std::string_view name) const {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  }
  /// The number given, `fallback` when the option is absent; sets `defect` when it is no number
  /// between `low` and `high`.
  std::uint64_t number(std::string_view name, std::uint64_t fallback, std::uint64_t low,
                       std::uint64_t high) {
    const auto text = get(name);
    if (!text) return fallback;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value < low || value > high) {
      defect = fmt::format("--{} must be a number from {} to {}", name, low, high);
    }
    return value;
  }
};

Options read_options(const std::vector<std::string>& arguments, std::size_t first,
                     const std::vector<std::string_view>& names,
                     const std::vector<std::string_view>& flags) {
  const auto has = [](const std::vector<std::string_view>& set, std::string_view name) {
    return std::find(set.begin(), set.end(), name) != set.end();
  };
  Options options;
  for (std::size_t i = first; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (!argument.starts_with("--")) {
      options.defect = "unexpected argument " + arguments[i];
      return options;
    }
    argument.remove_prefix(2);
    const std::size_t equals = argument.find('=');
    const std::string name(argument.substr(0, equals));
    if (has(flags, name) && equals == std::string_view::npos) {
      options.values[name] = "true";
    } else if (has(names, name) && equals != std::string_view::npos) {
      options.values[name] = std::string(argument.substr(equals + 1));
    } else if (has(names, name) && i + 1 < arguments.size()) {
      options.values[name] = arguments[++i];
    } else {
      options.defect =
          has(names, name) ? "--" + name + " needs a value" : "unknown option --" + name;
      return options;
    }
  }
  return options;
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
  Options options =
      read_options(arguments, 0, {"blocks", "block-time-ms", "dir", "program", "feed"}, {"keep"});
  StoryOptions story;
  story.blocks = options.number("blocks", story.blocks, 6, 1'000'000);
  story.block_time = std::chrono::milliseconds(options.number("block-time-ms", 2'000, 1, 60'000));
  story.keep = options.get("keep").has_value();
  const std::string feed = options.get("feed").value_or("p2p");
  if (feed != "p2p" && feed != "rpc") return usage_error("--feed is p2p or rpc");
  story.is_fed_by_rpc = feed == "rpc";
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

struct Listen {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
};

std::optional<Listen> listen_from(const std::optional<std::string>& text) {
  Listen listen;
  if (!text) return listen;
  const std::size_t colon = text->rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  listen.address = text->substr(0, colon);
  const char* const end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data() + colon + 1, end, listen.port);
  if (error != std::errc{} || at != end) return std::nullopt;
  return listen;
}

int run_engine(const std::vector<std::string>& arguments) {
  const Options options = read_options(arguments, 1, {"jwt.secret", "http", "auth"}, {});
  if (!options.defect.empty()) return usage_error(options.defect);
  const auto file = options.get("jwt.secret");
  if (!file) return usage_error("--jwt.secret is missing");
  const auto secret = io::load_jwt_secret(*file);
  if (!secret) return usage_error(secret.error());
  const auto http = listen_from(options.get("http"));
  const auto auth = listen_from(options.get("auth"));
  if (!http || !auth || http->address != auth->address) {
    return usage_error("--http and --auth are ADDR:PORT with the same ADDR");
  }
  io::EventLoop loop;
  EngineServerOptions engine;
  engine.address = http->address;
  engine.public_port = http->port;
  engine.auth_port = auth->port;
  engine.jwt_secret = secret->secret;
  const auto profile = core::protocol::chain_profile("devnet");
  PRECONF_ASSERT(profile.has_value());
  engine.profile = *profile;
  EngineServer server(loop, std::move(engine));
  if (auto started = server.start(); !started) return usage_error(started.error());
  loop.on_signals({SIGINT, SIGTERM}, [&loop](int) { loop.stop(); });
  std::printf("ready http=%s auth=%s\n", server.public_address().c_str(),
              server.auth_address().c_str());
  std::fflush(stdout);
  loop.run();
  server.stop();
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
  return run_story(arguments);
}

}  // namespace preconf::node::devnet
