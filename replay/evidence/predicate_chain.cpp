#include <fmt/format.h>

#include <set>

#include "core/base/hex.hpp"
#include "replay/evidence/predicate_parts.hpp"

namespace preconf::replay::evidence {
namespace {

namespace ev = core::events;
using core::protocol::CommitmentFacts;
using core::protocol::HeaderFacts;

std::string hex(const core::Hash32& hash) { return core::to_hex0x(hash.view()); }

bool could_be(const CommitmentFacts& facts, const HeaderFacts& header) {
  return header.timestamp == facts.timestamp && header.beneficiary == facts.coinbase &&
         header.gas_limit == facts.gas_limit;
}

/// An answer shows a head below a block that an earlier one shows.
PredicateResult head_went_back(core::BlockNumber number, const Facts& facts) {
  std::optional<core::Seq> shown;
  for (const core::Event& event : facts.events) {
    const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
    const auto* heads = answer == nullptr ? nullptr : std::get_if<ev::HeadsRead>(&answer->result);
    if (shown && heads != nullptr && heads->latest && heads->latest->number < number) {
      return yes(fmt::format("event {} shows block {}, event {} a head at {}", shown->value,
                             number.value, event.seq.value, heads->latest->number.value));
    }
    for (const HeaderFacts& header : headers_in(event)) {
      if (header.number >= number && !shown) shown = event.seq;
    }
  }
  return no("the records show one block at this height, and no head below it");
}

}  // namespace

PredicateResult contradiction(const Signed& accused, const Facts& facts) {
  std::string on_l1;
  if (facts.landing) {
    PredicateResult result = contradiction_on_l1(accused, facts);
    if (result.holds) return result;
    on_l1 = result.text + "; ";
  }
  const core::BlockNumber number = accused.facts.block_number;
  std::optional<core::Seq> confirmed;
  for (const core::Event& event : facts.events) {
    const auto boundary = confirmed_in(event);
    if (boundary && *boundary >= number) confirmed = event.seq;
  }
  if (!confirmed) return no(on_l1 + "no record shows the height as confirmed");
  std::set<core::Hash32> promised;  // blocks that were built for the promise
  std::set<core::Hash32> others;
  for (const core::Event& event : facts.events) {
    const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
    const bool is_built =
        answer != nullptr && std::holds_alternative<ev::PayloadTaken>(answer->result);
    for (const HeaderFacts& header : headers_in(event)) {
      if (core::next(header.number) == number || header.number < number) continue;
      if (header.number == core::next(number)) others.insert(header.parent_hash);
      if (header.number != number) continue;
      (is_built && could_be(accused.facts, header) ? promised : others).insert(header.hash);
      if (!could_be(accused.facts, header)) {
        PredicateResult result = yes(fmt::format(
            "event {} shows block {} as {}, with another time, recipient or gas limit than "
            "promised; event {} shows the height as confirmed",
            event.seq.value, number.value, hex(header.hash), confirmed->value));
        result.not_shown.push_back("the block on L1: the engine's word stands for it");
        return result;
      }
    }
  }
  std::erase_if(others, [&promised](const auto& hash) { return promised.contains(hash); });
  if (promised.empty() || others.empty()) {
    return no(on_l1 +
              "the blocks shown at this height have the promised time, recipient and gas limit; "
              "which transaction list they hold is not shown");
  }
  PredicateResult result =
      yes(fmt::format("block {} was built as {} and is canonical as {}", number.value,
                      hex(*promised.begin()), hex(*others.begin())));
  result.not_shown.push_back("the block on L1: the engine's word stands for it");
  return result;
}

PredicateResult reorg(const audit::Finding& finding, const Facts& facts) {
  std::set<core::Hash32> seen;
  for (const core::Event& event : facts.events) {
    for (const HeaderFacts& header : headers_in(event)) {
      if (header.number == *finding.block_number) seen.insert(header.hash);
      if (header.number == core::next(*finding.block_number)) seen.insert(header.parent_hash);
    }
  }
  if (seen.size() < 2) return head_went_back(*finding.block_number, facts);
  return yes(fmt::format("{} blocks at height {}: {} and {}", seen.size(),
                         finding.block_number->value, hex(*seen.begin()),
                         hex(*std::next(seen.begin()))));
}

PredicateResult gap(const audit::Finding& finding, const Facts& facts) {
  for (const core::Event& event : facts.events) {
    const auto* recorded = std::get_if<ev::LogGapRecorded>(&event.body);
    if (recorded == nullptr || recorded->from != finding.from || recorded->to != finding.to)
      continue;
    return yes(fmt::format("event {} records that {} to {} are missing", event.seq.value,
                           recorded->from.value, recorded->to.value));
  }
  return no("what is not there leaves no record: `preconf log verify` shows it on the log itself");
}

std::vector<HeaderFacts> headers_in(const core::Event& event) {
  const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
  if (answer == nullptr) return {};
  if (const auto* heads = std::get_if<ev::HeadsRead>(&answer->result)) {
    if (heads->latest) return {*heads->latest};
  } else if (const auto* read = std::get_if<ev::BlockRead>(&answer->result)) {
    if (read->block) return {*read->block};
  } else if (const auto* taken = std::get_if<ev::PayloadTaken>(&answer->result)) {
    return {taken->header};
  } else if (const auto* canonical = std::get_if<ev::CanonicalRead>(&answer->result)) {
    if (canonical->block) return {canonical->block->header};
  }
  return {};
}

std::optional<core::BlockNumber> confirmed_in(const core::Event& event) {
  const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
  if (answer == nullptr) return std::nullopt;
  if (const auto* heads = std::get_if<ev::HeadsRead>(&answer->result)) return heads->head_l1_origin;
  if (const auto* read = std::get_if<ev::BlockRead>(&answer->result)) return read->head_l1_origin;
  if (const auto* canonical = std::get_if<ev::CanonicalRead>(&answer->result)) {
    return canonical->head_l1_origin;
  }
  return std::nullopt;
}

}  // namespace preconf::replay::evidence
