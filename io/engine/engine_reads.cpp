// Answers to reads: batches on the public endpoint.
#include <optional>
#include <utility>

#include "io/engine/engine_answers.hpp"
#include "io/engine/engine_parts.hpp"

namespace preconf::io {

using core::events::EngineResult;

namespace {

std::optional<core::BlockNumber> number_of(const std::optional<core::protocol::OriginRow>& row) {
  if (!row) return std::nullopt;
  return row->block_number;
}

std::optional<core::BlockRef> ref_of(const std::optional<core::protocol::HeaderFacts>& header) {
  if (!header) return std::nullopt;
  return header->ref();
}

}  // namespace

EngineResult heads_from(std::string_view body) {
  const auto document = parse_answer(body);
  if (!document) return document.error();
  const auto answers = batch_of<5>(document->root());
  if (!answers) return answers.error();
  const auto chain = result_of((*answers)[0]);
  if (!chain) return chain.error();
  const auto chain_id = as_quantity_u64(*chain);
  if (!chain_id) return malformed("bad chain id");
  const auto latest = optional_header_from((*answers)[1]);
  if (!latest) return latest.error();
  const auto safe = optional_header_from((*answers)[2]);
  if (!safe) return safe.error();
  const auto finalized = optional_header_from((*answers)[3]);
  if (!finalized) return finalized.error();
  const auto origin = optional_origin_from((*answers)[4]);
  if (!origin) return origin.error();
  return core::events::HeadsRead{*chain_id, *latest, ref_of(*safe), ref_of(*finalized),
                                 number_of(*origin)};
}

EngineResult block_from(std::string_view body, core::BlockNumber asked) {
  const auto document = parse_answer(body);
  if (!document) return document.error();
  const auto answers = batch_of<3>(document->root());
  if (!answers) return answers.error();
  const auto block = optional_header_from((*answers)[0]);
  if (!block) return block.error();
  if (*block && (*block)->number != asked) return malformed("block of another number");
  const auto origin = optional_origin_from((*answers)[1]);
  if (!origin) return origin.error();
  if (*origin && (*origin)->block_number != asked) return malformed("L1 origin of another block");
  const auto head = optional_origin_from((*answers)[2]);
  if (!head) return head.error();
  return core::events::BlockRead{asked, *block, *origin, number_of(*head)};
}

}  // namespace preconf::io
