#include "node/node_process.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <chrono>
#include <utility>

#include "core/state.hpp"
#include "io/clock.hpp"
#include "node/exit_codes.hpp"
#include "node/last_words.hpp"
#include "node/log.hpp"
#include "node/version.hpp"

namespace preconf::node {
namespace {

/// How often refusals are summed up into the log.
constexpr std::chrono::seconds kRejectedInterval{10};
/// Batches taken before sockets and timers get their turn.
constexpr int kBatchesPerTurn = 4;
/// Content preparation for one engine lane.
constexpr std::size_t kWorkersQueueMax = 8;

}  // namespace

struct NodeProcess::SystemClock final : ClockPort {
  core::WallNanos wall() override { return io::wall_now(); }
  core::MonoNanos mono() override { return io::mono_now(); }
};

struct NodeProcess::LogContents final : ContentStorePort {
  explicit LogContents(const storage::EventLog& log_in) : log(log_in) {}
  std::shared_ptr<const core::Bytes> load(const core::Hash32& hash) override {
    return log.content(hash);
  }
  const storage::EventLog& log;
};

NodeProcess::NodeProcess(const NodeConfig& config, Booted booted, const io::JwtSecret& jwt_secret,
                         const std::optional<io::wire::Identity>& identity)
    : config_(config),
      booted_(std::move(booted)),
      inputs_([this] { schedule_step(); }),
      clock_(std::make_unique<SystemClock>()),
      contents_(std::make_unique<LogContents>(*booted_.log)),
      assembled_lists_(l1::kListCacheBytesMax),
      workers_(1, kWorkersQueueMax) {
  io::EngineClientOptions options;
  options.public_url = config_.l2_http;
  options.auth_url = config_.l2_auth;
  options.jwt_secret = jwt_secret;
  options.metrics = &metrics_;
  engine_ = std::make_unique<io::EngineClient>(loop_, std::move(options));
  ExecutorParts parts{loop_, *engine_, workers_, recent_, *contents_};
  if (config_.p2p) parts.to_peers = [this](const core::Command& c) { p2p_->execute(c); };
  if (config_.l1) parts.to_l1 = [this](const core::Command& c) { l1_->execute(c); };
  parts.assembled_list = [this](const core::Hash32& hash) { return assembled_lists_.find(hash); };
  executor_ = std::make_unique<Executor>(std::move(parts), config_.chain, [this](Input input) {
    (void)inputs_.offer(std::move(input));
  });
  backend_ = std::make_unique<RpcBackend>(inputs_, rejected_, config_.network);
  observer_ = std::make_unique<Observer>(
      metrics_, Observer::Targets{[this](const Settled& settled) {
                                    backend_->settle(settled);
                                    if (p2p_) p2p_->settle(settled);
                                    if (l1_) l1_->settle(settled);
                                    if (rpc_)
                                      rpc_->api().publish_decisions(settled.seq, settled.decisions);
                                  },
                                  [this](std::shared_ptr<const io::Published> published) {
                                    on_published(std::move(published));
                                  },
                                  [this](const Halt& halt) { on_halt(halt); }});
  wire_log();
  if (config_.l1) {
    l1_ = std::make_unique<L1Service>(
        *config_.l1, L1Service::Parts{inputs_, *contents_, *booted_.log, assembled_lists_, metrics_,
                                      config_.chain});
    backend_->set_l1_scan([this] { return l1_->scan_info(); });
  }
  if (!config_.p2p) return;
  PRECONF_ASSERT(identity.has_value());
  p2p_ = std::make_unique<P2pService>(
      *config_.p2p, *identity, P2pService::Parts{inputs_, *booted_.log, metrics_, config_.network},
      driver_->state());
  backend_->set_network([this] { return p2p_->info(); });
}

void NodeProcess::wire_log() {
  Recovered& recovered = booted_.recovered;
  if (config_.is_shadow_on) {
    ShadowConfig shadow;
    shadow.snapshot_every = config_.snapshot_events;
    shadow_ = std::make_unique<Shadow>(
        std::make_unique<core::State>(*recovered.state), *booted_.log, *booted_.snapshots, shadow,
        ShadowCallbacks{
            [this](const Divergence& found) {
              loop_.post([this, found] {
                driver_->halt({HaltKind::kDivergence, found.seq,
                               "the shadow fold gave other effects than the loop"});
              });
            },
            [this] {
              if (is_held_back_.exchange(false)) schedule_step();
            },
            [](core::Seq seq) {
              log::write(log::Level::kInfo, "snapshot saved", {{"seq", seq.value}});
            },
            [](const std::string& detail) {
              log::write(log::Level::kWarning, "snapshot not saved", {{"detail", detail}});
            }});
  }
  writer_ = std::make_unique<storage::LogWriter>(
      *booted_.log, storage::WriterCallbacks{
                        [this](storage::LogPosition position) { on_writer_durable(position); },
                        [this](storage::StorageFailure failure) {
                          loop_.post([this, failure = std::move(failure)] {
                            exit_code_ = exit_code_of(failure);
                            driver_->halt({HaltKind::kStorage, failure.seq, describe(failure)});
                          });
                        }});
  sink_ = std::make_unique<LogSink>(*writer_, recent_, shadow_.get());
  LoopConfig loop;
  loop.invariants_every = config_.invariants_events;
  driver_ = std::make_unique<DriverLoop>(std::move(recovered.state), recovered.end, inputs_,
                                         LoopPorts{*clock_, *executor_, *sink_, *observer_}, loop);
}

NodeProcess::~NodeProcess() {
  rpc_.reset();
  executor_->stop();
  p2p_.reset();
  l1_.reset();
}

bool NodeProcess::start_rpc() {
  if (!config_.rpc) return true;
  io::PreconfApiOptions options;
  options.rpc.address = config_.rpc->host;
  options.rpc.port = config_.rpc->port;
  options.rpc.metrics = &metrics_;
  options.version = program_version();
  options.event_sync = config_.event_sync;
  options.metrics = &metrics_;
  rpc_ = std::make_unique<RpcThread>(*backend_, std::move(options));
  const auto port = rpc_->start();
  if (!port) {
    log::write(
        log::Level::kError, "--preconf.rpc.addr: can not listen",
        {{"address", config_.rpc->host}, {"port", config_.rpc->port}, {"detail", port.error()}});
    return false;
  }
  const bool is_v6 = config_.rpc->host.find(':') != std::string::npos;
  rpc_address_ =
      (is_v6 ? "[" + config_.rpc->host + "]" : config_.rpc->host) + ":" + std::to_string(*port);
  return true;
}

bool NodeProcess::start_p2p() {
  if (!p2p_) return true;
  auto address = p2p_->start();
  if (!address) {
    log::write(log::Level::kError, "--p2p.listen", {{"detail", address.error()}});
    return false;
  }
  p2p_address_ = std::move(*address);
  return true;
}

int NodeProcess::run() {
  last_words::durable(driver_->durable_seq());
  last_words::install();
  if (!start_rpc()) return kExitFailure;
  loop_.on_signals({SIGINT, SIGTERM}, [this](int signal) { on_signal(signal); });
  (void)inputs_.offer(first_inputs(config_, driver_->state(), booted_.checkpoint));
  if (!start_p2p()) return kExitFailure;
  if (l1_) l1_->start();
  loop_.arm(kRejectedInterval, [this] { flush_rejected(); });
  loop_.run();
  return exit_code_;
}

void NodeProcess::schedule_step() {
  if (is_step_posted_.exchange(true)) return;
  loop_.post([this] { run_steps(); });
}

void NodeProcess::run_steps() {
  is_step_posted_ = false;
  for (int i = 0; i < kBatchesPerTurn; ++i) {
    StepResult result = driver_->step();
    if (result == StepResult::kBackpressure) {
      // Who is behind wakes us. It may have caught up just before the flag was up: look again.
      is_held_back_ = true;
      result = driver_->step();
    }
    if (result != StepResult::kWorked) return;
  }
  schedule_step();
}

// On the writer's thread. One posted function serves all positions reported until it runs.
void NodeProcess::on_writer_durable(const storage::LogPosition& position) {
  last_words::durable(position.seq);
  {
    const std::lock_guard lock(durable_mutex_);
    const bool is_posted = posted_durable_.has_value();
    posted_durable_ = position;
    if (is_posted) return;
  }
  loop_.post([this] {
    std::unique_lock lock(durable_mutex_);
    const storage::LogPosition newest = *std::exchange(posted_durable_, std::nullopt);
    lock.unlock();
    on_durable(newest);
  });
}

void NodeProcess::on_durable(const storage::LogPosition& position) {
  sink_->on_durable(position);
  driver_->on_durable(position);
  if (driver_->is_stopped() && position.seq == driver_->last_seq()) return finish(kExitOk);
  if (is_held_back_.exchange(false)) schedule_step();
}

void NodeProcess::on_published(std::shared_ptr<const io::Published> published) {
  const core::Status& status = published->status;
  backend_->publish(published);
  if (p2p_) p2p_->publish(published);
  if (l1_) l1_->publish(published);
  if (rpc_) rpc_->api().publish_status(status);
  if (is_ready_printed_) return;
  const bool is_engine_known =
      status.unsafe.has_value() && status.gate_reason != core::Reason::kGateRecovering;
  if (is_engine_known || status.engine_fatal || observer_->has_engine_failed()) {
    print_ready(status);
  }
}

void NodeProcess::print_ready(const core::Status& status) {
  is_ready_printed_ = true;
  const std::string head = status.unsafe ? std::to_string(status.unsafe->number.value) : "-";
  const char* gate = status.gate_open ? "open" : core::name_of(status.gate_reason);
  std::printf("ready rpc=%s seq=%llu head=%s replayed=%llu recovery_ms=%lld gate=%s p2p=%s\n",
              rpc_address_.c_str(), static_cast<unsigned long long>(status.last_seq.value),
              head.c_str(), static_cast<unsigned long long>(booted_.recovered.events_replayed),
              static_cast<long long>(booted_.recovered.elapsed.count() / 1'000), gate,
              p2p_address_.c_str());
  std::fflush(stdout);
  log::write(
      log::Level::kInfo, "ready",
      {{"rpc", rpc_address_}, {"seq", status.last_seq.value}, {"head", head}, {"gate", gate}});
}

void NodeProcess::on_halt(const Halt& halt) {
  log::write(log::Level::kError, "halted", {{"seq", halt.seq.value}, {"detail", halt.detail}});
  backend_->declare_dead(halt.detail);
  finish(halt.kind == HaltKind::kStorage ? exit_code_ : kExitDivergence);
}

void NodeProcess::on_signal(int signal) {
  if (++signals_ > 1) {
    log::write(log::Level::kWarning, "second signal: exit without waiting", {});
    log::shut_down();
    // Whatever was acknowledged is durable; nothing else needs a farewell.
    std::_Exit(128 + signal);
  }
  log::write(log::Level::kInfo, "stopping",
             {{"signal", static_cast<std::uint64_t>(signal)}, {"seq", driver_->last_seq().value}});
  inputs_.close();
  backend_->shut_down();
  rejected_.flush(inputs_, core::Lane::kControl);
  Input input;
  input.body = core::events::ShutdownRequested{static_cast<std::uint8_t>(signal)};
  input.lane = core::Lane::kControl;
  (void)inputs_.offer(std::move(input));
}

void NodeProcess::flush_rejected() {
  rejected_.flush(inputs_);
  loop_.arm(kRejectedInterval, [this] { flush_rejected(); });
}

void NodeProcess::finish(int exit_code) {
  exit_code_ = exit_code;
  executor_->stop();
  backend_->shut_down();
  if (shadow_ && exit_code == kExitOk) shadow_->finish();
  loop_.stop();
}

}  // namespace preconf::node
