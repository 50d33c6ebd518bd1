#include "node/devnet/follower.hpp"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <string_view>

namespace preconf::node::devnet {
namespace {

/// The value of " key=" in the line, up to the next space.
std::optional<std::string_view> member(std::string_view line, std::string_view key) {
  const std::string pattern = fmt::format(" {}=", key);
  const std::size_t at = line.find(pattern);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + pattern.size());
  return rest.substr(0, rest.find(' '));
}

std::optional<std::uint64_t> number(std::string_view line, std::string_view key) {
  const auto text = member(line, key);
  std::uint64_t value = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<ReadyLine> parse_ready_line(const std::string& line) {
  if (!line.starts_with("ready ")) return std::nullopt;
  const auto rpc = member(line, "rpc");
  const auto seq = number(line, "seq");
  const auto replayed = number(line, "replayed");
  const auto recovery_ms = number(line, "recovery_ms");
  if (!rpc || !seq || !replayed || !recovery_ms) return std::nullopt;
  const std::string p2p(member(line, "p2p").value_or(""));
  return ReadyLine{std::string(*rpc), *seq,         number(line, "head"),
                   *replayed,         *recovery_ms, p2p == "-" ? "" : p2p};
}

Follower::Follower(io::EventLoop& loop, Devnet& devnet, std::size_t index, std::string program,
                   const std::string& directory, Handlers handlers)
    : loop_(loop),
      devnet_(devnet),
      index_(index),
      program_(std::move(program)),
      datadir_(fmt::format("{}/follower-{}", directory, index)),
      log_file_(fmt::format("{}/follower-{}.log", directory, index)),
      handlers_(std::move(handlers)) {
  devnet_.feed(index_).on_delivery([this](const Delivery& delivery) {
    if (handlers_.on_delivery) handlers_.on_delivery(*this, delivery);
  });
}

core::Result<core::Ok, std::string> Follower::start() {
  ready_.reset();
  heads_told_ = {};
  started_at_ = std::chrono::steady_clock::now();
  ChildProcess::Handlers handlers;
  handlers.on_line = [this](const std::string& line) { read_line(line); };
  handlers.on_end = [this](ChildEnd end) { ended(end); };
  auto child = ChildProcess::start(loop_, program_, devnet_.node_arguments(index_, datadir_),
                                   log_file_, std::move(handlers));
  if (!child) return core::Unexpected<std::string>{child.error()};
  child_ = std::move(*child);
  running_ = true;
  return core::Ok{};
}

void Follower::kill() {
  devnet_.feed(index_).pause();
  if (child_) child_->signal(SIGKILL);
}

void Follower::terminate() {
  devnet_.feed(index_).pause();
  if (child_) child_->signal(SIGTERM);
}

void Follower::read_line(const std::string& line) {
  if (ready_) return;
  ready_ = parse_ready_line(line);
  if (!ready_) return;
  start_time_ = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - started_at_);
  HeadsSubscriber::Handlers handlers;
  handlers.on_heads = [this](const NodeHeads& heads) {
    heads_told_ = heads;
    if (handlers_.on_heads) handlers_.on_heads(*this);
  };
  if (handlers_.on_decision) {
    handlers.on_decision = [this](const NodeDecision& decision) {
      handlers_.on_decision(*this, decision);
    };
  }
  heads_ = std::make_unique<HeadsSubscriber>(loop_, ready_->rpc, std::move(handlers));
  devnet_.feed(index_).resume("http://" + ready_->rpc);
  if (handlers_.on_ready) handlers_.on_ready(*this);
}

void Follower::ended(ChildEnd end) {
  devnet_.feed(index_).pause();
  heads_.reset();
  ready_.reset();
  running_ = false;
  if (handlers_.on_end) handlers_.on_end(*this, end);
}

}  // namespace preconf::node::devnet
