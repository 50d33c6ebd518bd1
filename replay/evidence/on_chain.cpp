#include "replay/evidence/on_chain.hpp"

#include <algorithm>

#include "core/base/hex.hpp"

namespace preconf::replay::evidence {
namespace {

using core::protocol::CommitmentFacts;

/// EIP-4788: beacon roots by timestamp.
constexpr const char* kBeaconRoots = "000f3df6d732807ef1319fb7b8bb8522d0beac02";
constexpr const char* kGetPreconfMetadata = "260c5344";  ///< getPreconfMetadata(uint256)

void append_word(core::Bytes& out, std::uint64_t value) {
  const core::U256 word = core::U256::from_u64(value);
  out.insert(out.end(), word.be.bytes.begin(), word.be.bytes.end());
}
void append_word(core::Bytes& out, const core::Hash32& value) {
  out.insert(out.end(), value.bytes.begin(), value.bytes.end());
}

core::Bytes metadata_call(std::uint64_t number) {
  core::Bytes data = *core::from_hex(kGetPreconfMetadata);
  append_word(data, number);
  return data;
}

void add_missing(Claim& claim, const std::string& name) {
  const auto& known = claim.missing;
  if (std::find(known.begin(), known.end(), name) == known.end()) claim.missing.push_back(name);
}

/// abi.encode of the contract's Preconfirmation: seven words.
core::Bytes abi_preconfirmation(const CommitmentFacts& facts, const CommitmentFacts& parent) {
  core::Bytes out;
  append_word(out, facts.eop ? 1 : 0);
  append_word(out, facts.block_number.value);
  append_word(out, facts.anchor_block_number.value);
  append_word(out, parent.raw_tx_list_hash);
  append_word(out, facts.raw_tx_list_hash);
  append_word(out, parent.window_end.value);
  append_word(out, facts.window_end.value);
  return out;
}

}  // namespace

void fill_on_chain(Claim& claim, const core::protocol::ChainProfile& chain,
                   const CommitmentFacts* accused, const CommitmentFacts* parent) {
  OnChain& on_chain = claim.on_chain;
  if (accused == nullptr) {
    on_chain.why_none = "not a statement of a signer";
    return;
  }
  on_chain.why_none =
      "the signature covers keccak256(domain || SSZ(PreconfCommitment)), the peer-to-peer "
      "container; PreconfSlasherL2.slash (0x27a92c39) needs a signature over "
      "keccak256(abi.encode(Commitment)), which nobody made: see abi_preconfirmation";
  const std::uint64_t number = accused->block_number.value;
  for (const std::uint64_t height : {number, number + 1}) {
    const std::string name = "Anchor.getPreconfMetadata(" + std::to_string(height) + ")";
    on_chain.questions.push_back({name, "L2", chain.anchor_address, metadata_call(height)});
    add_missing(claim, name);
  }
  core::Bytes timestamp;
  append_word(timestamp, accused->window_end.value);
  const std::string root = "EIP-4788 beacon root at " + std::to_string(accused->window_end.value) +
                           " (a missed L1 slot makes a safety fault a liveness fault)";
  on_chain.questions.push_back({root, "L1", *core::fixed_from_hex<20>(kBeaconRoots), timestamp});
  add_missing(claim, root);
  claim.missing.push_back("registrationRoot of the operator (URC)");
  const bool has_table_from_l1 = claim.l1 && !claim.l1->schedule_facts.empty();
  if (has_table_from_l1) {
    claim.missing.push_back(
        "inclusion proofs of the L1 logs that give the schedule (receipts, or state of the "
        "whitelist): the table here is what this node read from its L1 endpoint");
  } else if (claim.schedule) {
    claim.missing.push_back(
        "L1 log and inclusion proof of the schedule (LookaheadPosted): the table here is what this "
        "node was configured with");
  } else {
    claim.missing.push_back("L1 log and inclusion proof of the schedule (LookaheadPosted)");
  }
  if (claim.l1 && claim.l1->landing) {
    claim.missing.push_back(
        "header of the L1 block, inclusion proof of its Proposed log, and KZG proofs of the blobs");
  } else {
    claim.missing.push_back("L1 inclusion of the block (Inbox proposal and its blob)");
  }
  if (parent != nullptr) on_chain.abi_preconfirmation = abi_preconfirmation(*accused, *parent);
}

}  // namespace preconf::replay::evidence
