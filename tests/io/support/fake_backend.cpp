#include "tests/io/support/fake_backend.hpp"

#include <stdexcept>

#include "core/base/hex.hpp"
#include "io/json/json_reader.hpp"

namespace preconf::io::test {

void FakeBackend::decide(core::Verdict commitment, core::Reason reason, core::Verdict tx_list,
                         core::Reason tx_list_reason) {
  const std::scoped_lock lock(mutex);
  on_submit = [=](const Submission& submission, const SubmitCallback& callback) {
    SubmitAnswer answer;
    if (submission.tx_list) {
      answer.tx_list_seq = core::Seq{7};
      answer.tx_list_decisions = {
          {tx_list, tx_list_reason, submission.tx_list->facts.hash, {}, 0, 0, {}}};
    }
    if (submission.commitment) {
      answer.commitment_seq = core::Seq{8};
      answer.commitment_decisions = {{commitment,
                                      reason,
                                      submission.commitment->facts.preconf_hash,
                                      submission.commitment->facts.block_number,
                                      5,
                                      9,
                                      {}}};
    }
    callback(std::move(answer));
  };
}

ApiServer::ApiServer(PreconfApiOptions options) {
  options.metrics = &metrics;
  options.rpc.metrics = &metrics;
  backend.decide(core::Verdict::kAdmitted);
  api = std::make_unique<PreconfApi>(thread.loop, backend, std::move(options));
  const auto bound = api->start();
  if (!bound) throw std::runtime_error(bound.error());
  port = *bound;
}

ApiServer::~ApiServer() {
  thread.join();
  api.reset();
}

std::string ApiServer::call(const std::string& method, const std::string& params) {
  RawClient client(port);
  return client
      .post(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}")
      .body;
}

int ApiServer::code(const std::string& method, const std::string& params, std::string* message) {
  const std::string text = call(method, params);
  const auto document = JsonDocument::parse(text);
  if (!document) throw std::runtime_error("answer is not JSON: " + text);
  const JsonValue error = document->root().get("error");
  if (error.missing()) return 0;
  if (message != nullptr) *message = std::string(error.get("message").as_string().value());
  return std::stoi(error.get("code").to_text());
}

std::string block_params(const core::Bytes& commitment, const std::string& hash,
                         const core::Bytes& tx_list) {
  return R"([{"commitment":")" + core::to_hex0x(commitment) + R"(","txListHash":")" + hash +
         R"(","txList":")" + core::to_hex0x(tx_list) + R"("}])";
}

std::string block_params(const VectorBlock& block) {
  return block_params(block.commitment, block.tx_list_hash, block.compressed);
}

}  // namespace preconf::io::test
