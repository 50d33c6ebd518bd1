#include "tests/bench/support/l1_network.hpp"

#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "node/devnet/follower.hpp"

namespace preconf::bench {

namespace devnet = node::devnet;

namespace {
constexpr std::chrono::minutes kDeadline{5};
}

L1Network::L1Network(std::size_t transfers_per_block) {
  devnet::DevnetOptions options;
  options.directory = directory_.path().string();
  options.followers = 1;
  options.transfers_per_block = transfers_per_block;
  options.has_l1 = true;
  auto made = devnet::Devnet::create(loop_, options);
  if (!made) throw std::runtime_error(made.error());
  devnet_ = std::move(*made);
}

L1Network::~L1Network() {
  heads_.reset();
  child_.reset();
}

void L1Network::propose(std::size_t blocks) {
  const auto& sent = devnet_->l1()->proposer().sent();
  // The last one, too, is closed when its anchors have moved: else it would be the default one.
  for (std::size_t i = 0; i < blocks || sent.back().last.value < head_number(); ++i) {
    const auto block = devnet_->preconfer().produce();
    if (!block) throw std::runtime_error(block.error());
    devnet_->propose_due();
  }
  devnet_->l1()->settle();
}

Clock::time_point L1Network::mine_proposal_of_one_block() {
  const auto block = devnet_->preconfer().produce();
  if (!block) throw std::runtime_error(block.error());
  static_cast<void>(devnet_->l1()->proposer().close());
  const auto start = Clock::now();
  devnet::L1Chain& l1 = devnet_->l1()->node().chain;
  const std::uint64_t slot = l1.deployment().clock.slot_seconds;
  static_cast<void>(
      devnet_->l1()->anchor_at(core::UnixSeconds{l1.head().timestamp().value + slot + 1}));
  return start;
}

void L1Network::start_node() {
  devnet::ChildProcess::Handlers handlers;
  handlers.on_line = [this](const std::string& line) { read_line(line); };
  handlers.on_end = [this](devnet::ChildEnd end) {
    end_ = end;
    changed();
  };
  auto child = devnet::ChildProcess::start(
      loop_, PRECONF_PROGRAM, devnet_->node_arguments(1, datadir().string()),
      (directory_.path() / "node.log").string(), std::move(handlers));
  if (!child) throw std::runtime_error(child.error());
  child_ = std::move(*child);
}

void L1Network::read_line(const std::string& line) {
  const auto ready = devnet::parse_ready_line(line);
  if (!ready) return;
  devnet::HeadsSubscriber::Handlers handlers;
  handlers.on_heads = [this](const devnet::NodeHeads& heads) {
    told_ = heads;
    changed();
  };
  heads_ = std::make_unique<devnet::HeadsSubscriber>(loop_, ready->rpc, std::move(handlers));
}

void L1Network::wait_safe() {
  const devnet::SimBlock& head = devnet_->engine(0).engine().chain.head();
  run_until([&] { return told_.safe && told_.safe->hash == head.hash; }, "safe head");
}

void L1Network::stop_node() {
  child_->signal(SIGTERM);
  run_until([this] { return end_.has_value(); }, "end of the node");
  if (end_->exit_code != 0) throw std::runtime_error("the node did not end well");
}

double L1Network::engine_round_trip_us() {
  io::HttpCall call;
  call.url = devnet_->engine(1).public_url();
  call.headers = {{"Content-Type", "application/json"}};
  call.body = R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]})";
  bool is_answered = false;
  const auto start = Clock::now();
  client_.send(std::move(call), [&](const io::HttpResult&) {
    is_answered = true;
    changed();
  });
  run_until([&] { return is_answered; }, "answer of the engine");
  return micros_since(start);
}

double L1Network::node_cpu_seconds() const {
  std::ifstream file("/proc/" + std::to_string(child_->pid()) + "/stat");
  std::ostringstream text;
  text << file.rdbuf();
  // proc(5): the name in brackets, then state; utime and stime are the 12th and 13th after that.
  std::istringstream fields(text.str().substr(text.str().rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t L1Network::head_number() { return devnet_->engine(0).engine().chain.head().number(); }

void L1Network::changed() { wait_.changed(); }

void L1Network::run_until(const std::function<bool()>& condition, const char* what) {
  if (!wait_.until(condition, kDeadline)) {
    throw std::runtime_error(std::string("deadline: ") + what);
  }
}

}  // namespace preconf::bench
