#include "core/protocol/inbox.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/abi.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"

namespace preconf::core::protocol {
namespace {

using codec::AbiDefect;
using codec::AbiReader;
using codec::kAbiWordBytes;

constexpr unsigned kUint48 = 48;
constexpr unsigned kUint24 = 24;
constexpr unsigned kUint8 = 8;
constexpr std::size_t kCoreStateWords = 6;

LogDefect defect_of(AbiDefect defect) {
  switch (defect) {
    case AbiDefect::kNone:
      return LogDefect::kNone;
    case AbiDefect::kTruncated:
      return LogDefect::kTruncated;
    case AbiDefect::kDirtyPadding:
      return LogDefect::kDirtyPadding;
    case AbiDefect::kTooMany:
      return LogDefect::kTooMany;
  }
  return LogDefect::kTruncated;
}

/// Indexed values stand in the topics, one word each.
Bytes joined(std::span<const Hash32> topics) {
  Bytes out;
  for (const Hash32& topic : topics) codec::append_abi_word(out, topic);
  return out;
}

DerivationSource read_source(AbiReader source) {
  DerivationSource out;
  out.is_forced_inclusion = source.boolean();
  AbiReader slice = source.tuple();
  codec::AbiArray hashes = slice.array(limits::kSourceBlobsMax, 1);
  for (std::size_t i = 0; i < hashes.count; ++i) {
    out.blobs.blob_hashes.push_back(hashes.elements.word());
  }
  out.blobs.offset = static_cast<std::uint32_t>(slice.uint(kUint24));
  out.blobs.timestamp = UnixSeconds{slice.uint(kUint48)};
  return out;
}

Bytes encode_source(const DerivationSource& source) {
  Bytes out;
  codec::append_abi_u64(out, source.is_forced_inclusion ? 1 : 0);
  codec::append_abi_u64(out, 2 * kAbiWordBytes);  // blobSlice
  codec::append_abi_u64(out, 3 * kAbiWordBytes);  // blobHashes
  codec::append_abi_u64(out, source.blobs.offset);
  codec::append_abi_u64(out, source.blobs.timestamp.value);
  codec::append_abi_u64(out, source.blobs.blob_hashes.size());
  for (const Hash32& hash : source.blobs.blob_hashes) codec::append_abi_word(out, hash);
  return out;
}

void append_sources(Bytes& out, const std::vector<DerivationSource>& sources) {
  codec::append_abi_u64(out, sources.size());
  std::size_t offset = sources.size() * kAbiWordBytes;
  Bytes tail;
  for (const DerivationSource& source : sources) {
    codec::append_abi_u64(out, offset);
    const Bytes one = encode_source(source);
    tail.insert(tail.end(), one.begin(), one.end());
    offset += one.size();
  }
  out.insert(out.end(), tail.begin(), tail.end());
}

}  // namespace

Result<ProposedFacts, LogDefect> read_proposed(std::span<const Hash32> topics, BytesView data) {
  if (topics.size() != 3 || topics[0] != kProposedTopic) return Unexpected{LogDefect::kTopics};
  AbiDefect defect = AbiDefect::kNone;
  const Bytes indexed = joined(topics.subspan(1));
  AbiReader in_topics(indexed, defect);
  ProposedFacts out;
  out.id = ProposalId{in_topics.uint(kUint48)};
  out.proposer = in_topics.address();

  AbiReader in_data(data, defect);
  out.parent_proposal_hash = in_data.word();
  out.submission_window_end = UnixSeconds{in_data.uint(kUint48)};
  out.base_fee_sharing_pctg = static_cast<std::uint8_t>(in_data.uint(kUint8));
  codec::AbiArray sources = in_data.array(limits::kProposalSourcesMax, 1);
  for (std::size_t i = 0; i < sources.count && defect == AbiDefect::kNone; ++i) {
    out.sources.push_back(read_source(sources.elements.tuple()));
  }
  if (defect != AbiDefect::kNone) return Unexpected{defect_of(defect)};
  // Whatever follows is the only encoding that a compiler produces: no gaps, no shared parts.
  if (!std::ranges::equal(encode_proposed(out).data, data)) {
    return Unexpected{LogDefect::kNotCanonical};
  }
  if (out.id.value != 0 && out.sources.empty()) return Unexpected{LogDefect::kEmptySources};
  return out;
}

EncodedLog encode_proposed(const ProposedFacts& proposed) {
  EncodedLog log;
  Bytes proposer;
  codec::append_abi_address(proposer, proposed.proposer);
  log.topics = {kProposedTopic, U256::from_u64(proposed.id.value).be, Hash32::from(proposer)};
  codec::append_abi_word(log.data, proposed.parent_proposal_hash);
  codec::append_abi_u64(log.data, proposed.submission_window_end.value);
  codec::append_abi_u64(log.data, proposed.base_fee_sharing_pctg);
  codec::append_abi_u64(log.data, 4 * kAbiWordBytes);
  append_sources(log.data, proposed.sources);
  return log;
}

L1BlockNumber origin_of(const LandedAt& landed) {
  return L1BlockNumber{landed.block_number.value - (landed.block_number.value > 0 ? 1 : 0)};
}

Hash32 proposal_hash(const ProposedFacts& proposed, const LandedAt& landed) {
  Bytes out;
  codec::append_abi_u64(out, kAbiWordBytes);  // the struct is dynamic: one offset before it
  codec::append_abi_u64(out, proposed.id.value);
  codec::append_abi_u64(out, landed.timestamp.value);
  codec::append_abi_u64(out, proposed.submission_window_end.value);
  codec::append_abi_address(out, proposed.proposer);
  codec::append_abi_word(out, proposed.parent_proposal_hash);
  codec::append_abi_u64(out, origin_of(landed).value);
  codec::append_abi_word(out, landed.parent_hash);
  codec::append_abi_u64(out, proposed.base_fee_sharing_pctg);
  codec::append_abi_u64(out, 9 * kAbiWordBytes);
  append_sources(out, proposed.sources);
  return crypto::keccak256(out);
}

Result<ProvedFacts, LogDefect> read_proved(std::span<const Hash32> topics, BytesView data) {
  if (topics.size() != 2 || topics[0] != kProvedTopic) return Unexpected{LogDefect::kTopics};
  AbiDefect defect = AbiDefect::kNone;
  ProvedFacts out;
  const Bytes indexed = joined(topics.subspan(1));
  out.prover = AbiReader(indexed, defect).address();
  AbiReader in_data(data, defect);
  out.first = ProposalId{in_data.uint(kUint48)};
  out.first_new = ProposalId{in_data.uint(kUint48)};
  out.last = ProposalId{in_data.uint(kUint48)};
  if (defect != AbiDefect::kNone) return Unexpected{defect_of(defect)};
  if (data.size() != 3 * kAbiWordBytes) return Unexpected{LogDefect::kNotCanonical};
  return out;
}

Result<StateRecoveredFacts, LogDefect> read_state_recovered(std::span<const Hash32> topics,
                                                            BytesView data) {
  if (topics.size() != 1 || topics[0] != kStateRecoveredTopic) {
    return Unexpected{LogDefect::kTopics};
  }
  AbiDefect defect = AbiDefect::kNone;
  AbiReader in_data(data, defect);
  StateRecoveredFacts out;
  out.next = ProposalId{in_data.uint(kUint48)};
  out.last_finalized = ProposalId{in_data.uint(kUint48)};
  out.last_finalized_block_hash = in_data.word();
  if (defect != AbiDefect::kNone) return Unexpected{defect_of(defect)};
  if (data.size() != 3 * kAbiWordBytes) return Unexpected{LogDefect::kNotCanonical};
  return out;
}

std::optional<CoreState> read_core_state(BytesView data) {
  AbiDefect defect = AbiDefect::kNone;
  AbiReader in(data, defect);
  CoreState out;
  out.next = ProposalId{in.uint(kUint48)};
  out.last_proposal_block = L1BlockNumber{in.uint(kUint48)};
  out.last_finalized = ProposalId{in.uint(kUint48)};
  out.last_finalized_time = UnixSeconds{in.uint(kUint48)};
  out.last_checkpoint_time = UnixSeconds{in.uint(kUint48)};
  out.last_finalized_block_hash = in.word();
  if (defect != AbiDefect::kNone || data.size() != kCoreStateWords * kAbiWordBytes) {
    return std::nullopt;
  }
  return out;
}

std::optional<ProposalId> finalized_before(const CoreState& state, ProposalId id) {
  if (state.last_finalized >= id) return std::nullopt;
  return state.last_finalized;
}

const char* name_of(LogDefect defect) {
  // clang-format off
  switch (defect) {
    case LogDefect::kNone: return "none";
    case LogDefect::kTopics: return "topics";
    case LogDefect::kTruncated: return "truncated";
    case LogDefect::kDirtyPadding: return "dirty_padding";
    case LogDefect::kTooMany: return "too_many";
    case LogDefect::kNotCanonical: return "not_canonical";
    case LogDefect::kEmptySources: return "empty_sources";
    case LogDefect::kSlotOrder: return "slot_order";
    case LogDefect::kEpochMisplaced: return "epoch_misplaced";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::protocol
