#include "io/wire/gossipsub/types.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::array<std::string_view, kGossipFaultCount> kNames = {
    "rpc_malformed",
    "rpc_elements_too_many",
    "subscriptions_too_many",
    "topic_too_long",
    "messages_too_many",
    "control_too_many",
    "graylisted",
    "topic_not_subscribed",
    "message_too_large",
    "from_missing",
    "from_invalid",
    "seqno_missing",
    "seqno_invalid",
    "signature_missing",
    "key_missing",
    "key_mismatch",
    "signature_invalid",
    "self_origin",
    "validation_queue_full",
    "rejected",
    "rejected_again",
    "graft_in_backoff",
    "ihave_too_many",
    "iwant_too_many",
    "idontwant_too_many",
    "message_id_length",
    "promise_broken",
};
static_assert(static_cast<std::size_t>(GossipFault::kPromiseBroken) + 1 == kGossipFaultCount);
static_assert(!kNames.back().empty());

}  // namespace

std::string_view name_of(GossipFault fault) { return kNames[static_cast<std::size_t>(fault)]; }

}  // namespace preconf::io::wire
