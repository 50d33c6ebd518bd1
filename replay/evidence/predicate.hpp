// The definition of each kind of finding (docs/audit.md), applied to nothing but evidence.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "replay/audit/finding.hpp"
#include "replay/evidence/l1_claim.hpp"
#include "replay/evidence/record_view.hpp"

namespace preconf::replay::evidence {

/// A commitment whose facts were computed from its bytes, and the event that brought it.
struct Signed {
  std::string role;
  core::protocol::CommitmentFacts facts;
  core::Seq seq;
  core::WallNanos wall;
};

struct Facts {
  bool has_rules = false;  ///< event 1: the domain under which everything is signed
  std::vector<Signed> commitments;
  std::optional<core::protocol::Schedule> schedule;
  std::vector<core::Event> events;                      ///< decoded records, by seq
  std::vector<std::vector<Stub>> paths;                 ///< verified ones
  std::optional<L1Landing> landing;                     ///< as claimed
  std::map<core::Hash32, const core::Bytes*> contents;  ///< verified ones, by hash
};

struct PredicateResult {
  bool holds = false;
  std::string text;                    ///< what was found, or why it does not hold
  std::vector<std::string> not_shown;  ///< what the evidence can not show
};

/// Does the evidence show `finding`?
[[nodiscard]] PredicateResult check_predicate(const audit::Finding& finding, const Facts& facts);

/// Every header that an engine's answer shows, with its height.
[[nodiscard]] std::vector<core::protocol::HeaderFacts> headers_in(const core::Event& event);
/// The confirmed height that an engine's answer shows.
[[nodiscard]] std::optional<core::BlockNumber> confirmed_in(const core::Event& event);

}  // namespace preconf::replay::evidence
