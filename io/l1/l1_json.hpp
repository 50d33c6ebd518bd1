// L1's JSON-RPC methods: parameters and results; pure, strict, bounded.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/l1/l1_types.hpp"
#include "io/l1/rpc_batch.hpp"

namespace preconf::io::l1 {

/// Why an answer is of no use.
enum class BadAnswerKind : std::uint8_t {
  kMalformed,    ///< not what the method returns
  kFalseHeader,  ///< a header that does not hash to the hash it is named by
  kFalseLogs,    ///< logs that contradict each other
};
struct BadAnswer {
  BadAnswerKind kind = BadAnswerKind::kMalformed;
  std::string text;  ///< "header: bad or missing hash"
};

[[nodiscard]] RpcCall chain_id_call();
/// eth_getBlockByNumber without transactions.
[[nodiscard]] RpcCall header_call(core::L1BlockNumber number);
/// `tag`: "latest", "safe" or "finalized".
[[nodiscard]] RpcCall header_call(std::string_view tag);
[[nodiscard]] RpcCall header_call(const core::Hash32& hash);

/// Logs of any of these addresses with any of these first topics. Not empty.
struct LogFilter {
  std::vector<core::Address> addresses;
  std::vector<core::Hash32> topics;
};
[[nodiscard]] RpcCall logs_call(const LogFilter& filter, core::L1BlockNumber from,
                                core::L1BlockNumber to);
[[nodiscard]] RpcCall logs_call(const LogFilter& filter, const core::Hash32& block_hash);
/// False: the bloom says that the block has none of these logs.
[[nodiscard]] bool may_match(const LogFilter& filter, const LogsBloom& bloom);

/// eth_call in the state of a block (EIP-1898), or of the newest one.
[[nodiscard]] RpcCall state_call(const core::Address& to, core::BytesView data,
                                 const std::optional<core::Hash32>& block_hash);

/// eth_getCode in the state of the newest block.
[[nodiscard]] RpcCall code_call(const core::Address& of);

[[nodiscard]] std::optional<std::uint64_t> chain_id_from(JsonValue result);
/// Reads every field that hashes into the block, and believes none of them unless their RLP has the
/// hash that the answer names (yellow paper 4.4.1; EIP-1559, 4895, 4844, 4788, 7685). Members that
/// this version does not know matter only when it has not: then the first of them is named.
[[nodiscard]] core::Result<L1Header, BadAnswer> header_from(JsonValue result);
/// JSON null is no header.
[[nodiscard]] core::Result<std::optional<L1Header>, BadAnswer> optional_header_from(
    JsonValue result);
/// Sorted by block and index, whatever order they come in; a log that is told twice in the same
/// words is one log. Bad answers: a log that the node calls removed (it was read in the middle of a
/// reorg); two logs that differ in one place; two blocks with one number.
[[nodiscard]] core::Result<std::vector<L1Log>, BadAnswer> logs_from(JsonValue result);
[[nodiscard]] std::optional<core::Bytes> call_data_from(JsonValue result);
/// Is there any code? Nothing: that is no answer to eth_getCode.
[[nodiscard]] std::optional<bool> has_code_from(JsonValue result);

}  // namespace preconf::io::l1
