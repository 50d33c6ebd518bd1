// The L1 side of the node, on a thread of its own: the follower's questions become requests, its
// events inputs; commands to L1 become blobs, manifests and lists.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "io/l1/beacon_client.hpp"
#include "io/l1/head_subscription.hpp"
#include "io/l1/l1_client.hpp"
#include "io/loop/event_loop.hpp"
#include "io/loop/worker_pool.hpp"
#include "io/metrics/metrics.hpp"
#include "io/rpc/l1_scan_info.hpp"
#include "node/config/l1_settings.hpp"
#include "node/l1/ask_codec.hpp"
#include "node/l1/derivation_work.hpp"
#include "node/l1/follower.hpp"
#include "node/loop/input_queue.hpp"

namespace preconf::node {

class L1Service {
 public:
  /// All outlive the service.
  struct Parts {
    InputQueue& inputs;
    ContentStorePort& store;
    const storage::EventSource& log;
    l1::BytesCache& lists;
    io::Metrics& metrics;
    core::protocol::ChainProfile chain;
  };
  L1Service(const L1Config& config, Parts parts);
  /// Requests in progress are dropped.
  ~L1Service();
  L1Service(const L1Service&) = delete;
  L1Service& operator=(const L1Service&) = delete;

  void start();

  /// Any thread. Requires core::is_for_l1(); the outcome comes by way of the input queue.
  void execute(const core::Command& command);
  /// The node's loop thread, for every settled event, in order.
  void settle(const Settled& settled);
  /// Any thread: how the scan stands.
  [[nodiscard]] io::L1ScanInfo scan_info() const;
  /// The node's loop thread: what readers see from now on.
  void publish(const std::shared_ptr<const io::Published>& published);

 private:
  void turn();
  void watch_derivation(const core::Decision& decision);
  void arm(core::Millis delay);
  void send(l1::Request request);
  void blame(l1::Blame blame);
  void blame(l1::HeadBlame blame);
  void take_answer(l1::Answer answer, const l1::Request& request, std::size_t endpoint);
  void show();
  [[nodiscard]] static l1::FollowerTime now();

  const L1Config config_;
  Parts parts_;
  const l1::AskFilters filters_;

  mutable std::mutex mutex_;
  io::L1ScanInfo scan_info_;  ///< but for what follows
  std::string derivation_waits_for_;
  std::shared_ptr<const io::L1View> view_;  ///< not yet given to the follower
  core::Seq view_seq_;
  std::deque<std::pair<core::Decision, core::Seq>> settled_;  ///< likewise
  bool is_turn_posted_ = false;

  struct Shown {
    io::GaugeHandle head, tip, lag, is_live, head_age;
    io::CounterHandle reorgs, reorg_blocks, failures, refusals, blocks, hidden, repeats, dropped;
  };
  Shown metrics_;
  l1::FollowerStatus shown_;  ///< counted so far
  std::string trouble_;       ///< logged last

  io::EventLoop loop_;
  io::l1::L1Client client_;
  io::l1::BeaconClient beacon_;
  l1::Follower follower_;
  std::size_t scan_endpoint_ = 0;    ///< who answered a scan last
  std::size_t before_endpoint_ = 0;  ///< and the time before
  std::size_t head_endpoint_ = 0;    ///< who told L1's head last
  std::size_t head_before_endpoint_ = 0;
  io::TimerHandle timer_;
  std::unique_ptr<io::WorkerPool> workers_;
  std::unique_ptr<l1::DerivationWork> work_;
  std::vector<std::unique_ptr<io::l1::HeadSubscription>> subscriptions_;
  std::thread thread_;
};

}  // namespace preconf::node
