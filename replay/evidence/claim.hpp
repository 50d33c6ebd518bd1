// claim.json: what a bundle claims, and which of its files show it. Everything in it is computed
// again by whoever verifies; nothing is taken over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/types.hpp"
#include "replay/audit/coverage.hpp"
#include "replay/audit/finding.hpp"
#include "replay/evidence/l1_claim.hpp"

namespace preconf::replay::evidence {

inline constexpr const char* kClaimFile = "claim.json";
inline constexpr std::uint32_t kBundleFormat = 1;

/// A signed commitment of the bundle. Roles: "accused", "counter" (what it contradicts), "parent".
struct CommitmentRef {
  std::string role;
  core::Seq seq;
  std::string file;     ///< the 382 signed bytes
  std::string decoded;  ///< the same as JSON, with digest and signer
  PRECONF_FIELDS(CommitmentRef, role, seq, file, decoded);
};

/// A stored record, byte for byte.
struct RecordRef {
  core::Seq seq;
  std::string file;
  std::string kind;
  std::string why;
  PRECONF_FIELDS(RecordRef, seq, file, kind, why);
};

/// Stubs of every record from `from` to `to`: with prev_chain they give the chain at `to`.
struct PathRef {
  std::string file;
  core::Seq from;
  core::Seq to;
  std::uint64_t records = 0;
  core::Hash32 prev_chain;
  core::Hash32 chain;
  std::string anchor;                 ///< "log_end", "snapshot", or "none": none is near
  std::uint64_t seqs_to_log_end = 0;  ///< from `to` to the end of the log
  PRECONF_FIELDS(PathRef, file, from, to, records, prev_chain, chain, anchor, seqs_to_log_end);
};

struct ContentFile {
  core::Hash32 hash;
  std::string what;
  std::string file;
  PRECONF_FIELDS(ContentFile, hash, what, file);
};

/// A question for the chain, ready for `cast call TO DATA`.
struct OnChainCall {
  std::string what;
  std::string layer;  ///< "L1" or "L2"
  core::Address to;
  core::Bytes data;
  PRECONF_FIELDS(OnChainCall, what, layer, to, data);
};

struct OnChain {
  std::string slash_calldata = "none";
  std::string why_none;
  std::vector<OnChainCall> questions;
  std::optional<core::Bytes> abi_preconfirmation;  ///< what the contract's payload would be
  PRECONF_FIELDS(OnChain, slash_calldata, why_none, questions, abi_preconfirmation);
};

struct Claim {
  std::uint32_t format = kBundleFormat;
  std::string taxonomy;
  audit::Finding finding;
  audit::LogIdentity log;
  core::Address slasher;
  std::optional<core::Seq> high_water;  ///< independent witness of the log's end, when it has one
  std::vector<CommitmentRef> commitments;
  std::optional<core::Seq> schedule;  ///< event of the table, when the node was configured with it
  std::optional<L1Claim> l1;          ///< what rests on L1, when it was followed
  std::vector<RecordRef> records;
  std::vector<PathRef> paths;
  std::vector<ContentFile> contents;
  std::vector<std::string> missing;
  OnChain on_chain;
  PRECONF_FIELDS(Claim, format, taxonomy, finding, log, slasher, high_water, commitments, schedule,
                 l1, records, paths, contents, missing, on_chain);
};

}  // namespace preconf::replay::evidence
