// An engine that answers with whatever text a test gives it, on the real HTTP server, and a client
// that talks to it.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "io/engine/engine_client.hpp"
#include "io/http/server.hpp"
#include "io/metrics/metrics.hpp"
#include "tests/io/support/loop_thread.hpp"

namespace preconf::io::test {

struct EngineReply {
  core::events::EngineResult result;
  std::uint32_t elapsed_us = 0;
  std::shared_ptr<const core::Bytes> content;
};

class StubEngine {
 public:
  explicit StubEngine(EngineClientOptions options = {});
  ~StubEngine();

  /// What the stub does from now on; the default answers 200 with `answer`.
  std::function<void(const HttpRequest&, const HttpResponder&)> on_request;
  void answer_with(std::string body, unsigned status = 200);

  [[nodiscard]] std::vector<HttpRequest> requests();

  EngineReply read_heads();
  EngineReply read_block(std::uint64_t number);
  EngineReply start_payload(const core::commands::ForkchoiceState& state,
                            const core::protocol::PayloadAttributes& attributes,
                            const core::Bytes& rlp);
  EngineReply get_payload(const core::commands::GetPayload& command,
                          const core::protocol::ChainProfile& chain);
  EngineReply new_payload(const core::Bytes& json);
  EngineReply update_forkchoice(const core::commands::ForkchoiceState& state);

  LoopThread thread;
  Metrics metrics;
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<EngineClient> client;

 private:
  /// Starts `method(callback)` on the loop and waits for the reply.
  template <class Method>
  EngineReply run(Method method);

  std::mutex mutex_;
  std::vector<HttpRequest> requests_;
};

/// The EngineFailed that a test expects; throws for any other result.
[[nodiscard]] const core::events::EngineFailed& failure_of(const EngineReply& reply);

/// Answers of a batch in order of ids 1.., each one JSON text of a result.
[[nodiscard]] std::string batch_results(const std::vector<std::string>& results);
/// One answer with this result.
[[nodiscard]] std::string one_result(const std::string& result);
[[nodiscard]] std::string one_error(int code, const std::string& message);

}  // namespace preconf::io::test
