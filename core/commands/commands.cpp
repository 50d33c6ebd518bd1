#include "core/commands/commands.hpp"

namespace preconf::core {
namespace {

struct Traits {
  CommandClass durability;
  const char* name;
};

constexpr Traits traits(const commands::ReadHeads&) { return {CommandClass::kRead, "read_heads"}; }
constexpr Traits traits(const commands::ReadBlock&) { return {CommandClass::kRead, "read_block"}; }
constexpr Traits traits(const commands::StartPayload&) {
  return {CommandClass::kOverwrite, "start_payload"};
}
constexpr Traits traits(const commands::GetPayload&) { return {CommandClass::kJob, "get_payload"}; }
constexpr Traits traits(const commands::NewPayload&) {
  return {CommandClass::kContent, "new_payload"};
}
constexpr Traits traits(const commands::UpdateForkchoice&) {
  return {CommandClass::kOverwrite, "update_forkchoice"};
}
constexpr Traits traits(const commands::SetTimer&) { return {CommandClass::kTimer, "set_timer"}; }

Traits traits_of(const CommandBody& body) {
  return std::visit([](const auto& command) { return traits(command); }, body);
}

}  // namespace

CommandClass class_of(const CommandBody& body) { return traits_of(body).durability; }

const char* name_of(const CommandBody& body) { return traits_of(body).name; }

}  // namespace preconf::core
