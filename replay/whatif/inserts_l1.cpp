#include "replay/whatif/inserts_l1.hpp"

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/events/l1_bounds.hpp"
#include "core/limits_l1.hpp"
#include "replay/whatif/inserts.hpp"
#include "replay/whatif/json_values.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
namespace protocol = core::protocol;
using simdjson::dom::element;

/// Reads members of one object, and remembers the first that is not as it should be.
class Members {
 public:
  Members(element object, std::string& error) : object_(object), error_(error) {}

  [[nodiscard]] bool has(const char* name) const {
    element value;
    return object_[name].get(value) == simdjson::SUCCESS && !value.is_null();
  }
  std::uint64_t number(const char* name, std::optional<std::uint64_t> otherwise = std::nullopt) {
    if (otherwise && !has(name)) return *otherwise;
    const auto value = json_number(object_, name);
    if (!value) fail(name);
    return value.value_or(0);
  }
  bool flag(const char* name) {
    bool value = false;
    if (has(name) && object_[name].get_bool().get(value) != simdjson::SUCCESS) fail(name);
    return value;
  }
  /// Zero when it is absent and may be.
  template <std::size_t N>
  core::FixedBytes<N> fixed(const char* name, bool is_optional = false) {
    if (is_optional && !has(name)) return {};
    return bytes_of<N>(object_[name].get_string(), name);
  }
  template <std::size_t N>
  core::FixedBytes<N> bytes_of(simdjson::simdjson_result<std::string_view> item, const char* name) {
    std::string_view text;
    std::optional<core::FixedBytes<N>> value;
    if (std::move(item).get(text) == simdjson::SUCCESS) value = core::fixed_from_hex<N>(text);
    if (!value) fail(name);
    return value.value_or(core::FixedBytes<N>{});
  }
  /// `read(element)` for each item; none when it is absent.
  template <class Read>
  void each(const char* name, std::size_t most, Read&& read) {
    if (!has(name)) return;
    simdjson::dom::array items;
    if (object_[name].get_array().get(items) != simdjson::SUCCESS || items.size() > most) {
      fail(name);
      return;
    }
    for (const element item : items) read(item);
  }
  element object(const char* name) {
    element value;
    if (object_[name].get(value) != simdjson::SUCCESS || !value.is_object()) fail(name);
    return error_.empty() ? value : object_;
  }
  void fail(const char* name) {
    if (error_.empty()) error_ = name;
  }

 private:
  element object_;
  std::string& error_;
};

protocol::FallbackOperator fallback_of(Members& owner, const char* name, std::string& error) {
  protocol::FallbackOperator who;
  if (!owner.has(name)) return who;
  Members members(owner.object(name), error);
  who.proposer = members.fixed<20>("proposer");
  who.sequencer = members.fixed<20>("sequencer");
  return who;
}

protocol::ProposedFacts proposed_of(element object, std::string& error) {
  Members members(object, error);
  protocol::ProposedFacts proposed;
  proposed.id = core::ProposalId{members.number("id")};
  proposed.proposer = members.fixed<20>("proposer");
  proposed.parent_proposal_hash = members.fixed<32>("parent_proposal_hash", true);
  proposed.submission_window_end = core::UnixSeconds{members.number("submission_window_end", 0)};
  const std::uint64_t sharing = members.number("base_fee_sharing_pctg", 0);
  if (sharing > 0xff) members.fail("base_fee_sharing_pctg");
  proposed.base_fee_sharing_pctg = static_cast<std::uint8_t>(sharing);
  members.each("sources", core::limits::kProposalSourcesMax, [&](element item) {
    Members source(item, error);
    protocol::DerivationSource added;
    added.is_forced_inclusion = source.flag("is_forced_inclusion");
    const std::uint64_t offset = source.number("offset", 0);
    if (offset > 0xffffff) source.fail("offset");  // uint24
    added.blobs.offset = static_cast<std::uint32_t>(offset);
    added.blobs.timestamp = core::UnixSeconds{source.number("timestamp", 0)};
    source.each("blob_hashes", core::limits::kProposalBlobsMax, [&](element hash) {
      added.blobs.blob_hashes.push_back(source.bytes_of<32>(hash.get_string(), "blob_hashes"));
    });
    proposed.sources.push_back(std::move(added));
  });
  return proposed;
}

protocol::LookaheadFact lookahead_of(element object, std::string& error) {
  Members members(object, error);
  protocol::LookaheadFact fact;
  fact.posted.epoch = core::UnixSeconds{members.number("epoch")};
  fact.fallback = fallback_of(members, "fallback", error);
  members.each("slots", core::limits::kLookaheadSlotsMax, [&](element item) {
    Members slot(item, error);
    protocol::LookaheadSlot added;
    added.timestamp = core::UnixSeconds{slot.number("timestamp")};
    added.committer = slot.fixed<20>("committer");
    added.registration_root = slot.fixed<32>("registration_root", true);
    fact.posted.slots.push_back(added);
  });
  fact.posted.lookahead_hash = protocol::lookahead_hash_of(fact.posted.epoch, fact.posted.slots);
  return fact;
}

std::optional<ev::L1FactBody> fact_of(element item, std::string& error) {
  Members members(item, error);
  if (members.has("proposed")) return proposed_of(members.object("proposed"), error);
  if (members.has("lookahead")) return lookahead_of(members.object("lookahead"), error);
  if (members.has("blacklist")) {
    Members fact(members.object("blacklist"), error);
    return protocol::BlacklistChanged{fact.fixed<32>("registration_root"),
                                      core::UnixSeconds{fact.number("since")},
                                      fact.flag("is_listed")};
  }
  if (members.has("selection")) {
    Members fact(members.object("selection"), error);
    return protocol::SelectionFact{fallback_of(fact, "current", error),
                                   fallback_of(fact, "next", error)};
  }
  if (members.has("epoch")) {
    Members fact(members.object("epoch"), error);
    return protocol::EpochFact{core::UnixSeconds{fact.number("epoch")},
                               fallback_of(fact, "fallback", error)};
  }
  members.fail("facts: proposed, lookahead, blacklist, selection or epoch");
  return std::nullopt;
}

std::optional<ev::L1Ref> tag_of(Members& owner, const char* name, std::string& error) {
  if (!owner.has(name)) return std::nullopt;
  Members members(owner.object(name), error);
  return ev::L1Ref{core::L1BlockNumber{members.number("number")}, members.fixed<32>("hash")};
}

void complete(ev::L1BlockObserved& block, const core::State& state) {
  const auto& links = state.l1_chain.links;
  if (!links.empty()) {
    const core::L1Link& newest = links.back();
    if (block.number.value == 0) block.number = core::next(newest.number);
    if (block.timestamp.value == 0) {
      block.timestamp =
          core::UnixSeconds{newest.timestamp.value + state.l1_chain.deployment.clock.slot_seconds};
    }
    if (block.previous.is_zero()) block.previous = newest.hash;
    if (block.parent_hash.is_zero()) block.parent_hash = block.previous;
  }
  if (block.hash.is_zero()) {
    block.hash = core::crypto::keccak256(core::codec::canonical_bytes(block));
  }
}

}  // namespace

InsertedBody l1_block_of(element object) {
  std::string error;
  Members members(object, error);
  ev::L1BlockObserved block;
  block.number = core::L1BlockNumber{members.number("number", 0)};
  block.hash = members.fixed<32>("hash", true);
  block.parent_hash = members.fixed<32>("parent_hash", true);
  block.state_root = members.fixed<32>("state_root", true);
  block.timestamp = core::UnixSeconds{members.number("timestamp", 0)};
  block.previous = members.fixed<32>("previous", true);
  members.each("facts", core::limits::kFactsPerL1BlockMax, [&](element item) {
    auto fact = fact_of(item, error);
    const auto index = static_cast<std::uint32_t>(block.facts.size());
    if (fact) block.facts.push_back(ev::L1Fact{index, std::move(*fact)});
  });
  if (error.empty() && !ev::fits_one_event(block.facts)) error = "facts: more than fit";
  if (!error.empty()) return core::Unexpected{"l1_block: " + error};
  return core::EventBody{std::move(block)};
}

InsertedBody l1_tags_of(element object) {
  std::string error;
  Members members(object, error);
  ev::L1TagsObserved tags;
  tags.is_live = members.flag("is_live");
  tags.safe = tag_of(members, "safe", error);
  tags.finalized = tag_of(members, "finalized", error);
  if (!error.empty()) return core::Unexpected{"l1_tags: " + error};
  return core::EventBody{tags};
}

std::string complete_insert(core::EventBody& body, const core::State& state) {
  const bool is_followed = state.l1_chain.is_followed;
  if (std::holds_alternative<ev::L1SyncObserved>(body) && is_followed) {
    return "l1: this log follows L1, which decides; insert l1_block or l1_tags";
  }
  const bool is_of_l1 = std::holds_alternative<ev::L1BlockObserved>(body) ||
                        std::holds_alternative<ev::L1TagsObserved>(body);
  if (is_of_l1 && !is_followed) {
    return "l1_block, l1_tags: this log does not follow L1 there; insert l1";
  }
  if (auto* block = std::get_if<ev::L1BlockObserved>(&body)) complete(*block, state);
  return {};
}

}  // namespace preconf::replay
