// Published state and decisions as JSON text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/decision.hpp"
#include "core/status.hpp"
#include "io/rpc/backend.hpp"

namespace preconf::io {

/// What is shown beside the published state.
struct StatusParts {
  std::optional<NetworkInfo> network;
  std::optional<L1ScanInfo> l1_scan;
  std::string_view version;
  core::EventSyncSource event_sync = core::EventSyncSource::kHeadL1Origin;
};
/// The complete status as one JSON object (preconf_status, /status).
[[nodiscard]] std::string status_json(const Published& published, const StatusParts& parts);

/// preconf_getStatus: the fields of both versions of the API. Requires api_status_error() to be
/// kNone.
[[nodiscard]] std::string api_status_json(const core::Status& status,
                                          const std::optional<NetworkInfo>& network,
                                          core::EventSyncSource event_sync);

/// Why preconf_getStatus has no answer.
[[nodiscard]] core::TipError api_status_error(const core::Status& status,
                                              core::EventSyncSource event_sync);

/// What subscribers of "heads" get, without the sequence number: equal text, equal heads.
[[nodiscard]] std::string heads_json(const core::Status& status, core::EventSyncSource event_sync);

/// What subscribers of "proposals" get, without the sequence number. Requires status.l1.
[[nodiscard]] std::string proposals_json(const core::Status& status);

/// What subscribers of "decisions" get.
[[nodiscard]] std::string decisions_json(core::Seq seq, std::span<const core::Decision> decisions);

/// Why the node is not ready, as stable names; empty when it is.
[[nodiscard]] std::vector<std::string> not_ready_reasons(const Published* published,
                                                         const std::optional<L1ScanInfo>& l1_scan);

}  // namespace preconf::io
