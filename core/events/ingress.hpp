// Facts about commitments and transaction lists that reached the node.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "core/types.hpp"

namespace preconf::core::events {

/// A signed commitment arrived. The 382 signed bytes are inline: they are evidence.
struct CommitmentReceived {
  Bytes raw;  ///< exactly protocol::kSignedCommitmentBytes
  protocol::CommitmentFacts facts;
  std::uint16_t verifier_version = 0;
  PRECONF_FIELDS(CommitmentReceived, raw, facts, verifier_version);
};

/// A transaction list arrived. Its bytes are in the content store under facts.hash.
struct TxListReceived {
  protocol::TxListFacts facts;
  std::uint16_t verifier_version = 0;
  PRECONF_FIELDS(TxListReceived, facts, verifier_version);
};

}  // namespace preconf::core::events
