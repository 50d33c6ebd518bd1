// How fast finalized history is scanned: follower, L1 client and reducer against an L1 node behind
// a socket; no log, no engine. The floor is the same answers through the same HTTP client, unread.
//
// The L1 node is a process of its own. It makes each answer once, in a scan that is not measured:
// after that it costs what sending costs.
#include <benchmark/benchmark.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/assert.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "io/http/http_client.hpp"
#include "io/http/server.hpp"
#include "io/l1/l1_client.hpp"
#include "io/loop/event_loop.hpp"
#include "node/devnet/l1_methods.hpp"
#include "node/l1/ask_codec.hpp"
#include "node/l1/follower.hpp"
#include "tests/bench/support/cpu_time.hpp"
#include "tests/bench/support/samples.hpp"

namespace preconf::bench {
namespace {

namespace devnet = node::devnet;
namespace ev = core::events;
namespace l1 = node::l1;

/// Each with one log. Not proposals: they would wait to be derived, and the scan with them.
constexpr std::uint64_t kBlocks = 10'000;
constexpr std::uint64_t kFinalizedLag = 64;
/// A request with this body and a number is answered as the one of that number was.
constexpr std::string_view kAgain = "again ";

core::protocol::EpochClock epoch_clock() {
  core::protocol::EpochClock clock;
  clock.genesis = core::UnixSeconds{1'700'000'000};
  return clock;
}

/// The process on the other side of the socket.
class L1Process {
 public:
  L1Process() {
    std::array<int, 2> ends{};
    PRECONF_ASSERT(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    PRECONF_ASSERT(child >= 0);
    if (child == 0) serve(ends[1]);
    PRECONF_ASSERT(::read(ends[0], &port, sizeof port) == sizeof port);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  std::uint16_t port = 0;

 private:
  [[noreturn]] static void serve(int told) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    devnet::L1ChainOptions options;
    options.deployment = devnet::simulated_deployment(epoch_clock());
    options.safe_lag = options.finalized_lag = kFinalizedLag;
    devnet::L1Node node(std::move(options));
    node.chain.submit(devnet::l1_call::Activate{});
    node.chain.mine();
    while (node.chain.head().header.number < kBlocks) {
      node.chain.submit(devnet::l1_call::RecoverState{});
      node.chain.mine();
    }
    std::map<std::string, std::size_t> numbers;
    std::deque<std::string> answers;
    std::vector<std::size_t> given;  // in this order
    const auto answer = [&](const std::string& body) -> const std::string& {
      if (body.starts_with(kAgain)) {
        return answers[given.at(std::stoul(body.substr(kAgain.size())))];
      }
      const auto [at, is_new] = numbers.emplace(body, answers.size());
      if (is_new) answers.push_back(made(node, body));
      given.push_back(at->second);
      return answers[at->second];
    };
    io::EventLoop loop;
    io::HttpServer server(loop, {},
                          {[&answer](const io::HttpRequest& request, const io::HttpResponder& to) {
                             io::HttpResponse response;
                             response.body = answer(request.body);
                             to.respond(std::move(response));
                           },
                           {},
                           {},
                           {}});
    const auto port = server.start();
    PRECONF_ASSERT(port && ::write(told, &*port, sizeof *port) == sizeof *port);
    loop.run();
    std::abort();  // nobody stops it
  }
  static std::string made(devnet::L1Node& node, const std::string& body) {
    const auto document = io::JsonDocument::parse(body);
    PRECONF_ASSERT(document.has_value());
    const auto one = [&node](io::JsonValue call) {
      const auto answer =
          devnet::call_l1_method(node, *call.get("method").as_string(), call.get("params"));
      return devnet::rpc_response(call.get("id").to_text(), answer);
    };
    if (document->root().kind() != io::JsonKind::kArray) return one(document->root());
    std::string out;
    document->root().each_element([&](io::JsonValue call) {
      out += (out.empty() ? "[" : ",") + one(call);
      return true;
    });
    return out + "]";
  }
};

std::string l1_url() {
  static const L1Process process;
  return "http://127.0.0.1:" + std::to_string(process.port);
}

/// What stands between L1 and the reducer in a node, on one thread.
class Scan {
 public:
  Scan() : deployment_(devnet::simulated_deployment(epoch_clock())), state_(new core::State) {
    io::l1::L1ClientOptions options;
    options.urls = {l1_url()};
    options.chain_id = deployment_.l1_chain_id;
    client_ = std::make_unique<io::l1::L1Client>(loop_, options);
    reduce(ev::GenesisRecorded{*core::protocol::chain_profile("devnet"),
                               core::protocol::permissionless_network(core::Address{}),
                               core::kReducerVersion});
    reduce(ev::BootStarted{});
    reduce(ev::L1DeploymentRecorded{deployment_, core::protocol::FallbackSigner::kProposer});
    // In a node the resume plan finds it in the engine.
    state_->l1_chain.start = core::ScanStart{core::L1BlockNumber{1}, core::ProposalId{1}};
    l1::FollowerConfig config;
    config.deployment = deployment_;
    follower_ = std::make_unique<l1::Follower>(config);
    filters_ = {l1::history_filter(deployment_), l1::full_filter(deployment_)};
  }

  /// To the last block that is read in bulk: three epochs below the head.
  void run() {
    loop_.post([this] { turn(); });
    loop_.run();
  }
  std::uint64_t logs = 0;
  std::uint64_t requests = 0;
  std::uint64_t blocks = 0;

 private:
  static constexpr std::uint64_t kEnd = kBlocks - 3 * 32 - 1;

  void reduce(core::EventBody body) {
    core::Event event;
    event.seq = core::next(state_->last_seq);
    event.lane = core::Lane::kL1;
    event.body = std::move(body);
    core::reduce(*state_, event, outcome_);
  }
  void turn() {
    view_ = io::l1_view_of(*state_, view_.get());
    follower_->on_view(view_, state_->last_seq);
    l1::FollowerActions actions = follower_->step(now());
    for (core::EventBody& body : actions.inputs) {
      if (const auto* block = std::get_if<ev::L1BlockObserved>(&body)) {
        ++blocks;
        logs += block->facts.size();
      }
      reduce(std::move(body));
    }
    for (l1::Request& request : actions.requests) send(std::move(request));
    const auto& links = state_->l1_chain.links;
    if (!links.empty() && links.back().number.value >= kEnd) return loop_.stop();
    if (!actions.inputs.empty()) loop_.post([this] { turn(); });
  }
  void send(l1::Request request) {
    ++requests;
    client_->call(l1::calls_of(request.ask, filters_), [this, request](auto batch) {
      if (!batch) throw std::runtime_error(batch.error().detail);
      follower_->on_answer(request.ticket, l1::answer_of(request.ask, *batch), now());
      turn();
    });
  }
  static l1::FollowerTime now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    return {core::Millis{static_cast<std::uint64_t>(millis)}, core::UnixSeconds{1'700'000'000}};
  }

  const core::protocol::L1Deployment deployment_;
  io::EventLoop loop_;
  std::unique_ptr<io::l1::L1Client> client_;
  std::unique_ptr<l1::Follower> follower_;
  l1::AskFilters filters_;
  std::unique_ptr<core::State> state_;
  core::Outcome outcome_;
  std::shared_ptr<const io::L1View> view_;
};

/// The answers to `requests` requests, one after the other, and nothing done with them.
std::uint64_t fetch_unread(std::uint64_t requests) {
  io::EventLoop loop;
  io::HttpClient client(loop);
  std::uint64_t bytes = 0;
  std::uint64_t next = 0;
  std::function<void()> fetch = [&] {
    if (next == requests) return loop.stop();
    io::HttpCall call;
    call.url = l1_url();
    call.body = std::string(kAgain) + std::to_string(next++);
    call.response_bytes_max = 64UL * 1024 * 1024;
    client.send(std::move(call), [&](const io::HttpResult& result) {
      PRECONF_ASSERT(result.status == 200);
      bytes += result.body.size();
      fetch();
    });
  };
  loop.post(fetch);
  loop.run();
  return bytes;
}

void scan_finalized_history(benchmark::State& state) {
  Scan warm_up;
  warm_up.run();
  Samples all;
  Samples floor;
  double cpu_us = 0;
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    Scan scan;
    const std::uint64_t before = cpu_micros();
    const double micros = all.time([&] { scan.run(); });
    cpu_us += static_cast<double>(cpu_micros() - before);
    PRECONF_ASSERT(scan.logs == warm_up.logs && scan.blocks == warm_up.blocks);
    floor.time([&] { bytes = fetch_unread(warm_up.requests); });
    state.SetIterationTime(micros * 1e-6);
  }
  const auto logs = static_cast<double>(warm_up.logs);
  state.counters["logs_per_s"] = logs / (all.p50() * 1e-6);
  state.counters["cpu_us_per_log"] = cpu_us / static_cast<double>(state.iterations()) / logs;
  state.counters["MB_per_s"] = static_cast<double>(bytes) / all.p50();
  state.counters["bytes_per_log"] = static_cast<double>(bytes) / logs;
  state.counters["requests"] = static_cast<double>(warm_up.requests);
  state.counters["ratio_to_floor"] = all.p50() / floor.p50();
}
BENCHMARK(scan_finalized_history)
    ->UseManualTime()
    ->Iterations(7)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
