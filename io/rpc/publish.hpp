// The stateless half of the publish methods: parameters to a submission, or to the reason why not.
// Pure functions, so they run on worker threads.
#pragma once

#include <string>
#include <variant>

#include "core/base/result.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/json/json_reader.hpp"
#include "io/rpc/backend.hpp"
#include "io/rpc/rpc_errors.hpp"

namespace preconf::io {

enum class PublishMethod : std::uint8_t { kBlock, kCommitment, kTxList };

struct PublishRefusal {
  PreconfError error;
  std::string reason;   ///< stable name for the log's summary; empty: malformed parameters only
  core::Hash32 sample;  ///< keccak256 of what was refused
};

struct PublishChecked {
  Submission submission;
  core::Hash32 commitment_hash;  ///< of the answer; zero without commitment
  core::Hash32 tx_list_hash;     ///< of the answer
};

/// Checks in the order of preconf.md 9.2, steps 1 to 5. An undecodable transaction list (step 9) is
/// submitted with its defect: the commitment to it is evidence, and the verdict decides the answer.
[[nodiscard]] core::Result<PublishChecked, PublishRefusal> check_publish(
    PublishMethod method, JsonValue params, const core::protocol::NetworkProfile& network);

/// What the caller is told about a durable verdict.
struct PublishOutcome {
  Admission admission;
  core::Seq seq;
};
[[nodiscard]] PublishOutcome outcome_of(PublishMethod method, const SubmitAnswer& answer,
                                        const core::Hash32& preconf_hash,
                                        const core::Hash32& tx_list_hash);

}  // namespace preconf::io
