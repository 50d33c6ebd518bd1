// One finding of an audit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/types.hpp"
#include "replay/audit/taxonomy.hpp"

namespace preconf::replay::audit {

/// One thing that somebody should know. The keys that identify it depend on the kind; those that do
/// not apply are absent.
struct Finding {
  Kind kind = Kind::kLogGap;
  FaultClass fault_class = FaultClass::kNone;
  Verdict verdict = Verdict::kFault;
  std::string id;  ///< stable name within this log: kind and identifying keys
  std::optional<core::Address> signer;
  std::optional<core::UnixSeconds> window_end;
  std::optional<core::BlockNumber> block_number;
  std::optional<core::Hash32> preconf_hash;
  std::optional<core::Seq> from;     ///< kLogGap: first missing event
  std::optional<core::Seq> to;       ///< kLogGap: last missing event
  core::Seq first_seq;               ///< first event from which it could be known
  core::WallNanos first_seen;        ///< when that event was stamped
  std::vector<core::Seq> seqs;       ///< events that show it, ascending; at most kSeqsMax
  std::string reason;                ///< with kExcused: why; otherwise empty
  std::vector<std::string> missing;  ///< what the log does not hold, by name
  Actionability actionability = Actionability::kOffchainOnly;
  std::string actionability_reason;
  std::string text;  ///< one sentence for a person
  PRECONF_FIELDS(Finding, kind, fault_class, verdict, id, signer, window_end, block_number,
                 preconf_hash, from, to, first_seq, first_seen, seqs, reason, missing,
                 actionability, actionability_reason, text);

  static constexpr std::size_t kSeqsMax = 16;
};

}  // namespace preconf::replay::audit
