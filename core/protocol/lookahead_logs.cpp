#include "core/protocol/lookahead_logs.hpp"

#include <algorithm>

#include "core/codec/abi.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"

namespace preconf::core::protocol {
namespace {

using codec::AbiDefect;
using codec::AbiReader;
using codec::kAbiWordBytes;

constexpr std::size_t kSlotWords = 4;
constexpr std::size_t kLookaheadHashBytes = 26;
constexpr unsigned kUint64 = 64;
constexpr unsigned kUint48 = 48;

void append_slots(Bytes& out, std::span<const LookaheadSlot> slots) {
  codec::append_abi_u64(out, slots.size());
  for (const LookaheadSlot& slot : slots) {
    codec::append_abi_address(out, slot.committer);
    codec::append_abi_u64(out, slot.timestamp.value);
    codec::append_abi_word(out, slot.registration_root);
    codec::append_abi_word(out, slot.validator_leaf_index.be);
  }
}

/// The store's own posting rules: within the epoch, at slot starts, each later than the one before.
bool in_order(const LookaheadPosted& posted, const EpochClock& clock) {
  std::uint64_t first_allowed = 0;
  for (const LookaheadSlot& slot : posted.slots) {
    if (slot.timestamp < posted.epoch) return false;
    const std::uint64_t into = distance(posted.epoch, slot.timestamp);
    if (into >= clock.epoch_seconds() || into % clock.slot_seconds != 0) return false;
    if (into < first_allowed) return false;
    first_allowed = into + 1;
  }
  return true;
}

LogDefect defect_of(AbiDefect defect) {
  if (defect == AbiDefect::kTooMany) return LogDefect::kTooMany;
  return defect == AbiDefect::kDirtyPadding ? LogDefect::kDirtyPadding : LogDefect::kTruncated;
}

}  // namespace

Result<LookaheadPosted, LogDefect> read_lookahead_posted(std::span<const Hash32> topics,
                                                         BytesView data, const EpochClock& clock) {
  if (topics.size() != 2 || topics[0] != kLookaheadPostedTopic) {
    return Unexpected{LogDefect::kTopics};
  }
  AbiDefect defect = AbiDefect::kNone;
  LookaheadPosted out;
  out.epoch = UnixSeconds{AbiReader(topics[1].view(), defect).uint(kUint64)};
  AbiReader in(data, defect);
  out.lookahead_hash = in.word();
  codec::AbiArray slots = in.array(limits::kLookaheadSlotsMax, kSlotWords);
  for (std::size_t i = 0; i < slots.count; ++i) {
    LookaheadSlot slot;
    slot.committer = slots.elements.address();
    slot.timestamp = UnixSeconds{slots.elements.uint(kUint64)};
    slot.registration_root = slots.elements.word();
    slot.validator_leaf_index = slots.elements.u256();
    out.slots.push_back(slot);
  }
  if (defect != AbiDefect::kNone) return Unexpected{defect_of(defect)};
  if (!std::ranges::equal(encode_lookahead_posted(out).data, data)) {
    return Unexpected{LogDefect::kNotCanonical};
  }
  if (!is_epoch(clock, out.epoch)) return Unexpected{LogDefect::kEpochMisplaced};
  if (!in_order(out, clock)) return Unexpected{LogDefect::kSlotOrder};
  return out;
}

EncodedLog encode_lookahead_posted(const LookaheadPosted& posted) {
  EncodedLog log;
  log.topics = {kLookaheadPostedTopic, U256::from_u64(posted.epoch.value).be};
  codec::append_abi_word(log.data, posted.lookahead_hash);
  codec::append_abi_u64(log.data, 2 * kAbiWordBytes);
  append_slots(log.data, posted.slots);
  return log;
}

Hash32 lookahead_hash_of(UnixSeconds epoch, std::span<const LookaheadSlot> slots) {
  Bytes encoded;
  codec::append_abi_u64(encoded, epoch.value);
  codec::append_abi_u64(encoded, 2 * kAbiWordBytes);
  append_slots(encoded, slots);
  Hash32 hash = crypto::keccak256(encoded);
  std::fill(hash.bytes.begin() + kLookaheadHashBytes, hash.bytes.end(), std::uint8_t{0});
  return hash;
}

Result<BlacklistChanged, LogDefect> read_blacklist_changed(std::span<const Hash32> topics,
                                                           BytesView data) {
  if (topics.size() != 2 || (topics[0] != kBlacklistedTopic && topics[0] != kUnblacklistedTopic)) {
    return Unexpected{LogDefect::kTopics};
  }
  AbiDefect defect = AbiDefect::kNone;
  BlacklistChanged out;
  out.registration_root = topics[1];
  out.since = UnixSeconds{AbiReader(data, defect).uint(kUint48)};
  out.is_listed = topics[0] == kBlacklistedTopic;
  if (defect != AbiDefect::kNone) return Unexpected{defect_of(defect)};
  if (data.size() != kAbiWordBytes) return Unexpected{LogDefect::kNotCanonical};
  return out;
}

EncodedLog encode_blacklist_changed(const BlacklistChanged& changed) {
  EncodedLog log;
  log.topics = {changed.is_listed ? kBlacklistedTopic : kUnblacklistedTopic,
                changed.registration_root};
  codec::append_abi_u64(log.data, changed.since.value);
  return log;
}

Result<OperatorChanged, LogDefect> read_operator_changed(std::span<const Hash32> topics,
                                                         BytesView data) {
  if (topics.size() != 3 ||
      (topics[0] != kOperatorAddedTopic && topics[0] != kOperatorRemovedTopic)) {
    return Unexpected{LogDefect::kTopics};
  }
  AbiDefect defect = AbiDefect::kNone;
  OperatorChanged out;
  out.proposer = AbiReader(topics[1].view(), defect).address();
  out.sequencer = AbiReader(topics[2].view(), defect).address();
  out.since = AbiReader(data, defect).u256();
  out.is_added = topics[0] == kOperatorAddedTopic;
  if (defect != AbiDefect::kNone) return Unexpected{defect_of(defect)};
  if (data.size() != kAbiWordBytes) return Unexpected{LogDefect::kNotCanonical};
  return out;
}

}  // namespace preconf::core::protocol
