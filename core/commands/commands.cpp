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
constexpr Traits traits(const commands::RequestHead&) {
  return {CommandClass::kRead, "request_head"};
}
constexpr Traits traits(const commands::RequestCommitments&) {
  return {CommandClass::kRead, "request_commitments"};
}
constexpr Traits traits(const commands::RequestTxList&) {
  return {CommandClass::kRead, "request_txlist"};
}
constexpr Traits traits(const commands::PublishCommitment&) {
  return {CommandClass::kIrrevocable, "publish_commitment"};
}
constexpr Traits traits(const commands::PublishTxList&) {
  return {CommandClass::kContent, "publish_txlist"};
}
constexpr Traits traits(const commands::BanPeer&) { return {CommandClass::kLocal, "ban_peer"}; }
constexpr Traits traits(const commands::DisconnectPeer&) {
  return {CommandClass::kLocal, "disconnect_peer"};
}

Traits traits_of(const CommandBody& body) {
  return std::visit([](const auto& command) { return traits(command); }, body);
}

}  // namespace

CommandClass class_of(const CommandBody& body) { return traits_of(body).durability; }

const char* name_of(const CommandBody& body) { return traits_of(body).name; }

bool has_outcome(const CommandBody& body) {
  const CommandClass durability = class_of(body);
  return durability != CommandClass::kTimer && durability != CommandClass::kLocal;
}

bool is_for_peers(const CommandBody& body) {
  constexpr std::size_t kFirst = 7;
  static_assert(
      std::is_same_v<std::variant_alternative_t<kFirst, CommandBody>, commands::RequestHead>);
  return body.index() >= kFirst;
}

}  // namespace preconf::core
