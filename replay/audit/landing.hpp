// What became of a promise on L1, and what the slashing contract would say, as far as a log shows.
#pragma once

#include <array>
#include <string>

#include "replay/audit/chain_view.hpp"
#include "replay/audit/l1_reading.hpp"
#include "replay/audit/promise_book.hpp"

namespace preconf::replay::audit {

struct LandingVerdict {
  Landing landing = Landing::kUnknown;
  std::optional<core::Hash32> confirmed_hash;
  std::string missing;    ///< with kUnknown
  bool not_read = false;  ///< with kUnknown: L1 was not read far enough
};

/// The confirmed block at the promise's height against the promise: by hash when it was executed,
/// by the header's fields when it was not. Above the confirmed boundary it did not land when L1 was
/// read so far that it can not land any more; otherwise nobody looked.
[[nodiscard]] LandingVerdict landing_of(const Promise& promise, const ChainView& chain,
                                        const PromiseBook& book, const L1Reading& l1);

/// Every predicate, in the order of the contract's enum. M and N are the metadata of the confirmed
/// blocks n and n+1: known when such a block was executed from a commitment that is at hand.
[[nodiscard]] std::array<PredicateCheck, kPredicateCount> predicates_of(const Promise& promise,
                                                                        const ChainView& chain,
                                                                        const PromiseBook& book);

}  // namespace preconf::replay::audit
