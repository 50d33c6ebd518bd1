// Answers about derived blocks: the canonical block with its row, state of the anchor contract, and
// the engine's proposal tables.
#include <optional>
#include <utility>

#include "core/limits.hpp"
#include "core/protocol/derived_block.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/engine/engine_parts.hpp"

namespace preconf::io {

using core::Unexpected;
using core::events::CanonicalRead;
using core::events::EngineFailed;
using core::events::EngineFailureKind;
using core::events::EngineResult;
using core::protocol::CanonicalBlockFacts;

namespace {

constexpr std::size_t kAnchorStateBytesMax = 1'024;

/// The result of the one answer in `body`, together with the document that holds it.
struct OneResult {
  JsonDocument document;
  JsonValue result;
};
EngineRead<OneResult> one_result_of(std::string_view body) {
  auto document = parse_answer(body);
  if (!document) return Unexpected{document.error()};
  const auto result = result_of(document->root());
  if (!result) return Unexpected{result.error()};
  return OneResult{std::move(document).value(), *result};
}

/// False when the member is there and not a value of its type.
template <std::size_t N>
bool take_optional(JsonValue value, std::optional<core::FixedBytes<N>>& to) {
  if (value.missing() || value.is_null()) return true;
  to = as_fixed<N>(value);
  return to.has_value();
}
bool take_optional(JsonValue value, std::optional<std::uint64_t>& to) {
  if (value.missing() || value.is_null()) return true;
  to = as_quantity_u64(value);
  return to.has_value();
}

/// Elements of an array that may be absent; nothing when it is no array or a long one.
std::optional<std::uint32_t> count_of(JsonValue value) {
  if (value.missing() || value.is_null()) return 0;
  if (value.kind() != JsonKind::kArray) return std::nullopt;
  const std::size_t count = value.size();
  if (count > core::limits::kTxListTransactionsMax) return std::nullopt;
  return static_cast<std::uint32_t>(count);
}

/// Name of the first member that is bad, or null.
const char* read_block_members(JsonValue block, CanonicalBlockFacts& facts) {
  const auto ommers = count_of(block.get("uncles"));
  if (!ommers) return "uncles";
  facts.ommers = *ommers;
  const auto withdrawals = count_of(block.get("withdrawals"));
  if (!withdrawals) return "withdrawals";
  facts.withdrawals = *withdrawals;
  const JsonValue transactions = block.get("transactions");
  if (transactions.kind() != JsonKind::kArray) return "transactions";
  if (const JsonValue first = transactions.at(0); !first.missing()) {
    facts.first_tx_hash = as_fixed<32>(first);
    if (!facts.first_tx_hash) return "transactions";
  }
  if (!take_optional(block.get("blobGasUsed"), facts.blob_gas_used)) return "blobGasUsed";
  if (!take_optional(block.get("excessBlobGas"), facts.excess_blob_gas)) return "excessBlobGas";
  if (!take_optional(block.get("parentBeaconBlockRoot"), facts.parent_beacon_block_root)) {
    return "parentBeaconBlockRoot";
  }
  if (!take_optional(block.get("requestsHash"), facts.requests_hash)) return "requestsHash";
  return nullptr;
}

EngineRead<std::optional<CanonicalBlockFacts>> canonical_block_from(JsonValue answer,
                                                                    core::BlockNumber asked) {
  const auto block = optional_result_of(answer);
  if (!block) return Unexpected{block.error()};
  if (!*block) return std::optional<CanonicalBlockFacts>{};
  auto header = header_from(**block);
  if (!header) return Unexpected{header.error()};
  if (header->number != asked) return Unexpected{malformed("block of another number")};
  CanonicalBlockFacts facts;
  facts.header = std::move(header).value();
  if (const char* member = read_block_members(**block, facts)) {
    return Unexpected{malformed(std::string("block: bad or missing ") + member)};
  }
  return std::optional<CanonicalBlockFacts>{std::move(facts)};
}

/// The row's signature; an empty or short one, as some engines keep for derived blocks, is none.
std::optional<core::Signature65> signature_of(JsonValue answer) {
  const auto row = optional_result_of(answer);
  if (!row || !*row) return std::nullopt;
  auto signature = as_fixed<65>((*row)->get("signature"));
  if (!signature || signature->is_zero()) return std::nullopt;
  return signature;
}

/// "not found", "... uncertain ..." and "... lookback exceeded ..." are what engines say when they
/// do not know a proposal's last block.
bool says_unknown_batch(const EngineFailed& failure) {
  if (failure.kind != EngineFailureKind::kRpcError) return false;
  for (const std::string_view known :
       {"not found", "proposal last block uncertain", "proposal last block lookback exceeded"}) {
    if (failure.detail.find(known) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

EngineResult canonical_from(std::string_view body, core::BlockNumber asked) {
  const auto document = parse_answer(body);
  if (!document) return document.error();
  const auto answers = batch_of<3>(document->root());
  if (!answers) return answers.error();
  auto block = canonical_block_from((*answers)[0], asked);
  if (!block) return block.error();
  const auto origin = optional_origin_from((*answers)[1]);
  if (!origin) return origin.error();
  if (*origin && (*origin)->block_number != asked) return malformed("L1 origin of another block");
  const auto head = optional_origin_from((*answers)[2]);
  if (!head) return head.error();
  CanonicalRead read;
  read.number = asked;
  read.block = std::move(block).value();
  if (read.block) read.block->origin = *origin;
  read.signature = signature_of((*answers)[1]);
  if (*head) read.head_l1_origin = (*head)->block_number;
  return read;
}

EngineResult nonce_from(std::string_view body) {
  const auto one = one_result_of(body);
  if (!one) return one.error();
  const auto nonce = as_quantity_u64(one->result);
  if (!nonce) return malformed("bad nonce");
  return core::events::NonceRead{*nonce};
}

EngineResult anchor_state_from(std::string_view body) {
  const auto one = one_result_of(body);
  if (!one) return one.error();
  const auto data = as_data(one->result, kAnchorStateBytesMax);
  if (!data) return malformed("bad answer of the anchor contract");
  return core::events::AnchorStateRead{core::protocol::read_anchor_block_state(*data)};
}

EngineResult anchor_in_transaction_from(std::string_view body,
                                        const core::Address& anchor_address) {
  const auto one = one_result_of(body);
  if (!one) return one.error();
  if (one->result.is_null()) return core::events::AnchorStateRead{};
  const auto raw = as_data(one->result, core::limits::kTxListInflatedBytesMax);
  if (!raw) return malformed("bad raw transaction");
  if (raw->empty()) return core::events::AnchorStateRead{};
  return core::events::AnchorStateRead{
      core::protocol::anchor_number_of_transaction(*raw, anchor_address)};
}

EngineResult batch_found_from(std::string_view body) {
  const auto one = one_result_of(body);
  if (!one) {
    if (says_unknown_batch(one.error())) return core::events::BatchFound{};
    return one.error();
  }
  if (one->result.is_null()) return core::events::BatchFound{};
  const auto number = as_quantity_u64(one->result);
  if (!number) return malformed("bad block number of a proposal");
  return core::events::BatchFound{core::BlockNumber{*number}};
}

EngineResult number_written_from(std::string_view body, std::uint64_t written) {
  const auto one = one_result_of(body);
  if (!one) return one.error();
  if (as_quantity_u64(one->result) != written) return malformed("another number was written");
  return core::events::TableWritten{};
}

EngineResult origin_written_from(std::string_view body, core::BlockNumber written) {
  const auto one = one_result_of(body);
  if (!one) return one.error();
  const auto row = origin_from(one->result);
  if (!row) return row.error();
  if (row->block_number != written) return malformed("another row was written");
  return core::events::TableWritten{};
}

}  // namespace preconf::io
