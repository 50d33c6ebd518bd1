// The node behind its JSON-RPC API: turns submissions into inputs and durable decisions into
// answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/protocol/chain_profile.hpp"
#include "io/rpc/backend.hpp"
#include "node/ingress/rejected_ingress.hpp"
#include "node/loop/input_queue.hpp"
#include "node/loop/ports.hpp"

namespace preconf::node {

/// Thread safe.
class RpcBackend final : public io::PreconfBackend {
 public:
  /// `inputs` and `rejected` outlive the backend.
  RpcBackend(InputQueue& inputs, RejectedIngress& rejected, core::protocol::NetworkProfile network);

  [[nodiscard]] std::shared_ptr<const io::Published> published() const override;
  void submit(io::Submission submission, io::SubmitCallback callback) override;
  void count_refused(std::string_view reason, const core::Hash32& sample) override;
  [[nodiscard]] core::protocol::NetworkProfile network() const override { return network_; }
  [[nodiscard]] io::Liveness liveness() const override;
  [[nodiscard]] std::optional<io::NetworkInfo> network_info() const override;
  [[nodiscard]] std::optional<io::L1ScanInfo> l1_scan() const override;

  /// Where network_info() comes from; before anybody asks.
  void set_network(std::function<io::NetworkInfo()> network_info) {
    network_info_ = std::move(network_info);
  }
  /// Where l1_scan() comes from; likewise.
  void set_l1_scan(std::function<io::L1ScanInfo()> l1_scan) { l1_scan_ = std::move(l1_scan); }
  /// Answers whoever waits for this event.
  void settle(const Settled& settled);
  void publish(std::shared_ptr<const io::Published> published);
  /// Refuses everything that waits and everything that still comes.
  void shut_down();
  /// The node can not go on; restarting it, after a look at the reason, would help.
  void declare_dead(std::string reason);

 private:
  struct Waiting {
    io::SubmitCallback callback;
    io::SubmitAnswer answer;
    std::uint32_t parts_open = 0;
  };
  struct Part {
    std::shared_ptr<Waiting> waiting;
    bool is_commitment = false;
  };

  InputQueue& inputs_;
  RejectedIngress& rejected_;
  const core::protocol::NetworkProfile network_;
  std::function<io::NetworkInfo()> network_info_;
  std::function<io::L1ScanInfo()> l1_scan_;

  mutable std::mutex mutex_;
  std::shared_ptr<const io::Published> published_;
  std::map<std::uint64_t, Part> waiting_;  ///< by request id
  std::uint64_t last_request_ = 0;
  bool is_shutting_down_ = false;
  std::vector<std::string> dead_reasons_;
};

}  // namespace preconf::node
