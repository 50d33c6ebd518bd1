// Execution of the simulated engine: which transactions of a list enter a block, and what the
// header says afterwards. Deterministic: a block is a function of its parent and its inputs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "node/devnet/sim_block.hpp"

namespace preconf::node::devnet {

struct BlockInputs {
  std::uint64_t timestamp = 0;
  core::Address beneficiary;
  core::Hash32 prev_randao;
  std::uint64_t gas_limit = 0;
  std::uint64_t base_fee_wei = 0;
  core::Bytes extra_data;
};

/// What became of one transaction of a list.
enum class TxOutcome : std::uint8_t {
  kIncluded,
  kUnrecoverable,  ///< no sender
  kBlob,           ///< type 3 never enters a block
  kUnsupported,    ///< type 4, which this engine does not execute
  kWrongChain,
  kNonce,         ///< golden touch only; other accounts have no nonce here
  kIntrinsicGas,  ///< gas limit below the intrinsic gas
  kGasCap,        ///< gas limit over 2^24 under Unzen (EIP-7825)
  kFee,           ///< maximum fee below the base fee, or below the tip
  kBlockGas,      ///< gas limit over what the block has left
  kZkGas,         ///< the block's zk gas is used up; nothing after it is tried
};
[[nodiscard]] const char* name_of(TxOutcome outcome);

/// zk gas (Unzen): 243,000 per transaction plus one for each unit of gas; 100,000,000 per block.
inline constexpr std::uint64_t kZkGasPerTransaction = 243'000;
inline constexpr std::uint64_t kZkGasPerBlock = 100'000'000;
/// Largest gas limit of one transaction under Unzen (EIP-7825).
inline constexpr std::uint64_t kTransactionGasMax = 16'777'216;

/// The block on `parent` with as many of `transactions` (EIP-2718 form) as are valid. One that
/// does not even decode makes the list undecodable: then none is included. `outcomes`, when given,
/// receives one entry per transaction tried.
[[nodiscard]] SimBlock execute_block(const SimBlock& parent, const BlockInputs& inputs,
                                     std::span<const core::BytesView> transactions,
                                     const core::protocol::ChainProfile& chain,
                                     std::vector<TxOutcome>* outcomes = nullptr);

/// The rules for the first transaction of a block: anchorV4 selector, value 0, gas limit 1,000,000,
/// tip 0, sent by golden touch. Empty when they hold, else the reason. A block without
/// transactions passes.
[[nodiscard]] std::string check_anchor_rules(const SimBlock& block);

}  // namespace preconf::node::devnet
