// Configuration: who wins, and what is refused with the name of the option at fault.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "core/base/hex.hpp"
#include "node/config.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {
namespace {

using node::Origin;

struct ConfigTest : testing::Test {
  node::Environment environment() {
    return [this](const char* name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
  }
  std::string file(const std::string& name, const std::string& text) {
    const auto path = dir.path() / name;
    std::ofstream(path) << text;
    return path.string();
  }
  core::Result<node::CommandLine, node::UsageError> read(std::vector<std::string> arguments) {
    return node::read_settings("node", arguments, environment());
  }
  /// The complete options, then `more`.
  std::vector<std::string> complete(std::vector<std::string> more = {}) {
    std::vector<std::string> out = {
        "--datadir",         "/d",
        "--chain",           "devnet",
        "--l2.http",         "http://127.0.0.1:1",
        "--l2.auth",         "http://127.0.0.1:2",
        "--jwt.secret",      "/s",
        "--preconf.slasher", "0x00000000000000000000000000000000000000aa"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  std::string error_of(const std::vector<std::string>& more) {
    const auto line = read(complete(more));
    if (!line) return line.error().message;
    const auto config = node::make_config(line->settings);
    return config ? std::string("accepted") : config.error().message;
  }

  /// What make_config() makes of the complete options and `more`.
  node::NodeConfig accepted(const std::vector<std::string>& more) {
    const auto line = read(complete(more));
    auto config = node::make_config(line->settings);
    EXPECT_TRUE(config) << config.error().message;
    return std::move(config).value();
  }

  TemporaryDirectory dir;
  std::map<std::string, std::string> variables;
};
using config = ConfigTest;

TEST_F(config, flag_beats_environment_beats_file_beats_default) {
  const std::string path =
      file("node.toml",
           "datadir = \"/file\"\n[l2]\nhttp = \"http://file\"\nauth = \"http://file\"\n"
           "[log]\nformat = \"json\"\n");
  variables["L2_HTTP"] = "http://environment";
  variables["L2_AUTH"] = "http://environment";
  const auto line = read({"--config", path, "--l2.http", "http://flag"});
  ASSERT_TRUE(line) << line.error().message;
  const node::Settings& settings = line->settings;
  EXPECT_EQ(settings.at("l2.http").value, "http://flag");
  EXPECT_EQ(settings.at("l2.http").origin, Origin::kFlag);
  EXPECT_EQ(settings.at("l2.auth").value, "http://environment");
  EXPECT_EQ(settings.at("datadir").value, "/file");
  EXPECT_EQ(settings.at("log.format").value, "json");
  EXPECT_EQ(settings.at("log.format").origin, Origin::kFile);
  EXPECT_EQ(settings.at("shadow").value, "on");
  EXPECT_EQ(settings.at("shadow").origin, Origin::kDefault);
  EXPECT_FALSE(settings.contains("preconf.rpc.addr"));
}

TEST_F(config, a_complete_command_line_is_accepted) {
  const auto line = read(
      complete({"--preconf.rpc.addr", "127.0.0.1:8550", "--l1.static-proposals", "0", "-v", "3"}));
  ASSERT_TRUE(line) << line.error().message;
  const auto made = node::make_config(line->settings);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->chain.chain_id, 167001U);
  EXPECT_EQ(core::to_hex0x(made->network.slasher_address.view()),
            "0x00000000000000000000000000000000000000aa");
  ASSERT_TRUE(made->rpc);
  EXPECT_EQ(made->rpc->port, 8550);
  EXPECT_EQ(made->static_proposals, std::optional<std::uint64_t>{0});
  EXPECT_EQ(made->verbosity, 3);
  EXPECT_FALSE(made->schedule);
}

TEST_F(config, every_required_option_is_named_when_missing) {
  for (const std::string name :
       {"datadir", "chain", "l2.http", "l2.auth", "jwt.secret", "preconf.slasher"}) {
    auto arguments = complete();
    const auto at = std::find(arguments.begin(), arguments.end(), "--" + name);
    arguments.erase(at, at + 2);
    const auto line = read(arguments);
    ASSERT_TRUE(line);
    const auto made = node::make_config(line->settings);
    ASSERT_FALSE(made) << name;
    EXPECT_NE(made.error().message.find("--" + name), std::string::npos) << made.error().message;
  }
}

TEST_F(config, bad_values_name_the_option_and_where_it_came_from) {
  EXPECT_NE(error_of({"--preconf.slasher", "0x12"}).find("--preconf.slasher"), std::string::npos);
  EXPECT_NE(error_of({"--preconf.slasher", "0x0000000000000000000000000000000000000000"})
                .find("not zero"),
            std::string::npos);
  EXPECT_NE(error_of({"--l2.http", "ftp://x"}).find("--l2.http"), std::string::npos);
  EXPECT_NE(error_of({"--chain", "nochain"}).find("--chain"), std::string::npos);
  EXPECT_NE(error_of({"--chain", "/nowhere.toml"}).find("--chain"), std::string::npos);
  EXPECT_NE(error_of({"--preconf.rpc.addr", "localhost:1"}).find("--preconf.rpc.addr"),
            std::string::npos);
  EXPECT_NE(error_of({"--preconf.rpc.addr", "127.0.0.1:70000"}).find("--preconf.rpc.addr"),
            std::string::npos);
  EXPECT_NE(error_of({"--schedule", "/nowhere"}).find("--schedule"), std::string::npos);
  EXPECT_NE(error_of({"--l1.static-proposals", "281474976710656"}).find("--l1.static-proposals"),
            std::string::npos);
  EXPECT_NE(error_of({"--log.format", "xml"}).find("--log.format"), std::string::npos);
  EXPECT_NE(error_of({"--snapshot.events", "0"}).find("--snapshot.events"), std::string::npos);
  EXPECT_NE(error_of({"-v", "9"}).find("verbosity"), std::string::npos);
  variables["PRECONF_SHADOW"] = "perhaps";
  EXPECT_NE(error_of({}).find("PRECONF_SHADOW"), std::string::npos);
}

TEST_F(config, unknown_flags_and_keys_are_refused) {
  EXPECT_FALSE(read({"--no.such.flag", "1"}));
  const auto line = read({"--config", file("x.toml", "[l2]\nhtpt = \"x\"\n")});
  ASSERT_FALSE(line);
  EXPECT_NE(line.error().message.find("l2.htpt"), std::string::npos);
  const auto broken = read({"--config", file("y.toml", "[l2\n")});
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("y.toml"), std::string::npos);
}

TEST_F(config, event_sync_tip_is_one_of_two_labels) {
  EXPECT_EQ(accepted({}).event_sync, core::EventSyncSource::kHeadL1Origin);
  EXPECT_EQ(accepted({"--driver.event-sync-tip", "head-l1-origin"}).event_sync,
            core::EventSyncSource::kHeadL1Origin);
  EXPECT_EQ(accepted({"--driver.event-sync-tip", "safe"}).event_sync, core::EventSyncSource::kSafe);
  EXPECT_NE(error_of({"--driver.event-sync-tip", "latest"}).find("want head-l1-origin or safe"),
            std::string::npos);
}

TEST_F(config, the_dump_reads_back_as_the_same_settings) {
  const auto line = read(complete({"--datadir", "/with \"quotes\" and \\"}));
  ASSERT_TRUE(line);
  const auto again = read({"--config", file("dump.toml", node::dump(line->settings))});
  ASSERT_TRUE(again) << again.error().message;
  for (const auto& [name, setting] : line->settings) {
    EXPECT_EQ(again->settings.at(name).value, setting.value) << name;
  }
}

TEST_F(config, help_lists_every_option_and_its_variable) {
  const auto line = read({"--help"});
  ASSERT_TRUE(line);
  ASSERT_TRUE(line->help);
  for (const node::Option& option : node::node_options()) {
    EXPECT_NE(line->help->find(std::string("--") + option.name), std::string::npos) << option.name;
    EXPECT_NE(line->help->find(option.environment), std::string::npos) << option.environment;
  }
}

TEST_F(config, schedule_files) {
  const std::string good = R"({"version":3,"windows":[
    {"start":10,"end":20,"committer":"0x00000000000000000000000000000000000000aa"},
    {"start":20,"end":30,"committer":"0x00000000000000000000000000000000000000bb"}]})";
  const auto schedule = node::parse_schedule(good);
  ASSERT_TRUE(schedule) << schedule.error();
  EXPECT_EQ(schedule->version, 3U);
  ASSERT_EQ(schedule->windows.size(), 2U);
  EXPECT_EQ(schedule->windows[1].end, core::UnixSeconds{30});
  for (const char* bad : {"", "[]", "{}", R"({"version":0,"windows":[]})",
                          R"({"version":1,"windows":{}})", R"({"version":1,"windows":[1]})",
                          R"({"version":1,"windows":[{"start":5,"end":5,
                              "committer":"0x00000000000000000000000000000000000000aa"}]})",
                          R"({"version":1,"windows":[{"start":-1,"end":5,
                              "committer":"0x00000000000000000000000000000000000000aa"}]})",
                          R"({"version":1,"windows":[{"start":1,"end":5,"committer":"0xaa"}]})"}) {
    EXPECT_FALSE(node::parse_schedule(bad)) << bad;
  }
  std::string huge = R"({"version":1,"windows":[)";
  for (int i = 0; i < 5000; ++i) {
    huge += (i == 0 ? "" : ",") + std::string(R"({"start":)") + std::to_string(i) + R"(,"end":)" +
            std::to_string(i + 1) + R"(,"committer":"0x00000000000000000000000000000000000000aa"})";
  }
  EXPECT_FALSE(node::parse_schedule(huge + "]}"));
}

TEST_F(config, a_chain_file_overrides_the_devnet_values) {
  const std::string path = file("my.toml",
                                "chain_id = 4242\nunzen_time = 77\n"
                                "base_fee_sharing_pctg = 50\n");
  const auto line = read(complete({"--chain", path}));
  ASSERT_TRUE(line);
  const auto made = node::make_config(line->settings);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->chain.chain_id, 4242U);
  EXPECT_EQ(made->chain.unzen_time, core::UnixSeconds{77});
  EXPECT_EQ(made->chain.base_fee_sharing_pctg, 50);
  EXPECT_EQ(made->chain.anchor_address, core::protocol::anchor_address_of(4242));
  EXPECT_NE(error_of({"--chain", file("a.toml", "unzen_time = 1\n")}).find("chain_id"),
            std::string::npos);
  EXPECT_NE(
      error_of({"--chain", file("b.toml", "chain_id = 1\nchain_name = 2\n")}).find("chain_name"),
      std::string::npos);
  EXPECT_NE(error_of({"--chain", file("c.toml", "chain_id = 1\nbase_fee_sharing_pctg = 101\n")})
                .find("base_fee_sharing_pctg"),
            std::string::npos);
}

TEST_F(config, listen_addresses) {
  EXPECT_EQ(node::parse_listen_address("127.0.0.1:8550")->host, "127.0.0.1");
  EXPECT_EQ(node::parse_listen_address("[::1]:0")->host, "::1");
  for (const char* bad : {"", ":1", "127.0.0.1", "127.0.0.1:", "::1:80", "[::1]", "a:1",
                          "127.0.0.1:1x", "127.0.0.1:-1"}) {
    EXPECT_FALSE(node::parse_listen_address(bad)) << bad;
  }
}

TEST_F(config, there_is_no_libp2p_without_a_place_to_listen_on_or_a_peer) {
  const auto line = read(complete(
      {"--p2p.chain-id", "5", "--p2p.disable-discovery", "--p2p.discovery.addr", "0.0.0.0:9001"}));
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->settings.at("p2p.disable-discovery").value, "true");
  EXPECT_FALSE(node::make_config(line->settings)->p2p);
}

TEST_F(config, p2p_options) {
  constexpr const char* kPeer =
      "/ip4/1.2.3.4/tcp/9000/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
  const auto line = read(complete(
      {"--p2p.listen", "0.0.0.0:9000", "--p2p.advertise.addr", "5.6.7.8:9001", "--p2p.static-peers",
       std::string(kPeer) + ", /dns4/a.example/tcp/9000,", "--p2p.bootnodes", "/ip6/::1/tcp/1"}));
  ASSERT_TRUE(line) << line.error().message;
  const auto made = node::make_config(line->settings);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(made->p2p);
  EXPECT_EQ(made->p2p->listen_address, "0.0.0.0");
  EXPECT_EQ(made->p2p->listen_port, 9'000);
  EXPECT_EQ(to_text(*made->p2p->advertised), "/ip4/5.6.7.8/tcp/9001");
  ASSERT_EQ(made->p2p->static_peers.size(), 2U);
  EXPECT_EQ(to_text(made->p2p->static_peers[0]), kPeer);
  ASSERT_EQ(made->p2p->bootnodes.size(), 1U);
  EXPECT_EQ(to_text(made->p2p->bootnodes[0]), "/ip6/::1/tcp/1");
  EXPECT_EQ(made->p2p->chain_id, 167'000U);
  EXPECT_EQ(made->p2p->identity, "/d/p2p.key");
  EXPECT_EQ(made->p2p->accepts.per_address, 8U);
  EXPECT_EQ(made->p2p->accepts.rate, 50U);
  EXPECT_EQ(made->p2p->accepts.rate_per_address, 2U);
  EXPECT_FALSE(made->p2p->accepts.exempts_loopback);
}

TEST_F(config, p2p_options_are_refused_by_name) {
  const std::pair<std::vector<std::string>, const char*> bad[] = {
      {{"--p2p.listen", "localhost:9000"}, "--p2p.listen: want ADDRESS:PORT"},
      {{"--p2p.listen", "/dns/a/tcp/1"}, "--p2p.listen: want ADDRESS:PORT"},
      {{"--p2p.advertise.addr", "1.2.3.4:0"}, "--p2p.advertise.addr: want ADDRESS:PORT"},
      {{"--p2p.static-peers", "/ip4/1.2.3.4"}, "a TCP port is missing"},
      {{"--p2p.static-peers", "/ip4/1.2.3.4/tcp/1,1.2.3.4:2"}, "\"1.2.3.4:2\": not a multiaddr"},
      {{"--p2p.static-peers", "/dnsaddr/a.example/tcp/1"}, "dnsaddr is not resolved"},
      {{"--p2p.static-peers", "/ip4/1.2.3.4/udp/1"}, "only ip4"},
      {{"--p2p.bootnodes", "enr:-IS4"}, "a malformed node record"},
      {{"--p2p.bootnodes", "enode://00@1.2.3.4:1"}, "not a multiaddr"},
      {{"--p2p.bootnodes",
        "enr:-"
        "IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RR"
        "cy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_"
        "QAdpzBQA8yWM0xOIN1ZHCCdl"
        "8"},
       "without IP address and TCP port"},
      {{"--p2p.discovery.addr", "9001"}, "--p2p.discovery.addr: want ADDRESS:PORT"},
      {{"--p2p.disable-discovery=maybe"}, "--p2p.disable-discovery: want true or false"},
      {{"--p2p.chain-id", "0"}, "--p2p.chain-id: want a number"}};
  for (const auto& [arguments, expected] : bad) {
    EXPECT_NE(error_of(arguments).find(expected), std::string::npos)
        << arguments.back() << ": " << error_of(arguments);
  }
}

TEST_F(config, l1_of_a_chain_of_ones_own) {
  const std::string deployment = file("l1.toml",
                                      "l1_chain_id = 31337\ngenesis_time = 1700000000\n"
                                      "slot_seconds = 2\nslots_per_epoch = 8\n"
                                      "inbox = \"0x00000000000000000000000000000000000000bb\"\n"
                                      "lookahead_store = "
                                      "\"0x00000000000000000000000000000000000000cc\"\n");
  const auto line =
      read(complete({"--l1.http", "http://a,https://b", "--l1.beacon", "http://c", "--l1.ws",
                     "ws://a", "--blob.server", "http://d", "--l1.deployment", deployment,
                     "--l2.checkpoint", "http://e", "--l1.fallback-signer", "sequencer"}));
  ASSERT_TRUE(line) << line.error().message;
  const auto made = node::make_config(line->settings);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(made->l1);
  EXPECT_EQ(made->l1->http_urls, (std::vector<std::string>{"http://a", "https://b"}));
  EXPECT_EQ(made->l1->ws_urls, std::vector<std::string>{"ws://a"});
  EXPECT_EQ(made->l1->beacon_urls, std::vector<std::string>{"http://c"});
  EXPECT_EQ(made->l1->blob_servers, std::vector<std::string>{"http://d"});
  EXPECT_EQ(made->l1->checkpoint_urls, std::vector<std::string>{"http://e"});
  EXPECT_EQ(made->l1->deployment.l1_chain_id, 31'337U);
  EXPECT_EQ(made->l1->deployment.clock.genesis.value, 1'700'000'000U);
  EXPECT_EQ(made->l1->deployment.clock.slot_seconds, 2U);
  EXPECT_EQ(made->l1->deployment.inbox.bytes[19], 0xbb);
  EXPECT_EQ(made->l1->deployment.lookahead_store.bytes[19], 0xcc);
  EXPECT_TRUE(made->l1->deployment.preconf_whitelist.is_zero());
  EXPECT_EQ(made->l1->fallback_signer, core::protocol::FallbackSigner::kSequencer);
  EXPECT_EQ(made->l1->head_age_max_seconds, 0U);
}

TEST_F(config, l1_of_a_built_in_chain) {
  auto arguments = complete({"--l1.http", "http://a", "--l1.beacon", "http://b"});
  arguments[3] = "hoodi";
  const auto line = read(arguments);
  ASSERT_TRUE(line);
  const auto made = node::make_config(line->settings);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->l1->deployment, *core::protocol::l1_deployment("hoodi"));
  EXPECT_EQ(made->l1->head_age_max_seconds, 300U);
}

TEST_F(config, l1_mistakes_are_named) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes = {
      {{"--l1.http", "http://a"}, "--l1.beacon is required"},
      {{"--l1.beacon", "http://a"}, "--l1.beacon: has no meaning without l1.http"},
      {{"--l2.checkpoint", "http://a"}, "--l2.checkpoint: has no meaning without l1.http"},
      {{"--l1.http", "ftp://a", "--l1.beacon", "http://b"}, "--l1.http: want a URL"},
      {{"--l1.http", "http://a,,http://b", "--l1.beacon", "http://b"}, "--l1.http: want a URL"},
      {{"--l1.http", "http://a", "--l1.beacon", "http://b", "--l1.ws", "wss://c"},
       "--l1.ws: want a URL that begins with ws://"},
      {{"--l1.http", "http://a", "--l1.beacon", "http://b"}, "--l1.deployment"},
      {{"--l1.http", "http://a", "--l1.beacon", "http://b", "--l1.static-proposals", "3"},
       "--l1.static-proposals: contradicts"},
      {{"--l1.http", "http://a", "--l1.beacon", "http://b", "--l1.deployment", "/nowhere.toml"},
       "/nowhere.toml"},
      {{"--l1.http", "http://a", "--l1.beacon", "http://b", "--l1.deployment",
        file("half.toml", "l1_chain_id = 5\n")},
       "inbox is missing"},
      {{"--l1.http", "http://a", "--l1.beacon", "http://b", "--l1.deployment",
        file("odd.toml",
             "l1_chain_id = 5\ninbox = \"0x00000000000000000000000000000000000000bb\"\n"
             "slot_seconds = 0\n")},
       "slot_seconds"},
      {{"--l1.fallback-signer", "nobody"}, "--l1.fallback-signer"}};
  for (const auto& [arguments, part] : mistakes) {
    EXPECT_NE(error_of(arguments).find(part), std::string::npos)
        << part << " in: " << error_of(arguments);
  }
}

}  // namespace
}  // namespace preconf::tests
