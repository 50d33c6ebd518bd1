// Peers around the model world: honest ones that serve a chain, and others. What the reducer asks
// of them is answered as io/ would: delivered items as events of their own, then the answer.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "tests/support/world.hpp"

namespace preconf::tests {

/// How a peer behaves.
enum class Manner : std::uint8_t {
  kHonest,
  kSilent,       ///< never answers: every request times out, after Network::timeout_ns
  kAway,         ///< the connection is lost at every request
  kWithholding,  ///< serves commitments, and says that it has no list
  kBoasting,     ///< its head is absurdly high
  kUnserved,     ///< claims the chain's head, serves no commitment
  kForeign,      ///< delivers commitments of a key that is not scheduled
  kHoley,        ///< leaves out every third number
  kDripping,     ///< one commitment per page
  kOtherList,    ///< delivers another list than the one asked for
  kGarbled,      ///< answers can not be decoded
  kUnknowing,    ///< speaks none of the protocols
  kMute,         ///< serves commitments, and never answers when asked for a list
  kSlow,         ///< honest, but a list takes Network::slow_ns
};
inline constexpr std::size_t kMannerCount = 14;
[[nodiscard]] const char* manner_name(Manner manner);

/// What can be asked for: commitments by number (EOP-only before the block of its number) and
/// lists.
struct Archive {
  std::vector<core::protocol::CommitmentFacts> commitments;
  std::map<core::Hash32, core::protocol::TxListFacts> lists;

  void add(const Promise& promise);
  void add(const core::protocol::CommitmentFacts& eop_only) { commitments.push_back(eop_only); }
  [[nodiscard]] core::BlockNumber head() const;
};

/// Answers the world's commands to peers.
class Network {
 public:
  /// The network starts with the world's next event. `world` outlives it.
  explicit Network(World& world);

  /// A peer that serves `archive`, which outlives the network and may grow.
  core::PeerNumber connect(const Archive& archive, Manner manner = Manner::kHonest);
  void disconnect(core::PeerNumber peer);
  /// Starts again after the world booted; nobody is connected.
  void restart();

  /// Gossip of what `peer` forwards.
  void gossip(core::PeerNumber peer, const core::protocol::CommitmentFacts& facts);
  void gossip(core::PeerNumber peer, const core::protocol::TxListFacts& facts);

  /// Requests so far, of one peer and protocol, with the time they were sent.
  struct Sent {
    core::PeerNumber peer;
    core::PeerProtocol protocol;
    std::uint64_t at_ns = 0;
  };
  std::vector<Sent> sent;
  std::map<core::Hash32, std::uint32_t> lists_delivered;  ///< by hash
  std::map<core::BlockNumber, std::uint32_t> commitments_delivered;
  std::vector<core::CommandBody> published;  ///< what reached somebody
  std::uint32_t subscribers = 1;             ///< whom a publication reaches
  std::uint64_t timeout_ns = 10'000'000'000;
  std::uint64_t slow_ns = 2'500'000'000;
  std::set<core::Bytes> banned;  ///< by commands::BanPeer

 private:
  struct Member {
    const Archive* archive = nullptr;
    Manner manner = Manner::kHonest;
  };

  void perform(const core::Command& command);
  [[nodiscard]] core::events::PeerResult result_of(const core::Command& command);
  void answer_with(const core::Command& command, core::events::PeerResult result);
  void order(const core::Command& command);
  core::events::PeerResult answer(const Member& member, const core::commands::RequestHead& asked);
  core::events::PeerResult answer(const Member& member,
                                  const core::commands::RequestCommitments& asked);
  core::events::PeerResult answer(const Member& member, const core::commands::RequestTxList& asked);
  void deliver(core::PeerNumber peer, core::EventBody body);
  [[nodiscard]] std::uint64_t command_time(const core::Command& command) const;

  World& world_;
  std::map<core::PeerNumber, Member> members_;
  std::uint64_t last_peer_ = 0;
};

}  // namespace preconf::tests
