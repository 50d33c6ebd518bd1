#include "core/effects/engine_verdict.hpp"

#include "core/base/assert.hpp"

namespace preconf::core::effects {
namespace {

constexpr EngineAction kDon = EngineAction::kDone;
constexpr EngineAction kRty = EngineAction::kRetry;
constexpr EngineAction kPrb = EngineAction::kProbe;
constexpr EngineAction kBld = EngineAction::kRebuild;
constexpr EngineAction kRst = EngineAction::kReset;
constexpr EngineAction kRej = EngineAction::kReject;
constexpr EngineAction kWdg = EngineAction::kWedged;

using Row = std::array<EngineAction, kEngineOutcomeClassCount>;

// Only VALID is success; SYNCING and ACCEPTED are temporary; newPayload INVALID is the only
// permanent verdict. A status where none belongs, or a plain result where a status belongs, is a
// misbehaving engine and handled as malformed. After a write of unknown outcome the next call is a
// read.
// clang-format off
constexpr std::array<Row, kEngineMethodCount> kTable{{
  // Columns: result, valid, invalid, syncing, accepted, not sent, unknown, 401 | HTTP status,
  // malformed, content missing, -38001, -38002, -38003, -32601, other JSON-RPC error.
  {{ kDon, kRty, kRty, kRty, kRty, kRty, kRty, kWdg,      // read_heads
     kRty, kRty, kRty, kRty, kRty, kRty, kWdg, kRty }},
  {{ kDon, kRty, kRty, kRty, kRty, kRty, kRty, kWdg,      // read_block
     kRty, kRty, kRty, kRty, kRty, kRty, kWdg, kRty }},
  {{ kPrb, kDon, kPrb, kPrb, kPrb, kRty, kPrb, kWdg,      // start_payload
     kPrb, kPrb, kWdg, kPrb, kRst, kWdg, kWdg, kPrb }},
  {{ kDon, kRty, kRty, kRty, kRty, kRty, kRty, kWdg,      // get_payload
     kRty, kRty, kRty, kBld, kRty, kRty, kWdg, kRty }},
  {{ kRty, kDon, kRej, kRty, kRty, kRty, kRty, kWdg,      // new_payload
     kRty, kRty, kBld, kRty, kRty, kRty, kWdg, kRty }},
  {{ kPrb, kDon, kPrb, kPrb, kPrb, kPrb, kPrb, kWdg,      // update_forkchoice
     kPrb, kPrb, kPrb, kPrb, kRst, kPrb, kWdg, kPrb }},
  {{ kDon, kRty, kRty, kRty, kRty, kRty, kRty, kWdg,      // read_table
     kRty, kRty, kRty, kRty, kRty, kRty, kWdg, kRty }},
  {{ kDon, kPrb, kPrb, kPrb, kPrb, kPrb, kPrb, kWdg,      // write_table
     kPrb, kPrb, kPrb, kPrb, kPrb, kPrb, kWdg, kPrb }},
}};
// clang-format on

EngineOutcomeClass class_of_status(events::PayloadStatus status) {
  switch (status) {
    case events::PayloadStatus::kValid:
      return EngineOutcomeClass::kValid;
    case events::PayloadStatus::kInvalid:
      return EngineOutcomeClass::kInvalid;
    case events::PayloadStatus::kSyncing:
      return EngineOutcomeClass::kSyncing;
    case events::PayloadStatus::kAccepted:
      return EngineOutcomeClass::kAccepted;
  }
  return EngineOutcomeClass::kMalformed;
}

EngineOutcomeClass class_of_rpc_error(std::int32_t code) {
  constexpr std::int32_t kUnknownPayloadCode = -38001;
  constexpr std::int32_t kInvalidForkchoiceCode = -38002;
  constexpr std::int32_t kInvalidAttributesCode = -38003;
  constexpr std::int32_t kMethodNotFoundCode = -32601;
  switch (code) {
    case kUnknownPayloadCode:
      return EngineOutcomeClass::kUnknownPayload;
    case kInvalidForkchoiceCode:
      return EngineOutcomeClass::kInvalidForkchoice;
    case kInvalidAttributesCode:
      return EngineOutcomeClass::kInvalidAttributes;
    case kMethodNotFoundCode:
      return EngineOutcomeClass::kMethodNotFound;
    default:
      return EngineOutcomeClass::kRpcError;
  }
}

EngineOutcomeClass class_of_failure(const events::EngineFailed& failure) {
  using Kind = events::EngineFailureKind;
  switch (failure.kind) {
    case Kind::kUnauthorized:
      return EngineOutcomeClass::kUnauthorized;
    case Kind::kRpcError:
      return class_of_rpc_error(failure.code);
    case Kind::kContentMissing:
      return EngineOutcomeClass::kContentMissing;
    case Kind::kHttpStatus:
      return EngineOutcomeClass::kHttpStatus;
    case Kind::kTooLarge:
    case Kind::kMalformed:
      return EngineOutcomeClass::kMalformed;
    case Kind::kTimeout:
    case Kind::kConnect:
    case Kind::kConnectionLost:
    case Kind::kNotExecuted:
      break;
  }
  return failure.certainty == events::Certainty::kNotSent ? EngineOutcomeClass::kNotSent
                                                          : EngineOutcomeClass::kUnknown;
}

struct ClassOfResult {
  EngineOutcomeClass operator()(const events::HeadsRead&) const {
    return EngineOutcomeClass::kResult;
  }
  EngineOutcomeClass operator()(const events::BlockRead&) const {
    return EngineOutcomeClass::kResult;
  }
  EngineOutcomeClass operator()(const events::PayloadTaken&) const {
    return EngineOutcomeClass::kResult;
  }
  EngineOutcomeClass operator()(const events::CanonicalRead&) const {
    return EngineOutcomeClass::kResult;
  }
  EngineOutcomeClass operator()(const events::NonceRead&) const {
    return EngineOutcomeClass::kResult;
  }
  EngineOutcomeClass operator()(const events::AnchorStateRead&) const {
    return EngineOutcomeClass::kResult;
  }
  EngineOutcomeClass operator()(const events::BatchFound&) const {
    return EngineOutcomeClass::kResult;
  }
  EngineOutcomeClass operator()(const events::TableWritten&) const {
    return EngineOutcomeClass::kResult;
  }
  EngineOutcomeClass operator()(const events::ForkchoiceAnswered& answer) const {
    return class_of_status(answer.status);
  }
  EngineOutcomeClass operator()(const events::PayloadJudged& answer) const {
    return class_of_status(answer.status);
  }
  EngineOutcomeClass operator()(const events::EngineFailed& failure) const {
    return class_of_failure(failure);
  }
};

}  // namespace

EngineMethod method_of(const CommandBody& body) {
  constexpr std::size_t kFirstTable = 14;
  constexpr std::size_t kFirstWrite = 18;
  constexpr std::size_t kEnd = 21;
  static_assert(
      std::is_same_v<std::variant_alternative_t<kFirstTable, CommandBody>,
                     commands::ReadCanonical> &&
      std::is_same_v<std::variant_alternative_t<kFirstWrite, CommandBody>, commands::WriteOrigin> &&
      std::is_same_v<std::variant_alternative_t<kEnd, CommandBody>, commands::ResolveSources>);
  const std::size_t index = body.index();
  if (std::holds_alternative<commands::StartDerivedPayload>(body)) {
    return EngineMethod::kStartPayload;
  }
  if (index >= kFirstWrite && index < kEnd) return EngineMethod::kWriteTable;
  if (index >= kFirstTable && index < kEnd) return EngineMethod::kReadTable;
  PRECONF_ASSERT(index <= static_cast<std::size_t>(EngineMethod::kUpdateForkchoice));
  return static_cast<EngineMethod>(index);
}

EngineOutcomeClass outcome_class_of(const events::EngineResult& result) {
  return std::visit(ClassOfResult{}, result);
}

EngineAction action_for(EngineMethod method, EngineOutcomeClass outcome) {
  return kTable[static_cast<std::size_t>(method)][static_cast<std::size_t>(outcome)];
}

const char* name_of(EngineMethod method) {
  constexpr std::array<const char*, kEngineMethodCount> kNames{
      "read_heads",  "read_block",        "start_payload", "get_payload",
      "new_payload", "update_forkchoice", "read_table",    "write_table"};
  return kNames[static_cast<std::size_t>(method)];
}

const char* name_of(EngineOutcomeClass outcome) {
  constexpr std::array<const char*, kEngineOutcomeClassCount> kNames{"result",
                                                                     "valid",
                                                                     "invalid",
                                                                     "syncing",
                                                                     "accepted",
                                                                     "not_sent",
                                                                     "unknown",
                                                                     "unauthorized",
                                                                     "http_status",
                                                                     "malformed",
                                                                     "content_missing",
                                                                     "unknown_payload",
                                                                     "invalid_forkchoice",
                                                                     "invalid_attributes",
                                                                     "method_not_found",
                                                                     "rpc_error"};
  return kNames[static_cast<std::size_t>(outcome)];
}

const char* name_of(EngineAction action) {
  switch (action) {
    case EngineAction::kDone:
      return "done";
    case EngineAction::kRetry:
      return "retry";
    case EngineAction::kProbe:
      return "probe";
    case EngineAction::kRebuild:
      return "rebuild";
    case EngineAction::kReset:
      return "reset";
    case EngineAction::kReject:
      return "reject";
    case EngineAction::kWedged:
      return "wedged";
  }
  return "unknown";
}

Reason reason_of(EngineOutcomeClass outcome) {
  switch (outcome) {
    case EngineOutcomeClass::kSyncing:
    case EngineOutcomeClass::kAccepted:
      return Reason::kEngineSyncing;
    case EngineOutcomeClass::kUnknown:
      return Reason::kEngineUnknownOutcome;
    case EngineOutcomeClass::kResult:
    case EngineOutcomeClass::kValid:
    case EngineOutcomeClass::kInvalid:
    case EngineOutcomeClass::kMalformed:
      return Reason::kEngineUnexpected;
    default:
      return Reason::kEngineUnavailable;
  }
}

}  // namespace preconf::core::effects
