// Predicates: any text is refused with a column inside it, or gives an answer, twice the same.
#include <memory>
#include <string_view>

#include "core/base/assert.hpp"
#include "replay/predicate.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;  // NOLINT: one translation unit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto scope =
      data[0] % 4 == 0 ? replay::PredicateScope::kEvent : replay::PredicateScope::kStateAndEvent;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto predicate = replay::Predicate::parse(text, scope);
  if (!predicate) {
    PRECONF_ASSERT(predicate.error().column >= 1 && predicate.error().column <= text.size() + 1);
    PRECONF_ASSERT(!predicate.error().message.empty());
    return 0;
  }
  static const auto kState = std::make_unique<const core::State>();
  core::Event event;
  event.body = core::events::EngineAnswered{};
  const auto first = predicate->holds(kState.get(), event);
  const auto second = predicate->holds(kState.get(), event);
  PRECONF_ASSERT(first.has_value() == second.has_value() && (!first || *first == *second));
  return 0;
}
