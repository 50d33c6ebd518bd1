// A swarm and a peer that does what the input says: opens streams of any protocol with any bytes,
// writes, closes, resets, lets time pass; or only sends raw bytes instead of a handshake. The swarm
// must stay within its bounds and answer each thing once.
#include <algorithm>
#include <set>

#include "core/base/assert.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/wire/support/raw_peer.hpp"

using namespace preconf;                  // NOLINT: one translation unit
using namespace preconf::io::wire;        // NOLINT
using namespace preconf::io::wire::test;  // NOLINT

namespace {

const std::vector<std::string> kProtocols = {"/meshsub/1.2.0",
                                             "/meshsub/1.1.0",
                                             "/floodsub/1.0.0",
                                             "/ipfs/id/1.0.0",
                                             "/ipfs/id/push/1.0.0",
                                             "/ipfs/ping/1.0.0",
                                             "/taiko/167000/preconf/1/get_head",
                                             "/taiko/167000/preconf/1/get_commitments_by_number",
                                             "/taiko/167000/preconf/1/get_raw_txlist",
                                             "/unknown/1"};

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  core::Bytes bytes(std::size_t size) {
    const auto part = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(part.size());
    return {part.begin(), part.end()};
  }

 private:
  core::BytesView rest_;
};

/// What the swarm told is consistent: answers to known questions, each once.
struct Ledger {
  std::set<InboundRef> open;
  std::set<RequestRef> asked;
  std::optional<PeerRef> peer;

  void check(const SwarmAction& action) {
    if (const auto* connected = std::get_if<swarm::PeerConnected>(&action)) {
      PRECONF_ASSERT(!peer);
      peer = connected->peer;
    } else if (const auto* gone = std::get_if<swarm::PeerDisconnected>(&action)) {
      PRECONF_ASSERT(peer == gone->peer && open.empty() && asked.empty());
      peer.reset();
    } else if (const auto* request = std::get_if<swarm::InboundRequest>(&action)) {
      PRECONF_ASSERT(open.insert(request->request).second);
      PRECONF_ASSERT(open.size() <= limits::kServedPerConnectionMax);
      PRECONF_ASSERT(request->body.size() <= request_bytes_max(request->protocol));
    } else if (const auto* failed = std::get_if<swarm::InboundFailed>(&action)) {
      open.erase(failed->request);
    } else if (const auto* response = std::get_if<swarm::Response>(&action)) {
      PRECONF_ASSERT(asked.erase(response->request) == 1);
    }
  }
};

struct World {
  core::Millis now{1'000'000};
  Identity identity = RawPeer::identity_of(200);
  Swarm swarm;
  RawPeer peer;
  Ledger ledger;
  std::vector<StreamId> streams;

  World() : swarm(config(), identity, {}, 1, now), peer(swarm, 3, kProtocols, now) {}
  static SwarmConfig config() {
    SwarmConfig config;
    config.topics = {"/t"};
    return config;
  }

  void pump() {
    std::vector<SwarmAction> actions;
    peer.pump(actions);
    for (const SwarmAction& action : actions) ledger.check(action);
  }

  void act(Script& script) {
    const std::uint8_t what = script.byte();
    const std::uint8_t size = script.byte();
    const StreamId stream = streams.empty() ? StreamId{} : streams[size % streams.size()];
    switch (what % 10) {
      case 0:
      case 1:
        if (streams.size() < 100) {
          streams.push_back(peer.open(kProtocols[(what / 10) % kProtocols.size()],
                                      script.bytes(size), size % 2 == 1));
        }
        break;
      case 2:
      case 3:
        (void)peer.connection.write(stream, share(script.bytes(size)));
        break;
      case 4:
        peer.connection.finish(stream);
        break;
      case 5:
        peer.connection.reset(stream);
        break;
      case 6:
        now.value += std::uint64_t{size} * 100;
        swarm.on_time(now);
        break;
      case 7:
        answer(size);
        break;
      case 8:
        ask(size);
        break;
      default:
        peer.reads = size % 4 != 0;
        break;
    }
  }
  void answer(std::uint8_t size) {
    if (ledger.open.empty()) return;
    const InboundRef ref = *ledger.open.begin();
    ledger.open.erase(ref);
    if (size % 8 == 0) return swarm.refuse(ref, now);
    swarm.respond(ref, core::Bytes(std::size_t{size} * 100), now);
  }
  void ask(std::uint8_t size) {
    if (!ledger.peer) return;
    const auto protocol = static_cast<ExchangeProtocol>(size % kExchangeProtocolCount);
    ledger.asked.insert(swarm.request(*ledger.peer, protocol, core::Bytes(size), now));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  World world;
  if (script.byte() % 4 == 0) {  // raw bytes instead of a handshake
    const core::Bytes raw = script.bytes(size);
    world.swarm.on_bytes(world.peer.conn, raw, world.now);
  } else {
    world.pump();
    for (int i = 0; i < 200 && !script.done() && !world.peer.closed; ++i) {
      world.act(script);
      world.pump();
    }
  }
  world.swarm.on_closed(world.peer.conn, world.now);
  while (const auto action = world.swarm.next_action()) world.ledger.check(*action);
  PRECONF_ASSERT(world.swarm.peers().empty());
  PRECONF_ASSERT(world.ledger.asked.empty());
  return 0;
}
