// The preconf_* methods, subscriptions and health pages of a node (protocol: preconf.md 9, both
// versions), on a JsonRpcServer, against an abstract backend.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/decision.hpp"
#include "core/status.hpp"
#include "io/loop/worker_pool.hpp"
#include "io/rpc/backend.hpp"
#include "io/rpc/json_rpc.hpp"

namespace preconf::io {

class Metrics;

struct PreconfApiOptions {
  JsonRpcOptions rpc;
  std::size_t verify_threads = 1;
  std::size_t verify_queue_max = 256;  ///< submissions waiting for verification; above: -32000
  std::string version = "preconf";     ///< shown in /status
  core::EventSyncSource event_sync = core::EventSyncSource::kHeadL1Origin;  ///< eventSyncTip
  Metrics* metrics = nullptr;  ///< also served at /metrics; outlives the API
};

class PreconfApi {
 public:
  /// `backend` outlives the API.
  PreconfApi(EventLoop& loop, PreconfBackend& backend, PreconfApiOptions options);
  /// Loop thread, or while the loop does not run. Answers on their way are dropped.
  ~PreconfApi();
  PreconfApi(const PreconfApi&) = delete;
  PreconfApi& operator=(const PreconfApi&) = delete;

  /// Serves; the bound port, or what the system said.
  [[nodiscard]] core::Result<std::uint16_t, std::string> start();
  void stop();

  /// Notifies subscribers of "heads" and, while L1 is followed, "proposals" when these differ from
  /// the last ones. Any thread; call after publishing.
  void publish_status(const core::Status& status);
  /// Notifies subscribers of "decisions" about the durable event `seq`. Any thread.
  void publish_decisions(core::Seq seq, std::span<const core::Decision> decisions);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
