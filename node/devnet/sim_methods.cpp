#include "node/devnet/sim_methods.hpp"

#include <fmt/format.h>

#include <charconv>

#include "core/base/hex.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/engine_json.hpp"

namespace preconf::node::devnet {
namespace {

using io::JsonValue;

EngineError invalid_params(std::string what) { return EngineError{-32602, std::move(what)}; }

/// A number: JSON number or hex quantity.
std::optional<std::uint64_t> number_from(JsonValue value) {
  if (const auto number = value.as_u64()) return number;
  return io::as_quantity_u64(value);
}

std::optional<core::events::PayloadStatus> status_from(std::string_view name) {
  using core::events::PayloadStatus;
  if (name == "VALID") return PayloadStatus::kValid;
  if (name == "INVALID") return PayloadStatus::kInvalid;
  if (name == "SYNCING") return PayloadStatus::kSyncing;
  if (name == "ACCEPTED") return PayloadStatus::kAccepted;
  return std::nullopt;
}

/// Reads an optional number of `fault`; false when it is there and is not a number up to `max`.
template <class T>
bool read_number(JsonValue fault, std::string_view key, std::uint64_t max, T& out) {
  const JsonValue value = fault.get(key);
  if (value.missing()) return true;
  const auto number = number_from(value);
  if (!number || *number > max) return false;
  out = static_cast<T>(*number);
  return true;
}

MethodAnswer order_fault(EngineState& engine, JsonValue order) {
  Fault fault;
  const auto kind = fault_kind_from(order.get("kind").as_string().value_or(""));
  if (!kind) return invalid_params("unknown fault kind");
  fault.kind = *kind;
  fault.act = order.get("act").as_bool().value_or(acts_by_default(*kind));
  if (const auto method = order.get("method").as_string()) fault.method = *method;
  if (const auto message = order.get("message").as_string()) fault.message = *message;
  if (const JsonValue status = order.get("status"); !status.missing()) {
    const auto known = status_from(status.as_string().value_or(""));
    if (!known) return invalid_params("unknown payload status");
    fault.status = *known;
  }
  if (!read_number(order, "times", 1'000'000, fault.times) ||
      !read_number(order, "skip", 1'000'000, fault.skip) ||
      !read_number(order, "http", 599, fault.http_status) ||
      !read_number(order, "bytes", FaultTable::kHugeBytesMax, fault.bytes)) {
    return invalid_params("a number is wrong or too large");
  }
  if (const JsonValue code = order.get("code"); !code.missing()) {
    // Negative, which as_u64 does not read.
    const std::string text = code.to_text();
    const char* const end = text.data() + text.size();
    const auto [at, defect] = std::from_chars(text.data(), end, fault.code);
    if (defect != std::errc{} || at != end) return invalid_params("code is no 32-bit integer");
  }
  if (!engine.faults.add(std::move(fault))) {
    return invalid_params("too many faults waiting, or times is 0");
  }
  return std::string("true");
}

MethodAnswer fault_counts(const EngineState& engine) {
  io::JsonWriter out;
  out.begin_object();
  for (std::size_t i = 0; i < kFaultKinds; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    out.key(name_of(kind)).number(engine.faults.fired(kind));
  }
  out.key("waiting").number(engine.faults.waiting()).end_object();
  return out.take();
}

MethodAnswer calls(const EngineState& engine) {
  io::JsonWriter out;
  out.begin_object();
  for (const auto& [method, count] : engine.calls) out.key(method).number(count);
  out.end_object();
  return out.take();
}

}  // namespace

MethodAnswer call_sim_method(EngineState& engine, std::string_view method, JsonValue params) {
  const JsonValue first = params.at(0);
  if (method == "sim_fault") return order_fault(engine, first);
  if (method == "sim_clearFaults") return fmt::format("{}", engine.faults.clear());
  if (method == "sim_faultCounts") return fault_counts(engine);
  if (method == "sim_calls") return calls(engine);
  if (method == "sim_loseJobs") {
    const std::size_t jobs = engine.chain.payload_jobs();
    engine.chain.lose_jobs();
    return fmt::format("{}", jobs);
  }
  const auto number = number_from(first);
  if (method == "sim_waitHead") {
    if (!number || *number > engine.chain.head().number()) {
      return invalid_params("not a number, in a batch, or too many waiting");
    }
    return block_json(engine.chain.head(), false);
  }
  if (method == "sim_rewind") {
    if (!number) return invalid_params("depth must be a number");
    engine.chain.rewind_and_forget(*number);
    return fmt::format("\"{}\"", core::to_quantity(engine.chain.head().number()));
  }
  if (method == "sim_setChainId") {
    if (!number) return invalid_params("chain id must be a number");
    engine.chain_id = *number;
    return fmt::format("\"{}\"", core::to_quantity(engine.chain_id));
  }
  if (method == "sim_setHeadL1Origin") {
    if (!number && !first.is_null()) return invalid_params("block id must be a number or null");
    engine.chain.tables().head_origin = number;
    return std::string("true");
  }
  return EngineError{-32601, "Method not found"};
}

}  // namespace preconf::node::devnet
