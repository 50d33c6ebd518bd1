#include "core/event.hpp"

namespace preconf::core {
namespace {

template <EventKind kind, class Body>
constexpr bool kNumbered =
    std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(kind) - 1, EventBody>, Body>;

static_assert(kNumbered<EventKind::kGenesisRecorded, events::GenesisRecorded>);
static_assert(kNumbered<EventKind::kBootStarted, events::BootStarted>);
static_assert(kNumbered<EventKind::kShutdownRequested, events::ShutdownRequested>);
static_assert(kNumbered<EventKind::kScheduleConfigured, events::ScheduleConfigured>);
static_assert(kNumbered<EventKind::kIngressRejected, events::IngressRejected>);
static_assert(kNumbered<EventKind::kL1SyncObserved, events::L1SyncObserved>);
static_assert(kNumbered<EventKind::kCommitmentReceived, events::CommitmentReceived>);
static_assert(kNumbered<EventKind::kTxListReceived, events::TxListReceived>);
static_assert(kNumbered<EventKind::kTimerFired, events::TimerFired>);
static_assert(kNumbered<EventKind::kEngineAnswered, events::EngineAnswered>);
static_assert(kNumbered<EventKind::kLogGapRecorded, events::LogGapRecorded>);
static_assert(kNumbered<EventKind::kReducerActivated, events::ReducerActivated>);
static_assert(kNumbered<EventKind::kPeerConnected, events::PeerConnected>);
static_assert(kNumbered<EventKind::kPeerDisconnected, events::PeerDisconnected>);
static_assert(kNumbered<EventKind::kDialFailed, events::DialFailed>);
static_assert(kNumbered<EventKind::kPeerReported, events::PeerReported>);
static_assert(kNumbered<EventKind::kPeerAnswered, events::PeerAnswered>);
static_assert(kNumbered<EventKind::kPublished, events::Published>);
static_assert(kNumbered<EventKind::kNetworkStarted, events::NetworkStarted>);
static_assert(kNumbered<EventKind::kL1DeploymentRecorded, events::L1DeploymentRecorded>);
static_assert(kNumbered<EventKind::kL1BlockObserved, events::L1BlockObserved>);
static_assert(kNumbered<EventKind::kL1TagsObserved, events::L1TagsObserved>);
static_assert(kNumbered<EventKind::kBlobReceived, events::BlobReceived>);
static_assert(kNumbered<EventKind::kL1Answered, events::L1Answered>);
static_assert(kNumbered<EventKind::kCheckpointReached, events::CheckpointReached>);
static_assert(kEventKindMax == static_cast<std::uint16_t>(EventKind::kCheckpointReached));
static_assert(std::variant_size_v<EventBody> == kEventKindMax + 1, "the last one is ignorable");
static_assert(std::is_same_v<std::variant_alternative_t<kEventKindMax, EventBody>,
                             events::IgnorableRecorded>);

}  // namespace

EventKind kind_of(const EventBody& body) {
  const std::size_t index = body.index();
  return index < kEventKindMax ? static_cast<EventKind>(index + 1) : EventKind::kIgnorable;
}

const char* name_of(EventKind kind) {
  // clang-format off
  switch (kind) {
    case EventKind::kIgnorable: return "ignorable";
    case EventKind::kGenesisRecorded: return "genesis_recorded";
    case EventKind::kBootStarted: return "boot_started";
    case EventKind::kShutdownRequested: return "shutdown_requested";
    case EventKind::kScheduleConfigured: return "schedule_configured";
    case EventKind::kIngressRejected: return "ingress_rejected";
    case EventKind::kL1SyncObserved: return "l1_sync_observed";
    case EventKind::kCommitmentReceived: return "commitment_received";
    case EventKind::kTxListReceived: return "txlist_received";
    case EventKind::kTimerFired: return "timer_fired";
    case EventKind::kEngineAnswered: return "engine_answered";
    case EventKind::kLogGapRecorded: return "log_gap_recorded";
    case EventKind::kReducerActivated: return "reducer_activated";
    case EventKind::kPeerConnected: return "peer_connected";
    case EventKind::kPeerDisconnected: return "peer_disconnected";
    case EventKind::kDialFailed: return "dial_failed";
    case EventKind::kPeerReported: return "peer_reported";
    case EventKind::kPeerAnswered: return "peer_answered";
    case EventKind::kPublished: return "published";
    case EventKind::kNetworkStarted: return "network_started";
    case EventKind::kL1DeploymentRecorded: return "l1_deployment_recorded";
    case EventKind::kL1BlockObserved: return "l1_block_observed";
    case EventKind::kL1TagsObserved: return "l1_tags_observed";
    case EventKind::kBlobReceived: return "blob_received";
    case EventKind::kL1Answered: return "l1_answered";
    case EventKind::kCheckpointReached: return "checkpoint_reached";
  }
  // clang-format on
  return "unknown";
}

const CommandId* answered_command(const EventBody& body) {
  if (const auto* answer = std::get_if<events::EngineAnswered>(&body)) return &answer->command;
  if (const auto* answer = std::get_if<events::PeerAnswered>(&body)) return &answer->command;
  if (const auto* answer = std::get_if<events::Published>(&body)) return &answer->command;
  if (const auto* answer = std::get_if<events::L1Answered>(&body)) return &answer->command;
  return nullptr;
}

std::vector<ContentRef> content_refs(const EventBody& body) {
  if (const auto* received = std::get_if<events::TxListReceived>(&body)) {
    return {ContentRef{received->facts.hash, received->facts.compressed_bytes}};
  }
  if (const auto* answer = std::get_if<events::EngineAnswered>(&body)) {
    if (const auto* taken = std::get_if<events::PayloadTaken>(&answer->result)) {
      return {taken->payload};
    }
  }
  if (const auto* blob = std::get_if<events::BlobReceived>(&body)) return {blob->content};
  if (const auto* unknown = std::get_if<events::IgnorableRecorded>(&body)) return unknown->contents;
  return {};
}

bool follows(Seq last, const Event& event) {
  const auto* gap = std::get_if<events::LogGapRecorded>(&event.body);
  if (gap == nullptr) return event.seq == next(last);
  return gap->from == next(last) && event.seq > last && event.seq == next(gap->to);
}

}  // namespace preconf::core
