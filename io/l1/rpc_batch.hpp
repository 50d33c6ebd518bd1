// JSON-RPC calls in batches: the text of a request, and its answers by position.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "io/json/json_reader.hpp"

namespace preconf::io::l1 {

struct RpcCall {
  const char* method = "";
  std::string params;  ///< a JSON array
};

/// What the error object of an answer stands for. Nodes agree on few codes, so texts count, too.
enum class RpcErrorKind : std::uint8_t {
  kOther,
  kRateLimited,     ///< later, or another endpoint
  kTooManyResults,  ///< ask for less
  kUnknownBlock,    ///< the node does not have that block (yet)
  kReverted,        ///< the contract refused: an answer
  kStateMissing,    ///< the node has dropped the state of that block
  kBatchRefused,    ///< it does not take batches, or not so large ones
};
struct RpcError {
  RpcErrorKind kind = RpcErrorKind::kOther;
  std::int64_t code = 0;
  std::string message;  ///< printable, at most core::limits::kDetailBytesMax bytes
};
[[nodiscard]] RpcErrorKind classify(std::int64_t code, std::string_view message);

using RpcAnswer = core::Result<JsonValue, RpcError>;

/// One call as an object, several as an array; ids are 1, 2, ...
[[nodiscard]] std::string rpc_request(const std::vector<RpcCall>& calls, std::size_t first,
                                      std::size_t count);

/// Answers in the order of the calls. Owns the text that they refer to.
class RpcBatch {
 public:
  /// Reads the answer to `count` calls behind those that are here already. On an error nothing is
  /// added: it concerns the request as a whole, or is not JSON-RPC (kind kOther, code 0).
  [[nodiscard]] core::Result<core::Ok, RpcError> append(std::string_view body, std::size_t count);

  [[nodiscard]] std::size_t size() const { return answers_.size(); }
  /// Requires i < size(). Valid as long as the batch.
  [[nodiscard]] const RpcAnswer& at(std::size_t i) const { return answers_.at(i); }
  /// Number of the endpoint that answered.
  std::size_t endpoint = 0;

 private:
  std::vector<JsonDocument> documents_;
  std::vector<RpcAnswer> answers_;
};

}  // namespace preconf::io::l1
