#include "node/devnet/fault_orders.hpp"

#include <charconv>

#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"

namespace preconf::node::devnet {
namespace {

using io::JsonValue;

RpcError invalid_params(std::string what) { return RpcError{-32602, std::move(what)}; }

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
  const auto number = sim_number(value);
  if (!number || *number > max) return false;
  out = static_cast<T>(*number);
  return true;
}

}  // namespace

std::optional<std::uint64_t> sim_number(JsonValue value) {
  if (const auto number = value.as_u64()) return number;
  return io::as_quantity_u64(value);
}

MethodAnswer order_fault(FaultTable& faults, JsonValue order) {
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
      !read_number(order, "bytes", FaultTable::kHugeBytesMax, fault.bytes) ||
      !read_number(order, "delayMs", 600'000, fault.delay_ms) ||
      !read_number(order, "retryAfter", 3'600, fault.retry_after_s)) {
    return invalid_params("a number is wrong or too large");
  }
  if (const JsonValue code = order.get("code"); !code.missing()) {
    // Negative, which as_u64 does not read.
    const std::string text = code.to_text();
    const char* const end = text.data() + text.size();
    const auto [at, defect] = std::from_chars(text.data(), end, fault.code);
    if (defect != std::errc{} || at != end) return invalid_params("code is no 32-bit integer");
  }
  if (!faults.add(std::move(fault))) {
    return invalid_params("too many faults waiting, or times is 0");
  }
  return std::string("true");
}

std::string fault_counts(const FaultTable& faults) {
  io::JsonWriter out;
  out.begin_object();
  for (std::size_t i = 0; i < kFaultKinds; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    out.key(name_of(kind)).number(faults.fired(kind));
  }
  out.key("waiting").number(faults.waiting()).end_object();
  return out.take();
}

std::string call_counts(const std::map<std::string, std::uint64_t, std::less<>>& calls) {
  io::JsonWriter out;
  out.begin_object();
  for (const auto& [method, count] : calls) out.key(method).number(count);
  out.end_object();
  return out.take();
}

}  // namespace preconf::node::devnet
