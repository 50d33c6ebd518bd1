#include "node/l1/checkpoint_sync.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "core/base/hex.hpp"
#include "core/limits.hpp"
#include "core/protocol/extra_data.hpp"
#include "core/protocol/inbox.hpp"
#include "io/engine/served_block.hpp"
#include "io/json/eth_json.hpp"
#include "io/l1/l1_client.hpp"
#include "io/l1/l1_json.hpp"
#include "io/loop/event_loop.hpp"
#include "node/log.hpp"

namespace preconf::node::l1 {
namespace {

namespace ev = core::events;
using core::Hash32;
using Refused = core::Unexpected<std::string>;

constexpr std::chrono::milliseconds kFirstDelay{100};

class CheckpointSync {
 public:
  explicit CheckpointSync(CheckpointSyncOptions options)
      : options_(std::move(options)),
        l1_(loop_, client_options(options_.l1->http_urls, options_.l1->deployment.l1_chain_id)),
        checkpoint_(loop_, client_options(options_.l1->checkpoint_urls, options_.chain.chain_id)),
        engine_(loop_, options_.engine) {}

  core::Result<CheckpointSynced, std::string> run() {
    loop_.on_signals({SIGINT, SIGTERM}, [this](int) {
      result_.is_stopped = true;
      loop_.stop();
    });
    look();
    loop_.run();
    if (refusal_) return Refused{*refusal_};
    return std::move(result_);
  }

 private:
  static io::l1::L1ClientOptions client_options(const std::vector<std::string>& urls,
                                                std::uint64_t chain_id) {
    io::l1::L1ClientOptions options;
    options.urls = urls;
    options.chain_id = chain_id;
    return options;
  }

  void refuse(std::string text) {
    refusal_ = std::move(text);
    loop_.stop();
  }
  void nothing_to_do(std::string why) {
    result_.remark = std::move(why);
    loop_.stop();
  }
  void again(const std::string& why) {
    log::write(log::Level::kWarning, "checkpoint sync waits", {{"detail", why}});
    look_later();
  }
  /// Soon at first: a small chain is synced in no time.
  void look_later() {
    loop_.arm(delay_, [this] { look(); });
    delay_ = std::min(2 * delay_, options_.interval_max);
  }

  /// A pointer means that derivation was here: it goes on from there, whatever is proven.
  void look() {
    engine_.read_heads([this](const ev::EngineResult& result, std::uint32_t, auto) {
      const auto* heads = std::get_if<ev::HeadsRead>(&result);
      if (heads == nullptr) return again("the engine does not answer");
      if (heads->chain_id != options_.chain.chain_id) {
        return refuse("--l2.http: the engine is of chain id " + std::to_string(heads->chain_id));
      }
      if (heads->head_l1_origin) {
        return nothing_to_do("the engine has a head L1 origin: derivation goes on from there");
      }
      head_ = heads->latest ? heads->latest->number : core::BlockNumber{0};
      ask_finalized();
    });
  }

  void ask_finalized() {
    l1_.call({io::l1::header_call("finalized")}, [this](auto batch) {
      if (!batch) return on_l1_silence(batch.error().detail);
      const io::l1::RpcAnswer& answer = batch->at(0);
      if (!answer && answer.error().kind != io::l1::RpcErrorKind::kUnknownBlock) {
        return on_l1_silence(answer.error().message);
      }
      if (!answer || answer->is_null()) return nothing_to_do("L1 has finalized nothing yet");
      const auto header = io::l1::header_from(*answer);
      if (!header) return on_l1_silence(header.error().text);
      proven_ = {header->number, header->hash};
      ask_proven();
    });
  }

  void ask_proven() {
    const auto& selector = core::protocol::kGetCoreStateSelector;
    l1_.call({io::l1::state_call(options_.l1->deployment.inbox, selector.view(), proven_.hash)},
             [this](auto batch) {
               if (!batch) return on_l1_silence(batch.error().detail);
               const io::l1::RpcAnswer& answer = batch->at(0);
               if (!answer) return on_l1_silence(answer.error().message);
               const auto data = io::l1::call_data_from(*answer);
               const auto state = core::protocol::read_core_state(data.value_or(core::Bytes{}));
               if (!state) return on_l1_silence("getCoreState() says nothing of use");
               is_l1_heard_ = true;
               if (state->last_finalized_block_hash.is_zero()) {
                 return nothing_to_do("nothing is proven on L1 yet");
               }
               proposal_ = state->last_finalized;
               if (target_ == state->last_finalized_block_hash && block_) return compare();
               target_ = state->last_finalized_block_hash;
               block_.reset();
               ask_block();
             });
  }
  void on_l1_silence(const std::string& detail) {
    if (is_l1_heard_) return again("L1: " + detail);
    refuse("--l1.http: " + detail);
  }

  void ask_block() {
    const std::string hash = core::to_hex0x(target_.view());
    checkpoint_.call({{"eth_getBlockByHash", "[\"" + hash + "\",false]"}}, [this](auto batch) {
      if (!batch) return on_checkpoint_silence(batch.error().detail);
      is_checkpoint_heard_ = true;
      const io::l1::RpcAnswer& answer = batch->at(0);
      if (!answer) return not_served(batch->endpoint, answer.error().message);
      if (answer->is_null()) return not_served(batch->endpoint, "it does not have it");
      const auto count = io::served_transactions(*answer);
      if (!count) return not_served(batch->endpoint, count.error());
      served_ = std::move(*batch);  // the answer refers to it
      if (*count == 0) return take_block({});
      ask_transactions(*count);
    });
  }
  /// What came is of no use: another node is asked first the next time.
  void not_served(std::size_t endpoint, const std::string& why) {
    checkpoint_.blame(endpoint, io::l1::EndpointFailure::kBehind);
    again(checkpoint_.endpoints().at(endpoint).url + ", block " + core::to_hex0x(target_.view()) +
          " of proposal " + std::to_string(proposal_.value) + ": " + why);
  }
  void on_checkpoint_silence(const std::string& detail) {
    if (is_checkpoint_heard_) return again("checkpoint node: " + detail);
    refuse("--l2.checkpoint: " + detail);
  }

  void ask_transactions(std::size_t count) {
    std::vector<io::l1::RpcCall> calls;
    const std::string hash = core::to_hex0x(target_.view());
    for (std::size_t i = 0; i < count; ++i) {
      calls.push_back({"eth_getRawTransactionByBlockHashAndIndex",
                       "[\"" + hash + "\",\"" + core::to_quantity(i) + "\"]"});
    }
    checkpoint_.call(std::move(calls), [this](auto batch) {
      if (!batch) return on_checkpoint_silence(batch.error().detail);
      std::vector<core::Bytes> transactions;
      for (std::size_t i = 0; i < batch->size(); ++i) {
        const io::l1::RpcAnswer& answer = batch->at(i);
        if (!answer) return not_served(batch->endpoint, answer.error().message);
        auto raw = io::as_data(*answer, core::limits::kTxListInflatedBytesMax);
        if (!raw) {
          return not_served(batch->endpoint, "transaction " + std::to_string(i) + " is none");
        }
        transactions.push_back(std::move(*raw));
      }
      take_block(std::move(transactions));
    });
  }

  void take_block(std::vector<core::Bytes> transactions) {
    auto block =
        io::served_block_from(*served_.at(0), target_, std::move(transactions), options_.chain);
    if (!block) return not_served(served_.endpoint, block.error());
    // The hash is L1's, so this is no matter of the node's honesty.
    if (core::protocol::proposal_in(block->header.extra_data) != proposal_) {
      return refuse("the block that L1 has proven is not of the proposal that L1 names with it: " +
                    core::to_hex0x(target_.view()));
    }
    block_ = std::move(*block);
    log::write(log::Level::kInfo, "checkpoint",
               {{"number", block_->header.number.value},
                {"hash", target_},
                {"proposal", proposal_.value},
                {"l1", proven_.number.value}});
    compare();
  }

  void compare() {
    engine_.read_block(block_->header.number, [this](const ev::EngineResult& result, auto, auto) {
      const auto* read = std::get_if<ev::BlockRead>(&result);
      if (read == nullptr) return again("the engine does not answer");
      // What an engine has fetched it may serve long before it has executed it and moved its head.
      const bool is_executed = head_ >= block_->header.number;
      if (read->block && read->block->hash == target_ && is_executed) return ask_anchor();
      submit();
    });
  }

  /// To an engine that does not have its parent the block is only a target: it answers SYNCING.
  void submit() {
    engine_.new_payload(block_->payload_json, [this](const ev::EngineResult& result, auto, auto) {
      const auto* judged = std::get_if<ev::PayloadJudged>(&result);
      if (judged == nullptr) return again("the engine does not answer");
      if (judged->status == ev::PayloadStatus::kInvalid)
        return on_invalid(judged->validation_error);
      engine_.update_forkchoice(
          {target_, target_, target_},
          [this](const ev::EngineResult& answer, auto, auto) { on_target_told(answer); });
    });
  }
  void on_target_told(const ev::EngineResult& result) {
    const auto* told = std::get_if<ev::ForkchoiceAnswered>(&result);
    if (told == nullptr) return again("the engine does not answer");
    if (told->status == ev::PayloadStatus::kInvalid) return on_invalid(told->validation_error);
    log::write(log::Level::kInfo, "checkpoint sync",
               {{"head", head_.value}, {"target", block_->header.number.value}});
    look_later();
  }
  void on_invalid(const std::string& detail) {
    refuse("the engine calls the block that L1 has proven invalid: " +
           core::to_hex0x(target_.view()) + ": " + detail);
  }

  void ask_anchor() {
    engine_.read_anchor_state({target_, false}, options_.chain.anchor_address,
                              [this](const ev::EngineResult& result, auto, auto) {
                                const auto* read = std::get_if<ev::AnchorStateRead>(&result);
                                if (read == nullptr || !read->anchor) {
                                  return again("the engine can not read the anchor's state");
                                }
                                result_.reached = ev::CheckpointReached{
                                    proposal_, block_->header.ref(), *read->anchor, proven_};
                                loop_.stop();
                              });
  }

  const CheckpointSyncOptions options_;
  io::EventLoop loop_;
  io::l1::L1Client l1_;
  io::l1::L1Client checkpoint_;
  io::EngineClient engine_;
  std::chrono::milliseconds delay_ = kFirstDelay;
  bool is_l1_heard_ = false;
  bool is_checkpoint_heard_ = false;
  core::BlockNumber head_;
  ev::L1Ref proven_;  ///< L1's finalized block
  core::ProposalId proposal_;
  Hash32 target_;
  io::l1::RpcBatch served_;
  std::optional<io::ServedBlock> block_;  ///< of target_
  std::optional<std::string> refusal_;
  CheckpointSynced result_;
};

}  // namespace

core::Result<CheckpointSynced, std::string> sync_to_checkpoint(CheckpointSyncOptions options) {
  return CheckpointSync(std::move(options)).run();
}

}  // namespace preconf::node::l1
