#include "node/config/settings.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>
#include <set>
#include <utility>

#include "node/config/toml_file.hpp"

namespace preconf::node {
namespace {

constexpr std::array kOptions{
    Option{"config", "PRECONF_CONFIG", nullptr, "FILE",
           "configuration file (TOML); its keys are the names of these options"},
    Option{"datadir", "PRECONF_DATADIR", nullptr, "DIR", "directory of the event log (required)"},
    Option{"chain", "PRECONF_CHAIN", nullptr, "NAME|FILE",
           "chain rules: mainnet, hoodi, masaya, devnet, or a .toml file (required)"},
    Option{"l2.http", "L2_HTTP", nullptr, "URL", "public JSON-RPC of the L2 engine (required)"},
    Option{"l2.auth", "L2_AUTH", nullptr, "URL", "Engine API of the L2 engine (required)"},
    Option{"jwt.secret", "JWT_SECRET", nullptr, "FILE",
           "file with the 32-byte hex secret shared with the engine (required)"},
    Option{"preconf.slasher", "PRECONF_SLASHER", nullptr, "ADDRESS",
           "slasher contract that every commitment must name (required)"},
    Option{"preconf.rpc.addr", "PRECONF_RPC_ADDR", nullptr, "ADDR:PORT",
           "serve JSON-RPC, health pages and /metrics here; without it there is no server"},
    Option{
        "p2p.listen", "P2P_LISTEN", nullptr, "ADDR:PORT",
        "accept libp2p peers here; deployed nodes use 0.0.0.0:9000. Without it and without peers "
        "to dial there is no libp2p"},
    Option{"p2p.static-peers", "P2P_STATIC_PEERS", nullptr, "MULTIADDR,...",
           "peers to dial until connected, again and again: /ip4/1.2.3.4/tcp/9000[/p2p/ID]"},
    Option{"p2p.bootnodes", "P2P_BOOTNODES", nullptr, "ENR|MULTIADDR,...",
           "the same; of an ENR its ip and tcp are dialed, discovery itself is not spoken"},
    Option{"p2p.disable-discovery", "P2P_DISABLE_DISCOVERY", "false", "true|false",
           "accepted for compatibility: there is no discovery"},
    Option{"p2p.discovery.addr", "P2P_DISCOVERY_ADDR", nullptr, "ADDR:PORT",
           "accepted for compatibility: discv5 is not spoken, nothing listens there"},
    Option{"p2p.advertise.addr", "P2P_ADVERTISE_ADDR", nullptr, "ADDR:PORT",
           "told to peers instead of the address that is listened on"},
    Option{"p2p.chain-id", "P2P_CHAIN_ID", "167000", "N",
           "in topic and protocol names; deployed nodes say 167000 whatever chain they are on"},
    Option{"p2p.identity", "P2P_IDENTITY", nullptr, "FILE",
           "secret of this node's peer id (mode 0600; made when missing); DATADIR/p2p.key"},
    Option{"p2p.max-inbound-per-ip", "P2P_MAX_INBOUND_PER_IP", "8", "N",
           "connections from one IPv4 address or IPv6 /56; 0 is no limit"},
    Option{"p2p.accept-rate", "P2P_ACCEPT_RATE", "50", "N",
           "handshakes per second that others may begin, in all; 0 is no limit"},
    Option{"p2p.accept-rate-per-ip", "P2P_ACCEPT_RATE_PER_IP", "2", "N", "the same of one address"},
    Option{"p2p.exempt-loopback", "P2P_EXEMPT_LOOPBACK", "false", "true|false",
           "limits per address do not hold for peers of this machine"},
    Option{"schedule", "PRECONF_SCHEDULE", nullptr, "FILE",
           "submission windows: {\"version\":1,\"windows\":[{\"start\",\"end\",\"committer\"}]}"},
    Option{"l1.http", "L1_HTTP", nullptr, "URL,...",
           "JSON-RPC of L1 nodes, the first one preferred; follows L1 and derives its proposals"},
    Option{
        "l1.ws", "L1_WS", nullptr, "URL,...",
        "ws:// of L1 nodes: their new heads wake the scanner up, everything is read over l1.http"},
    Option{"l1.beacon", "L1_BEACON", nullptr, "URL,...",
           "beacon nodes of L1, for blobs (required with l1.http)"},
    Option{"blob.server", "BLOB_SERVER", nullptr, "URL,...",
           "servers with /blobs/HASH, asked when no beacon node has a blob"},
    Option{
        "l2.checkpoint", "L2_CHECKPOINT", nullptr, "URL,...",
        "JSON-RPC of L2 nodes: an engine without derived blocks begins at the newest proven one"},
    Option{"shasta.inbox", "SHASTA_INBOX", nullptr, "ADDRESS",
           "inbox contract, where it is not the chain's usual one"},
    Option{"l1.deployment", "PRECONF_L1_DEPLOYMENT", nullptr, "FILE",
           "where the chain lives on L1, as TOML; mainnet and hoodi are built in"},
    Option{"l1.fallback-signer", "PRECONF_L1_FALLBACK_SIGNER", "proposer", "proposer|sequencer",
           "which address of the fallback operator signs commitments"},
    Option{"l1.poll-interval", "PRECONF_L1_POLL_INTERVAL", "1000", "MS",
           "how often L1's head is asked for"},
    Option{
        "l1.head-age-max", "PRECONF_L1_HEAD_AGE_MAX", nullptr, "SECONDS",
        "an L1 head older than this shuts the ingress gate; 0: never (300 on mainnet and hoodi)"},
    Option{"l1.static-proposals", "PRECONF_L1_STATIC_PROPOSALS", nullptr, "N",
           "for networks without L1: act as if the L1 scanner were live and the inbox had N "
           "proposals"},
    Option{"driver.event-sync-tip", "PRECONF_DRIVER_EVENT_SYNC_TIP", "head-l1-origin",
           "head-l1-origin|safe", "which label of the engine is told as eventSyncTip"},
    Option{"shadow", "PRECONF_SHADOW", "on", "on|off",
           "fold every event twice, compare, and write snapshots in the second fold"},
    Option{"snapshot.events", "PRECONF_SNAPSHOT_EVENTS", "50000", "N",
           "events between two snapshots"},
    Option{"invariants.events", "PRECONF_INVARIANTS_EVENTS", "1024", "N",
           "check the state's invariants at every Nth event"},
    Option{"log.format", "PRECONF_LOG_FORMAT", "logfmt", "logfmt|json", "format of the log lines"},
    Option{"verbosity", "VERBOSITY", "2", "0..4",
           "0 errors, 1 warnings, 2 information, 3 debug, 4 trace"},
};

// Secrets are read from files only; a value on a command line is visible to every process.
constexpr const char* kFooter =
    "Every option may also be given by its environment variable or in the file of --config; flags "
    "win over\nthe environment, the environment over the file.";

const Option* find_option(std::string_view name) {
  for (const Option& option : kOptions) {
    if (name == option.name) return &option;
  }
  return nullptr;
}

struct Flags {
  std::map<std::string, std::string> values;
  std::optional<std::string> help;
};

core::Result<Flags, UsageError> parse_flags(const std::string& subcommand,
                                            std::vector<std::string> arguments) {
  CLI::App app("", "preconf " + subcommand);
  app.set_help_flag("-h,--help", "show this text");
  app.footer(kFooter);
  std::map<std::string, std::string> values;
  for (const Option& option : kOptions) {
    std::string names = std::string("--") + option.name;
    if (std::string_view(option.name) == "verbosity") names = "-v," + names;
    const bool is_flag = std::string_view(option.placeholder) == "true|false";
    const std::string help = std::string(option.help) + " [" + option.environment + "]";
    auto* added = app.add_option_function<std::string>(
        names,
        [&values, name = std::string(option.name), is_flag](const std::string& value) {
          values[name] = is_flag && value.empty() ? "true" : value;
        },
        help);
    added->option_text(option.placeholder)->take_last();
    if (is_flag) added->expected(0, 1);  // its name alone says "true"
    if (option.default_value != nullptr) {
      added->option_text(std::string(option.placeholder) + " (" + option.default_value + ")");
    }
  }
  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return Flags{{}, app.help()};
  } catch (const CLI::ParseError& error) {
    return core::Unexpected<UsageError>{{error.what()}};
  }
  return Flags{std::move(values), std::nullopt};
}

const char* origin_name(Origin origin) {
  switch (origin) {
    case Origin::kDefault:
      return "default";
    case Origin::kFile:
      return "file";
    case Origin::kEnvironment:
      return "environment";
    case Origin::kFlag:
      return "flag";
  }
  return "?";
}

std::string toml_quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

}  // namespace

std::span<const Option> node_options() { return kOptions; }

std::optional<std::string> process_environment(const char* name) {
  // Read once, before any thread starts. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

core::Result<CommandLine, UsageError> read_settings(const std::string& subcommand,
                                                    const std::vector<std::string>& arguments,
                                                    const Environment& environment) {
  auto flags = parse_flags(subcommand, arguments);
  if (!flags) return core::Unexpected<UsageError>{flags.error()};
  CommandLine out;
  out.help = flags->help;
  if (out.help) return out;

  Settings& settings = out.settings;
  for (const Option& option : kOptions) {
    const std::string name = option.name;
    if (const auto flag = flags->values.find(name); flag != flags->values.end()) {
      settings[name] = {flag->second, Origin::kFlag, "--" + name};
    } else if (const auto value = environment(option.environment)) {
      settings[name] = {*value, Origin::kEnvironment, option.environment};
    } else if (option.default_value != nullptr) {
      settings[name] = {option.default_value, Origin::kDefault, "--" + name};
    }
  }
  const auto config = settings.find("config");
  if (config == settings.end()) return out;
  const std::string file = config->second.value;
  const auto values = read_toml(file);
  if (!values) return core::Unexpected<UsageError>{{config->second.place + ": " + values.error()}};
  for (const auto& [name, value] : *values) {
    if (find_option(name) == nullptr || name == "config") {
      return core::Unexpected<UsageError>{{file + ": unknown option " + name}};
    }
    Setting& setting = settings[name];
    if (setting.origin == Origin::kDefault) setting = {value, Origin::kFile, file + ": " + name};
  }
  return out;
}

std::string dump(const Settings& settings) {
  std::string out;
  for (const Option& option : kOptions) {
    const auto found = settings.find(option.name);
    if (std::string_view(option.name) == "config") continue;
    if (found == settings.end()) {
      out += "# " + std::string(option.name) + " is not set\n";
      continue;
    }
    out += std::string(option.name) + " = " + toml_quoted(found->second.value) + "  # " +
           origin_name(found->second.origin) + "\n";
  }
  return out;
}

}  // namespace preconf::node
