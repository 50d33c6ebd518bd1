#include "io/rpc/rpc_exchange.hpp"

#include <utility>

#include "io/json/json_writer.hpp"

namespace preconf::io {

void RpcRefusals::count(RpcRefusal refusal) {
  counts[static_cast<std::size_t>(refusal)].fetch_add(1, std::memory_order_relaxed);
  metrics[static_cast<std::size_t>(refusal)].add();
}

std::string rpc_error_text(std::string_view id, int code, std::string_view message,
                           std::string_view data_json) {
  JsonWriter json;
  json.begin_object().key("jsonrpc").text("2.0").key("id").raw(id).key("error");
  json.begin_object().key("code").number_signed(code).key("message").text(message);
  if (!data_json.empty()) json.key("data").raw(data_json);
  json.end_object().end_object();
  return json.take();
}

RpcReply RpcExchange::reply(std::size_t index) {
  RpcReply handle;
  handle.exchange_ = shared_from_this();
  handle.index_ = index;
  return handle;
}

void RpcExchange::result(std::size_t index, std::string_view json) {
  JsonWriter text(json.size() + 64);
  text.begin_object().key("jsonrpc").text("2.0");
  text.key("id").raw(calls[index].id.empty() ? "null" : std::string_view(calls[index].id));
  text.key("result").raw(json).end_object();
  finish(index, text.take(), false);
}

void RpcExchange::error(std::size_t index, int code, std::string_view message,
                        std::string_view data_json) {
  const std::string_view id = calls[index].id.empty() ? "null" : std::string_view(calls[index].id);
  finish(index, rpc_error_text(id, code, message, data_json), true);
}

void RpcExchange::finish(std::size_t index, std::string answer, bool failed) {
  const std::scoped_lock lock(mutex);
  Call& call = calls[index];
  if (call.answered) return;
  call.answered = true;
  if (failed) call.metrics.errors.add();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - call.began;
  call.metrics.seconds.observe(took.count());
  if (pending_of_session) pending_of_session->fetch_sub(1, std::memory_order_relaxed);
  if (!call.id.empty()) {
    if (answer.size() > response_bytes_max - bytes) {
      refusals->count(RpcRefusal::kResponseTooLarge);
      answer = rpc_error_text(call.id, rpc_code::kResponseTooLarge, "response too large");
    }
    // Error texts of a batch may pass the bound a little; the number of calls bounds them.
    bytes = std::min(response_bytes_max, bytes + answer.size());
    call.answer = std::move(answer);
  }
  if (--left == 0 && complete) send();
}

void RpcExchange::all_calls_added() {
  const std::scoped_lock lock(mutex);
  complete = true;
  if (left == 0) send();
}

void RpcExchange::send() {
  std::string text;
  if (!batch) {
    text = std::move(calls.front().answer);
  } else {
    text.reserve(bytes + calls.size() + 2);
    for (const Call& call : calls) {
      if (call.id.empty()) continue;
      text += text.empty() ? '[' : ',';
      text += call.answer;
    }
    if (!text.empty()) text += ']';
  }
  if (!websocket) {
    http.respond({.status = 200, .body = std::move(text)});
  } else if (!text.empty()) {
    ws.send(std::make_shared<const std::string>(std::move(text)));
  }
}

void RpcReply::result(std::string json) const {
  if (exchange_) exchange_->result(index_, json);
}

void RpcReply::error(int code, std::string_view message) const { error(code, message, {}); }

void RpcReply::error(int code, std::string_view message, std::string_view data_json) const {
  if (exchange_) exchange_->error(index_, code, message, data_json);
}

}  // namespace preconf::io
