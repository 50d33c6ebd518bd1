// Facts recomputed from bytes: what `replay --verify` compares with what the log says.
#pragma once

#include <optional>
#include <string>

#include "core/event.hpp"
#include "core/protocol/chain_profile.hpp"
#include "replay/difference.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {

/// The rules under which the facts of a log were established (its GenesisRecorded).
struct Rules {
  core::protocol::ChainProfile chain;
  core::protocol::NetworkProfile network;
};

enum class FactKind : std::uint8_t {
  kNone,        ///< the event carries nothing that follows from bytes
  kCommitment,  ///< hashes, signer and fields of the inline 382 bytes
  kTxList,      ///< hashes, sizes and anchor of the stored list
  kPayload,     ///< header and transaction count of the stored newPayload parameter
  kBlob,        ///< versioned hash of the commitment, size of the stored blob
  kSources,     ///< manifests of the stored blobs
};

[[nodiscard]] FactKind fact_kind_of(const core::EventBody& body);

struct FactCheck {
  FactKind kind = FactKind::kNone;
  std::optional<Difference> difference;  ///< none: what was recorded follows from the bytes
  std::optional<std::string> missing;    ///< the bytes are not there any more: which ones
};

/// Recomputes the facts of `event`. Any thread.
[[nodiscard]] FactCheck check_facts(const core::Event& event, const Rules& rules,
                                    const storage::EventSource& log);

}  // namespace preconf::replay
