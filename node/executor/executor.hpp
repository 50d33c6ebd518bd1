// The executor: one primitive I/O per command, exactly one outcome per command. It knows no plan
// and repeats nothing; what an outcome means is the reducer's business.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "core/commands/commands.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/engine/engine_client.hpp"
#include "io/loop/event_loop.hpp"
#include "io/loop/worker_pool.hpp"
#include "node/executor/content_source.hpp"
#include "node/loop/ports.hpp"

namespace preconf::node {

/// All outlive the executor.
struct ExecutorParts {
  io::EventLoop& loop;
  io::EngineClient& engine;
  io::WorkerPool& workers;  ///< for what would hold up the loop: disk reads, inflating
  const RecentContents& recent;
  ContentStorePort& store;
  /// Commands to peers go there; empty: without a network they are answered so.
  std::function<void(const core::Command&)> to_peers = {};
  /// Commands to L1 go there; empty: no L1 is followed, and they are answered so.
  std::function<void(const core::Command&)> to_l1 = {};
  /// Lists that AssembleTxList made, by the hash of their RLP; null: not (any more) there.
  std::function<std::shared_ptr<const core::Bytes>(const core::Hash32&)> assembled_list = {};
};

/// Loop thread only. One engine lane: the commands to the engine run one after the other, in the
/// order they were started.
class Executor final : public ExecutorPort {
 public:
  /// `deliver` takes the outcomes.
  Executor(ExecutorParts parts, core::protocol::ChainProfile chain,
           std::function<void(Input)> deliver);
  ~Executor() override;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void start(const core::Command& command) override;
  void publish_engine_epoch(std::uint32_t epoch) override;

  /// Disarms the timers and drops what waits; a call in progress ends without outcome.
  void stop();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace preconf::node
