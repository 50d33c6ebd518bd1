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
constexpr Traits traits(const commands::ReadCanonical&) {
  return {CommandClass::kRead, "read_canonical"};
}
constexpr Traits traits(const commands::ReadGoldenNonce&) {
  return {CommandClass::kRead, "read_golden_nonce"};
}
constexpr Traits traits(const commands::ReadAnchorState&) {
  return {CommandClass::kRead, "read_anchor_state"};
}
constexpr Traits traits(const commands::LookupBatch&) {
  return {CommandClass::kRead, "lookup_batch"};
}
constexpr Traits traits(const commands::WriteOrigin&) {
  return {CommandClass::kOverwrite, "write_origin"};
}
constexpr Traits traits(const commands::SetHeadL1Origin&) {
  return {CommandClass::kOverwrite, "set_head_l1_origin"};
}
constexpr Traits traits(const commands::SetBatchLastBlock&) {
  return {CommandClass::kOverwrite, "set_batch_last_block"};
}
constexpr Traits traits(const commands::ResolveSources&) {
  return {CommandClass::kRead, "resolve_sources"};
}
constexpr Traits traits(const commands::ReadL1Block&) {
  return {CommandClass::kRead, "read_l1_block"};
}
constexpr Traits traits(const commands::AssembleTxList&) {
  return {CommandClass::kRead, "assemble_txlist"};
}
constexpr Traits traits(const commands::StartDerivedPayload&) {
  return {CommandClass::kOverwrite, "start_derived_payload"};
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
  constexpr std::size_t kLast = 13;
  static_assert(
      std::is_same_v<std::variant_alternative_t<kFirst, CommandBody>, commands::RequestHead>);
  static_assert(
      std::is_same_v<std::variant_alternative_t<kLast, CommandBody>, commands::DisconnectPeer>);
  return body.index() >= kFirst && body.index() <= kLast;
}

bool is_for_l1(const CommandBody& body) {
  return std::holds_alternative<commands::ResolveSources>(body) ||
         std::holds_alternative<commands::ReadL1Block>(body) ||
         std::holds_alternative<commands::AssembleTxList>(body);
}

}  // namespace preconf::core
