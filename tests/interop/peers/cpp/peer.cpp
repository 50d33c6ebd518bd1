// Our peer-to-peer stack without the node around it, as a process that a test drives: one JSON
// object per line in (orders) and out (what happened). README.md two folders up lists both.
#include <fmt/format.h>
#include <simdjson.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "core/base/assert.hpp"
#include "core/base/hex.hpp"
#include "core/codec/base64.hpp"
#include "core/crypto/hash.hpp"
#include "tests/interop/peers/cpp/poll_driver.hpp"
#include "tests/interop/peers/cpp/served.hpp"

namespace preconf::interop {
namespace {

namespace gossip = io::wire::gossip;
namespace swarm = io::wire::swarm;
using core::Bytes;
using io::wire::Direction;
using io::wire::ExchangeProtocol;
using io::wire::GossipFault;
using io::wire::GossipMessage;
using io::wire::Identity;
using io::wire::KeyType;
using io::wire::name_of;
using io::wire::parse_multiaddr;
using io::wire::PeerRef;
using io::wire::PeerSummary;
using io::wire::PublishError;
using io::wire::RequestRef;
using io::wire::Swarm;
using io::wire::SwarmAction;
using io::wire::SwarmConfig;
using io::wire::to_text;
using io::wire::Topic;
using io::wire::Verdict;
using simdjson::dom::element;

void tell(const std::string& event) {
  std::fwrite(event.data(), 1, event.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

std::string text(const element& order, const char* key) {
  std::string_view value;
  return order[key].get(value) == simdjson::SUCCESS ? std::string{value} : std::string{};
}

Bytes base64(const element& order, const char* key) {
  return core::codec::decode_base64(text(order, key)).value_or(Bytes{});
}

/// The order's `ref`, as it goes into the answer.
std::string reference(const element& order) { return text(order, "ref"); }

constexpr std::array<const char*, 3> kProtocolNames{"get_head", "get_commitments_by_number",
                                                    "get_raw_txlist"};

Identity identity_of(const element& order) {
  const auto type = text(order, "key_type") == "ed25519" ? KeyType::kEd25519 : KeyType::kSecp256k1;
  const auto secret = core::fixed_from_hex<32>(text(order, "secret"));
  PRECONF_ASSERT(secret.has_value());
  return *Identity::from_secret(type, *secret);
}

std::uint64_t wall_nanos() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

/// What is resident now. The maximum of getrusage() would include the parent's before exec.
std::size_t resident_kib() {
  std::size_t total_pages = 0;
  std::size_t resident_pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  const int read = std::fscanf(file, "%zu %zu", &total_pages, &resident_pages);
  std::fclose(file);
  return read == 2 ? resident_pages * static_cast<std::size_t>(getpagesize()) / 1024 : 0;
}

SwarmConfig config_of(const element& order) {
  SwarmConfig config;
  std::uint64_t chain = 0;
  if (order["chain"].get(chain) == simdjson::SUCCESS) config.network_chain_id = chain;
  const std::string prefix = fmt::format("/taiko/{}/0/", config.network_chain_id);
  config.topics = {prefix + "preconfirmationCommitments", prefix + "rawTxLists"};
  config.agent_version = "preconf/p2p_peer";
  config.accepts.exempts_loopback = true;  // everybody is here
  config.gossip.first_seqno = wall_nanos();
  return config;
}

class Peer {
 public:
  explicit Peer(const element& order)
      : config_(config_of(order)),
        identity_(identity_of(order)),
        swarm_(config_, identity_, random_secret(), wall_nanos(), now()),
        driver_(swarm_, [this](SwarmAction& action) { std::visit(*this, action); }) {
    auto address = parse_multiaddr(text(order, "listen"));
    PRECONF_ASSERT(address.has_value());
    address->tcp_port = driver_.listen(*address);
    swarm_.set_listen_addresses({*address}, now());
    address->peer = identity_.peer_id();
    tell(fmt::format(R"({{"ev":"started","peer_id":"{}","addr":"{}"}})",
                     to_text(identity_.peer_id()), to_text(*address)));
  }

  void run() {
    driver_.run(
        [this](std::string_view line) { order(parser_.parse(line.data(), line.size()).value()); },
        [this] {
          tell_subscriptions();
          tell_pings();
        });
  }

  // --- what the swarm reports -------------------------------------------------------------------

  void operator()(const swarm::PeerConnected& event) {
    peers_[to_text(event.id)] = event.peer;
    names_[event.peer] = to_text(event.id);
    tell(fmt::format(R"({{"ev":"connected","peer":"{}","inbound":{}}})", to_text(event.id),
                     event.direction == Direction::kInbound));
  }
  void operator()(const swarm::PeerIdentified& event) {
    std::string protocols;
    for (const std::string& protocol : event.identify.protocols) {
      protocols += fmt::format(R"({}"{}")", protocols.empty() ? "" : ",", protocol);
    }
    tell(fmt::format(R"({{"ev":"identified","peer":"{}","protocols":[{}],"agent":"{}"}})",
                     names_[event.peer], protocols, event.identify.agent_version));
  }
  void operator()(const swarm::PeerDisconnected& event) {
    peers_.erase(to_text(event.id));
    tell(fmt::format(R"({{"ev":"disconnected","peer":"{}","left":0,"reason":"{}"}})",
                     to_text(event.id), name_of(event.reason)));
  }
  void operator()(const swarm::DialFailed& event) {
    tell(fmt::format(R"({{"ev":"dial_failed","reason":"{}"}})", name_of(event.error)));
  }
  void operator()(const swarm::InboundRequest& event) {
    const auto protocol = static_cast<std::size_t>(event.protocol);
    const auto body = served_.answer(event.protocol, event.body);
    if (body) {
      swarm_.respond(event.request, *body, now());
      return;
    }
    swarm_.refuse(event.request, now());
    tell_fault(event.peer, kProtocolNames[protocol], "undecodable");
  }
  void operator()(const swarm::InboundFailed& event) {
    tell_fault(event.peer, kProtocolNames[static_cast<std::size_t>(event.protocol)],
               name_of(event.failure));
  }
  void operator()(const swarm::Response& event) {
    const auto asked = asked_.extract(event.request);
    PRECONF_ASSERT(!asked.empty());
    const auto took = now().value - asked.mapped().at.value;
    if (event.body) {
      tell(fmt::format(R"({{"ev":"response","ref":"{}","body":"{}","ms":{}}})",
                       asked.mapped().reference, core::codec::encode_base64(*event.body), took));
    } else {
      tell(fmt::format(R"({{"ev":"request_failed","ref":"{}","reason":"{}"}})",
                       asked.mapped().reference, name_of(event.body.error())));
    }
  }
  void operator()(const gossip::Deliver& event) {
    const GossipMessage& message = *event.message;
    const auto begins = [&message](const Bytes& prefix) {
      return !prefix.empty() && message.data.size() >= prefix.size() &&
             std::equal(prefix.begin(), prefix.end(), message.data.begin());
    };
    const Verdict verdict = begins(reject_)   ? Verdict::kReject
                            : begins(ignore_) ? Verdict::kIgnore
                                              : Verdict::kAccept;
    swarm_.report_validation(message.id, verdict, now());
    tell(fmt::format(R"({{"ev":"message","topic":"{}","id":"{}","source":"{}","from":"{}",)"
                     R"("size":{},"sha256":"{}"}})",
                     name_of_topic(message.topic), core::to_hex(message.id.view()),
                     names_[event.source], to_text(message.author), message.data.size(),
                     core::to_hex(core::crypto::sha256(message.data).view())));
  }
  void operator()(const gossip::PeerFaults& event) {
    for (std::size_t i = 0; i < event.counts.size(); ++i) {
      if (event.counts[i] == 0) continue;
      tell(fmt::format(R"({{"ev":"gossip_fault","peer":"{}","reason":"{}","count":{}}})",
                       to_text(event.peer_id), io::wire::name_of(static_cast<GossipFault>(i)),
                       event.counts[i]));
    }
  }
  // The driver keeps these.
  void operator()(const swarm::Dial&) {}
  void operator()(const swarm::HasOutput&) {}
  void operator()(const swarm::Close&) {}

 private:
  struct Asked {
    std::string reference;
    core::Millis at;
  };

  void order(const element& order) {
    const std::string op = text(order, "op");
    if (op == "dial") {
      const auto address = parse_multiaddr(text(order, "addr"));
      PRECONF_ASSERT(address.has_value());
      swarm_.dial(*address, now());
    } else if (op == "hangup") {
      swarm_.disconnect(peers_[text(order, "peer")], now());
    } else if (op == "publish") {
      publish(order);
    } else if (op == "request") {
      request(order);
    } else if (op == "serve") {
      served_ = Served{order};
      tell(fmt::format(R"({{"ev":"serving","ref":"{}"}})", reference(order)));
    } else if (op == "verdicts") {
      reject_ = core::from_hex(text(order, "reject")).value_or(Bytes{});
      ignore_ = core::from_hex(text(order, "ignore")).value_or(Bytes{});
      tell(fmt::format(R"({{"ev":"verdicts_set","ref":"{}"}})", reference(order)));
    } else if (op == "ping") {
      ping(order);
    } else if (op == "stats") {
      stats(order);
    } else {
      tell(R"({"ev":"unknown_order"})");
    }
  }

  void publish(const element& order) {
    const Topic& topic = config_.topics[text(order, "topic") == "commitments" ? 0 : 1];
    const auto published = swarm_.publish(topic, base64(order, "data"), now());
    if (published) {
      tell(fmt::format(R"({{"ev":"published","ref":"{}","id":"{}","peers":{}}})", reference(order),
                       core::to_hex(published->id.view()), published->peers));
    } else {
      tell(fmt::format(R"({{"ev":"publish_failed","ref":"{}","reason":"{}"}})", reference(order),
                       published.error() == PublishError::kDuplicate ? "duplicate" : "no peers"));
    }
  }

  void request(const element& order) {
    const std::string name = text(order, "protocol");
    std::size_t protocol = 0;
    while (kProtocolNames.at(protocol) != name) ++protocol;
    const RequestRef ref =
        swarm_.request(peers_[text(order, "peer")], static_cast<ExchangeProtocol>(protocol),
                       base64(order, "body"), now());
    asked_[ref] = Asked{reference(order), now()};
  }

  /// The swarm pings every peer by itself; the last round trip answers, once there is one.
  void ping(const element& order) {
    pings_.emplace_back(std::string(text(order, "peer")), reference(order));
    tell_pings();
  }
  void tell_pings() {
    if (pings_.empty()) return;
    for (const PeerSummary& peer : swarm_.peers()) {
      if (!peer.round_trip) continue;
      std::erase_if(pings_, [&](const auto& asked) {
        if (asked.first != to_text(peer.id)) return false;
        tell(fmt::format(R"({{"ev":"pong","ref":"{}","ms":{}}})", asked.second,
                         peer.round_trip->value));
        return true;
      });
    }
  }

  void stats(const element& order) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto ms = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
    };
    tell(fmt::format(R"({{"ev":"stats","ref":"{}","cpu_ms":{:.1f},"rss_kib":{},"peers":{}}})",
                     reference(order), ms(usage.ru_utime) + ms(usage.ru_stime), resident_kib(),
                     swarm_.peers().size()));
  }

  void tell_fault(PeerRef peer, const char* protocol, const char* reason) {
    tell(fmt::format(R"({{"ev":"fault","peer":"{}","protocol":"{}","reason":"{}"}})", names_[peer],
                     protocol, reason));
  }

  [[nodiscard]] const char* name_of_topic(const Topic& topic) const {
    if (topic == config_.topics[0]) return "commitments";
    return topic == config_.topics[1] ? "txlists" : "other";
  }

  /// Subscriptions of peers are the router's affair; tests want to know of them.
  void tell_subscriptions() {
    for (const auto& [ref, peer] : swarm_.router().state().peers) {
      for (const Topic& topic : peer.topics) {
        if (!subscribed_.insert({ref, topic}).second) continue;
        tell(fmt::format(R"({{"ev":"subscribed","peer":"{}","topic":"{}"}})", to_text(peer.id),
                         name_of_topic(topic)));
      }
    }
  }

  SwarmConfig config_;
  Identity identity_;
  Swarm swarm_;
  PollDriver driver_;
  simdjson::dom::parser parser_;
  Served served_;
  Bytes reject_;
  Bytes ignore_;
  std::map<std::string, PeerRef> peers_;
  std::map<PeerRef, std::string> names_;
  std::map<RequestRef, Asked> asked_;
  std::set<std::pair<PeerRef, Topic>> subscribed_;
  std::vector<std::pair<std::string, std::string>> pings_;  ///< peer and reference, unanswered
};

int main_of_peer() {
  std::string first;
  for (int c; (c = std::getchar()) != EOF && c != '\n';) first.push_back(static_cast<char>(c));
  simdjson::dom::parser parser;
  Peer peer(parser.parse(first).value());
  peer.run();
  return 0;
}

}  // namespace
}  // namespace preconf::interop

int main() {
  // Orders are read from the descriptor later; the first line must not take more than itself.
  std::setvbuf(stdin, nullptr, _IONBF, 0);
  return preconf::interop::main_of_peer();
}
