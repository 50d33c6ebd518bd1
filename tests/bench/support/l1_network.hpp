// A real `preconf node` process that reads nothing but L1: simulated L1, beacon node and engine
// share this process and its one thread, which runs while somebody waits.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/http/http_client.hpp"
#include "node/devnet/child_process.hpp"
#include "node/devnet/devnet.hpp"
#include "node/devnet/heads_subscriber.hpp"
#include "tests/bench/support/samples.hpp"
#include "tests/support/loop_wait.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::bench {

class L1Network {
 public:
  /// Nothing is on L1 yet but its contracts.
  explicit L1Network(std::size_t transfers_per_block);
  ~L1Network();
  L1Network(const L1Network&) = delete;
  L1Network& operator=(const L1Network&) = delete;

  /// Makes blocks and proposes them; returns when all are on L1, in the order of their proposals.
  void propose(std::size_t blocks);
  /// Puts one block into a proposal that lands in L1's next block; the clock of the caller starts
  /// when that is mined.
  Clock::time_point mine_proposal_of_one_block();
  /// Starts the program on an empty data directory.
  void start_node();
  /// Runs the loop until the node says that the preconfer's head is its safe head.
  void wait_safe();
  /// Ends the node well.
  void stop_node();

  /// One call to the engine over HTTP, as the node makes them: the floor of whatever asks it.
  double engine_round_trip_us();
  /// User and system time of the node so far, seconds.
  [[nodiscard]] double node_cpu_seconds() const;
  [[nodiscard]] std::uint64_t head_number();
  [[nodiscard]] std::filesystem::path datadir() const { return directory_.path() / "node"; }

 private:
  void run_until(const std::function<bool()>& condition, const char* what);
  void changed();
  void read_line(const std::string& line);

  tests::TemporaryDirectory directory_;
  io::EventLoop loop_;
  tests::LoopWait wait_{loop_};
  io::HttpClient client_{loop_};
  std::unique_ptr<node::devnet::Devnet> devnet_;
  std::unique_ptr<node::devnet::HeadsSubscriber> heads_;
  std::unique_ptr<node::devnet::ChildProcess> child_;
  node::devnet::NodeHeads told_;
  std::optional<node::devnet::ChildEnd> end_;
};

}  // namespace preconf::bench
