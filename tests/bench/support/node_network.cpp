#include "tests/bench/support/node_network.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "core/base/assert.hpp"
#include "node/devnet/follower.hpp"

namespace preconf::bench {
namespace {

constexpr std::chrono::minutes kDeadline{1};

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

/// Replaces the value that follows `name`.
void set_argument(std::vector<std::string>& arguments, const std::string& name,
                  const std::string& value) {
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == name) arguments[i + 1] = value;
  }
}

std::string url_of(const TimedProxy& proxy) {
  return "http://127.0.0.1:" + std::to_string(proxy.port());
}

}  // namespace

NodeNetwork::NodeNetwork(std::size_t blocks, std::vector<std::string> arguments)
    : more_arguments_(std::move(arguments)) {
  node::devnet::DevnetOptions options;
  options.directory = directory_.path().string();
  options.followers = 1;
  auto devnet = node::devnet::Devnet::create(loop_, options);
  if (!devnet) throw std::runtime_error(devnet.error());
  devnet_ = std::move(*devnet);
  for (std::size_t i = 0; i < blocks; ++i) {
    auto block = devnet_->preconfer().produce();
    if (!block) throw std::runtime_error(block.error());
    blocks_.push_back(std::move(*block));
  }
  engine_port_ = port_of(devnet_->engine(1).public_address());
  public_proxy_ = std::make_unique<TimedProxy>(engine_port_);
  auth_proxy_ = std::make_unique<TimedProxy>(port_of(devnet_->engine(1).auth_address()));
  loop_.post([this] { start_node(); });
  thread_ = std::thread([this] { loop_.run(); });
  std::unique_lock lock(mutex_);
  const bool is_ready =
      changed_.wait_for(lock, kDeadline, [this] { return rpc_port_ != 0 || has_ended_; });
  if (!is_ready || has_ended_) throw std::runtime_error("the node does not serve");
}

NodeNetwork::~NodeNetwork() {
  loop_.post([this] {
    heads_.reset();
    child_.reset();
    loop_.stop();
  });
  thread_.join();
}

void NodeNetwork::start_node() {
  auto arguments = devnet_->node_arguments(1, (directory_.path() / "node").string());
  set_argument(arguments, "--l2.http", url_of(*public_proxy_));
  set_argument(arguments, "--l2.auth", url_of(*auth_proxy_));
  arguments.insert(arguments.end(), more_arguments_.begin(), more_arguments_.end());
  node::devnet::ChildProcess::Handlers handlers;
  handlers.on_line = [this](const std::string& line) { read_line(line); };
  handlers.on_end = [this](node::devnet::ChildEnd) {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    changed_.notify_all();
  };
  auto child = node::devnet::ChildProcess::start(loop_, PRECONF_PROGRAM, arguments,
                                                 (directory_.path() / "node.log").string(),
                                                 std::move(handlers));
  PRECONF_ASSERT(child.has_value());
  child_ = std::move(*child);
}

void NodeNetwork::read_line(const std::string& line) {
  const auto ready = node::devnet::parse_ready_line(line);
  if (!ready) return;
  node::devnet::HeadsSubscriber::Handlers handlers;
  handlers.on_heads = [this](const node::devnet::NodeHeads& heads) {
    if (!heads.executed) return;
    const std::lock_guard lock(mutex_);
    head_ = heads.executed->number;
    changed_.notify_all();
  };
  heads_ = std::make_unique<node::devnet::HeadsSubscriber>(loop_, ready->rpc, std::move(handlers));
  const std::lock_guard lock(mutex_);
  rpc_port_ = port_of(ready->rpc);
  p2p_address_ = ready->p2p;
  changed_.notify_all();
}

void NodeNetwork::wait_head(core::BlockNumber number) {
  std::unique_lock lock(mutex_);
  const bool is_there =
      changed_.wait_for(lock, kDeadline, [&] { return head_ >= number || has_ended_; });
  if (!is_there || has_ended_) throw std::runtime_error("the node does not execute its blocks");
}

void NodeNetwork::arm_engine() {
  public_proxy_->arm();
  auth_proxy_->arm();
}

std::optional<Clock::time_point> NodeNetwork::first_engine_bytes() const {
  const auto from_public = public_proxy_->first_bytes();
  const auto from_auth = auth_proxy_->first_bytes();
  if (!from_public) return from_auth;
  return from_auth ? std::min(*from_public, *from_auth) : from_public;
}

double NodeNetwork::memory_mib(const std::string& name) const {
  std::ifstream status("/proc/" + std::to_string(child_->pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) {
      return static_cast<double>(std::stoul(line.substr(name.size() + 1))) / 1'024;
    }
  }
  throw std::runtime_error(name + " is not in /proc/PID/status");
}

core::protocol::NetworkProfile NodeNetwork::network() const {
  return core::protocol::permissionless_network(devnet_->slasher());
}

}  // namespace preconf::bench
