#include "node/l1/l1_service.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "io/clock.hpp"
#include "node/log.hpp"

namespace preconf::node {
namespace {

/// One derivation at a time asks for little; what waits longer is answered so.
constexpr std::size_t kJobsMax = 64;

io::l1::L1ClientOptions client_options(const L1Config& config, io::Metrics& metrics) {
  io::l1::L1ClientOptions options;
  options.urls = config.http_urls;
  options.chain_id = config.deployment.l1_chain_id;
  options.metrics = &metrics;
  return options;
}

io::l1::BeaconClientOptions beacon_options(const L1Config& config, io::Metrics& metrics) {
  io::l1::BeaconClientOptions options;
  options.beacon_urls = config.beacon_urls;
  options.server_urls = config.blob_servers;
  options.clock = config.deployment.clock;
  options.metrics = &metrics;
  return options;
}

l1::FollowerConfig follower_config(const L1Config& config) {
  l1::FollowerConfig out;
  out.deployment = config.deployment;
  out.poll = core::Millis{config.poll_ms};
  const std::uint64_t slot_ms = config.deployment.clock.slot_seconds * 1'000;
  out.lag_max = core::Millis{slot_ms};
  out.silence_max = core::Millis{3 * slot_ms};
  out.head_age_max_seconds = config.head_age_max_seconds;
  return out;
}

/// None: not the endpoint's fault.
std::optional<io::l1::EndpointFailure> endpoint_failure_of(l1::AskFailure failure,
                                                           const l1::Ask& ask) {
  const auto* range = std::get_if<l1::AskRange>(&ask);
  switch (failure) {
    case l1::AskFailure::kBehind:
      return io::l1::EndpointFailure::kBehind;
    case l1::AskFailure::kMalformed:
      return io::l1::EndpointFailure::kMalformed;
    case l1::AskFailure::kFalseHeader:
      return io::l1::EndpointFailure::kFalseHeader;
    case l1::AskFailure::kFalseLogs:
      return io::l1::EndpointFailure::kFalseLogs;
    case l1::AskFailure::kTooMuch:
      // Less can be asked for of a range only.
      if (range != nullptr && range->range.from < range->range.to) break;
      return io::l1::EndpointFailure::kError;
    case l1::AskFailure::kUnavailable:
      break;
  }
  return std::nullopt;
}

Input l1_input(core::EventBody body) {
  Input input;
  input.body = std::move(body);
  input.lane = core::Lane::kL1;
  input.source = core::SourceKind::kL1;
  return input;
}

}  // namespace

L1Service::L1Service(const L1Config& config, Parts parts)
    : config_(config),
      parts_(std::move(parts)),
      filters_{l1::history_filter(config_.deployment), l1::full_filter(config_.deployment)},
      client_(loop_, client_options(config_, parts_.metrics)),
      beacon_(loop_, beacon_options(config_, parts_.metrics)),
      follower_(follower_config(config_)),
      workers_(std::make_unique<io::WorkerPool>(1, kJobsMax)) {
  work_ = std::make_unique<l1::DerivationWork>(l1::DerivationWork::Parts{
      loop_, client_, beacon_, *workers_, parts_.store, parts_.log, parts_.lists, parts_.chain,
      [this](Input input) { (void)parts_.inputs.offer(std::move(input)); }});
  io::Metrics& metrics = parts_.metrics;
  metrics_.head = metrics.gauge("node_l1_head", "L1's head, as seen last");
  metrics_.tip = metrics.gauge("node_l1_tip", "The newest L1 block that was observed");
  metrics_.lag = metrics.gauge("node_l1_lag_blocks", "L1's head minus what was observed");
  metrics_.is_live = metrics.gauge("node_l1_live", "1: L1 is observed up to its head");
  metrics_.head_age =
      metrics.gauge("node_l1_head_age_seconds", "Our clock minus the head's timestamp");
  metrics_.reorgs = metrics.counter("node_l1_reorgs_total", "Reorgs of L1 that were followed");
  metrics_.reorg_blocks =
      metrics.counter("node_l1_reorg_blocks_total", "Observed L1 blocks that were taken back");
  metrics_.failures =
      metrics.counter("node_l1_scan_failures_total", "Requests that brought nothing of use");
  metrics_.refusals =
      metrics.counter("node_l1_refusals_total", "L1 blocks that the reducer did not link");
  metrics_.repeats = metrics.counter("node_l1_refusals_repeated_total",
                                     "L1 blocks not offered again: they would be refused again");
  metrics_.hidden = metrics.counter("node_l1_hidden_log_blocks_total",
                                    "L1 blocks whose logs one endpoint did not tell");
  metrics_.dropped = metrics.counter(
      "node_l1_logs_dropped_total", "Logs that say nothing, more in one block than an event holds");
  metrics_.blocks = metrics.counter("node_l1_blocks_total", "L1 blocks that were observed");
}

L1Service::~L1Service() {
  if (thread_.joinable()) {
    loop_.stop();
    thread_.join();
  }
  subscriptions_.clear();
  workers_.reset();  // its jobs use everything else
}

void L1Service::start() {
  for (const std::string& url : config_.ws_urls) {
    io::l1::HeadSubscription::Handlers handlers;
    handlers.on_head = [this] {
      follower_.on_head_seen();
      turn();
    };
    handlers.on_change = [url](const std::string& why_not) {
      // Nothing is lost without it: the head is polled.
      log::write(why_not.empty() ? log::Level::kInfo : log::Level::kWarning,
                 why_not.empty() ? "L1 tells of new heads" : "L1 does not tell of new heads",
                 {{"url", url}, {"detail", why_not}});
    };
    subscriptions_.push_back(
        std::make_unique<io::l1::HeadSubscription>(loop_, url, std::move(handlers)));
  }
  loop_.post([this] { turn(); });
  thread_ = std::thread([this] { loop_.run(); });
  log::write(log::Level::kInfo, "L1 is followed",
             {{"chain", config_.deployment.l1_chain_id},
              {"endpoints", static_cast<std::uint64_t>(config_.http_urls.size())},
              {"beacons", static_cast<std::uint64_t>(config_.beacon_urls.size())}});
}

void L1Service::execute(const core::Command& command) {
  loop_.post([this, command] { work_->start(command); });
}

void L1Service::settle(const Settled& settled) {
  for (const core::Decision& decision : settled.decisions) {
    watch_derivation(decision);
    const bool is_for_follower = decision.verdict == core::Verdict::kL1BlockRefused ||
                                 decision.verdict == core::Verdict::kScanStartFound;
    if (!is_for_follower) continue;
    const std::lock_guard lock(mutex_);
    settled_.emplace_back(decision, settled.seq);
  }
}

void L1Service::publish(const std::shared_ptr<const io::Published>& published) {
  {
    const std::lock_guard lock(mutex_);
    view_ = published->l1;
    view_seq_ = published->status.last_seq;
    if (std::exchange(is_turn_posted_, true)) return;
  }
  loop_.post([this] { turn(); });
}

/// The state says that derivation waits, and not for what.
void L1Service::watch_derivation(const core::Decision& decision) {
  using core::Verdict;
  const bool is_put_off = decision.verdict == Verdict::kDerivationDeferred ||
                          decision.verdict == Verdict::kDerivationHalted;
  const bool goes_on =
      decision.verdict == Verdict::kDerivedKept || decision.verdict == Verdict::kDerivedBuilt ||
      decision.verdict == Verdict::kProposalDerived || decision.verdict == Verdict::kScanStartFound;
  if (!is_put_off && !goes_on) return;
  const std::lock_guard lock(mutex_);
  derivation_waits_for_ = is_put_off ? core::name_of(decision.reason) : "";
}

io::L1ScanInfo L1Service::scan_info() const {
  const std::lock_guard lock(mutex_);
  io::L1ScanInfo out = scan_info_;
  out.derivation_waits_for = derivation_waits_for_;
  return out;
}

l1::FollowerTime L1Service::now() {
  constexpr std::uint64_t kNanosPerMilli = 1'000'000;
  constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
  return {core::Millis{io::mono_now().value / kNanosPerMilli},
          core::UnixSeconds{io::wall_now().value / kNanosPerSecond}};
}

/// Tells the follower what happened in the node, and does what it wants done.
void L1Service::turn() {
  std::shared_ptr<const io::L1View> view;
  core::Seq seq;
  {
    const std::lock_guard lock(mutex_);
    is_turn_posted_ = false;
    view = std::exchange(view_, nullptr);
    seq = view_seq_;
    // Decisions settle before the state that they led to is published.
    for (const auto& [decision, at] : settled_) {
      if (decision.verdict == core::Verdict::kScanStartFound) {
        follower_.on_scan_start(at);
      } else {
        follower_.on_refused(decision, at, now());
      }
    }
    settled_.clear();
  }
  if (view) follower_.on_view(std::move(view), seq);
  l1::FollowerActions actions = follower_.step(now());
  blame(actions.blame);
  blame(actions.head_blame);
  for (core::EventBody& body : actions.inputs) {
    (void)parts_.inputs.offer(l1_input(std::move(body)));
  }
  for (l1::Request& request : actions.requests) send(std::move(request));
  arm(actions.wake_in);
  show();
}

void L1Service::blame(l1::Blame blame) {
  switch (blame) {
    case l1::Blame::kNone:
      return;
    case l1::Blame::kBehind:
      return client_.blame(scan_endpoint_, io::l1::EndpointFailure::kBehind);
    case l1::Blame::kFalseLogs:
      return client_.blame(scan_endpoint_, io::l1::EndpointFailure::kFalseLogs);
    case l1::Blame::kHidesLogs:
      return client_.blame(before_endpoint_, io::l1::EndpointFailure::kHidesLogs);
  }
}

void L1Service::blame(l1::HeadBlame blame) {
  const bool is_lone = blame == l1::HeadBlame::kBefore && head_endpoint_ == head_before_endpoint_;
  if (blame == l1::HeadBlame::kNone || is_lone) return;
  client_.blame(blame == l1::HeadBlame::kLast ? head_endpoint_ : head_before_endpoint_,
                io::l1::EndpointFailure::kBehind);
}

void L1Service::arm(core::Millis delay) {
  if (timer_.id != 0) loop_.cancel(timer_);
  timer_ = loop_.arm(std::chrono::milliseconds(delay.value), [this] {
    timer_ = {};
    turn();
  });
}

void L1Service::send(l1::Request request) {
  std::vector<io::l1::RpcCall> calls = l1::calls_of(request.ask, filters_);
  std::optional<std::size_t> avoided;
  const bool is_about_head = std::holds_alternative<l1::AskTags>(request.ask);
  if (request.is_second) avoided = is_about_head ? head_endpoint_ : scan_endpoint_;
  const auto answered = [this, request = std::move(request)](auto batch) {
    if (batch) {
      return take_answer(l1::answer_of(request.ask, *batch), request, batch->endpoint);
    }
    const io::l1::L1Error& error = batch.error();
    const bool is_large = error.kind == io::l1::L1ErrorKind::kTooLarge;
    follower_.on_answer(
        request.ticket,
        l1::AskFailed{is_large ? l1::AskFailure::kTooMuch : l1::AskFailure::kUnavailable,
                      error.retry_after, error.detail},
        now());
    turn();
  };
  client_.call(std::move(calls), answered, avoided);
}

void L1Service::take_answer(l1::Answer answer, const l1::Request& request, std::size_t endpoint) {
  if (const auto* failed = std::get_if<l1::AskFailed>(&answer)) {
    if (const auto failure = endpoint_failure_of(failed->failure, request.ask)) {
      client_.blame(endpoint, *failure);
    }
  }
  if (std::holds_alternative<l1::AskTags>(request.ask)) {
    head_before_endpoint_ = std::exchange(head_endpoint_, endpoint);
  } else {
    before_endpoint_ = std::exchange(scan_endpoint_, endpoint);
  }
  follower_.on_answer(request.ticket, std::move(answer), now());
  turn();
}

void L1Service::show() {
  const l1::FollowerStatus status = follower_.status();
  const double head = status.head ? static_cast<double>(status.head->value) : 0;
  const double tip = status.tip ? static_cast<double>(status.tip->value) : 0;
  metrics_.head.set(head);
  metrics_.tip.set(tip);
  metrics_.lag.set(head > tip ? head - tip : 0);
  metrics_.is_live.set(status.is_live ? 1 : 0);
  if (status.head_time.value != 0) {
    metrics_.head_age.set(static_cast<double>(core::distance(status.head_time, now().wall)));
  }
  metrics_.reorgs.add(status.reorgs - shown_.reorgs);
  metrics_.reorg_blocks.add(status.reorg_blocks - shown_.reorg_blocks);
  metrics_.failures.add(status.failures - shown_.failures);
  metrics_.refusals.add(status.refusals - shown_.refusals);
  metrics_.repeats.add(status.repeats - shown_.repeats);
  metrics_.hidden.add(status.hidden - shown_.hidden);
  metrics_.blocks.add(status.blocks - shown_.blocks);
  if (const std::uint64_t dropped = status.dropped - shown_.dropped; dropped > 0) {
    metrics_.dropped.add(dropped);
    log::write(log::Level::kWarning, "logs that say nothing are not recorded", {{"logs", dropped}});
  }
  shown_ = status;
  {
    const std::lock_guard lock(mutex_);
    scan_info_ = {status.head, status.trouble, status.refusal, {}};
  }
  if (status.trouble != trouble_) {
    trouble_ = status.trouble;
    if (!trouble_.empty()) {
      log::write(log::Level::kWarning, "L1 scan waits", {{"detail", trouble_}});
    }
  }
}

}  // namespace preconf::node
