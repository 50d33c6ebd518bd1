#include "replay/names.hpp"

#include <array>

namespace preconf::replay {

const char* name_of(core::Lane lane) {
  // clang-format off
  switch (lane) {
    case core::Lane::kControl: return "control";
    case core::Lane::kEngine: return "engine";
    case core::Lane::kTimer: return "timer";
    case core::Lane::kCommitment: return "commitment";
    case core::Lane::kTxList: return "txlist";
    case core::Lane::kL1: return "l1";
    case core::Lane::kMaintenance: return "maintenance";
    case core::Lane::kPeer: return "peer";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(core::SourceKind source) {
  // clang-format off
  switch (source) {
    case core::SourceKind::kLocal: return "local";
    case core::SourceKind::kRpc: return "rpc";
    case core::SourceKind::kGossip: return "gossip";
    case core::SourceKind::kResponse: return "response";
    case core::SourceKind::kEngine: return "engine";
    case core::SourceKind::kTimer: return "timer";
    case core::SourceKind::kL1: return "l1";
  }
  // clang-format on
  return "unknown";
}

const char* alternative_name(const core::EventBody& body) {
  return core::name_of(core::kind_of(body));
}

const char* alternative_name(const core::CommandBody& body) { return core::name_of(body); }

const char* alternative_name(const core::events::EngineResult& result) {
  constexpr std::array kNames{"heads_read",     "block_read",     "forkchoice_answered",
                              "payload_taken",  "payload_judged", "engine_failed",
                              "canonical_read", "nonce_read",     "anchor_state_read",
                              "batch_found",    "table_written"};
  static_assert(kNames.size() == std::variant_size_v<core::events::EngineResult>);
  return kNames[result.index()];
}

const char* alternative_name(const core::events::PeerResult& result) {
  constexpr std::array kNames{"head_reported", "commitments_delivered", "txlist_delivered",
                              "txlist_missing", "peer_failed"};
  static_assert(kNames.size() == std::variant_size_v<core::events::PeerResult>);
  return kNames[result.index()];
}

const char* alternative_name(const core::events::L1Result& result) {
  constexpr std::array kNames{"sources_resolved", "l1_block_read", "txlist_assembled", "l1_failed"};
  static_assert(kNames.size() == std::variant_size_v<core::events::L1Result>);
  return kNames[result.index()];
}

const char* alternative_name(const core::events::L1FactBody& fact) {
  constexpr std::array kNames{"proposed",          "proved",    "state_recovered", "lookahead",
                              "blacklist_changed", "selection", "epoch",           "log_refused"};
  static_assert(kNames.size() == std::variant_size_v<core::events::L1FactBody>);
  return kNames[fact.index()];
}

const char* alternative_name(const core::protocol::ScheduleFactBody& fact) {
  constexpr std::array kNames{"lookahead", "blacklist_changed", "selection", "epoch"};
  static_assert(kNames.size() == std::variant_size_v<core::protocol::ScheduleFactBody>);
  return kNames[fact.index()];
}

const char* alternative_name(const core::EngineLane& lane) {
  constexpr std::array kNames{"idle",        "apply_plan",  "consistency_plan",
                              "derive_plan", "settle_plan", "resume_plan"};
  static_assert(kNames.size() == std::variant_size_v<core::EngineLane>);
  return kNames[lane.index()];
}

std::optional<core::EventKind> kind_from(std::string_view name) {
  for (std::uint16_t value = 1; value <= core::kEventKindMax; ++value) {
    const auto kind = static_cast<core::EventKind>(value);
    if (name == core::name_of(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace preconf::replay
