// One running node. Construction wires the parts together; run() is the main thread's event loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "io/engine/engine_client.hpp"
#include "io/loop/event_loop.hpp"
#include "io/loop/worker_pool.hpp"
#include "io/metrics/metrics.hpp"
#include "node/boot.hpp"
#include "node/config.hpp"
#include "node/executor/executor.hpp"
#include "node/ingress/rejected_ingress.hpp"
#include "node/ingress/rpc_backend.hpp"
#include "node/l1/l1_service.hpp"
#include "node/log_sink.hpp"
#include "node/loop/driver_loop.hpp"
#include "node/observer.hpp"
#include "node/p2p/p2p_service.hpp"
#include "node/rpc_thread.hpp"
#include "storage/log_writer.hpp"

namespace preconf::node {

class NodeProcess {
 public:
  /// `identity`: of the libp2p host; needed exactly when the configuration has one.
  NodeProcess(const NodeConfig& config, Booted booted, const io::JwtSecret& jwt_secret,
              const std::optional<io::wire::Identity>& identity);
  ~NodeProcess();
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  /// Serves until a signal or a fatal condition; the exit code.
  [[nodiscard]] int run();

 private:
  struct SystemClock;
  struct LogContents;

  void wire_log();
  [[nodiscard]] bool start_rpc();
  [[nodiscard]] bool start_p2p();
  void schedule_step();
  void run_steps();
  void on_writer_durable(const storage::LogPosition& position);
  void on_durable(const storage::LogPosition& position);
  void on_published(std::shared_ptr<const io::Published> published);
  void on_halt(const Halt& halt);
  void on_signal(int signal);
  void flush_rejected();
  void print_ready(const core::Status& status);
  void finish(int exit_code);

  const NodeConfig config_;
  Booted booted_;
  int exit_code_ = 0;
  bool is_ready_printed_ = false;
  int signals_ = 0;
  std::string rpc_address_ = "-";
  std::string p2p_address_ = "-";

  // In the order of construction; destroyed in reverse, so that whoever calls goes before whom it
  // calls.
  io::Metrics metrics_;
  io::EventLoop loop_;
  std::atomic<bool> is_step_posted_{false};
  std::atomic<bool> is_held_back_{false};  ///< inputs wait because the log is behind
  std::mutex durable_mutex_;
  std::optional<storage::LogPosition> posted_durable_;
  InputQueue inputs_;
  RejectedIngress rejected_;
  std::unique_ptr<SystemClock> clock_;
  std::unique_ptr<LogContents> contents_;
  RecentContents recent_;
  l1::BytesCache assembled_lists_;
  io::WorkerPool workers_;
  std::unique_ptr<io::EngineClient> engine_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Shadow> shadow_;
  std::unique_ptr<storage::LogWriter> writer_;
  std::unique_ptr<LogSink> sink_;
  std::unique_ptr<Observer> observer_;
  std::unique_ptr<RpcBackend> backend_;
  std::unique_ptr<DriverLoop> driver_;
  std::unique_ptr<P2pService> p2p_;
  std::unique_ptr<L1Service> l1_;
  std::unique_ptr<RpcThread> rpc_;
};

}  // namespace preconf::node
