// Whole catch-ups among honest and other peers: any order, any crash, any misfortune, one end.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>

#include "core/limits.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/script.hpp"

namespace preconf::tests {
namespace {

rc::Gen<std::vector<std::uint8_t>> script() {
  return rc::gen::resize(kScriptSize, rc::gen::arbitrary<std::vector<std::uint8_t>>());
}

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

constexpr std::size_t kBlocks = 24;

/// Of six numbers one is an honest peer.
Manner some_manner(Choices& choices) { return static_cast<Manner>(choices.below(kMannerCount)); }

/// What may happen to a node in a network. Never lets all hope go: honest peers come back.
void one_misfortune(Node& node, const LongChain& chain, Choices& choices) {
  std::vector<PeerNumber> connected;
  for (const auto& [number, peer] : node.world.state.p2p.peers) connected.push_back(number);
  switch (choices.below(9)) {
    case 0:
      node.world.start(long_schedule());
      node.network.restart();
      return;
    case 1:
      node.network.connect(chain.archive, some_manner(choices));
      return;
    case 2:
      if (!connected.empty()) node.network.disconnect(connected[choices.below(connected.size())]);
      return;
    case 3: {
      if (connected.empty()) return;
      const Promise& promise = chain.promises[choices.below(chain.promises.size())];
      const PeerNumber from = connected[choices.below(connected.size())];
      if (choices.below(2) == 0) node.network.gossip(from, promise.list);
      node.network.gossip(from, promise.facts);
      return;
    }
    case 4:
      node.world.fire_next_timer();
      return;
    default:
      for (std::size_t i = 0; i <= choices.below(12); ++i) node.world.answer_next();
      return;
  }
}

RC_GTEST_PROP(peers, any_life_among_any_peers_ends_at_the_honest_head, ()) {
  const auto numbers = *script();
  const LongChain chain(kBlocks);
  Node node;
  node.world.check_every = 4;
  for (Choices choices(numbers); !choices.empty();) one_misfortune(node, chain, choices);
  node.network.connect(chain.archive);
  RC_ASSERT(node.world.run_to(chain.preconfer.tip.hash));
  RC_ASSERT(node.world.violations.empty());
  RC_ASSERT(fold(node.world.log) == node.world.state);
}

/// Lists are asked for by the rules, whoever is there: paced per peer, three at a time, one more
/// only when the time of the last one is over or one has failed, and none that is here.
RC_GTEST_PROP(peers, lists_are_asked_for_within_bounds_among_any_peers, ()) {
  const auto numbers = *script();
  Choices choices(numbers);
  const LongChain chain(12);
  Node node;
  node.world.check_every = 2;
  for (std::size_t i = 0; i <= choices.below(9); ++i) {
    node.network.connect(chain.archive, some_manner(choices));
  }
  while (!choices.empty()) one_misfortune(node, chain, choices);
  node.network.connect(chain.archive);
  RC_ASSERT(node.world.run_to(chain.preconfer.tip.hash));
  RC_ASSERT(node.world.violations.empty());  // list_races_are_bounded is one of them

  std::map<PeerNumber, std::vector<std::uint64_t>> times;
  for (const Network::Sent& one : node.network.sent) {
    if (one.protocol == PeerProtocol::kTxList) times[one.peer].push_back(one.at_ns);
  }
  for (auto& [peer, at] : times) {
    std::sort(at.begin(), at.end());
    for (std::size_t i = 7; i < at.size(); ++i) RC_ASSERT(at[i] - at[i - 7] > 10'000'000'000U);
  }
  State state;
  Outcome outcome;
  std::map<Hash32, std::uint64_t> asked_at;  // or one of those who were asked has failed
  for (const Event& event : node.world.log) {
    reduce(state, event, outcome);
    for (const Decision& decision : outcome.decisions) {
      if (decision.verdict == Verdict::kTxListUnavailable) asked_at.erase(decision.subject);
      if (decision.verdict != Verdict::kTxListRequested) continue;
      RC_ASSERT(state.txlists.facts_of(decision.subject) == nullptr);
      if (decision.reason == Reason::kListHedged && asked_at.contains(decision.subject)) {
        RC_ASSERT(event.wall.value - asked_at[decision.subject] >=
                  limits::kListHedgeMs * 1'000'000);
      }
      asked_at[decision.subject] = event.wall.value;
    }
  }
}

/// A crash after every event of a catch-up; what was not durable is lost.
TEST(peers, a_crash_at_every_event_of_a_catch_up_ends_at_the_same_head) {
  const LongChain chain(9);
  std::size_t total = 0;
  {
    Node node;
    node.network.connect(chain.archive);
    node.network.connect(chain.archive, Manner::kWithholding);
    ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash));
    total = node.world.log.size();
  }
  for (std::size_t crash = 8; crash < total; ++crash) {
    Node node;
    node.world.check_every = 3;
    node.network.connect(chain.archive);
    node.network.connect(chain.archive, Manner::kWithholding);
    while (node.world.log.size() < crash) {
      if (!node.world.answer_next() && !node.world.fire_next_timer()) break;
    }
    const std::size_t lost = crash % 3;
    node.world.log.resize(node.world.log.size() - lost);
    node.world.state = fold(node.world.log);
    node.world.outstanding.clear();
    node.world.start(long_schedule());
    node.network.restart();
    node.network.connect(chain.archive);
    ASSERT_TRUE(node.world.run_to(chain.preconfer.tip.hash)) << "crash after event " << crash;
    for (const auto& [key, commitment] : node.world.state.book.held) {
      ASSERT_STREQ(name_of(commitment.phase), "executed") << "crash after event " << crash;
    }
  }
}

/// Hostile and impossible peer events keep bounds and invariants, in every state.
RC_GTEST_PROP(peers, absurd_peer_events_keep_bounds_and_invariants, ()) {
  const auto numbers = *script();
  LongChain chain(6);
  Node node;
  for (Choices choices(numbers); !choices.empty();) {
    const auto some_command = [&]() -> CommandId {
      const auto& open = node.world.state.in_flight;
      if (!open.empty() && choices.below(3) != 0) return open.begin()->first;
      return CommandId{Seq{choices.below(200)}, static_cast<std::uint32_t>(choices.below(3))};
    };
    const PeerNumber peer{choices.below(6)};
    switch (choices.below(12)) {
      case 0:
        node.world.feed(ev::PeerConnected{peer, Bytes(choices.below(60), 3), "x",
                                          ev::Direction::kInbound, choices.below(5) == 0});
        break;
      case 1:
        node.world.feed(ev::PeerDisconnected{peer, ev::DisconnectReason::kTransport});
        break;
      case 2:
        node.world.feed(ev::PeerReported{
            peer,
            {{static_cast<ev::PeerConduct>(choices.below(9)), ~std::uint64_t{0} - peer.value}}});
        break;
      case 3:
        node.world.feed(ev::PeerAnswered{some_command(), 1, ev::HeadReported{{choices.below(9)}}});
        break;
      case 4:
        node.world.feed(ev::PeerAnswered{
            some_command(), 1,
            ev::CommitmentsDelivered{static_cast<std::uint32_t>(choices.below(200)),
                                     {choices.below(9)},
                                     {choices.below(9)}}});
        break;
      case 5:
        node.world.feed(ev::PeerAnswered{some_command(), 1, ev::TxListDelivered{}});
        break;
      case 6:
        node.world.feed(ev::PeerAnswered{
            some_command(), 1,
            ev::PeerFailed{static_cast<ev::PeerFailureKind>(choices.below(9)), ""}});
        break;
      case 7:
        node.world.feed(
            ev::Published{some_command(), 1, static_cast<ev::PublishResult>(choices.below(6)), 0});
        break;
      case 8:
        node.world.feed(ev::EngineAnswered{some_command(), 1, ev::EngineFailed{}});
        break;
      case 9: {
        const auto& facts = chain.promises[choices.below(chain.promises.size())].facts;
        node.world.feed_from(static_cast<SourceKind>(choices.below(7)), peer.value,
                             ev::CommitmentReceived{Bytes(382), facts, 1});
        break;
      }
      case 10:
        node.world.now_ns += choices.below(200) * 1'000'000'000ULL;
        node.world.now_ns -= choices.below(100) * 1'000'000'000ULL;
        node.world.feed(ev::ShutdownRequested{15});
        if (choices.below(4) != 0) break;
        [[fallthrough]];
      default:
        node.world.start(long_schedule());
        node.world.feed(ev::NetworkStarted{});
        break;
    }
  }
  RC_ASSERT(node.world.violations.empty());
  RC_ASSERT(fold(node.world.log) == node.world.state);
}

}  // namespace
}  // namespace preconf::tests
