// What became of a promise on L1, and what the slashing contract would say, as far as a log shows.
#pragma once

#include <array>
#include <string>

#include "replay/audit/chain_view.hpp"
#include "replay/audit/promise_book.hpp"

namespace preconf::replay::audit {

struct LandingVerdict {
  Landing landing = Landing::kUnknown;
  std::optional<core::Hash32> confirmed_hash;
  std::string missing;  ///< with kUnknown
};

/// The confirmed block at the promise's height against the promise: by hash when it was executed,
/// by the header's fields when it was not.
[[nodiscard]] LandingVerdict landing_of(const Promise& promise, const ChainView& chain,
                                        const PromiseBook& book);

/// Every predicate, in the order of the contract's enum. M and N are the metadata of the confirmed
/// blocks n and n+1: known when such a block was executed from a commitment that is at hand.
[[nodiscard]] std::array<PredicateCheck, kPredicateCount> predicates_of(const Promise& promise,
                                                                        const ChainView& chain,
                                                                        const PromiseBook& book);

}  // namespace preconf::replay::audit
