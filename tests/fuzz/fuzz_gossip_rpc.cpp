// The RPC of gossipsub: any bytes decode or are refused by name; what is taken stays within its
// bounds, and a message that is taken has one canonical encoding.
#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/gossipsub/limits.hpp"
#include "io/wire/gossipsub/message.hpp"
#include "io/wire/gossipsub/message_id.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;            // NOLINT: one translation unit
using namespace preconf::io::wire;  // NOLINT

namespace {

void check_bounds(const Rpc& rpc, const GossipConfig& config) {
  PRECONF_ASSERT(rpc.subscriptions.size() <= gossip_limits::kRpcSubscriptionsMax);
  PRECONF_ASSERT(rpc.messages.size() <= gossip_limits::kRpcMessagesMax);
  PRECONF_ASSERT(rpc.ihave.size() <= gossip_limits::kRpcControlMax);
  PRECONF_ASSERT(rpc.graft.size() <= gossip_limits::kRpcControlMax);
  PRECONF_ASSERT(rpc.prune.size() <= gossip_limits::kRpcControlMax);
  PRECONF_ASSERT(rpc.ihave_ids.size() <= config.max_ihave_length);
  PRECONF_ASSERT(rpc.iwant.size() <= gossip_limits::kRpcIwantIdsMax);
  PRECONF_ASSERT(rpc.idontwant.size() <= config.idontwant_length_max);
  for (const Rpc::Ihave& ihave : rpc.ihave) {
    PRECONF_ASSERT(ihave.ids_begin <= ihave.ids_end && ihave.ids_end <= rpc.ihave_ids.size());
  }
}

void check_message(const MessageFields& fields, const GossipConfig& config) {
  (void)message_id(config.message_id_formula, fields.topic_text(),
                   fields.data.value_or(BytesView{}));
  const auto envelope = check_envelope(fields);
  if (!envelope) return;
  const auto message = verify_message(fields, *envelope, MessageId{});
  if (!message) return;
  PRECONF_ASSERT(std::ranges::equal((*message)->data, fields.data.value_or(BytesView{})));
  PRECONF_ASSERT((*message)->topic == fields.topic_text());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const GossipConfig config;
  Rpc rpc;
  const auto decoded = decode_rpc(BytesView(data, size), RpcScope::kAll, config, rpc);
  check_bounds(rpc, config);
  if (!decoded) {
    PRECONF_ASSERT(decoded.error() == GossipFault::kRpcMalformed ||
                   decoded.error() == GossipFault::kRpcElementsTooMany);
    return 0;
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(rpc.messages.size(), 4); ++i) {
    check_message(rpc.messages[i], config);
  }
  Rpc subscriptions;
  PRECONF_ASSERT(
      decode_rpc(BytesView(data, size), RpcScope::kSubscriptions, config, subscriptions));
  PRECONF_ASSERT(subscriptions.subscriptions.size() == rpc.subscriptions.size());
  return 0;
}
