#include "replay/audit/landing.hpp"

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/protocol/payload_attributes.hpp"

namespace preconf::replay::audit {
namespace {

using core::BlockNumber;

std::string number_text(BlockNumber number) { return std::to_string(number.value); }

std::string metadata_call(BlockNumber number) {
  return "Anchor.getPreconfMetadata(" + number_text(number) + ")";
}

/// Could the header be that of the promised block? The first byte of extraData is the chain's.
bool could_be(const Promise& promise, const core::protocol::HeaderFacts& header) {
  const auto extra = core::protocol::extra_data_of(
      header.extra_data.empty() ? 0 : header.extra_data.front(), promise.life.proposal_id);
  return header.timestamp == promise.life.timestamp && header.beneficiary == promise.coinbase &&
         header.gas_limit == promise.gas_limit &&
         std::equal(header.extra_data.begin(), header.extra_data.end(), extra.bytes.begin(),
                    extra.bytes.end());
}

/// On-chain metadata of a confirmed block.
struct Metadata {
  const Promise* promise = nullptr;  ///< none: not known
  bool is_confirmed = false;
};

Metadata metadata_at(BlockNumber number, const ChainView& chain, const PromiseBook& book) {
  if (number > chain.boundary()) return {};
  const ChainBlock* block = chain.at(number);
  if (block == nullptr) return {nullptr, true};
  return {book.executed_as(block->hash), true};
}

/// The block that a promise is built on; steps over EOP-only ones, which are no blocks.
const Promise* parent_block_of(const Promise& promise, const PromiseBook& book) {
  constexpr int kStepsMax = 64;
  const Promise* parent = book.find(promise.life.parent_preconf_hash);
  for (int i = 0; parent != nullptr && parent->life.eop_only && i < kStepsMax; ++i) {
    parent = book.find(parent->life.parent_preconf_hash);
  }
  return parent == nullptr || parent->life.eop_only ? nullptr : parent;
}

PredicateCheck decided(Predicate predicate, bool holds) {
  return {predicate, holds ? Truth::kTrue : Truth::kFalse, {}};
}

PredicateCheck undecided(Predicate predicate, std::string missing) {
  return {predicate, Truth::kUnknown, std::move(missing)};
}

/// The promise, and what is known of the blocks n and n+1.
class Checker {
 public:
  Checker(const Promise& promise, const ChainView& chain, const PromiseBook& book)
      : promise_(promise),
        life_(promise.life),
        chain_(chain),
        book_(book),
        at_(metadata_at(life_.number, chain, book)),
        next_(metadata_at(core::next(life_.number), chain, book)) {}

  [[nodiscard]] PredicateCheck missed_submission() const {
    constexpr auto kThis = Predicate::kMissedSubmission;
    if (life_.eop_only) return decided(kThis, false);
    if (at_.promise == nullptr) return undecided(kThis, metadata_call(life_.number));
    return decided(kThis, window_at() > life_.window_end);
  }

  [[nodiscard]] PredicateCheck missing_eop() const {
    constexpr auto kThis = Predicate::kMissingEop;
    if (life_.eop) return decided(kThis, false);
    if (at_.promise == nullptr) return undecided(kThis, metadata_call(life_.number));
    if (window_at() != life_.window_end) return decided(kThis, false);
    if (next_.promise == nullptr) return undecided(kThis, metadata_call(core::next(life_.number)));
    return decided(kThis, next_.promise->life.window_end > life_.window_end);
  }

  [[nodiscard]] PredicateCheck mismatch() const {
    constexpr auto kThis = Predicate::kTxListOrAnchorMismatch;
    if (at_.promise == nullptr) return undecided(kThis, metadata_call(life_.number));
    const BlockLife& landed = at_.promise->life;
    if (window_at() != life_.window_end) return decided(kThis, false);
    const bool same = landed.tx_list_hash == life_.tx_list_hash && landed.anchor == life_.anchor;
    if (same) return decided(kThis, false);
    const Promise* parent = parent_block_of(promise_, book_);
    if (parent == nullptr) {
      return undecided(kThis, "commitment " + core::to_hex0x(life_.parent_preconf_hash.view()));
    }
    if (life_.number.value == 0) return decided(kThis, false);
    const BlockNumber below{life_.number.value - 1};
    const Metadata landed_parent = metadata_at(below, chain_, book_);
    if (landed_parent.promise == nullptr) return undecided(kThis, metadata_call(below));
    const bool same_parent =
        landed_parent.promise->life.tx_list_hash == parent->life.tx_list_hash &&
        landed_parent.promise->life.window_end == parent->life.window_end;
    return decided(kThis, same_parent);
  }

  [[nodiscard]] PredicateCheck invalid_eop() const {
    constexpr auto kThis = Predicate::kInvalidEop;
    if (!life_.eop) return decided(kThis, false);
    if (at_.promise == nullptr) return undecided(kThis, metadata_call(life_.number));
    if (window_at() != life_.window_end) return decided(kThis, false);
    if (life_.eop_only) return decided(kThis, true);
    if (next_.promise == nullptr) return undecided(kThis, metadata_call(core::next(life_.number)));
    return decided(kThis, next_.promise->life.window_end == life_.window_end);
  }

 private:
  [[nodiscard]] core::UnixSeconds window_at() const { return at_.promise->life.window_end; }

  const Promise& promise_;
  const BlockLife& life_;
  const ChainView& chain_;
  const PromiseBook& book_;
  const Metadata at_;
  const Metadata next_;
};

/// The word of L1 itself; the engine's answers only add the hash.
LandingVerdict landing_on_l1(const L1Verdict& said, const Promise& promise,
                             const ChainView& chain) {
  if (said.verdict == core::Verdict::kNotLanded) return {Landing::kNotLanded, std::nullopt, {}};
  const ChainBlock* block = chain.at(promise.life.number);
  std::optional<core::Hash32> hash;
  if (block != nullptr) hash = block->hash;
  if (said.verdict == core::Verdict::kHonoured) return {Landing::kHonoured, hash, {}};
  // The engine may still have the promised block, until the derived one is built.
  const auto& own = promise.blocks;
  if (hash && std::find(own.begin(), own.end(), *hash) != own.end()) hash.reset();
  return {Landing::kContradicted, hash, {}};
}

}  // namespace

LandingVerdict landing_of(const Promise& promise, const ChainView& chain, const PromiseBook& book,
                          const L1Reading& l1) {
  const BlockLife& life = promise.life;
  if (life.eop_only) return {Landing::kNoBlock, std::nullopt, {}};
  if (life.on_l1) return landing_on_l1(*life.on_l1, promise, chain);
  if (life.number > chain.boundary()) {
    if (l1.is_past(life.timestamp)) return {Landing::kNotLanded, std::nullopt, {}};
    return {Landing::kUnknown, std::nullopt, l1.missing_for(life.timestamp), true};
  }
  const ChainBlock* block = chain.at(life.number);
  if (block == nullptr) {
    return {Landing::kUnknown, std::nullopt, "canonical block " + number_text(life.number)};
  }
  const Promise* landed = book.executed_as(block->hash);
  if (landed != nullptr) {
    const bool same = landed->life.preconf_hash == life.preconf_hash;
    return {same ? Landing::kHonoured : Landing::kContradicted, block->hash, {}};
  }
  if (!promise.blocks.empty()) return {Landing::kContradicted, block->hash, {}};
  if (!block->header) {
    return {Landing::kUnknown, block->hash, "header of block " + number_text(life.number)};
  }
  if (!could_be(promise, *block->header)) return {Landing::kContradicted, block->hash, {}};
  return {Landing::kUnknown, block->hash,
          "payload id or transaction list of block " + number_text(life.number)};
}

std::array<PredicateCheck, kPredicateCount> predicates_of(const Promise& promise,
                                                          const ChainView& chain,
                                                          const PromiseBook& book) {
  const Checker checker(promise, chain, book);
  return {checker.missed_submission(), checker.missing_eop(), checker.mismatch(),
          checker.invalid_eop()};
}

}  // namespace preconf::replay::audit
