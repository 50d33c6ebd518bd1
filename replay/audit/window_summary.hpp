// What signers did in their windows.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/base/fields.hpp"
#include "core/types.hpp"
#include "replay/audit/block_life.hpp"
#include "replay/audit/latency.hpp"
#include "replay/audit/taxonomy.hpp"

namespace preconf::replay::audit {

struct LandingCounts {
  std::uint64_t honoured = 0;
  std::uint64_t contradicted = 0;
  std::uint64_t not_landed = 0;
  std::uint64_t unknown = 0;
  std::uint64_t not_read = 0;  ///< of the unknown: nobody read L1 as far as it may land
  std::uint64_t from_l1 = 0;   ///< of the first three: said by L1, the rest by the engine's answers
  PRECONF_FIELDS(LandingCounts, honoured, contradicted, not_landed, unknown, not_read, from_l1);
};

/// How a window ended.
struct WindowEnd {
  Verdict verdict = Verdict::kUnknown;  ///< was it ended as it should be?
  std::optional<Moment> eop_seen;       ///< first arrival of an admitted EOP
  std::optional<core::BlockNumber> eop_number;
  bool eop_only = false;
  std::int64_t eop_before_end_ms = 0;  ///< window end minus first arrival; negative = late
  std::optional<core::Address> next_signer;
  std::string missing;  ///< with kUnknown
  PRECONF_FIELDS(WindowEnd, verdict, eop_seen, eop_number, eop_only, eop_before_end_ms, next_signer,
                 missing);
};

/// One signer and window.
struct WindowSummary {
  core::UnixSeconds window_end;
  core::Address signer;
  std::uint64_t schedule_version = 0;
  std::uint64_t promises = 0;  ///< contents, block-less ones included
  std::uint64_t admitted = 0;
  std::uint64_t executed = 0;
  std::uint64_t late = 0;
  std::uint64_t lists_missing = 0;
  std::optional<core::BlockNumber> first_number;
  std::optional<core::BlockNumber> last_number;
  LandingCounts landing;
  WindowEnd end;
  LatencySummary latency;
  std::uint64_t faults = 0;
  PRECONF_FIELDS(WindowSummary, window_end, signer, schedule_version, promises, admitted, executed,
                 late, lists_missing, first_number, last_number, landing, end, latency, faults);
};

struct SignerSummary {
  core::Address signer;
  std::uint64_t windows = 0;
  std::uint64_t promises = 0;
  std::uint64_t admitted = 0;
  std::uint64_t executed = 0;
  std::uint64_t late = 0;
  LandingCounts landing;
  LatencySummary latency;
  std::map<std::string, std::uint64_t> faults;  ///< by kind
  PRECONF_FIELDS(SignerSummary, signer, windows, promises, admitted, executed, late, landing,
                 latency, faults);
};

}  // namespace preconf::replay::audit
