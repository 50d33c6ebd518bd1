// What the follower asks L1, and what it may be answered.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/types.hpp"
#include "io/l1/l1_types.hpp"
#include "io/l1/log_ranges.hpp"

namespace preconf::node::l1 {

/// Headers that L1 calls latest, safe and finalized. Answer: TagsAnswer.
struct AskTags {};

/// Canonical headers by number, none above L1's head. Answer: HeadersAnswer.
struct AskHeaders {
  std::vector<core::L1BlockNumber> numbers;
};

/// Headers by hash. Answer: HeadersAnswer.
struct AskHeadersByHash {
  std::vector<core::Hash32> hashes;
};

/// Logs of finalized blocks, and of the same endpoint the headers before the range and at its end,
/// which show that it has all of it, and on which chain. Answer: RangeAnswer.
struct AskRange {
  io::l1::BlockRange range;
  bool wants_before = false;  ///< the header before the range
};

/// Logs of single blocks. Answer: LogsAnswer.
struct AskLogs {
  std::vector<core::Hash32> blocks;
};

/// View functions in the state of a block, or of the newest one. Answer: CallsAnswer.
struct StateCall {
  core::Address to;
  core::Bytes data;
  std::optional<core::Hash32> block_hash;
};
struct AskCalls {
  std::vector<StateCall> calls;
};

using Ask = std::variant<AskTags, AskHeaders, AskHeadersByHash, AskRange, AskLogs, AskCalls>;

struct TagsAnswer {
  io::l1::L1Header latest;
  std::optional<io::l1::L1Header> safe;
  std::optional<io::l1::L1Header> finalized;
};
struct HeadersAnswer {
  std::vector<io::l1::L1Header> headers;  ///< exactly those that were asked for
};
struct RangeAnswer {
  std::vector<io::l1::L1Log> logs;         ///< sorted, inside the range
  std::optional<io::l1::L1Header> before;  ///< when it was asked for
  io::l1::L1Header last;
};
struct LogsAnswer {
  std::vector<std::vector<io::l1::L1Log>> blocks;  ///< of each that was asked for, and sorted
};
struct CallsAnswer {
  std::vector<std::optional<core::Bytes>> results;  ///< none: the contract refused
};

enum class AskFailure : std::uint8_t {
  kUnavailable,  ///< nobody answered
  kBehind,       ///< the endpoint does not know the block (yet), or does not know it any more
  kTooMuch,      ///< less has to be asked for
  kMalformed,    ///< not understandable
  kFalseHeader,  ///< a header that does not hash to its name
  kFalseLogs,    ///< logs that contradict each other
};
struct AskFailed {
  AskFailure failure = AskFailure::kUnavailable;
  core::Millis retry_after;  ///< nobody can be asked before; 0: no such time
  std::string detail;
};

using Answer =
    std::variant<TagsAnswer, HeadersAnswer, RangeAnswer, LogsAnswer, CallsAnswer, AskFailed>;

/// A request in flight; each gets exactly one answer with its ticket.
struct Request {
  std::uint64_t ticket = 0;
  Ask ask;
  /// Of another endpoint, if there is one, than the last answer to a scan; AskTags: than the last
  /// answer about the head.
  bool is_second = false;
};

}  // namespace preconf::node::l1
