#include "replay/rules_l1.hpp"

#include <algorithm>
#include <array>

namespace preconf::replay {
namespace {

using core::Reason;
using core::Verdict;

constexpr const char* kChain = "L1 follower; core/effects/l1_observation";
constexpr const char* kInbox = "IInbox.sol of Taiko Shasta; core/protocol/inbox";
constexpr const char* kBlobs = "EIP-4844; core/events/l1";
constexpr const char* kManifest = "derivation rules, manifest; core/protocol/source_manifest";
constexpr const char* kSegment = "derivation rules, metadata validation; core/protocol/segment";
constexpr const char* kDerive = "driver effects E1, E6, E9; core/effects/safety_progression";
constexpr const char* kResume = "driver effect E1, resume point; core/effects/resume_point";
constexpr const char* kRewind = "driver effect T4; core/effects/safety_reversal";
constexpr const char* kGate = "driver effect T10; core/effects/ingress_gate";

struct Entry {
  Reason reason;
  Rule rule;
};

constexpr std::array kRules{
    Entry{Reason::kL1Unlinked,
          {"an L1 block builds on one that was observed; if not, L1 is read again from there",
           kChain}},
    Entry{Reason::kL1BelowFinalized,
          {"what L1 finalized is not undone; an operator has to look at the L1 endpoint", kChain}},
    Entry{Reason::kL1BacklogFull,
          {"what waits to be derived is bounded; the block is offered again later", kChain}},
    Entry{Reason::kL1OtherDeployment,
          {"one log follows one deployment; another one needs a log of its own", kChain}},
    Entry{Reason::kL1NotFollowed,
          {"L1 is followed only after its deployment was recorded", kChain}},
    Entry{Reason::kL1SkipNotFinal, {"only L1 blocks that are final may be skipped", kChain}},
    Entry{Reason::kProposalGap,
          {"proposals are derived in the order of their ids, without a gap", kInbox}},
    Entry{Reason::kL1Unavailable,
          {"an L1 or beacon endpoint answers; until one does, it is asked again", kBlobs}},
    Entry{Reason::kBlobMissing,
          {"a blob that nobody serves is waited for; the default never stands in for it", kBlobs}},
    Entry{Reason::kBlobMismatch,
          {"a blob's commitment hashes to the versioned hash that the proposal names", kBlobs}},
    Entry{Reason::kL1Malformed,
          {"an answer of L1 or the beacon node can be understood and is within its bound", kBlobs}},
    Entry{Reason::kManifestUndecided,
          {"a manifest over our bound is neither used nor replaced by the default", kManifest}},
    Entry{Reason::kBlobBad,
          {"every blob of a source can be decoded; if not, the default manifest stands in",
           kManifest}},
    Entry{Reason::kManifestBad,
          {"a source holds a well-formed manifest; if not, the default stands in", kManifest}},
    Entry{Reason::kSegmentBad,
          {"a manifest's blocks keep the metadata rules; if not, the default block stands in",
           kSegment}},
    Entry{Reason::kResumeUnknown,
          {"derivation goes on from a block that L1 confirmed; without a head L1 origin nothing is "
           "derived",
           kResume}},
    Entry{Reason::kBatchUnknown,
          {"the engine knows the last block of a derived proposal for certain", kResume}},
    Entry{Reason::kAnchorUnknown,
          {"the L1 block that an anchor names is known by hash and state root", kDerive}},
    Entry{Reason::kDerivedInvalid,
          {"an engine accepts a derived block; INVALID means that one of both is wrong", kDerive}},
    Entry{Reason::kDeriveDefect,
          {"fork, base fee and numbers allow a block on this parent", kDerive}},
    Entry{Reason::kReadBackDiffers, {"the engine has what was written into it", kRewind}},
    Entry{Reason::kGateDeriving,
          {"blocks are executed only when all proposals known from L1 are derived", kGate}},
    Entry{Reason::kGateRewinding,
          {"blocks are executed only when the head L1 origin is not being set back", kGate}},
    Entry{Reason::kL1EngineBehind,
          {"the engine keeps the derived blocks; those it lost are derived again", kDerive}},
    Entry{Reason::kL1LogRefused, {"a log of our contracts is what its topic says", kInbox}},
    Entry{Reason::kDerivedFromL1, {"L1 decides: the chain is what its proposals say", kDerive}},
    Entry{
        Reason::kProposalUnlinked,
        {"a proposal names the hash of the one before it; if not, one of both is forged", kInbox}},
    Entry{
        Reason::kCheckpointLate,
        {"a checkpoint is where derivation begins; it does not move one that has begun", kResume}},
    Entry{Reason::kCheckpointLost,
          {"the engine has the checkpoint's block; if not, nothing is derived until it has",
           kResume}},
    Entry{Reason::kResumeStale,
          {"derivation begins above a block that L1 still has; if not, one proposal lower",
           kResume}},
    Entry{Reason::kGateBlobMissing,
          {"blocks are executed only when all proposals are derived; one waits for a blob that "
           "nobody serves",
           kGate}},
};

}  // namespace

Rule rule_of_l1(Reason reason) {
  const auto found = std::find_if(kRules.begin(), kRules.end(),
                                  [reason](const Entry& entry) { return entry.reason == reason; });
  return found == kRules.end() ? Rule{"", ""} : found->rule;
}

const char* meaning_of_l1(Verdict verdict) {
  // clang-format off
  switch (verdict) {
    case Verdict::kL1Followed: return "L1 is read from here on";
    case Verdict::kL1BlockLinked: return "the L1 block continues the chain that was observed";
    case Verdict::kL1BlockRefused: return "the L1 block is not taken; L1 is read again";
    case Verdict::kL1Reorged: return "L1 replaced blocks: what they said is undone";
    case Verdict::kL1TagsMoved: return "L1's safe or finalized block moved";
    case Verdict::kScanStartFound: return "it is known where to begin on L1";
    case Verdict::kProposalObserved: return "a proposal landed on L1 and is to be derived";
    case Verdict::kProposalUndone: return "L1 does not have the proposal any more";
    case Verdict::kSourcesRequested: return "the blobs of the proposal are fetched";
    case Verdict::kSourcesResolved: return "it is known which blocks the proposal describes";
    case Verdict::kSourcesDeferred: return "the blobs could not be had; fetched again";
    case Verdict::kSourceDefaulted: return "the source is bad, the default takes its place";
    case Verdict::kDerivationStarted: return "the proposal's blocks are derived";
    case Verdict::kDerivationDeferred: return "derivation failed for now and is tried again";
    case Verdict::kDerivedKept: return "the chain had exactly the derived block";
    case Verdict::kDerivedBuilt: return "the derived block was built and is the head";
    case Verdict::kDerivationHalted: return "derivation stands still until an operator acts";
    case Verdict::kProposalDerived: return "all blocks of the proposal are in the engine";
    case Verdict::kRewindStarted: return "the head L1 origin is set back to what L1 still says";
    case Verdict::kRewound: return "the head L1 origin was set back, and read back";
    case Verdict::kSafeMoved: return "the L2 safe head moved";
    case Verdict::kFinalizedMoved: return "the L2 finalized head moved";
    case Verdict::kHonoured: return "L1 has the promised block";
    case Verdict::kContradicted: return "L1 has another block than the promised one";
    case Verdict::kScheduleDerived: return "the schedule follows from what L1 says";
    case Verdict::kOutOfStep: return "the engine lost derived blocks; they are derived again";
    case Verdict::kCheckpointTaken: return "derivation may begin above this proven block";
    case Verdict::kNotLanded: return "the promised block's proposal landed without it";
    default: return core::name_of(verdict);
  }
  // clang-format on
}

}  // namespace preconf::replay
