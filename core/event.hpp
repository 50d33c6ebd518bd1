// Event: one fact in the log.
//
// Events are facts in the past tense: true when written, true next year. The outside world and the
// log speak in events; modules inside a step call functions.
#pragma once

#include <variant>
#include <vector>

#include "core/events/engine.hpp"
#include "core/events/ingress.hpp"
#include "core/events/l1.hpp"
#include "core/events/lifecycle.hpp"
#include "core/events/peer.hpp"
#include "core/events/timer.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// Persistent values: never renumber, never reuse. Equal to the index in EventBody plus one, but
/// for kIgnorable, which is no kind of the log: it stands for the kinds of newer programs.
enum class EventKind : std::uint16_t {
  kIgnorable = 0,
  kGenesisRecorded = 1,
  kBootStarted = 2,
  kShutdownRequested = 3,
  kScheduleConfigured = 4,
  kIngressRejected = 5,
  kL1SyncObserved = 6,
  kCommitmentReceived = 7,
  kTxListReceived = 8,
  kTimerFired = 9,
  kEngineAnswered = 10,
  kLogGapRecorded = 11,
  kReducerActivated = 12,
  kPeerConnected = 13,
  kPeerDisconnected = 14,
  kDialFailed = 15,
  kPeerReported = 16,
  kPeerAnswered = 17,
  kPublished = 18,
  kNetworkStarted = 19,
  kL1DeploymentRecorded = 20,
  kL1BlockObserved = 21,
  kL1TagsObserved = 22,
  kBlobReceived = 23,
  kL1Answered = 24,
  kCheckpointReached = 25,
};
/// Kinds of the log are 1..kEventKindMax.
inline constexpr std::uint16_t kEventKindMax = 25;

using EventBody =
    std::variant<events::GenesisRecorded, events::BootStarted, events::ShutdownRequested,
                 events::ScheduleConfigured, events::IngressRejected, events::L1SyncObserved,
                 events::CommitmentReceived, events::TxListReceived, events::TimerFired,
                 events::EngineAnswered, events::LogGapRecorded, events::ReducerActivated,
                 events::PeerConnected, events::PeerDisconnected, events::DialFailed,
                 events::PeerReported, events::PeerAnswered, events::Published,
                 events::NetworkStarted, events::L1DeploymentRecorded, events::L1BlockObserved,
                 events::L1TagsObserved, events::BlobReceived, events::L1Answered,
                 events::CheckpointReached, events::IgnorableRecorded>;

struct Event {
  Seq seq;
  WallNanos wall;  ///< stamped by the single appender
  MonoNanos mono;  ///< never decreases within one boot
  Lane lane = Lane::kControl;
  SourceKind source = SourceKind::kLocal;
  std::uint64_t source_id = 0;  ///< which RPC connection or peer; 0 = not applicable
  RequestId request;            ///< RPC request that waits for this event's decision; 0 = none
  EventBody body;
  PRECONF_FIELDS(Event, seq, wall, mono, lane, source, source_id, request, body);
};

[[nodiscard]] EventKind kind_of(const EventBody& body);
[[nodiscard]] const char* name_of(EventKind kind);
/// The command this event answers, when it is an outcome.
[[nodiscard]] const CommandId* answered_command(const EventBody& body);
/// Content the event refers to; at most one entry per event today.
[[nodiscard]] std::vector<ContentRef> content_refs(const EventBody& body);
/// Whether `event` may stand behind the event at `last`: at the next seq, or, when it records a
/// gap that begins there, behind the gap.
[[nodiscard]] bool follows(Seq last, const Event& event);

}  // namespace preconf::core
