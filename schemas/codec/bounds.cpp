#include "schemas/codec/bounds.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "schemas/codec/bounds_l1.hpp"

namespace preconf::schemas {

namespace events = core::events;
namespace limits = core::limits;
namespace protocol = core::protocol;

namespace {

template <class Enum>
bool up_to(Enum value, Enum last) {
  return static_cast<std::uint64_t>(value) <= static_cast<std::uint64_t>(last);
}
bool is_detail(const std::string& text) { return text.size() <= limits::kDetailBytesMax; }
bool is_source(core::SourceKind source) { return up_to(source, core::SourceKind::kL1); }
bool is_status(events::PayloadStatus status) {
  return up_to(status, events::PayloadStatus::kAccepted);
}
bool is_header(const protocol::HeaderFacts& header) {
  return header.extra_data.size() <= limits::kExtraDataBytesMax;
}
bool is_header(const std::optional<protocol::HeaderFacts>& header) {
  return !header || is_header(*header);
}

bool check(const events::GenesisRecorded&) { return true; }
bool check(const events::BootStarted& body) { return is_detail(body.program_version); }
bool check(const events::ShutdownRequested&) { return true; }
bool check(const events::ScheduleConfigured& body) {
  return body.schedule.windows.size() <= limits::kScheduleWindowsMax;
}
bool check(const events::IngressRejected& body) {
  return is_source(body.source) && is_detail(body.reason);
}
bool check(const events::L1SyncObserved&) { return true; }
bool check(const events::CommitmentReceived& body) {
  return body.raw.size() <= protocol::kSignedCommitmentBytes &&
         up_to(body.facts.defect, protocol::CommitmentDefect::kProposalIdRange);
}
bool check(const events::TxListReceived& body) {
  return up_to(body.facts.defect, protocol::TxListDefect::kTooManyTransactions) &&
         up_to(body.facts.anchor.defect, protocol::AnchorDefect::kUnrecoverable);
}
bool check(const events::TimerFired& body) {
  return static_cast<std::size_t>(body.timer) < core::kTimerCount;
}

bool check(const events::LogGapRecorded& body) {
  return is_detail(body.reason) && body.from.value > 0 && body.to.value >= body.from.value - 1 &&
         body.to.value < ~std::uint64_t{0};
}
bool check(const events::ReducerActivated& body) { return body.to_version > body.from_version; }
bool check(const events::NetworkStarted& body) {
  return body.peer_id.size() <= limits::kPeerIdBytesMax && is_detail(body.address);
}
bool check(const events::PeerConnected& body) {
  return body.peer_id.size() <= limits::kPeerIdBytesMax && is_detail(body.address) &&
         up_to(body.direction, events::Direction::kOutbound);
}
bool check(const events::PeerDisconnected& body) {
  return up_to(body.reason, events::DisconnectReason::kTransport);
}
bool check(const events::DialFailed& body) {
  return is_detail(body.address) && up_to(body.kind, events::DialFailureKind::kRefused);
}
bool check(const events::PeerReported& body) {
  return body.counts.size() <= events::kPeerConductCount &&
         std::ranges::all_of(body.counts, [](const events::ConductCount& one) {
           return static_cast<std::size_t>(one.conduct) < events::kPeerConductCount;
         });
}
bool check(const events::Published& body) {
  return up_to(body.result, events::PublishResult::kNotSent);
}
/// What it stands for is not known: it is never written, and reading has checks of its own.
bool check(const events::IgnorableRecorded&) { return false; }

bool check_result(const events::HeadsRead& result) { return is_header(result.latest); }
bool check_result(const events::BlockRead& result) { return is_header(result.block); }
bool check_result(const events::ForkchoiceAnswered& result) {
  return is_status(result.status) && is_detail(result.validation_error);
}
bool check_result(const events::PayloadTaken& result) { return is_header(result.header); }
bool check_result(const events::PayloadJudged& result) {
  return is_status(result.status) && is_detail(result.validation_error);
}
bool check_result(const events::CanonicalRead& result) {
  return !result.block || is_header(result.block->header);
}
bool check_result(const events::NonceRead&) { return true; }
bool check_result(const events::AnchorStateRead&) { return true; }
bool check_result(const events::BatchFound&) { return true; }
bool check_result(const events::TableWritten&) { return true; }
bool check_result(const events::EngineFailed& result) {
  return up_to(result.kind, events::EngineFailureKind::kNotExecuted) &&
         up_to(result.certainty, events::Certainty::kUnknown) && is_detail(result.detail);
}
bool check(const events::EngineAnswered& body) {
  return std::visit([](const auto& result) { return check_result(result); }, body.result);
}

bool check(const events::PeerAnswered& body) {
  const auto* failed = std::get_if<events::PeerFailed>(&body.result);
  return failed == nullptr ||
         (up_to(failed->kind, events::PeerFailureKind::kNotSent) && is_detail(failed->detail));
}

}  // namespace

bool in_bounds(const core::EventBody& body) {
  return std::visit([](const auto& alternative) { return check(alternative); }, body);
}

bool in_bounds(core::Lane lane, core::SourceKind source) {
  return static_cast<std::size_t>(lane) < core::kLaneCount && is_source(source);
}

}  // namespace preconf::schemas
