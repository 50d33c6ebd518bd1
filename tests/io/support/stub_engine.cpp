#include "tests/io/support/stub_engine.hpp"

#include <stdexcept>

namespace preconf::io::test {

StubEngine::StubEngine(EngineClientOptions options) {
  HttpHandlers handlers;
  handlers.on_request = [this](const HttpRequest& request, const HttpResponder& responder) {
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
    }
    on_request(request, responder);
  };
  server = std::make_unique<HttpServer>(thread.loop, HttpServerOptions{}, std::move(handlers));
  const auto port = server->start();
  if (!port) throw std::runtime_error(port.error());
  const std::string url = "http://127.0.0.1:" + std::to_string(*port);
  if (options.public_url.empty()) options.public_url = url + "/public";
  if (options.auth_url.empty()) options.auth_url = url + "/auth";
  options.jwt_secret.bytes.fill(7);
  options.metrics = &metrics;
  client = thread.call([&] { return std::make_unique<EngineClient>(thread.loop, options); });
}

StubEngine::~StubEngine() {
  thread.join();
  client.reset();
  server.reset();
}

void StubEngine::answer_with(std::string body, unsigned status) {
  on_request = [body = std::move(body), status](const HttpRequest&, const HttpResponder& r) {
    r.respond({.status = status, .body = body});
  };
}

std::vector<HttpRequest> StubEngine::requests() {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

template <class Method>
EngineReply StubEngine::run(Method method) {
  Once<EngineReply> reply;
  thread.loop.post([method, set = reply.set()] {
    method([set](core::events::EngineResult result, std::uint32_t elapsed_us,
                 std::shared_ptr<const core::Bytes> content) {
      set({std::move(result), elapsed_us, std::move(content)});
    });
  });
  return reply.get();
}

EngineReply StubEngine::read_heads() {
  return run([this](EngineClient::Callback done) { client->read_heads(std::move(done)); });
}

EngineReply StubEngine::read_block(std::uint64_t number) {
  return run([this, number](EngineClient::Callback done) {
    client->read_block(core::BlockNumber{number}, std::move(done));
  });
}

EngineReply StubEngine::start_payload(const core::commands::ForkchoiceState& state,
                                      const core::protocol::PayloadAttributes& attributes,
                                      const core::Bytes& rlp) {
  return run([&](EngineClient::Callback done) {
    client->start_payload(state, attributes, rlp, std::move(done));
  });
}

EngineReply StubEngine::get_payload(const core::commands::GetPayload& command,
                                    const core::protocol::ChainProfile& chain) {
  return run(
      [&](EngineClient::Callback done) { client->get_payload(command, chain, std::move(done)); });
}

EngineReply StubEngine::new_payload(const core::Bytes& json) {
  return run([&](EngineClient::Callback done) { client->new_payload(json, std::move(done)); });
}

EngineReply StubEngine::update_forkchoice(const core::commands::ForkchoiceState& state) {
  return run(
      [&](EngineClient::Callback done) { client->update_forkchoice(state, std::move(done)); });
}

const core::events::EngineFailed& failure_of(const EngineReply& reply) {
  const auto* failed = std::get_if<core::events::EngineFailed>(&reply.result);
  if (failed == nullptr) throw std::runtime_error("the call did not fail");
  return *failed;
}

std::string batch_results(const std::vector<std::string>& results) {
  std::string text;
  // Backwards: a batch may be answered in any order.
  for (std::size_t id = results.size(); id > 0; --id) {
    text += (text.empty() ? "[" : ",") + std::string(R"({"jsonrpc":"2.0","id":)") +
            std::to_string(id) + "," + results[id - 1] + "}";
  }
  return text + "]";
}

std::string one_result(const std::string& result) {
  return R"({"jsonrpc":"2.0","id":1,"result":)" + result + "}";
}

std::string one_error(int code, const std::string& message) {
  return R"({"jsonrpc":"2.0","id":1,"error":{"code":)" + std::to_string(code) + R"(,"message":")" +
         message + "\"}}";
}

}  // namespace preconf::io::test
