#include "node/devnet/rpc_answer.hpp"

#include "io/json/json_writer.hpp"

namespace preconf::node::devnet {
namespace {

std::string error_object(const RpcError& error) {
  io::JsonWriter out;
  out.begin_object().key("code").number_signed(error.code);
  out.key("message").text(error.message);
  if (!error.data_err.empty()) {
    out.key("data").begin_object().key("err").text(error.data_err).end_object();
  }
  out.end_object();
  return out.take();
}

std::string envelope(std::string_view id, std::string_view member, std::string_view value) {
  std::string out;
  out.reserve(id.size() + member.size() + value.size() + 40);
  out += "{\"jsonrpc\":\"2.0\",\"";
  out += member;
  out += "\":";
  out += value;
  out += ",\"id\":";
  out += id;
  out += '}';
  return out;
}

}  // namespace

std::string rpc_response(std::string_view id, const MethodAnswer& answer) {
  if (const auto* error = std::get_if<RpcError>(&answer)) {
    return envelope(id, "error", error_object(*error));
  }
  return envelope(id, "result", std::get<std::string>(answer));
}

std::optional<io::HttpResponse> failing_response(const Fault& fault) {
  io::HttpResponse response;
  if (fault.kind == FaultKind::kTimeout) return std::nullopt;
  if (fault.kind == FaultKind::kDrop) {
    response.status = 0;
  } else if (fault.kind == FaultKind::kHttp) {
    response.status = fault.http_status;
    response.content_type = "text/plain";
    response.body = "simulated failure\n";
    if (fault.retry_after_s != 0) {
      response.headers.emplace_back("Retry-After", std::to_string(fault.retry_after_s));
    }
  } else {
    response.body = std::string("\x1f\x8b\x08{]not json\xff\xfe", 14);
  }
  return response;
}

}  // namespace preconf::node::devnet
