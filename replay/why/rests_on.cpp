// What a state or a decision rests on: the events that brought its parts.
#include <fmt/format.h>

#include "core/base/hex.hpp"
#include "replay/why/causes.hpp"

namespace preconf::replay {

using core::Hash32;
using core::Seq;
using core::State;
using core::Verdict;

const core::Commitment* find_held(const State& state, const Hash32& preconf_hash) {
  if (const auto* linkable = state.book.find_linkable(preconf_hash)) return linkable;
  const auto at = state.book.held.lower_bound(core::CommitmentKey{preconf_hash, {}});
  const bool is_it = at != state.book.held.end() && at->first.preconf_hash == preconf_hash;
  return is_it ? &at->second : nullptr;
}

void Causes::add_facet(std::uint32_t from, const std::string& role, Facet facet, Seq seq,
                       std::uint32_t depth) {
  const auto at = chronicle_.last(facet, seq);
  if (!at) {
    const std::string missing = chronicle_.missing_before();
    add_unknown(from, role, missing.empty() ? "nothing has set it since genesis" : missing);
    return;
  }
  Focus::Kind kind = Focus::Kind::kNothing;
  if (facet == Facet::kSchedule) kind = Focus::Kind::kSchedule;
  if (facet == Facet::kHead) kind = Focus::Kind::kHead;
  if (facet == Facet::kBoundary) kind = Focus::Kind::kBoundary;
  if (facet == Facet::kGate) kind = Focus::Kind::kGate;
  if (facet == Facet::kEngineReads || facet == Facet::kEngineFatal) kind = Focus::Kind::kEngine;
  add_event(from, role, *at, Focus::on(kind), depth);
}

void Causes::add_commitment(std::uint32_t from, const std::string& role, const State& state,
                            const Hash32& preconf_hash, Seq seq, std::uint32_t depth) {
  const std::string name = core::to_hex0x(preconf_hash.view());
  const core::Commitment* held = find_held(state, preconf_hash);
  const auto mentions = chronicle_.mentions(preconf_hash, seq);
  if (held != nullptr && held->phase == core::Phase::kInvalid) {
    for (auto it = mentions.rbegin(); it != mentions.rend(); ++it) {
      if (it->verdict != Verdict::kInvalidated) continue;
      add_event(from, role + " (invalid)", it->seq, Focus::on(preconf_hash), depth);
      return;
    }
  }
  if (held != nullptr) {
    add_event(from, role, held->received, Focus::on(preconf_hash), depth);
    return;
  }
  for (auto it = mentions.rbegin(); it != mentions.rend(); ++it) {
    if (it->verdict == Verdict::kDuplicate) continue;
    add_event(from, role + " (" + core::name_of(it->verdict) + ")", it->seq,
              Focus::on(preconf_hash), depth);
    return;
  }
  const std::string missing = chronicle_.missing_before();
  add_unknown(from, role,
              fmt::format("commitment {} did not reach this node up to event {}{}", name, seq.value,
                          missing.empty() ? "" : "; but " + missing));
}

void Causes::add_parent(std::uint32_t from, const State& state,
                        const core::protocol::CommitmentFacts& facts, Seq seq,
                        std::uint32_t depth) {
  const bool is_known = find_held(state, facts.parent_preconf_hash) != nullptr ||
                        !chronicle_.mentions(facts.parent_preconf_hash, seq).empty();
  if (!is_known && facts.block_number.value != 0) {
    const auto block = state.heads.executed.find(core::BlockNumber{facts.block_number.value - 1});
    if (block != state.heads.executed.end() && block->second.preconf_hash.is_zero()) {
      add_facet(from, "parent block (its commitment is not known)", Facet::kHead, seq, depth);
      return;
    }
  }
  add_commitment(from, "parent", state, facts.parent_preconf_hash, seq, depth);
}

void Causes::add_list(std::uint32_t from, const State& state, const Hash32& hash, Seq seq,
                      std::uint32_t depth) {
  const auto entry = state.txlists.lists.find(hash);
  if (entry != state.txlists.lists.end() && entry->second.facts) {
    add_event(from, "transaction list", entry->second.received, Focus::on(hash), depth);
    return;
  }
  const auto mentions = chronicle_.mentions(hash, seq);
  if (!mentions.empty()) {
    add_event(from, "transaction list (not held any more)", mentions.back().seq, Focus::on(hash),
              depth);
    return;
  }
  const std::string missing = chronicle_.missing_before();
  add_unknown(
      from, "transaction list",
      fmt::format("list {} did not reach this node up to event {}{}", core::to_hex0x(hash.view()),
                  seq.value, missing.empty() ? "" : "; but " + missing));
}

void Causes::add_genesis(std::uint32_t from, const std::string& role) {
  if (chronicle_.first().value == 1) {
    add_event(from, role, Seq{1}, Focus{}, 0);
  } else {
    add_unknown(from, role, chronicle_.missing_before());
  }
}

}  // namespace preconf::replay
