#include "node/l1/ask_codec.hpp"

#include <type_traits>
#include <utility>

namespace preconf::node::l1 {

using io::l1::L1Header;
using io::l1::L1Log;
using io::l1::RpcAnswer;
using io::l1::RpcBatch;
using io::l1::RpcErrorKind;

namespace {

AskFailed malformed(std::string detail) { return {AskFailure::kMalformed, {}, std::move(detail)}; }
AskFailed malformed(const io::l1::BadAnswer& bad) {
  switch (bad.kind) {
    case io::l1::BadAnswerKind::kFalseHeader:
      return {AskFailure::kFalseHeader, {}, bad.text};
    case io::l1::BadAnswerKind::kFalseLogs:
      return {AskFailure::kFalseLogs, {}, bad.text};
    case io::l1::BadAnswerKind::kMalformed:
      break;
  }
  return malformed(bad.text);
}
AskFailed behind(std::string detail) { return {AskFailure::kBehind, {}, std::move(detail)}; }

AskFailed failed(const io::l1::RpcError& error) {
  std::string detail = "L1: " + std::to_string(error.code) + " " + error.message;
  switch (error.kind) {
    case RpcErrorKind::kTooManyResults:
      return {AskFailure::kTooMuch, {}, std::move(detail)};
    case RpcErrorKind::kUnknownBlock:
    case RpcErrorKind::kStateMissing:
      return behind(std::move(detail));
    default:
      return {AskFailure::kUnavailable, {}, std::move(detail)};
  }
}

template <class T>
using Read = core::Result<T, AskFailed>;
using core::Unexpected;

/// JSON null is an endpoint that does not have the block.
Read<L1Header> header_in(const RpcAnswer& answer) {
  if (!answer) return Unexpected{failed(answer.error())};
  auto header = io::l1::optional_header_from(*answer);
  if (!header) return Unexpected{malformed(header.error())};
  if (!*header) return Unexpected{behind("L1: a block is not there")};
  return **header;
}

Read<L1Header> header_in(const RpcAnswer& answer, core::L1BlockNumber number) {
  auto header = header_in(answer);
  if (header && header->number != number) return Unexpected{malformed("header: another number")};
  return header;
}

/// Safe and finalized, which a young chain does not have.
Read<std::optional<L1Header>> tag_in(const RpcAnswer& answer) {
  if (!answer) {
    if (answer.error().kind == RpcErrorKind::kUnknownBlock ||
        answer.error().message.find("not found") != std::string::npos) {
      return std::optional<L1Header>{};
    }
    return Unexpected{failed(answer.error())};
  }
  auto header = io::l1::optional_header_from(*answer);
  if (!header) return Unexpected{malformed(header.error())};
  return std::move(header).value();
}

Read<std::vector<L1Log>> logs_in(const RpcAnswer& answer) {
  if (!answer) return Unexpected{failed(answer.error())};
  auto logs = io::l1::logs_from(*answer);
  if (!logs) return Unexpected{malformed(logs.error())};
  return std::move(logs).value();
}

Answer answer_to(const AskTags& /*ask*/, const RpcBatch& batch) {
  TagsAnswer out;
  const auto latest = header_in(batch.at(0));
  if (!latest) return latest.error();
  const auto safe = tag_in(batch.at(1));
  if (!safe) return safe.error();
  const auto finalized = tag_in(batch.at(2));
  if (!finalized) return finalized.error();
  if (*finalized && (*finalized)->number > latest->number) {
    return malformed("header: finalized is above latest");
  }
  return TagsAnswer{*latest, *safe, *finalized};
}

Answer answer_to(const AskHeaders& ask, const RpcBatch& batch) {
  HeadersAnswer out;
  for (std::size_t i = 0; i < ask.numbers.size(); ++i) {
    const auto header = header_in(batch.at(i), ask.numbers[i]);
    if (!header) return header.error();
    out.headers.push_back(*header);
  }
  return out;
}

Answer answer_to(const AskHeadersByHash& ask, const RpcBatch& batch) {
  HeadersAnswer out;
  for (std::size_t i = 0; i < ask.hashes.size(); ++i) {
    const auto header = header_in(batch.at(i));
    if (!header) return header.error();
    if (header->hash != ask.hashes[i]) return malformed("header: another hash");
    out.headers.push_back(*header);
  }
  return out;
}

Answer answer_to(const AskRange& ask, const RpcBatch& batch) {
  RangeAnswer out;
  auto last = header_in(batch.at(0), ask.range.to);
  if (!last) return last.error();
  out.last = *last;
  auto logs = logs_in(batch.at(1));
  if (!logs) return logs.error();
  out.logs = std::move(logs).value();
  for (const L1Log& log : out.logs) {
    if (log.block_number < ask.range.from || ask.range.to < log.block_number) {
      return malformed("log: outside of the range");
    }
  }
  if (!ask.wants_before) return out;
  const auto before = header_in(batch.at(2), {ask.range.from.value - 1});
  if (!before) return before.error();
  out.before = *before;
  return out;
}

Answer answer_to(const AskLogs& ask, const RpcBatch& batch) {
  LogsAnswer out;
  for (std::size_t i = 0; i < ask.blocks.size(); ++i) {
    auto logs = logs_in(batch.at(i));
    if (!logs) return logs.error();
    for (const L1Log& log : *logs) {
      if (log.block_hash != ask.blocks[i]) return malformed("log: of another block");
    }
    out.blocks.push_back(std::move(logs).value());
  }
  return out;
}

Answer answer_to(const AskCalls& ask, const RpcBatch& batch) {
  CallsAnswer out;
  for (std::size_t i = 0; i < ask.calls.size(); ++i) {
    const RpcAnswer& answer = batch.at(i);
    if (!answer && answer.error().kind == RpcErrorKind::kReverted) {
      out.results.emplace_back(std::nullopt);
      continue;
    }
    if (!answer) return failed(answer.error());
    auto data = io::l1::call_data_from(*answer);
    if (!data) return malformed("eth_call: no data");
    out.results.emplace_back(std::move(*data));
  }
  return out;
}

}  // namespace

std::vector<io::l1::RpcCall> calls_of(const Ask& ask, const AskFilters& filters) {
  std::vector<io::l1::RpcCall> out;
  std::visit(
      [&](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, AskTags>) {
          for (const char* tag : {"latest", "safe", "finalized"}) {
            out.push_back(io::l1::header_call(std::string_view(tag)));
          }
        } else if constexpr (std::is_same_v<Body, AskHeaders>) {
          for (const auto number : body.numbers) out.push_back(io::l1::header_call(number));
        } else if constexpr (std::is_same_v<Body, AskHeadersByHash>) {
          for (const core::Hash32& hash : body.hashes) out.push_back(io::l1::header_call(hash));
        } else if constexpr (std::is_same_v<Body, AskRange>) {
          out.push_back(io::l1::header_call(body.range.to));
          out.push_back(io::l1::logs_call(filters.history, body.range.from, body.range.to));
          if (body.wants_before) {
            out.push_back(io::l1::header_call(core::L1BlockNumber{body.range.from.value - 1}));
          }
        } else if constexpr (std::is_same_v<Body, AskLogs>) {
          for (const core::Hash32& hash : body.blocks) {
            out.push_back(io::l1::logs_call(filters.blocks, hash));
          }
        } else {
          for (const StateCall& call : body.calls) {
            out.push_back(io::l1::state_call(call.to, call.data, call.block_hash));
          }
        }
      },
      ask);
  return out;
}

Answer answer_of(const Ask& ask, const RpcBatch& batch) {
  return std::visit([&batch](const auto& body) { return answer_to(body, batch); }, ask);
}

}  // namespace preconf::node::l1
