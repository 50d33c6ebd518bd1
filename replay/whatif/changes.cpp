#include "replay/whatif/changes.hpp"

namespace preconf::replay {

bool is_input(const core::EventBody& body) {
  return core::answered_command(body) == nullptr &&
         !std::holds_alternative<core::events::TimerFired>(body);
}

core::Result<std::optional<core::Event>, std::string> changed_event(const InputChanges& changes,
                                                                    const core::Event& event) {
  if (changes.drop && is_input(event.body) && event.seq.value != 1) {
    const auto drops = changes.drop->holds(nullptr, event);
    if (!drops) return core::Unexpected{drops.error()};
    if (*drops) return std::optional<core::Event>{};
  }
  core::Event out = event;
  changes.rules.apply(out.body);
  return std::optional<core::Event>{std::move(out)};
}

}  // namespace preconf::replay
