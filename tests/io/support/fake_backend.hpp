// A node behind the API: it records what it is given and answers what a test wants.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "io/metrics/metrics.hpp"
#include "io/rpc/preconf_api.hpp"
#include "tests/io/support/loop_thread.hpp"
#include "tests/io/support/raw_client.hpp"
#include "tests/io/support/vectors.hpp"

namespace preconf::io::test {

class FakeBackend : public PreconfBackend {
 public:
  [[nodiscard]] std::shared_ptr<const Published> published() const override {
    const std::scoped_lock lock(mutex);
    return now;
  }
  void submit(Submission submission, SubmitCallback callback) override {
    std::function<void(const Submission&, const SubmitCallback&)> act;
    {
      const std::scoped_lock lock(mutex);
      submitted.push_back(submission);
      act = on_submit;
    }
    act(submission, callback);
  }
  void count_refused(std::string_view reason, const core::Hash32& sample) override {
    const std::scoped_lock lock(mutex);
    refused[std::string(reason)].push_back(sample);
  }
  [[nodiscard]] core::protocol::NetworkProfile network() const override { return profile; }
  [[nodiscard]] Liveness liveness() const override {
    const std::scoped_lock lock(mutex);
    return alive;
  }

  [[nodiscard]] std::optional<NetworkInfo> network_info() const override {
    const std::scoped_lock lock(mutex);
    return network_shown;
  }

  [[nodiscard]] std::optional<L1ScanInfo> l1_scan() const override {
    const std::scoped_lock lock(mutex);
    return l1_scan_shown;
  }

  /// Answers every submission with these verdicts about its own parts.
  void decide(core::Verdict commitment, core::Reason reason = core::Reason::kNone,
              core::Verdict tx_list = core::Verdict::kTxListAccepted,
              core::Reason tx_list_reason = core::Reason::kNone);

  mutable std::mutex mutex;
  std::shared_ptr<const Published> now;
  core::protocol::NetworkProfile profile = vector_network();
  Liveness alive;
  std::optional<NetworkInfo> network_shown;
  std::optional<L1ScanInfo> l1_scan_shown;
  std::function<void(const Submission&, const SubmitCallback&)> on_submit;
  std::vector<Submission> submitted;
  std::map<std::string, std::vector<core::Hash32>> refused;
};

/// The API with a fake node behind it, serving.
class ApiServer {
 public:
  explicit ApiServer(PreconfApiOptions options = {});
  ~ApiServer();

  /// Body of the answer to one call.
  std::string call(const std::string& method, const std::string& params);
  /// Its error code, or 0; the message goes to `message`.
  int code(const std::string& method, const std::string& params, std::string* message = nullptr);

  Metrics metrics;
  LoopThread thread;
  FakeBackend backend;
  std::unique_ptr<PreconfApi> api;
  std::uint16_t port = 0;
};

/// Parameters of the publish methods for a vector block.
[[nodiscard]] std::string block_params(const core::Bytes& commitment, const std::string& hash,
                                       const core::Bytes& tx_list);
[[nodiscard]] std::string block_params(const VectorBlock& block);

}  // namespace preconf::io::test
