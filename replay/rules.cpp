#include "replay/rules.hpp"

#include <algorithm>
#include <array>

#include "replay/rules_l1.hpp"

namespace preconf::replay {
namespace {

using core::Reason;
using core::Verdict;

constexpr const char* kWire = "P2P specification 3.1 (wire); core/protocol/commitment";
constexpr const char* kCommitment = "P2P specification 3.3; core/effects/commitment_rules";
constexpr const char* kBound = "bound of this node; core/limits.hpp";
constexpr const char* kAdmission = "architecture ruling 7.4; core/effects/commitment_admission";
constexpr const char* kTxList = "P2P specification 3.4; core/protocol/txlist_facts";
constexpr const char* kAnchor =
    "derivation rules, anchorV4; architecture ruling 7.6; core/effects/commitment_rules";
constexpr const char* kEngine = "Engine API; core/effects/engine_verdict";
constexpr const char* kConsistency = "driver effect E12; core/effects/engine_consistency";
constexpr const char* kGate = "driver effect T10; core/effects/ingress_gate";
constexpr const char* kPeers = "P2P specification 7; core/effects/peer_reputation";
constexpr const char* kRequests = "P2P specification 10, 11; core/effects/peer_requests";
constexpr const char* kBackfill = "catch-up; core/effects/commitment_backfill";
constexpr const char* kListFetch = "driver effect T2; core/effects/txlist_fetch";
constexpr const char* kPublish = "driver effect T6; core/effects/commitment_publication";

struct Entry {
  Reason reason;
  Rule rule;
};

constexpr std::array kRules{
    Entry{Reason::kWrongSize, {"a signed commitment has exactly 382 bytes", kWire}},
    Entry{Reason::kNonCanonicalBool, {"the eop byte is 00 or 01", kWire}},
    Entry{Reason::kSignatureFormat, {"v is 0..3 and r, s are in range", kWire}},
    Entry{Reason::kSignatureUnrecoverable, {"the signature gives a public key", kWire}},
    Entry{Reason::kEopTxListMismatch, {"a commitment without EOP names a transaction list", kWire}},
    Entry{Reason::kBlockNumberRange, {"the block number fits 64 bits", kWire}},
    Entry{Reason::kTimestampRange, {"the timestamp fits 64 bits", kWire}},
    Entry{Reason::kGasLimitRange, {"the gas limit fits 64 bits", kWire}},
    Entry{Reason::kAnchorBlockNumberRange, {"the anchor block number fits 48 bits", kWire}},
    Entry{Reason::kWindowEndRange, {"the submission window end fits 64 bits", kWire}},
    Entry{Reason::kProposalIdRange, {"the proposal id fits 48 bits", kWire}},
    Entry{Reason::kSlasherMismatch,
          {"a commitment names the slasher contract of this network", kCommitment}},
    Entry{Reason::kStaleCommitment,
          {"blocks at or below the confirmed boundary come from L1 alone", kCommitment}},
    Entry{Reason::kTooFarAhead, {"a commitment points at most 3840 blocks above the head", kBound}},
    Entry{Reason::kNoWindow,
          {"the timestamp lies in a window of the schedule, (start, end]", kCommitment}},
    Entry{Reason::kSignerMismatch,
          {"the signer is the committer of the window that holds the timestamp, or of the next one "
           "once the owner has handed off by EOP",
           kCommitment}},
    Entry{Reason::kWindowEndMismatch,
          {"submissionWindowEnd is the end of the window that holds the timestamp", kCommitment}},
    Entry{Reason::kParentUnknown,
          {"a commitment is judged when its parent commitment is known; until then it waits",
           kCommitment}},
    Entry{Reason::kNumberNotParentPlusOne,
          {"the block number is the parent's plus one (that of an EOP-only parent itself)",
           kCommitment}},
    Entry{Reason::kTimestampNotAfterParent,
          {"the timestamp is later than the parent's", kCommitment}},
    Entry{Reason::kGasLimitOutOfBounds,
          {"the gas limit stays within the derivation bounds around the parent's", kCommitment}},
    Entry{Reason::kAnchorBelowParent,
          {"the anchor block number does not go back behind the parent's", kCommitment}},
    Entry{Reason::kAfterEop,
          {"after its End Of Preconfirmation a signer promises no more blocks of that window",
           kCommitment}},
    Entry{Reason::kBeforeFork, {"preconfirmations begin with the Shasta fork", kCommitment}},
    Entry{Reason::kParentInvalid,
          {"a commitment on top of an invalid one is invalid, too", kCommitment}},
    Entry{Reason::kHeightFull,
          {"one signer holds at most 4 commitments of one window at one height", kBound}},
    Entry{Reason::kBufferFull, {"what waits is bounded; the farthest from the head goes", kBound}},
    Entry{Reason::kEquivocation,
          {"one signer promises one content per window and height; both stay, as evidence",
           kAdmission}},
    Entry{Reason::kCompetingSigner,
          {"two signers promised this height; the first executed one is not replaced", kAdmission}},
    Entry{Reason::kTooFarBehind,
          {"a commitment points at most 4096 blocks below the head", kBound}},
    Entry{Reason::kTxListUndecodable,
          {"the list is zlib, at most 2 MiB, and holds an RLP list of transactions", kTxList}},
    Entry{Reason::kAnchorMissing,
          {"the first transaction is a decodable anchorV4 transaction", kAnchor}},
    Entry{Reason::kAnchorWrongSender,
          {"the anchor transaction is sent by the golden touch account", kAnchor}},
    Entry{Reason::kAnchorWrongContract,
          {"the anchor transaction calls the chain's anchor contract", kAnchor}},
    Entry{Reason::kAnchorWrongChain, {"the anchor transaction is of this chain", kAnchor}},
    Entry{Reason::kAnchorWrongGasOrValue,
          {"the anchor transaction has gas limit 1000000, no tip and no value", kAnchor}},
    Entry{Reason::kAnchorNumberMismatch,
          {"the anchor transaction anchors to the committed L1 block", kAnchor}},
    Entry{Reason::kTxListDuplicate, {"this list was here already", kTxList}},
    Entry{
        Reason::kAnchorWrongBaseFee,
        {"the anchor's maxFeePerGas is the block's base fee (EIP-4396 from the parent)", kAnchor}},
    Entry{Reason::kEngineInvalid,
          {"newPayload answered INVALID, the only permanent verdict of an engine", kEngine}},
    Entry{Reason::kEngineSyncing, {"SYNCING and ACCEPTED are temporary: tried again", kEngine}},
    Entry{Reason::kEngineUnavailable, {"the engine could not be asked: tried again", kEngine}},
    Entry{Reason::kEngineUnknownOutcome,
          {"the engine may or may not have acted: its state is read before a repeat", kEngine}},
    Entry{Reason::kEngineUnexpected,
          {"the answer does not fit what was asked: read again, then tried again", kEngine}},
    Entry{Reason::kEngineWrongChain,
          {"an engine of another chain is never used; an operator has to act", kConsistency}},
    Entry{Reason::kEngineLostJob,
          {"the engine forgot the payload job: built again, at most twice per attempt", kEngine}},
    Entry{Reason::kEngineMissingHead, {"the engine has no latest block: read again", kConsistency}},
    Entry{Reason::kEngineOlderHead,
          {"the engine's chain is the truth: its older head is taken over, what lies above is only "
           "promised again",
           kConsistency}},
    Entry{Reason::kEngineOtherHead,
          {"the engine's chain is the truth: its other head is taken over", kConsistency}},
    Entry{Reason::kBoundaryUnknown,
          {"proposals exist, but the engine has no head L1 origin (EventSyncTipUnknown)", kGate}},
    Entry{Reason::kLateAnswer, {"an answer nobody waits for changes nothing", kEngine}},
    Entry{Reason::kBaseFeeUndefined,
          {"the base fee rule divides by zero for a parent gas limit below 2", kAnchor}},
    Entry{Reason::kGateScannerNotLive,
          {"blocks are executed only while the L1 scanner follows the head", kGate}},
    Entry{Reason::kGateNotConfirmed,
          {"blocks are executed only when the proposals known from L1 are derived: the head L1 "
           "origin has reached the last proposal's block",
           kGate}},
    Entry{Reason::kGateRecovering,
          {"blocks are executed only after the engine's heads were read in this boot", kGate}},
    Entry{
        Reason::kGateStopped,
        {"nothing is executed after a shutdown request or with an engine of another chain", kGate}},
    Entry{Reason::kScheduleDefect,
          {"windows are sorted, do not overlap, are not empty and at most 4096",
           "core/protocol/schedule"}},
    Entry{Reason::kPeerTimeout, {"a peer answers a request within 10 s", kRequests}},
    Entry{Reason::kPeerNotConnected, {"only a connected peer can be asked", kRequests}},
    Entry{Reason::kPeerConnectionLost, {"the connection ended before the answer", kRequests}},
    Entry{Reason::kPeerUnsupported,
          {"every node of the network serves all three request protocols", kRequests}},
    Entry{Reason::kPeerStreamReset, {"a well-formed request is answered", kRequests}},
    Entry{Reason::kPeerMalformed, {"an answer is one SSZ container within its bound", kRequests}},
    Entry{Reason::kPeerInvalid,
          {"every delivered item passes the rules that need nothing but its bytes", kRequests}},
    Entry{Reason::kPeerNotSent, {"a limit of this node; the peer saw nothing", kRequests}},
    Entry{Reason::kPeerBannedBefore, {"a banned peer is refused until the ban is over", kPeers}},
    Entry{Reason::kPeerLimit, {"connected peers are bounded", kPeers}},
    Entry{Reason::kPeerScore,
          {"a score of -10, or of -5 for more than 30 s, bans the peer for an hour", kPeers}},
    Entry{Reason::kPeerGossipInvalid,
          {"only gossip that no schedule and no parent could make valid is an offence", kPeers}},
    Entry{Reason::kPeerConduct, {"offences that io/ counted in one interval", kPeers}},
    Entry{Reason::kHeadNotServed,
          {"a peer delivers the commitment that it calls its head", kBackfill}},
    Entry{Reason::kHeadTooFarAhead,
          {"a head at most 3840 blocks above ours is followed; older blocks come from L1",
           kBackfill}},
    Entry{Reason::kPageOutOfRange,
          {"a page holds at most as many commitments as were asked for, none below the first",
           kBackfill}},
    Entry{Reason::kPageUseless, {"a page brings the next commitment of the chain", kBackfill}},
    Entry{Reason::kListNotFound, {"a peer may not have a transaction list", kListFetch}},
    Entry{Reason::kListMismatch, {"a list hashes to what was asked for", kListFetch}},
    Entry{Reason::kNoPeerLeft,
          {"every usable peer was asked; all are asked again later", kRequests}},
    Entry{Reason::kNoPeers, {"reaching no peer is not publishing", kPublish}},
    Entry{Reason::kWindowOver,
          {"48 s after its window a list that nobody has is only asked of new peers", kListFetch}},
    Entry{Reason::kPublishedBefore,
          {"the same bytes are not gossiped twice within 120 s", kPublish}},
    Entry{Reason::kContentMissing, {"only stored bytes can be published", kPublish}},
    Entry{Reason::kListHedged,
          {"who does not answer for a list within 1 s is not waited for alone; at most 3 are asked "
           "at a time",
           kListFetch}},
    Entry{Reason::kBeforeSchedule,
          {"blocks older than every known window come from L1", kBackfill}},
};

}  // namespace

Rule rule_of(Reason reason) {
  const auto found = std::find_if(kRules.begin(), kRules.end(),
                                  [reason](const Entry& entry) { return entry.reason == reason; });
  return found == kRules.end() ? rule_of_l1(reason) : found->rule;
}

const char* meaning_of(Verdict verdict) {
  // clang-format off
  switch (verdict) {
    case Verdict::kAdmitted: return "the commitment is part of the promised chain";
    case Verdict::kDuplicate: return "the same content again";
    case Verdict::kStale: return "at or below the confirmed boundary, or too far behind";
    case Verdict::kPendingParent: return "waits for its parent commitment";
    case Verdict::kPendingSchedule: return "waits for a schedule that covers it";
    case Verdict::kRejected: return "definitively invalid";
    case Verdict::kContested: return "admitted beside another commitment for the same height";
    case Verdict::kEvicted: return "dropped by a bound; may be offered again";
    case Verdict::kHandoff: return "the window's owner has ended it";
    case Verdict::kTxListAccepted: return "the transaction list can be used";
    case Verdict::kTxListRejected: return "the transaction list can never be executed";
    case Verdict::kInvalidated: return "an admitted commitment turned out invalid";
    case Verdict::kApplyStarted: return "execution began";
    case Verdict::kApplied: return "the head moved to the block";
    case Verdict::kAlreadyMaterialized: return "the engine had exactly this block";
    case Verdict::kApplyDeferred: return "execution failed for now and is tried again";
    case Verdict::kHeadAdopted: return "the engine's head was taken over";
    case Verdict::kGateOpened: return "blocks may be executed";
    case Verdict::kGateClosed: return "no block is executed for now";
    case Verdict::kScheduleAccepted: return "the schedule is in force";
    case Verdict::kScheduleRejected: return "the schedule is refused, the old one stays";
    case Verdict::kBoundaryMoved: return "the confirmed boundary moved";
    case Verdict::kEngineFatal: return "the engine is of another chain and is not used";
    case Verdict::kIgnored: return "an answer nobody waits for";
    case Verdict::kReopened: return "executed before, now only promised again";
    case Verdict::kEventsLost: return "events are missing from the log";
    case Verdict::kRulesChanged: return "the rules of another reducer version hold from here on";
    case Verdict::kReadDeferred: return "the engine's heads could not be read; tried again";
    case Verdict::kPeerPenalised: return "points were taken from a peer's score";
    case Verdict::kPeerBanned: return "the peer is refused for a time";
    case Verdict::kPeerRefused: return "the connection is not kept";
    case Verdict::kHeadClaimed: return "a peer says that it has more than we have";
    case Verdict::kHeadRefused: return "a peer's head is not followed";
    case Verdict::kBackfillStarted: return "missing commitments are asked for";
    case Verdict::kBackfillAdvanced: return "missing commitments came and link";
    case Verdict::kBackfillDeferred: return "no peer has the missing commitments; tried again";
    case Verdict::kBackfillDone: return "nothing is missing any more";
    case Verdict::kTxListRequested: return "a peer is asked for the transaction list";
    case Verdict::kTxListUnavailable: return "a peer did not deliver the transaction list";
    case Verdict::kTxListDeferred: return "no peer has the transaction list; tried again";
    case Verdict::kTxListGivenUp: return "only peers that come new are asked for the list";
    case Verdict::kPublished: return "the network has it";
    case Verdict::kPublishDeferred: return "it reached no peer; tried again with the same bytes";
    case Verdict::kPublishDropped: return "it will not be published any more";
    case Verdict::kBackfillPassedOver: return "a peer did not bring what is missing";
    default: return meaning_of_l1(verdict);
  }
  // clang-format on
}

}  // namespace preconf::replay
