#include "node/devnet/story.hpp"

#include <fmt/format.h>

#include <csignal>

#include "core/base/hex.hpp"
#include "node/devnet/story_text.hpp"

namespace preconf::node::devnet {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{60};

double milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1'000.0;
}

std::chrono::microseconds since(steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
}

}  // namespace

Story::Story(io::EventLoop& loop, StoryOptions options)
    : loop_(loop), options_(std::move(options)) {
  kill_at_ = options_.blocks / 3;
  restart_at_ = 2 * options_.blocks / 3;
}

Story::~Story() { loop_.cancel(deadline_); }

int Story::run() {
  say("== a simulated Taiko network in {}", options_.directory);
  if (!prepare()) return 1;
  loop_.on_signals({SIGINT, SIGTERM}, [this](int) {
    if (phase_ == Phase::kKeeping) {
      say("== stopping");
      stop_followers();
    } else {
      fail("interrupted");
    }
  });
  loop_.run();
  replay_.reset();
  followers_.clear();
  return exit_code_;
}

bool Story::prepare() {
  DevnetOptions options;
  options.directory = options_.directory;
  options.block_time = options_.block_time;
  options.has_network = !options_.is_fed_by_rpc;
  options.has_l1 = options_.has_l1;
  auto devnet = Devnet::create(loop_, options);
  if (!devnet) {
    say("   FAILED: {}", devnet.error());
    return false;
  }
  devnet_ = std::move(*devnet);
  devnet_->preconfer().on_block(
      [this](std::shared_ptr<const PublishedBlock> block) { on_block(std::move(block)); });
  devnet_->preconfer().on_failure(
      [this](const std::string& reason) { fail("the preconfer has no block: " + reason); });
  say("   {} execution engines speak the Engine API over HTTP with JWT; genesis {}",
      devnet_->followers() + 1, brief(devnet_->engine(0).engine().chain.head().hash));
  say("   one preconfer ({}) signs a block every {} ms",
      core::to_hex0x(devnet_->preconfer().address().view()), options_.block_time.count());
  say("   its commitments name the slasher {}", core::to_hex0x(devnet_->slasher().view()));
  if (NetworkPeer* network = devnet_->network()) {
    say("   and gossips them over libp2p at {}", network->address());
  }
  if (DevnetL1* l1 = devnet_->l1()) {
    act_ = std::make_unique<L1Act>(*devnet_);
    say("   and a simulated L1 at {} with a beacon node at {}: a block every {} s", l1->url(),
        l1->beacon_url(), l1->node().chain.deployment().clock.slot_seconds);
  }
  say("== {} followers start, each a process of its own", devnet_->followers());
  for (std::size_t i = 1; i <= devnet_->followers(); ++i) {
    Follower::Handlers handlers;
    handlers.on_ready = [this](Follower& follower) { on_ready(follower); };
    handlers.on_heads = [this](Follower& follower) { on_node_heads(follower); };
    if (options_.has_l1) {
      handlers.on_decision = [this](Follower& follower, const NodeDecision& decision) {
        act_->on_decision(follower.index(), decision);
        finish_when_equal();
      };
    }
    handlers.on_delivery = [this](const Follower& follower, const Delivery& delivery) {
      on_delivery(follower, delivery);
    };
    handlers.on_end = [this](Follower& follower, ChildEnd end) { on_end(follower, end); };
    followers_.push_back(std::make_unique<Follower>(loop_, *devnet_, i, options_.program,
                                                    options_.directory, std::move(handlers)));
    if (i == 2) {
      devnet_->engine(i).on_call([this](std::string_view method) {
        if (kill_is_armed_ && method == "engine_newPayloadV2") kill_second_follower();
      });
    }
    devnet_->engine(i).on_head([this, i](const SimBlock& head) { on_engine_head(i, head); });
    if (auto started = followers_.back()->start(); !started) {
      say("   FAILED: follower {}: {}", i, started.error());
      return false;
    }
  }
  arm_deadline(kPatience);
  return true;
}

void Story::on_ready(Follower& follower) {
  const ReadyLine& line = follower.ready_line();
  say("   follower {} (pid {}) is ready after {:.0f} ms at {}: {} events replayed in {}",
      follower.index(), follower.pid(), milliseconds(follower.start_time()), line.rpc,
      line.replayed, line.recovery_ms == 0 ? "under 1 ms" : fmt::format("{} ms", line.recovery_ms));
  if (!line.p2p.empty()) {
    say("     libp2p {}", line.p2p);
    if (follower.index() == 1) devnet_->add_peer(line.p2p);  // follower 2 dials it when it restarts
  }
  if (phase_ == Phase::kStarting) {
    for (const auto& other : followers_) {
      if (!other->ready()) return;
    }
    phase_ = Phase::kPreconfirming;
    say("== blocks are preconfirmed");
    arm_deadline(options_.block_time * static_cast<std::int64_t>(options_.blocks) + kPatience);
    devnet_->preconfer().start();
    return;
  }
  catching_up_ = steady_clock::now();
  if (devnet_->network() != nullptr) {
    say("   it is at block {} and asks its peers for what it missed", line.head.value_or(0));
    return;
  }
  const std::size_t waiting = devnet_->feed(follower.index()).waiting();
  say("   it is at block {}; the {} blocks it has not answered for are delivered now",
      line.head.value_or(0), waiting);
}

void Story::on_block(std::shared_ptr<const PublishedBlock> block) {
  last_block_ = block->number.value;
  if (NetworkPeer* network = devnet_->network()) {
    network->publish(block);
  } else {
    for (std::size_t i = 1; i <= devnet_->followers(); ++i) devnet_->feed(i).push(block);
  }
  shown_.emplace(last_block_, Shown{block, steady_clock::now(), {}});
  if (phase_ != Phase::kPreconfirming) {
    devnet_->propose_due();
    return;
  }
  if (last_block_ == kill_at_) kill_is_armed_ = true;
  restart_second_follower_when_due();
  // The promise that is going to be broken needs a proposal that could have kept it.
  const bool is_proposable = !act_ || devnet_->l1()->proposer().may_be_closed();
  if (last_block_ == options_.blocks && !is_proposable) ++options_.blocks;
  const bool is_last = last_block_ == options_.blocks;
  // On the simulated L1 the last block is kept back: its promise is going to be broken.
  if (is_last && (act_ || !options_.keep)) devnet_->preconfer().stop();
  if (!is_last) devnet_->propose_due();
}

void Story::kill_second_follower() {
  kill_is_armed_ = false;
  second_is_down_ = true;
  const std::uint64_t building = devnet_->engine(2).engine().chain.head().number() + 1;
  say("== follower 2 is killed (SIGKILL) in the middle of block {}: its engine has built the block",
      building);
  say("   and is asked to insert it");
  followers_[1]->kill();
}

void Story::restart_second_follower_when_due() {
  if (last_block_ < restart_at_ || !second_is_down_ || followers_[1]->pid() != 0) return;
  say("== follower 2 starts again on what SIGKILL left");
  if (auto started = followers_[1]->start(); !started) fail("follower 2: " + started.error());
}

void Story::on_engine_head(std::size_t follower, const SimBlock& head) {
  if (!is_expected({core::BlockNumber{head.number()}, head.hash})) {
    fail(fmt::format("follower {} executed block {} as {}", follower, head.number(),
                     brief(head.hash)));
    return;
  }
  if (const auto shown = shown_.find(head.number()); shown != shown_.end()) {
    shown->second.executed.insert_or_assign(follower,
                                            Executed{since(shown->second.signed_at), head.hash});
  } else {
    show_other_block(follower, head);
  }
  if (follower == 2 && second_is_down_ && catching_up_ && head.number() == last_block_) {
    second_is_down_ = false;
    has_recovered_ = true;
    say("   follower 2 has caught up with block {} {:.1f} ms after it was ready", head.number(),
        milliseconds(since(*catching_up_)));
    say("== blocks are preconfirmed");
  }
  show_finished_blocks();
  finish_when_equal();
}

void Story::show_finished_blocks() {
  while (!shown_.empty()) {
    const auto& [number, shown] = *shown_.begin();
    const bool first = shown.executed.contains(1);
    const bool second = shown.executed.contains(2);
    if (!first || (!second && !second_is_down_)) return;
    show_finished(number, shown);
    shown_.erase(shown_.begin());
  }
}

void Story::show_finished(std::uint64_t number, const Shown& shown) const {
  std::string who;
  for (const auto& [follower, executed] : shown.executed) {
    who += fmt::format("{} follower {} after {:.1f} ms", who.empty() ? "executed by" : ", by",
                       follower, milliseconds(executed.after));
  }
  if (!shown.executed.contains(2)) who += ", follower 2 is down";
  if (shown.block->eop) who += "  (end of its window)";
  // The chain is what the followers have.
  const core::Hash32& hash = shown.executed.at(1).hash;
  if (hash != shown.block->hash) {
    say("   block {:>3}  {}  on L1's chain; the preconfer has {}  {}", number, brief(hash),
        brief(shown.block->hash), who);
    return;
  }
  say("   block {:>3}  {}  {} transactions  commitment {}  {}", number, brief(hash),
      shown.block->transactions, brief(shown.block->commitment_hash), who);
}

void Story::show_other_block(std::size_t index, const SimBlock& head) const {
  const SimBlock* own = devnet_->engine(0).engine().chain.canonical(head.number());
  if (own == nullptr || own->hash == head.hash) return;
  say("   block {:>3}  {}  on L1's chain; the preconfer has {}  at follower {} now", head.number(),
      brief(head.hash), brief(own->hash), index);
}

bool Story::is_expected(const core::BlockRef& block) const {
  // Whatever is proposed later in a network that stays up may break a promise, too.
  const bool was_kept = options_.keep && phase_ != Phase::kPreconfirming;
  if (was_kept || (act_ && act_->is_broken_promise(block))) return true;
  const SimBlock* expected = devnet_->engine(0).engine().chain.canonical(block.number.value);
  return expected != nullptr && expected->hash == block.hash;
}

void Story::on_node_heads(Follower& follower) {
  const std::optional<core::BlockRef>& head = follower.heads().executed;
  if (head && !is_expected(*head)) {
    fail(fmt::format("follower {} says that block {} is {}", follower.index(), head->number.value,
                     brief(head->hash)));
    return;
  }
  if (act_) act_->on_heads(follower.index(), follower.heads());
  finish_when_equal();
}

void Story::on_delivery(const Follower& follower, const Delivery& delivery) {
  if (delivery.accepted) return;
  fail(fmt::format("follower {} refused block {}: {} ({})", follower.index(), delivery.number.value,
                   delivery.message, delivery.code));
}

bool Story::all_executed(std::uint64_t number) const {
  const SimBlock* wanted = devnet_->engine(0).engine().chain.canonical(number);
  for (const auto& follower : followers_) {
    const SimBlock* executed = devnet_->engine(follower->index()).engine().chain.canonical(number);
    if (executed == nullptr || executed->hash != wanted->hash) return false;
    // The node itself must say so, not only its engine.
    const auto& told = follower->heads().executed;
    if (!told || told->number.value < number) return false;
    if (told->number.value == number && told->hash != wanted->hash) return false;
  }
  return true;
}

void Story::finish_when_equal() {
  if (phase_ != Phase::kPreconfirming || last_block_ < options_.blocks || !has_recovered_) return;
  if (!all_executed(options_.blocks)) return;
  if (act_ && !act_->has_begun()) {
    arm_deadline(kPatience);
    if (auto begun = act_->begin(); !begun) fail(begun.error());
    return;
  }
  if (act_ && !act_->is_done()) return;
  const SimBlock& head = *devnet_->engine(0).engine().chain.canonical(options_.blocks);
  say("== all heads are equal: block {} {}", head.number(), core::to_hex0x(head.hash.view()));
  if (!options_.keep) {
    stop_followers();
    return;
  }
  phase_ = Phase::kKeeping;
  loop_.cancel(deadline_);
  for (const auto& follower : followers_) {
    say("   follower {} serves http://{} and ws://{}; its engine {}, {}", follower->index(),
        follower->ready_line().rpc, follower->ready_line().rpc,
        devnet_->engine(follower->index()).public_url(),
        devnet_->engine(follower->index()).auth_url());
  }
  say_how_to_join();
  say("   staying up until SIGINT; the engines' JWT secret is {}", devnet_->jwt_file());
  if (act_) devnet_->preconfer().start();
}

void Story::say_how_to_join() const {
  std::string options;
  for (const std::string& word : devnet_->network_arguments()) options += " " + word;
  say("   to join with a node of your own, start an engine, and with its two addresses the node:");
  say("     preconf devnet engine --jwt.secret {}", devnet_->jwt_file());
  say("     preconf node --datadir NEW --l2.http http://HTTP --l2.auth http://AUTH \\");
  say("       --jwt.secret {}{}", devnet_->jwt_file(), options);
}

void Story::stop_followers() {
  devnet_->preconfer().stop();
  phase_ = Phase::kStopping;
  arm_deadline(kPatience);
  for (const auto& follower : followers_) follower->terminate();
}

void Story::on_end(Follower& follower, ChildEnd end) {
  if (second_is_down_ && follower.index() == 2 && end.signal == SIGKILL) {
    restart_second_follower_when_due();
    return;
  }
  if (phase_ != Phase::kStopping || end.exit_code != 0) {
    fail(fmt::format("follower {} ended with exit code {}, signal {}; see {}", follower.index(),
                     end.exit_code, end.signal, follower.log_file()));
    return;
  }
  if (++stopped_ < followers_.size()) return;
  say("== replay: every event is folded again and compared with what the node recorded");
  phase_ = Phase::kReplaying;
  replay_next();
}

void Story::replay_next() {
  if (replayed_ == followers_.size()) {
    say("== done: states and effects of both followers are equal on replay");
    exit_code_ = 0;
    loop_.stop();
    return;
  }
  arm_deadline(kPatience);
  const Follower& follower = *followers_[replayed_];
  say("   the log of follower {}:", replayed_ + 1);
  ChildProcess::Handlers handlers;
  handlers.on_line = [](const std::string& line) { say("     {}", line); };
  handlers.on_end = [this](ChildEnd end) {
    const std::size_t index = replayed_ + 1;
    if (end.exit_code != 0) {
      fail(fmt::format("replay of follower {} ended with exit code {}", index, end.exit_code));
      return;
    }
    say("   follower {}: states and effects are equal", index);
    ++replayed_;
    // Not from inside the child's own handler.
    loop_.post([this] { replay_next(); });
  };
  auto started = ChildProcess::start(loop_, options_.program, {"replay", follower.datadir()},
                                     options_.directory + "/replay.log", std::move(handlers));
  if (!started) return fail("replay: " + started.error());
  replay_ = std::move(*started);
}

void Story::arm_deadline(std::chrono::milliseconds within) {
  loop_.cancel(deadline_);
  deadline_ = loop_.arm(within, [this] {
    std::string missing;
    for (const auto& follower : followers_) {
      missing += fmt::format("; follower {} is {}, its node at block {}, its engine at {}",
                             follower->index(), follower->ready() ? "up" : "down",
                             follower->heads().executed.value_or(core::BlockRef{}).number.value,
                             devnet_->engine(follower->index()).engine().chain.head().number());
    }
    if (act_) missing += act_->missing();
    fail(fmt::format("time is up at block {}{}", last_block_, missing));
  });
}

void Story::fail(const std::string& reason) {
  say("   FAILED: {}", reason);
  exit_code_ = 1;
  loop_.stop();
}

}  // namespace preconf::node::devnet
