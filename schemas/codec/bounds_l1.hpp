// The bounds of events from L1. Private to schemas/codec.
#pragma once

#include "core/events/l1.hpp"

namespace preconf::schemas {

[[nodiscard]] bool check(const core::events::L1DeploymentRecorded& body);
[[nodiscard]] bool check(const core::events::L1BlockObserved& body);
[[nodiscard]] bool check(const core::events::L1TagsObserved& body);
[[nodiscard]] bool check(const core::events::CheckpointReached& body);
[[nodiscard]] bool check(const core::events::BlobReceived& body);
[[nodiscard]] bool check(const core::events::L1Answered& body);

}  // namespace preconf::schemas
