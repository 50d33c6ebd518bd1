#include "node/executor/executor.hpp"

#include <chrono>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/base/assert.hpp"
#include "core/limits.hpp"
#include "node/executor/tx_list_bytes.hpp"

namespace preconf::node {
namespace {

using core::Command;
using core::events::EngineFailed;
using core::events::EngineResult;
namespace commands = core::commands;

/// Content up to this size is prepared on the loop's thread: hopping to a worker and back costs
/// more (tens of microseconds) than inflating it.
constexpr std::size_t kInlineBytesMax = 16 * 1024;

using Content = std::shared_ptr<const core::Bytes>;
using Prepared = core::Result<Content, std::string>;

EngineFailed not_sent(core::events::EngineFailureKind kind, std::string detail) {
  if (detail.size() > core::limits::kDetailBytesMax) detail.resize(core::limits::kDetailBytesMax);
  return {.kind = kind,
          .certainty = core::events::Certainty::kNotSent,
          .code = 0,
          .detail = std::move(detail)};
}

/// The content a command sends, when it sends any.
const core::Hash32* content_of(const core::CommandBody& body) {
  if (const auto* start = std::get_if<commands::StartPayload>(&body)) {
    return &start->attributes.tx_list_hash;
  }
  if (const auto* insert = std::get_if<commands::NewPayload>(&body)) return &insert->payload.hash;
  return nullptr;
}

Prepared prepare(const core::CommandBody& body, Content content) {
  if (!content) return core::Unexpected<std::string>{"not in the content store"};
  if (const auto* start = std::get_if<commands::StartPayload>(&body)) {
    return engine_tx_list(*content, start->attributes);
  }
  return content;
}

}  // namespace

struct Executor::Shared : std::enable_shared_from_this<Executor::Shared> {
  Shared(ExecutorParts parts_in, core::protocol::ChainProfile chain_in,
         std::function<void(Input)> deliver_in)
      : parts(parts_in), chain(chain_in), deliver(std::move(deliver_in)) {}

  void arm(const commands::SetTimer& command);
  void run_next();
  void execute(const Command& command);
  void execute_with_content(const Command& command, const core::Hash32& hash);
  void call(const Command& command, const Content& content);
  void answer_without_network(const Command& command);
  void answer_without_l1(const Command& command);
  void fail(const Command& command, EngineFailed failure);
  void finish(core::CommandId id, EngineResult result, std::uint32_t elapsed_us, Content content);

  ExecutorParts parts;
  core::protocol::ChainProfile chain;
  std::function<void(Input)> deliver;
  std::deque<Command> waiting;
  std::array<io::TimerHandle, core::kTimerCount> timers{};
  std::uint32_t epoch = 0;
  bool is_busy = false;
  bool is_stopped = false;
};

void Executor::Shared::arm(const commands::SetTimer& command) {
  io::TimerHandle& handle = timers.at(static_cast<std::size_t>(command.timer));
  if (handle.id != 0) parts.loop.cancel(handle);
  const auto fire = [self = weak_from_this(), timer = command.timer,
                     generation = command.generation] {
    const auto shared = self.lock();
    if (!shared || shared->is_stopped) return;
    shared->timers.at(static_cast<std::size_t>(timer)) = {};
    Input input;
    input.body = core::events::TimerFired{timer, generation};
    input.lane = core::Lane::kTimer;
    input.source = core::SourceKind::kTimer;
    shared->deliver(std::move(input));
  };
  handle = parts.loop.arm(std::chrono::milliseconds(command.delay.value), fire);
}

void Executor::Shared::run_next() {
  if (is_busy || is_stopped || waiting.empty()) return;
  const Command command = waiting.front();
  waiting.pop_front();
  is_busy = true;
  // The final gate. It only makes the window small in which a stale order could leave; what makes
  // stale answers harmless is that the reducer does not wait for them any more.
  if (command.engine_epoch < epoch) {
    fail(command, not_sent(core::events::EngineFailureKind::kNotExecuted,
                           "engine epoch " + std::to_string(command.engine_epoch) + " is over"));
    return;
  }
  execute(command);
}

void Executor::Shared::execute(const Command& command) {
  if (const auto* start = std::get_if<commands::StartDerivedPayload>(&command.body)) {
    const core::Hash32& hash = start->attributes.tx_list_rlp_hash;
    const Content list = parts.assembled_list ? parts.assembled_list(hash) : nullptr;
    // Gone from the cache: the plan begins again and has it made once more.
    if (list == nullptr) {
      return fail(command, not_sent(core::events::EngineFailureKind::kContentMissing,
                                    "the assembled transaction list is not kept any more"));
    }
    return call(command, list);
  }
  if (const core::Hash32* hash = content_of(command.body)) {
    execute_with_content(command, *hash);
  } else {
    call(command, nullptr);
  }
}

void Executor::Shared::execute_with_content(const Command& command, const core::Hash32& hash) {
  Content recent = parts.recent.find(hash);
  if (recent && recent->size() <= kInlineBytesMax) {
    const Prepared prepared = prepare(command.body, std::move(recent));
    if (prepared) {
      call(command, *prepared);
    } else {
      fail(command, not_sent(core::events::EngineFailureKind::kContentMissing, prepared.error()));
    }
    return;
  }
  const auto job = [self = weak_from_this(), command, hash, recent, loop = &parts.loop,
                    store = &parts.store] {
    Prepared prepared = prepare(command.body, recent ? recent : store->load(hash));
    loop->post([self, command, prepared = std::move(prepared)] {
      const auto shared = self.lock();
      if (!shared || shared->is_stopped) return;
      if (prepared) {
        shared->call(command, *prepared);
      } else {
        shared->fail(command,
                     not_sent(core::events::EngineFailureKind::kContentMissing, prepared.error()));
      }
    });
  };
  if (!parts.workers.submit(job)) {
    fail(command, not_sent(core::events::EngineFailureKind::kNotExecuted, "workers are busy"));
  }
}

void Executor::Shared::call(const Command& command, const Content& content) {
  const auto answered = [self = weak_from_this(), id = command.id](
                            EngineResult result, std::uint32_t elapsed_us, Content received) {
    if (const auto shared = self.lock()) {
      shared->finish(id, std::move(result), elapsed_us, std::move(received));
    }
  };
  std::visit(
      [&](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, commands::ReadHeads>) {
          parts.engine.read_heads(answered);
        } else if constexpr (std::is_same_v<Body, commands::ReadBlock>) {
          parts.engine.read_block(body.number, answered);
        } else if constexpr (std::is_same_v<Body, commands::StartPayload>) {
          parts.engine.start_payload(body.state, body.attributes, *content, answered);
        } else if constexpr (std::is_same_v<Body, commands::GetPayload>) {
          parts.engine.get_payload(body, chain, answered);
        } else if constexpr (std::is_same_v<Body, commands::NewPayload>) {
          parts.engine.new_payload(*content, answered);
        } else if constexpr (std::is_same_v<Body, commands::UpdateForkchoice>) {
          parts.engine.update_forkchoice(body.state, answered);
        } else if constexpr (std::is_same_v<Body, commands::ReadCanonical>) {
          parts.engine.read_canonical(body.number, answered);
        } else if constexpr (std::is_same_v<Body, commands::ReadGoldenNonce>) {
          parts.engine.read_golden_nonce(body.block_hash, answered);
        } else if constexpr (std::is_same_v<Body, commands::ReadAnchorState>) {
          parts.engine.read_anchor_state(body, chain.anchor_address, answered);
        } else if constexpr (std::is_same_v<Body, commands::LookupBatch>) {
          parts.engine.lookup_batch(body.id, answered);
        } else if constexpr (std::is_same_v<Body, commands::WriteOrigin>) {
          parts.engine.write_origin(body, answered);
        } else if constexpr (std::is_same_v<Body, commands::SetHeadL1Origin>) {
          parts.engine.set_head_l1_origin(body.number, answered);
        } else if constexpr (std::is_same_v<Body, commands::SetBatchLastBlock>) {
          parts.engine.set_batch_last_block(body, answered);
        } else if constexpr (std::is_same_v<Body, commands::StartDerivedPayload>) {
          parts.engine.start_derived_payload(body, *content, answered);
        } else {
          // Timers and commands to peers or to L1 do not come here.
          PRECONF_ASSERT(!"not an engine call");
        }
      },
      command.body);
}

/// Without a network nobody can be asked. Posted, as every outcome.
void Executor::Shared::answer_without_network(const Command& command) {
  if (!core::has_outcome(command.body)) return;
  Input input;
  const bool is_published = std::holds_alternative<commands::PublishCommitment>(command.body) ||
                            std::holds_alternative<commands::PublishTxList>(command.body);
  if (is_published) {
    input.body = core::events::Published{command.id, 0, core::events::PublishResult::kNoPeers, 0};
  } else {
    input.body = core::events::PeerAnswered{
        command.id, 0,
        core::events::PeerFailed{core::events::PeerFailureKind::kNotConnected, "no network"}};
  }
  input.lane = core::Lane::kPeer;
  parts.loop.post([self = weak_from_this(), input = std::move(input)]() mutable {
    const auto shared = self.lock();
    if (shared && !shared->is_stopped) shared->deliver(std::move(input));
  });
}

/// Without an L1 nothing can be read or derived. Posted, as every outcome.
void Executor::Shared::answer_without_l1(const Command& command) {
  Input input;
  input.body = core::events::L1Answered{
      command.id, 0,
      core::events::L1Failed{core::events::L1FailureKind::kNotExecuted, {}, "no L1 is followed"}};
  input.lane = core::Lane::kL1;
  input.source = core::SourceKind::kL1;
  parts.loop.post([self = weak_from_this(), input = std::move(input)]() mutable {
    const auto shared = self.lock();
    if (shared && !shared->is_stopped) shared->deliver(std::move(input));
  });
}

// Posted: no outcome may come from inside start().
void Executor::Shared::fail(const Command& command, EngineFailed failure) {
  parts.loop.post([self = weak_from_this(), id = command.id, failure = std::move(failure)] {
    if (const auto shared = self.lock()) shared->finish(id, failure, 0, nullptr);
  });
}

void Executor::Shared::finish(core::CommandId id, EngineResult result, std::uint32_t elapsed_us,
                              Content content) {
  is_busy = false;
  if (is_stopped) return;
  Input input;
  if (const auto* taken = std::get_if<core::events::PayloadTaken>(&result)) {
    input.contents.push_back({taken->payload.hash, std::move(content)});
  }
  input.body = core::events::EngineAnswered{id, elapsed_us, std::move(result)};
  input.lane = core::Lane::kEngine;
  input.source = core::SourceKind::kEngine;
  deliver(std::move(input));
  run_next();
}

Executor::Executor(ExecutorParts parts, core::protocol::ChainProfile chain,
                   std::function<void(Input)> deliver)
    : shared_(std::make_shared<Shared>(parts, chain, std::move(deliver))) {}

Executor::~Executor() { stop(); }

void Executor::start(const core::Command& command) {
  if (shared_->is_stopped) return;
  if (const auto* timer = std::get_if<commands::SetTimer>(&command.body)) {
    shared_->arm(*timer);
    return;
  }
  if (core::is_for_peers(command.body)) {
    if (shared_->parts.to_peers) return shared_->parts.to_peers(command);
    shared_->answer_without_network(command);
    return;
  }
  if (core::is_for_l1(command.body)) {
    if (shared_->parts.to_l1) return shared_->parts.to_l1(command);
    return shared_->answer_without_l1(command);
  }
  shared_->waiting.push_back(command);
  shared_->run_next();
}

void Executor::publish_engine_epoch(std::uint32_t epoch) { shared_->epoch = epoch; }

void Executor::stop() {
  shared_->is_stopped = true;
  shared_->waiting.clear();
  for (io::TimerHandle& handle : shared_->timers) {
    if (handle.id != 0) shared_->parts.loop.cancel(handle);
    handle = {};
  }
}

}  // namespace preconf::node
