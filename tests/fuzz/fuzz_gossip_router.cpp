// The router as a whole: three peers send RPCs made of the input, time passes, the application
// judges and publishes. No assertion, every bound holds, nothing goes to a message's author.
#include <algorithm>
#include <array>

#include "core/base/assert.hpp"
#include "io/wire/gossipsub/router.hpp"
#include "io/wire/varint.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/wire/gossip/invariants.hpp"
#include "tests/wire/gossip/rpc_bytes.hpp"

using namespace preconf;            // NOLINT: one translation unit
using namespace preconf::io::wire;  // NOLINT

namespace {

const Topic kTopics[] = {"a", "b", "c"};  // we are in a and b
constexpr std::uint64_t kPeers = 3;

/// Made once: signing costs more than everything else here.
struct Prepared {
  Identity self = test::identity_of(1);
  std::array<PeerId, kPeers> peer_ids;
  std::vector<Bytes> rpcs;     ///< messages of the peers and of a stranger
  std::vector<MessageId> ids;  ///< of these messages
  Prepared() {
    for (std::uint32_t n = 0; n < kPeers; ++n) peer_ids[n] = test::identity_of(10 + n).peer_id();
    for (std::uint32_t n = 0; n < 16; ++n) {
      const Bytes data(n % 4 == 0 ? 1'500 : 20, static_cast<std::uint8_t>(n));
      auto parts = test::signed_parts(test::identity_of(10 + n % 4), n, kTopics[n % 3], data);
      if (n % 5 == 4) parts.signature[0] ^= 1;
      rpcs.push_back(test::rpc_message(parts));
      ids.push_back(message_id(MessageIdFormula::kContent, kTopics[n % 3], data));
    }
  }
};

class Input {
 public:
  explicit Input(BytesView bytes) : bytes_(bytes) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t value = bytes_[0];
    bytes_ = bytes_.subspan(1);
    return value;
  }
  BytesView take(std::size_t size) {
    const BytesView taken = bytes_.first(std::min(size, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

 private:
  BytesView bytes_;
};

class Play {
 public:
  explicit Play(const Prepared& prepared)
      : prepared_(prepared), router_(GossipConfig{}, prepared.self, Prng(1), now_) {
    router_.subscribe(kTopics[0], now_);
    router_.subscribe(kTopics[1], now_);
    for (std::uint64_t n = 0; n < kPeers; ++n) connect(n);
  }

  void step(Input& input) {
    const std::uint8_t choice = input.byte();
    const std::uint64_t peer = (choice >> 4) % kPeers;
    switch (choice & 15) {
      case 0:
      case 1:
      case 2:
      case 3:
        router_.on_rpc(refs_[peer], input.take(input.byte()), now_);
        break;
      case 4:
      case 5:
      case 6:
        router_.on_rpc(refs_[peer], prepared_.rpcs[input.byte() % prepared_.rpcs.size()], now_);
        break;
      case 7:
        router_.on_rpc(refs_[peer], control(input), now_);
        break;
      case 8:
      case 9:
        pass(input.byte() * 20U);
        break;
      case 10:
        (void)router_.report_validation(
            some_id(input), Verdict{input.byte() % 3U == 0 ? Verdict::kReject : Verdict::kAccept},
            now_);
        break;
      case 11: {
        const Bytes data(1 + input.byte() % 4U, 0xcc);
        (void)router_.publish(kTopics[input.byte() % 3], data, now_);
        break;
      }
      case 12:
        router_.peer_disconnected(refs_[peer], now_);
        connect(peer);
        break;
      case 13:
        router_.set_app_score(refs_[peer], Score::whole(input.byte() % 21 - 10));
        break;
      case 14:
        router_.set_version(
            refs_[peer],
            GossipVersion{input.byte() % 4U == 0 ? GossipVersion::kFloodsub : GossipVersion::kV12});
        break;
      default:
        (choice & 128) != 0 ? router_.subscribe(kTopics[peer], now_)
                            : router_.unsubscribe(kTopics[peer], now_);
    }
    drain();
    test::check_invariants(router_.state());
  }

 private:
  void connect(std::uint64_t n) {
    refs_[n] = PeerRef{next_ref_++};
    router_.peer_connected(refs_[n], prepared_.peer_ids[n], Direction::kInbound,
                           GossipVersion::kV12, now_);
    router_.on_rpc(refs_[n], test::rpc_subscription(kTopics[0]), now_);
  }

  MessageId some_id(Input& input) {
    const std::uint8_t n = input.byte();
    return n < 128 ? prepared_.ids[n % prepared_.ids.size()] : test::made_up_id(n);
  }

  Bytes control(Input& input) {
    const std::uint8_t choice = input.byte();
    const Topic& topic = kTopics[(choice >> 3) % 3];
    switch (choice % 6) {
      case 0:
        return test::rpc_graft(topic);
      case 1:
        return test::rpc_prune(topic, input.byte());
      case 2:
        return test::rpc_ihave(topic, {some_id(input), some_id(input)});
      case 3:
        return test::rpc_iwant({some_id(input), some_id(input)});
      case 4:
        return test::rpc_idontwant({some_id(input)});
      default:
        return test::rpc_subscription(topic, (choice & 64) != 0);
    }
  }

  void pass(std::uint64_t millis) {
    now_.value += millis;
    router_.on_time(now_);
  }

  void drain() {
    while (const auto action = router_.next_action()) {
      const auto* send = std::get_if<gossip::SendRpc>(&*action);
      if (send == nullptr) continue;
      const auto length = read_uvarint(*send->frame, 5);
      PRECONF_ASSERT(length && length->size + length->value == send->frame->size());
      Rpc rpc;
      PRECONF_ASSERT(decode_rpc(BytesView{*send->frame}.subspan(length->size), RpcScope::kAll,
                                GossipConfig{}, rpc));
      const auto peer = std::find(refs_.begin(), refs_.end(), send->peer);
      if (peer == refs_.end()) continue;  // it left meanwhile
      const PeerId& id = prepared_.peer_ids[static_cast<std::size_t>(peer - refs_.begin())];
      for (const MessageFields& message : rpc.messages) {
        PRECONF_ASSERT(!std::ranges::equal(*message.from, id.view()));
      }
    }
  }

  const Prepared& prepared_;
  Millis now_{1'000'000};
  GossipRouter router_;
  std::array<PeerRef, kPeers> refs_;
  std::uint64_t next_ref_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Prepared prepared;
  Input input(BytesView(data, size));
  Play play(prepared);
  for (int steps = 0; steps < 96 && !input.empty(); ++steps) play.step(input);
  return 0;
}
