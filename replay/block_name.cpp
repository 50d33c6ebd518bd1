// How users name a block.
#include <charconv>

#include "replay/block_life.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay {

namespace ev = core::events;

std::optional<BlockName> block_name_from(const std::string& text) {
  BlockName name;
  if (text.starts_with("0x")) {
    name.hash = core::fixed_from_hex<32>(text);
    return name.hash ? std::optional(name) : std::nullopt;
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  name.number = core::BlockNumber{number};
  return name;
}

std::optional<core::BlockNumber> height_named_by(const core::Event& event,
                                                 const core::Hash32& hash) {
  if (const auto* received = std::get_if<ev::CommitmentReceived>(&event.body)) {
    const auto& facts = received->facts;
    const bool is_named = facts.preconf_hash == hash || facts.content_hash == hash ||
                          facts.commitment_hash == hash || facts.raw_tx_list_hash == hash;
    if (is_named) return facts.block_number;
  }
  const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
  if (answer == nullptr) return std::nullopt;
  if (const auto* taken = std::get_if<ev::PayloadTaken>(&answer->result)) {
    if (taken->header.hash == hash) return taken->header.number;
  }
  if (const auto* read = std::get_if<ev::BlockRead>(&answer->result)) {
    if (read->block && read->block->hash == hash) return read->block->number;
  }
  if (const auto* heads = std::get_if<ev::HeadsRead>(&answer->result)) {
    if (heads->latest && heads->latest->hash == hash) return heads->latest->number;
    if (heads->safe && heads->safe->hash == hash) return heads->safe->number;
    if (heads->finalized && heads->finalized->hash == hash) return heads->finalized->number;
  }
  return std::nullopt;
}

}  // namespace preconf::replay
