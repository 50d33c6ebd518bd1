// EngineClient: the calls of our commands to an L2 execution engine, as Engine API V2 with Taiko's
// extensions and Taiko's public tables. Every answer, and every way of not getting one, becomes one
// core::events::EngineResult; nothing from the engine is trusted to have a shape.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/commands/commands.hpp"
#include "core/events/engine.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/engine/jwt.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::io {

class Metrics;

/// One call and its answer: what deployed drivers use. An engine that takes the connection and
/// never answers costs this much each time (docs/rpc.md, An engine that hangs).
inline constexpr std::chrono::milliseconds kEngineRequestTimeout{12'000};
inline constexpr std::chrono::milliseconds kEngineConnectTimeout{2'000};

struct EngineClientOptions {
  std::string public_url;  ///< eth_* and taiko_*; http
  std::string auth_url;    ///< engine_*; http, with JWT
  JwtSecret jwt_secret;
  std::chrono::milliseconds request_timeout = kEngineRequestTimeout;
  std::chrono::milliseconds connect_timeout = kEngineConnectTimeout;
  std::size_t answer_bytes_max = 10 * 1024 * 1024;
  Metrics* metrics = nullptr;  ///< outlives the client
};

class EngineClient {
 public:
  /// `result` answers the call; `elapsed_us` is from start to answer. `content` is set only with
  /// PayloadTaken: the bytes that result.payload names (canonical newPayloadV2 parameter, JSON).
  /// Runs exactly once, on the loop's thread, never inside the call that started it; not at all
  /// when the client is destroyed first.
  using Callback = std::function<void(core::events::EngineResult result, std::uint32_t elapsed_us,
                                      std::shared_ptr<const core::Bytes> content)>;

  EngineClient(EventLoop& loop, EngineClientOptions options);
  ~EngineClient();
  EngineClient(const EngineClient&) = delete;
  EngineClient& operator=(const EngineClient&) = delete;

  // All: loop thread only, or before run().

  /// commands::ReadHeads -> HeadsRead | EngineFailed.
  void read_heads(Callback callback);
  /// commands::ReadBlock -> BlockRead | EngineFailed.
  void read_block(core::BlockNumber number, Callback callback);
  /// commands::StartPayload -> ForkchoiceAnswered | EngineFailed. `tx_list_rlp` is the inflated
  /// list (RLP header and payload, nothing after it); it is copied.
  void start_payload(const core::commands::ForkchoiceState& state,
                     const core::protocol::PayloadAttributes& attributes,
                     core::BytesView tx_list_rlp, Callback callback);
  /// commands::GetPayload -> PayloadTaken | EngineFailed. The header is rebuilt under `chain`'s
  /// rules for `timestamp` and must hash to the payload's blockHash.
  void get_payload(const core::commands::GetPayload& command,
                   const core::protocol::ChainProfile& chain, Callback callback);
  /// commands::NewPayload -> PayloadJudged | EngineFailed. `payload_json` as get_payload produced
  /// it.
  void new_payload(core::BytesView payload_json, Callback callback);
  /// commands::UpdateForkchoice -> ForkchoiceAnswered | EngineFailed.
  void update_forkchoice(const core::commands::ForkchoiceState& state, Callback callback);

  /// commands::ReadCanonical -> CanonicalRead | EngineFailed.
  void read_canonical(core::BlockNumber number, Callback callback);
  /// commands::ReadGoldenNonce -> NonceRead | EngineFailed. A block that is not canonical (any
  /// more) is a failure, never nonce 0.
  void read_golden_nonce(const core::Hash32& block_hash, Callback callback);
  /// commands::ReadAnchorState -> AnchorStateRead | EngineFailed.
  void read_anchor_state(const core::commands::ReadAnchorState& command,
                         const core::Address& anchor_address, Callback callback);
  /// commands::LookupBatch -> BatchFound | EngineFailed.
  void lookup_batch(core::ProposalId id, Callback callback);
  /// commands::WriteOrigin -> TableWritten | EngineFailed.
  void write_origin(const core::commands::WriteOrigin& command, Callback callback);
  /// commands::SetHeadL1Origin -> TableWritten | EngineFailed.
  void set_head_l1_origin(core::BlockNumber number, Callback callback);
  /// commands::SetBatchLastBlock -> TableWritten | EngineFailed.
  void set_batch_last_block(const core::commands::SetBatchLastBlock& command, Callback callback);
  /// commands::StartDerivedPayload -> ForkchoiceAnswered | EngineFailed; as start_payload().
  void start_derived_payload(const core::commands::StartDerivedPayload& command,
                             core::BytesView tx_list_rlp, Callback callback);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
