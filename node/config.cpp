#include "node/config.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include "core/base/hex.hpp"
#include "core/limits.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_reader.hpp"
#include "node/config/chain_file.hpp"

namespace preconf::node {
namespace {

constexpr std::size_t kScheduleFileBytesMax = 4U << 20;

struct Failure {
  std::string message;  ///< empty: none so far
  void set(const Setting& setting, const std::string& what) {
    if (message.empty()) message = setting.place + ": " + what;
  }
};

/// Reads settings; the first problem is kept and ends up as the usage error.
class Reader {
 public:
  explicit Reader(const Settings& settings) : settings_(settings) {}

  const Setting* find(const char* name) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? nullptr : &found->second;
  }
  const Setting* require(const char* name) {
    const Setting* setting = find(name);
    if (setting == nullptr && error_.message.empty()) {
      for (const Option& option : node_options()) {
        if (std::string_view(option.name) != name) continue;
        error_.message = "--" + std::string(name) + " is required (or " + option.environment +
                         ", or " + name + " in the configuration file)";
      }
    }
    return setting;
  }
  void fail(const Setting& setting, const std::string& what) { error_.set(setting, what); }

  std::uint64_t number(const char* name, std::uint64_t low, std::uint64_t high) {
    const Setting* setting = require(name);
    if (setting == nullptr) return 0;
    std::uint64_t value = 0;
    const std::string& text = setting->value;
    const auto [last, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || last != text.data() + text.size() || value < low || value > high) {
      fail(*setting, "want a number from " + std::to_string(low) + " to " + std::to_string(high) +
                         ", got \"" + text + "\"");
    }
    return value;
  }
  /// Index of the setting's value among `choices`.
  std::size_t choice(const char* name, std::initializer_list<std::string_view> choices) {
    const Setting* setting = require(name);
    if (setting == nullptr) return 0;
    std::string wanted;
    std::size_t index = 0;
    for (const std::string_view known : choices) {
      if (setting->value == known) return index;
      wanted += (index == 0 ? "" : " or ") + std::string(known);
      ++index;
    }
    fail(*setting, "want " + wanted + ", got \"" + setting->value + "\"");
    return 0;
  }
  [[nodiscard]] const std::string& error() const { return error_.message; }

 private:
  const Settings& settings_;
  Failure error_;
};

bool is_http_url(std::string_view text) {
  const bool has_scheme = text.starts_with("http://") || text.starts_with("https://");
  return has_scheme && text.size() > text.find("//") + 2;
}

std::string read_url(Reader& reader, const char* name) {
  const Setting* setting = reader.require(name);
  if (setting == nullptr) return {};
  if (!is_http_url(setting->value)) {
    reader.fail(*setting, "want an http:// or https:// URL, got \"" + setting->value + "\"");
  }
  return setting->value;
}

void read_chain(Reader& reader, NodeConfig& out) {
  const Setting* setting = reader.require("chain");
  if (setting == nullptr) return;
  out.chain_name = setting->value;
  if (const auto known = core::protocol::chain_profile(setting->value)) {
    out.chain = *known;
    return;
  }
  if (!setting->value.ends_with(".toml")) {
    reader.fail(*setting, "want mainnet, hoodi, masaya, devnet or a .toml file, got \"" +
                              setting->value + "\"");
    return;
  }
  auto chain = read_chain_file(setting->value);
  if (chain) {
    out.chain = *chain;
  } else {
    reader.fail(*setting, chain.error());
  }
}

void read_slasher(Reader& reader, NodeConfig& out) {
  const Setting* setting = reader.require("preconf.slasher");
  if (setting == nullptr) return;
  const auto address = core::fixed_from_hex<20>(setting->value);
  if (!address || address->is_zero()) {
    reader.fail(*setting,
                "want an address (40 hex digits, not zero), got \"" + setting->value + "\"");
    return;
  }
  out.network = core::protocol::permissionless_network(*address);
}

void read_schedule(Reader& reader, NodeConfig& out) {
  const Setting* setting = reader.find("schedule");
  if (setting == nullptr) return;
  std::error_code code;
  const auto size = std::filesystem::file_size(setting->value, code);
  if (code) return reader.fail(*setting, setting->value + ": " + code.message());
  if (size > kScheduleFileBytesMax) {
    return reader.fail(*setting, setting->value + ": larger than 4 MiB");
  }
  std::ifstream file(setting->value, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return reader.fail(*setting, setting->value + ": can not be read");
  auto schedule = parse_schedule(text.str());
  if (!schedule) return reader.fail(*setting, setting->value + ": " + schedule.error());
  out.schedule = std::move(*schedule);
}

void read_peers(
    Reader& reader, const char* name,
    core::Result<std::vector<io::wire::Multiaddr>, std::string> (*parse)(std::string_view),
    std::vector<io::wire::Multiaddr>& out) {
  const Setting* setting = reader.find(name);
  if (setting == nullptr) return;
  auto peers = parse(setting->value);
  if (!peers) return reader.fail(*setting, peers.error());
  out.insert(out.end(), peers->begin(), peers->end());
}

void read_accepts(Reader& reader, io::wire::AcceptLimits& out) {
  constexpr std::uint64_t kMax = 1'000'000;
  out.per_address = reader.number("p2p.max-inbound-per-ip", 0, kMax);
  out.rate = static_cast<std::uint32_t>(reader.number("p2p.accept-rate", 0, kMax));
  out.rate_per_address =
      static_cast<std::uint32_t>(reader.number("p2p.accept-rate-per-ip", 0, kMax));
  out.exempts_loopback = reader.choice("p2p.exempt-loopback", {"true", "false"}) == 0;
}

/// None without a place to listen on and without a peer to dial.
void read_p2p(Reader& reader, NodeConfig& out) {
  constexpr const char* kWanted = "want ADDRESS:PORT with a numeric address, got \"";
  P2pConfig p2p;
  if (const Setting* setting = reader.find("p2p.listen")) {
    const auto address = parse_p2p_address(setting->value);
    if (!address) reader.fail(*setting, kWanted + setting->value + "\"");
    if (address) p2p.listen_address = host_text(*address);
    if (address) p2p.listen_port = *address->tcp_port;
  }
  if (const Setting* setting = reader.find("p2p.advertise.addr")) {
    p2p.advertised = parse_p2p_address(setting->value);
    if (!p2p.advertised || *p2p.advertised->tcp_port == 0) {
      reader.fail(*setting, kWanted + setting->value + "\"");
    }
  }
  read_peers(reader, "p2p.static-peers", parse_peers, p2p.static_peers);
  read_peers(reader, "p2p.bootnodes", parse_bootnodes, p2p.bootnodes);
  // Without discovery there is nothing to disable or to bind; what could not be meant is still a
  // mistake.
  (void)reader.choice("p2p.disable-discovery", {"true", "false"});
  if (const Setting* setting = reader.find("p2p.discovery.addr")) {
    if (!parse_p2p_address(setting->value)) reader.fail(*setting, kWanted + setting->value + "\"");
  }
  p2p.chain_id = reader.number("p2p.chain-id", 1, std::numeric_limits<std::uint64_t>::max());
  read_accepts(reader, p2p.accepts);
  const Setting* identity = reader.find("p2p.identity");
  p2p.identity =
      identity == nullptr ? out.datadir / "p2p.key" : std::filesystem::path(identity->value);
  if (!p2p.listen_address.empty() || !p2p.static_peers.empty() || !p2p.bootnodes.empty()) {
    out.p2p = std::move(p2p);
  }
}

std::vector<std::string> read_urls(Reader& reader, const char* name,
                                   std::initializer_list<std::string_view> schemes) {
  const Setting* setting = reader.find(name);
  if (setting == nullptr) return {};
  auto urls = parse_urls(setting->value, schemes);
  if (urls) return std::move(urls).value();
  reader.fail(*setting, urls.error());
  return {};
}

/// Built in for the chain, or a file; the inbox may be another one.
void read_deployment(Reader& reader, const Setting& http, NodeConfig& out, L1Config& l1) {
  const auto built_in = core::protocol::l1_deployment(out.chain_name);
  if (built_in) l1.deployment = *built_in;
  const Setting* file = reader.find("l1.deployment");
  if (file != nullptr) {
    auto deployment = read_l1_deployment(file->value);
    if (!deployment) return reader.fail(*file, deployment.error());
    l1.deployment = *deployment;
  }
  if (const Setting* inbox = reader.find("shasta.inbox")) {
    const auto address = core::fixed_from_hex<20>(inbox->value);
    if (!address || address->is_zero()) {
      return reader.fail(*inbox,
                         "want an address (40 hex digits, not zero), got \"" + inbox->value + "\"");
    }
    l1.deployment.inbox = *address;
  }
  if (!built_in && file == nullptr) {
    reader.fail(http, "where chain \"" + out.chain_name +
                          "\" lives on L1 is not built in: give --l1.deployment");
  }
  constexpr std::uint64_t kHeadAgeSecondsMax = 300;
  l1.head_age_max_seconds = built_in && file == nullptr ? kHeadAgeSecondsMax : 0;
  if (reader.find("l1.head-age-max") != nullptr) {
    constexpr std::uint64_t kDay = 86'400;
    l1.head_age_max_seconds = reader.number("l1.head-age-max", 0, kDay);
  }
}

void read_l1(Reader& reader, NodeConfig& out) {
  L1Config l1;
  l1.fallback_signer = reader.choice("l1.fallback-signer", {"proposer", "sequencer"}) == 0
                           ? core::protocol::FallbackSigner::kProposer
                           : core::protocol::FallbackSigner::kSequencer;
  l1.poll_ms = reader.number("l1.poll-interval", 10, 60'000);
  const Setting* http = reader.find("l1.http");
  if (http == nullptr) {
    for (const char* name :
         {"l1.ws", "l1.beacon", "blob.server", "l1.deployment", "l2.checkpoint"}) {
      const Setting* setting = reader.find(name);
      if (setting != nullptr) reader.fail(*setting, "has no meaning without l1.http");
    }
    return;
  }
  if (const Setting* fixed = reader.find("l1.static-proposals")) {
    return reader.fail(*fixed, "contradicts l1.http: either L1 is followed, or its state is given");
  }
  l1.http_urls = read_urls(reader, "l1.http", {"http://", "https://"});
  // TLS is not spoken over WebSocket; https nodes are polled.
  l1.ws_urls = read_urls(reader, "l1.ws", {"ws://"});
  (void)reader.require("l1.beacon");
  l1.beacon_urls = read_urls(reader, "l1.beacon", {"http://", "https://"});
  l1.blob_servers = read_urls(reader, "blob.server", {"http://", "https://"});
  l1.checkpoint_urls = read_urls(reader, "l2.checkpoint", {"http://", "https://"});
  read_deployment(reader, *http, out, l1);
  out.l1 = std::move(l1);
}

void read_event_sync_tip(Reader& reader, NodeConfig& out) {
  const Setting* setting = reader.require("driver.event-sync-tip");
  if (setting == nullptr || setting->value == "head-l1-origin") return;
  if (setting->value != "safe") {
    return reader.fail(*setting, "want head-l1-origin or safe, got \"" + setting->value + "\"");
  }
  out.event_sync = core::EventSyncSource::kSafe;
}

}  // namespace

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  ListenAddress out{std::string(host), 0};
  in6_addr ignored{};
  const int family = is_bracketed ? AF_INET6 : AF_INET;
  if (inet_pton(family, out.host.c_str(), &ignored) != 1) return std::nullopt;
  const char* end = port_text.data() + port_text.size();
  const auto [last, code] = std::from_chars(port_text.data(), end, out.port);
  if (code != std::errc{} || last != end || port_text.empty()) return std::nullopt;
  return out;
}

core::Result<core::protocol::Schedule, std::string> parse_schedule(std::string_view json) {
  using Failed = core::Unexpected<std::string>;
  const auto document = io::JsonDocument::parse(json, {.bytes_max = kScheduleFileBytesMax});
  if (!document) return Failed{std::string("not JSON: ") + io::name_of(document.error())};
  core::protocol::Schedule out;
  const auto version = document->root().get("version").as_u64();
  if (!version || *version == 0) return Failed{"version: want a number above 0"};
  out.version = *version;
  const io::JsonValue windows = document->root().get("windows");
  if (windows.kind() != io::JsonKind::kArray) return Failed{"windows: want an array"};
  std::string error;
  windows.each_element([&](io::JsonValue entry) {
    const auto start = entry.get("start").as_u64();
    const auto end = entry.get("end").as_u64();
    const auto committer = io::as_fixed<20>(entry.get("committer"));
    if (!start || !end || !committer) {
      error = "windows[" + std::to_string(out.windows.size()) +
              "]: want {\"start\": seconds, \"end\": seconds, \"committer\": \"0x...\"}";
      return false;
    }
    out.windows.push_back({core::UnixSeconds{*start}, core::UnixSeconds{*end}, *committer});
    return out.windows.size() <= core::limits::kScheduleWindowsMax;
  });
  if (!error.empty()) return Failed{std::move(error)};
  const auto defect = core::protocol::check_schedule(out);
  if (defect != core::protocol::ScheduleDefect::kNone) {
    return Failed{std::string("windows: ") + core::protocol::name_of(defect)};
  }
  return out;
}

core::Result<NodeConfig, UsageError> make_config(const Settings& settings) {
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  Reader reader(settings);
  NodeConfig out;
  if (const Setting* setting = reader.require("datadir")) out.datadir = setting->value;
  read_chain(reader, out);
  out.l2_http = read_url(reader, "l2.http");
  out.l2_auth = read_url(reader, "l2.auth");
  if (const Setting* setting = reader.require("jwt.secret")) out.jwt_secret = setting->value;
  read_slasher(reader, out);
  if (const Setting* setting = reader.find("preconf.rpc.addr")) {
    out.rpc = parse_listen_address(setting->value);
    if (!out.rpc) {
      reader.fail(*setting,
                  "want ADDRESS:PORT with a numeric address, got \"" + setting->value + "\"");
    }
  }
  read_p2p(reader, out);
  read_schedule(reader, out);
  if (reader.find("l1.static-proposals") != nullptr) {
    out.static_proposals = reader.number("l1.static-proposals", 0, core::kUint48Max);
  }
  read_l1(reader, out);
  read_event_sync_tip(reader, out);
  out.is_shadow_on = reader.choice("shadow", {"on", "off"}) == 0;
  out.snapshot_events = reader.number("snapshot.events", 1, kAll);
  out.invariants_events = reader.number("invariants.events", 1, kAll);
  out.log_format =
      reader.choice("log.format", {"logfmt", "json"}) == 0 ? LogFormat::kLogfmt : LogFormat::kJson;
  out.verbosity = static_cast<int>(reader.number("verbosity", 0, 4));
  if (!reader.error().empty()) return core::Unexpected<UsageError>{{reader.error()}};
  return out;
}

}  // namespace preconf::node
