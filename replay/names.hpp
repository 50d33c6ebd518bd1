// Names of what core/ and storage/ leave unnamed: the alternatives of variants, lanes and sources.
#pragma once

#include <optional>
#include <string_view>

#include "core/commands/commands.hpp"
#include "core/event.hpp"
#include "core/state/engine_lane.hpp"

namespace preconf::replay {

[[nodiscard]] const char* name_of(core::Lane lane);
[[nodiscard]] const char* name_of(core::SourceKind source);

/// Which alternative a variant holds, in the words of the log.
[[nodiscard]] const char* alternative_name(const core::EventBody& body);
[[nodiscard]] const char* alternative_name(const core::CommandBody& body);
[[nodiscard]] const char* alternative_name(const core::events::EngineResult& result);
[[nodiscard]] const char* alternative_name(const core::events::PeerResult& result);
[[nodiscard]] const char* alternative_name(const core::events::L1Result& result);
[[nodiscard]] const char* alternative_name(const core::events::L1FactBody& fact);
[[nodiscard]] const char* alternative_name(const core::protocol::ScheduleFactBody& fact);
[[nodiscard]] const char* alternative_name(const core::EngineLane& lane);

/// The kind whose name_of() is `name`.
[[nodiscard]] std::optional<core::EventKind> kind_from(std::string_view name);

}  // namespace preconf::replay
