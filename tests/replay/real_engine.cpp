#include "core/base/assert.hpp"
#include "tests/replay/real_world.hpp"
#include "tests/support/real_block.hpp"

namespace preconf::tests {

namespace ev = core::events;
namespace commands = core::commands;
namespace protocol = core::protocol;

RealEngine::RealEngine(protocol::ChainProfile chain) : chain_(chain) {
  head_ = real_genesis(chain_);
}

void RealEngine::offer(const core::Hash32& tx_list_hash, std::vector<core::Bytes> transactions) {
  transactions_.clear();
  transactions_.emplace(tx_list_hash, std::move(transactions));
}

std::optional<core::BlockNumber> RealEngine::head_l1_origin() const {
  // L1 confirms 32 blocks at a time, at least 32 behind the head.
  const std::uint64_t confirmed = head_.number.value / 32 * 32;
  if (confirmed < 64) return std::nullopt;
  return core::BlockNumber{confirmed - 32};
}

ev::EngineResult RealEngine::build(const protocol::PayloadAttributes& attributes,
                                   std::vector<storage::Content>& contents) {
  const std::vector<core::Bytes>& transactions = transactions_.at(attributes.tx_list_hash);
  const std::uint64_t gas_used = 100'000 + 1'000 * std::uint64_t{attributes.tx_list_hash.bytes[0]};
  RealBlock block = build_real_block(chain_, attributes, transactions, gas_used);
  contents.push_back(std::move(block.payload));
  built_ = block.taken.header;
  return block.taken;
}

ev::EngineResult RealEngine::perform(const core::CommandBody& command,
                                     std::vector<storage::Content>& contents) {
  if (std::holds_alternative<commands::ReadHeads>(command)) {
    return ev::HeadsRead{chain_.chain_id, head_, std::nullopt, std::nullopt, head_l1_origin()};
  }
  if (const auto* read = std::get_if<commands::ReadBlock>(&command)) {
    ev::BlockRead answer{read->number, std::nullopt, std::nullopt, head_l1_origin()};
    if (read->number == head_.number) answer.block = head_;
    return answer;
  }
  if (const auto* start = std::get_if<commands::StartPayload>(&command)) {
    job_ = start->attributes;
    return ev::ForkchoiceAnswered{ev::PayloadStatus::kValid, start->state.head, job_->payload_id,
                                  ""};
  }
  if (std::holds_alternative<commands::GetPayload>(command)) return build(*job_, contents);
  if (const auto* insert = std::get_if<commands::NewPayload>(&command)) {
    return ev::PayloadJudged{ev::PayloadStatus::kValid, insert->block_hash, ""};
  }
  const auto* update = std::get_if<commands::UpdateForkchoice>(&command);
  PRECONF_ASSERT(update != nullptr && update->state.head == built_.hash);
  parent_time_ = head_.timestamp;
  head_ = built_;
  return ev::ForkchoiceAnswered{ev::PayloadStatus::kValid, head_.hash, std::nullopt, ""};
}

}  // namespace preconf::tests
