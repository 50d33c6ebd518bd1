#include "tests/support/network.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/effects/peer_requests.hpp"

namespace preconf::tests {

using namespace preconf::core;  // NOLINT: test support
namespace ev = core::events;

namespace {

Bytes peer_id_of(PeerNumber peer) {
  Bytes id{0x12, 0x20};  // a sha2-256 multihash, as far as its form goes
  id.resize(34, static_cast<std::uint8_t>(peer.value));
  id[2] = static_cast<std::uint8_t>(peer.value >> 8);
  return id;
}

/// The same promise by somebody who is not scheduled.
protocol::CommitmentFacts of_stranger(protocol::CommitmentFacts facts) {
  facts.signer = address_number(0xee);
  facts.gas_limit += 1;
  seal(facts);
  facts.signer = address_number(0xee);
  return facts;
}

PeerProtocol protocol_of(const CommandBody& body) {
  if (std::holds_alternative<commands::RequestHead>(body)) return PeerProtocol::kHead;
  if (std::holds_alternative<commands::RequestCommitments>(body)) return PeerProtocol::kCommitments;
  return PeerProtocol::kTxList;
}

}  // namespace

const char* manner_name(Manner manner) {
  constexpr std::array<const char*, kMannerCount> kNames{
      "honest", "silent",   "away",       "withholding", "boasting",  "unserved", "foreign",
      "holey",  "dripping", "other_list", "garbled",     "unknowing", "mute",     "slow"};
  return kNames.at(static_cast<std::size_t>(manner));
}

void Archive::add(const Promise& promise) {
  commitments.push_back(promise.facts);
  lists.emplace(promise.list.hash, promise.list);
}

BlockNumber Archive::head() const {
  BlockNumber head;
  for (const auto& facts : commitments) head = std::max(head, facts.block_number);
  return head;
}

Network::Network(World& world) : world_(world) {
  world_.answer_peer = [this](const Command& command) { perform(command); };
  world_.on_order = [this](const Command& command) { order(command); };
  restart();
}

void Network::restart() {
  members_.clear();
  world_.feed(ev::NetworkStarted{peer_id_of(PeerNumber{0xffff}), "/ip4/127.0.0.1/tcp/9000"});
}

PeerNumber Network::connect(const Archive& archive, Manner manner) {
  const PeerNumber peer{++last_peer_};
  members_[peer] = Member{&archive, manner};
  world_.feed(ev::PeerConnected{peer, peer_id_of(peer), "/ip4/10.0.0.1/tcp/9000",
                                ev::Direction::kOutbound, false});
  return peer;
}

void Network::disconnect(PeerNumber peer) {
  members_.erase(peer);
  std::erase_if(world_.outstanding,
                [peer](const Command& command) { return effects::peer_of(command.body) == peer; });
  world_.feed(ev::PeerDisconnected{peer, ev::DisconnectReason::kRemoteClosed});
}

void Network::gossip(PeerNumber peer, const protocol::CommitmentFacts& facts) {
  world_.feed_from(SourceKind::kGossip, peer.value,
                   ev::CommitmentReceived{Bytes(protocol::kSignedCommitmentBytes), facts, 1});
}

void Network::gossip(PeerNumber peer, const protocol::TxListFacts& facts) {
  world_.feed_from(SourceKind::kGossip, peer.value, ev::TxListReceived{facts, 1});
}

void Network::order(const Command& command) {
  if (const auto* ban = std::get_if<commands::BanPeer>(&command.body)) banned.insert(ban->peer_id);
}

void Network::deliver(PeerNumber peer, EventBody body) {
  world_.feed_from(SourceKind::kResponse, peer.value, std::move(body));
}

ev::PeerResult Network::answer(const Member& member, const commands::RequestHead&) {
  if (member.manner == Manner::kBoasting) {
    return ev::HeadReported{BlockNumber{std::uint64_t{1} << 63}, UnixSeconds{1}};
  }
  const BlockNumber head = member.archive->head();
  return ev::HeadReported{head, UnixSeconds{head.value == 0 ? 0U : 1'384U}};
}

ev::PeerResult Network::answer(const Member& member, const commands::RequestCommitments& asked) {
  ev::CommitmentsDelivered delivered;
  if (member.manner == Manner::kUnserved) return delivered;
  const std::uint32_t count = member.manner == Manner::kDripping ? 1 : asked.count;
  for (const auto& facts : member.archive->commitments) {
    if (facts.block_number < asked.start || delivered.count >= count) continue;
    if (member.manner == Manner::kHoley && facts.block_number.value % 3 == 0) continue;
    const auto given = member.manner == Manner::kForeign ? of_stranger(facts) : facts;
    if (delivered.count == 0) delivered.first = given.block_number;
    delivered.last = given.block_number;
    ++delivered.count;
    ++commitments_delivered[given.block_number];
    deliver(asked.peer, ev::CommitmentReceived{Bytes(protocol::kSignedCommitmentBytes), given, 1});
  }
  return delivered;
}

ev::PeerResult Network::answer(const Member& member, const commands::RequestTxList& asked) {
  const auto& lists = member.archive->lists;
  auto found = lists.find(asked.hash);
  if (member.manner == Manner::kOtherList) {
    found = std::find_if(lists.begin(), lists.end(),
                         [&asked](const auto& entry) { return entry.first != asked.hash; });
  }
  if (member.manner == Manner::kWithholding || found == lists.end()) return ev::TxListMissing{};
  ++lists_delivered[found->first];
  deliver(asked.peer, ev::TxListReceived{found->second, 1});
  return ev::TxListDelivered{found->first};
}

ev::PeerResult Network::result_of(const Command& command) {
  const auto member = members_.find(*effects::peer_of(command.body));
  if (member == members_.end()) return ev::PeerFailed{ev::PeerFailureKind::kNotConnected, ""};
  switch (member->second.manner) {
    case Manner::kAway:
      return ev::PeerFailed{ev::PeerFailureKind::kConnectionLost, ""};
    case Manner::kGarbled:
      return ev::PeerFailed{ev::PeerFailureKind::kMalformed, "offset"};
    case Manner::kUnknowing:
      return ev::PeerFailed{ev::PeerFailureKind::kUnsupported, ""};
    default:
      break;
  }
  return std::visit(
      [&](const auto& body) -> ev::PeerResult {
        if constexpr (requires { this->answer(member->second, body); }) {
          return this->answer(member->second, body);
        } else {
          return ev::PeerFailed{};
        }
      },
      command.body);
}

void Network::answer_with(const Command& command, ev::PeerResult result) {
  world_.feed_from(SourceKind::kResponse, effects::peer_of(command.body)->value,
                   ev::PeerAnswered{command.id, 1'000, std::move(result)});
}

void Network::perform(const Command& command) {
  const auto peer = effects::peer_of(command.body);
  if (!peer) {
    const bool reached = subscribers > 0;
    if (reached) published.push_back(command.body);
    world_.feed(ev::Published{command.id, 100,
                              reached ? ev::PublishResult::kSent : ev::PublishResult::kNoPeers,
                              subscribers});
    return;
  }
  sent.push_back({*peer, protocol_of(command.body), command_time(command)});
  const auto member = members_.find(*peer);
  const Manner manner = member == members_.end() ? Manner::kAway : member->second.manner;
  const bool is_list = protocol_of(command.body) == PeerProtocol::kTxList;
  if (manner == Manner::kSilent || (manner == Manner::kMute && is_list)) {
    world_.plan(command_time(command) + timeout_ns, [this, command] {
      answer_with(command, ev::PeerFailed{ev::PeerFailureKind::kTimeout, ""});
    });
  } else if (manner == Manner::kSlow && is_list) {
    world_.plan(command_time(command) + slow_ns,
                [this, command] { answer_with(command, result_of(command)); });
  } else {
    answer_with(command, result_of(command));
  }
}

std::uint64_t Network::command_time(const Command& command) const {
  return world_.log.at(command.id.cause.value - 1).wall.value;
}

}  // namespace preconf::tests
