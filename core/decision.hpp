// Decisions: what the reducer concluded, with the rule and its operands. `why` and `audit` read
// them; RPC callers get theirs as the answer.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// What was concluded. Persistent values: never renumber.
enum class Verdict : std::uint8_t {
  kAdmitted = 0,         ///< commitment is part of the promised chain
  kDuplicate = 1,        ///< the same content again (signature bytes alone do not count)
  kStale = 2,            ///< at or below the confirmed boundary
  kPendingParent = 3,    ///< waits for its parent commitment; no penalty
  kPendingSchedule = 4,  ///< waits for a schedule that covers it; no penalty
  kRejected = 5,         ///< definitively invalid, see reason
  kContested = 6,        ///< admitted beside another commitment for the same height
  kEvicted = 7,          ///< dropped by a bound; may be offered again
  kHandoff = 8,          ///< EOP-only admitted: the window's owner has ended it
  kTxListAccepted = 9,
  kTxListRejected = 10,  ///< content can never be executed, see reason
  kInvalidated = 11,     ///< an admitted commitment turned out invalid (txlist, engine, parent)
  kApplyStarted = 12,    ///< E4 took a commitment up
  kApplied = 13,         ///< head moved to the block
  kAlreadyMaterialized = 14,  ///< the engine had exactly this block
  kApplyDeferred = 15,        ///< temporary failure; retried by timer
  kHeadAdopted = 16,          ///< E12: the engine's head differs, taken over
  kGateOpened = 17,
  kGateClosed = 18,
  kScheduleAccepted = 19,
  kScheduleRejected = 20,
  kBoundaryMoved = 21,       ///< the confirmed boundary changed
  kEngineFatal = 22,         ///< the engine can not be used (wrong chain); engine commands stop
  kIgnored = 23,             ///< an outcome nobody waits for
  kReopened = 24,            ///< a height above the head may be executed again
  kReadDeferred = 25,        ///< E12: the engine's heads could not be read; retried by timer
  kEventsLost = 26,          ///< the log has a gap; a: first seq without event, b: last one known
  kRulesChanged = 27,        ///< a: reducer version before, b: from the next event on
  kPeerPenalised = 28,       ///< a: peer, b: thousandths taken from its score
  kPeerBanned = 29,          ///< a: peer, b: until when, seconds
  kPeerRefused = 30,         ///< a connection was not kept; a: peer
  kHeadClaimed = 31,         ///< a peer's head lies above ours; a: peer, b: highest linked number
  kHeadRefused = 32,         ///< a peer's head is not followed; a: peer
  kBackfillStarted = 33,     ///< number: first missing one, a: peer, b: target
  kBackfillAdvanced = 34,    ///< number: highest linked one, a: peer, b: target
  kBackfillDeferred = 35,    ///< number: first missing one, a: peers asked, b: delay in ms
  kBackfillDone = 36,        ///< number: highest linked one
  kTxListRequested = 37,     ///< a: peer, b: attempts so far
  kTxListUnavailable = 38,   ///< one peer did not deliver it; a: peer
  kTxListDeferred = 39,      ///< nobody left to ask; a: peers asked, b: delay in ms
  kTxListGivenUp = 40,       ///< a: window end, b: peers asked; still taken when it arrives
  kPublished = 41,           ///< a: peers reached
  kPublishDeferred = 42,     ///< a: attempts so far, b: delay in ms
  kPublishDropped = 43,      ///< will not be published any more
  kBackfillPassedOver = 44,  ///< a peer did not bring what is missing; number: first one, a: peer
  kL1Followed = 45,          ///< L1 is read from now on; a: L1 chain id
  kL1BlockLinked = 46,       ///< a: L1 number, b: facts in it; hash: L1 block
  kL1BlockRefused = 47,      ///< a: L1 number, b: number of the newest linked; hash: L1 block
  kL1Reorged = 48,           ///< a: L1 number that stays, b: blocks undone; hash: what stays
  kL1TagsMoved = 49,         ///< a: finalized L1 number, b: safe L1 number
  kScanStartFound = 50,      ///< a: L1 block to begin with, b: first proposal to derive
  kProposalObserved = 51,    ///< a: proposal, b: L1 number
  kProposalUndone = 52,      ///< L1 reorged it away; a: proposal, b: L1 number
  kSourcesRequested = 53,    ///< a: proposal, b: sources
  kSourcesResolved = 54,     ///< a: proposal, b: blocks
  kSourcesDeferred = 55,     ///< a: proposal, b: delay in ms; hash: what is missing
  kSourceDefaulted = 56,     ///< a: proposal, b: index of the source; reason says which check
  kDerivationStarted = 57,   ///< number: first block, a: proposal, b: L1 number
  kDerivationDeferred = 58,  ///< temporary; a: what the reason says, b: delay in ms
  kDerivedKept = 59,         ///< the chain had the derived block; a: proposal, hash: block
  kDerivedBuilt = 60,      ///< the engine built it; a: proposal, b: CanonicalMismatch; hash: block
  kDerivationHalted = 61,  ///< nothing goes on without an operator; operands as kDerivationDeferred
  kProposalDerived = 62,   ///< number: last block, a: proposal, b: blocks that were kept
  kRewindStarted = 63,     ///< T4; number: where the head L1 origin goes, b: from where
  kRewound = 64,           ///< T4: read back; number: head L1 origin
  kSafeMoved = 65,         ///< number: L2 safe head, a: proposal, b: before
  kFinalizedMoved = 66,    ///< number: L2 finalized head, a: proposal, b: before
  kHonoured = 67,      ///< L1 has this block; a: seq of the commitment, b: proposal; hash: L1 block
  kContradicted = 68,  ///< L1 has another block there; operands as kHonoured
  kScheduleDerived = 69,  ///< from L1; a: version, b: windows
  kOutOfStep = 70,        ///< the engine lost derived blocks; a: proposal to go back to
  kNotLanded = 71,        ///< its proposal landed without it; a: seq of the commitment, b: proposal
  kCheckpointTaken = 72,  ///< derivation may begin above it; a: proposal, b: L1 number of the proof
};
[[nodiscard]] const char* name_of(Verdict verdict);

/// The rule behind a verdict. Persistent values: never renumber.
enum class Reason : std::uint16_t {
  kNone = 0,
  // stateless (1..99: 1 + CommitmentDefect value)
  kWrongSize = 2,
  kNonCanonicalBool = 3,
  kSignatureFormat = 4,
  kSignatureUnrecoverable = 5,
  kEopTxListMismatch = 6,
  kBlockNumberRange = 7,
  kTimestampRange = 8,
  kGasLimitRange = 9,
  kAnchorBlockNumberRange = 10,
  kWindowEndRange = 11,
  kProposalIdRange = 12,
  // commitment rules
  kSlasherMismatch = 100,          ///< a: -, subject names another slasher
  kStaleCommitment = 101,          ///< a: number, b: confirmed boundary
  kTooFarAhead = 102,              ///< a: number, b: highest accepted number
  kNoWindow = 103,                 ///< a: timestamp, b: schedule version
  kSignerMismatch = 104,           ///< a: window end, b: schedule version; hash: expected committer
  kWindowEndMismatch = 105,        ///< a: committed end, b: scheduled end
  kParentUnknown = 106,            ///< hash: parent preconfirmation hash
  kNumberNotParentPlusOne = 107,   ///< a: number, b: parent number
  kTimestampNotAfterParent = 108,  ///< a: timestamp, b: parent timestamp
  kGasLimitOutOfBounds = 109,      ///< a: gas limit, b: parent gas limit
  kAnchorBelowParent = 110,        ///< a: anchor number, b: parent's
  kAfterEop = 111,                 ///< a: number, b: window end
  kBeforeFork = 112,               ///< a: timestamp, b: fork time
  kParentInvalid = 113,            ///< hash: parent preconfirmation hash
  kHeightFull = 114,               ///< a: number, b: bound
  kBufferFull = 115,               ///< a: bound
  kEquivocation = 116,             ///< hash: preconfirmation hash of the other commitment
  kCompetingSigner = 117,          ///< hash: preconfirmation hash of the other commitment
  kTooFarBehind = 118,             ///< a: number, b: lowest remembered number
  // transaction lists
  kTxListUndecodable = 130,  ///< a: TxListDefect
  kAnchorMissing = 131,      ///< a: AnchorDefect
  kAnchorWrongSender = 132,
  kAnchorWrongContract = 133,
  kAnchorWrongChain = 134,       ///< a: chain id in the transaction
  kAnchorWrongGasOrValue = 135,  ///< gas limit, tip or value differ from the anchor rules
  kAnchorNumberMismatch = 136,   ///< a: anchored number, b: committed number
  kTxListDuplicate = 137,
  kAnchorWrongBaseFee = 138,  ///< a: maxFeePerGas (low 64 bits), b: the block's base fee
  // engine
  kEngineInvalid = 150,         ///< newPayload INVALID: the only permanent engine verdict
  kEngineSyncing = 151,         ///< SYNCING or ACCEPTED
  kEngineUnavailable = 152,     ///< transport; a: EngineFailureKind
  kEngineUnknownOutcome = 153,  ///< a: EngineFailureKind; followed by a read-back
  kEngineUnexpected = 154,      ///< an answer that contradicts the request
  kEngineWrongChain = 155,      ///< a: chain id reported, b: expected
  kEngineLostJob = 156,         ///< payload id unknown: built again
  kEngineMissingHead = 157,     ///< no latest block (MissingLatestBlock)
  kEngineOlderHead = 158,       ///< a: engine's number, b: ours
  kEngineOtherHead = 159,       ///< a: engine's number, b: ours
  kBoundaryUnknown = 160,       ///< EventSyncTipUnknown: proposals exist, no head L1 origin
  kLateAnswer = 161,            ///< nobody waits for it: answered already, or of an older life;
                                ///< of an answer: a: seq of the command's cause, b: its ordinal
  kBaseFeeUndefined = 162,      ///< parent gas limit below 2
  // gate
  kGateScannerNotLive = 170,
  kGateNotConfirmed = 171,  ///< a: target block, b: confirmed boundary
  kGateRecovering = 172,    ///< engine heads not read since boot or epoch change
  kGateStopped = 173,       ///< shutdown or fatal
  // schedule
  kScheduleDefect = 180,  ///< a: ScheduleDefect
  // peers
  kPeerTimeout = 190,
  kPeerNotConnected = 191,
  kPeerConnectionLost = 192,
  kPeerUnsupported = 193,
  kPeerStreamReset = 194,
  kPeerMalformed = 195,
  kPeerInvalid = 196,
  kPeerNotSent = 197,
  kPeerBannedBefore = 198,   ///< b: until when, seconds
  kPeerLimit = 199,          ///< b: bound
  kPeerScore = 200,          ///< score at or below the ban threshold; hash: -
  kPeerGossipInvalid = 201,  ///< gossip that is definitively invalid
  kPeerConduct = 202,        ///< summed up by io/
  kHeadNotServed = 203,      ///< the peer does not deliver the commitment it calls its head
  kHeadTooFarAhead = 204,    ///< b: highest accepted number
  kPageOutOfRange = 205,     ///< commitments nobody asked for
  kPageUseless = 206,        ///< nothing that links
  kListNotFound = 207,       ///< the peer does not have it
  kListMismatch = 208,       ///< another list than the one asked for
  kNoPeerLeft = 209,         ///< every usable peer was asked
  kNoPeers = 210,            ///< nobody is connected, or nobody subscribed
  kWindowOver = 211,         ///< window end and grace are over
  kPublishedBefore = 212,    ///< the network has these bytes already
  kContentMissing = 213,     ///< the bytes are not in our store
  kBeforeSchedule = 214,     ///< older than every known window: such blocks come from L1
  kListHedged = 215,         ///< who was asked before has not answered in time
  // L1
  kL1Unlinked = 220,         ///< parent is none of the remembered blocks; scan again from them
  kL1BelowFinalized = 221,   ///< it would undo what L1 called final
  kL1BacklogFull = 222,      ///< proposals or facts over their bound; offered again later
  kL1OtherDeployment = 223,  ///< another deployment than the log follows
  kL1NotFollowed = 224,      ///< no deployment was recorded
  kL1SkipNotFinal = 225,     ///< blocks were skipped that are not final
  kProposalGap = 226,        ///< a: proposal seen, b: the one expected
  kL1Unavailable = 227,      ///< no endpoint answered
  kBlobMissing = 228,        ///< nobody serves it (yet)
  kBlobMismatch = 229,       ///< served bytes do not hash to what was asked for
  kL1Malformed = 230,        ///< L1 or beacon answered what can not be understood
  kManifestUndecided = 231,  ///< over our bound: neither manifest nor default may be used
  kBlobBad = 232,            ///< operands of kSourceDefaulted; the answer has the BlobDefect
  kManifestBad = 233,        ///< operands of kSourceDefaulted; the answer has the defect
  kSegmentBad = 234,         ///< operands of kSourceDefaulted; the state has the defect
  kResumeUnknown = 235,      ///< blocks, but no head L1 origin (fails closed); a: block
  kBatchUnknown = 236,       ///< last block of a proposal is not known; a: block or proposal
  kAnchorUnknown = 237,      ///< L1 block, or the parent's anchor; a: L1 number, or parent
  kDerivedInvalid = 238,     ///< newPayload INVALID for a derived block; a: its number
  kDeriveDefect = 239,       ///< a: DeriveDefect
  kReadBackDiffers = 240,    ///< the engine does not have what was written; a: block
  kGateDeriving = 241,       ///< proposals on L1 are not derived yet
  kGateRewinding = 242,      ///< the head L1 origin is being set back
  kL1EngineBehind = 243,     ///< a: engine's boundary, b: ours
  kL1LogRefused = 244,       ///< a: LogDefect, b: L1 number; hash: topic
  kDerivedFromL1 = 245,      ///< the head is what L1 says
  kProposalUnlinked = 246,   ///< a: proposal seen, b: its L1 number; it names another one before it
  kGateBlobMissing = 247,    ///< a proposal waits for a blob that nobody serves
  kCheckpointLate = 248,     ///< proposals are followed already; a: proposal
  kCheckpointLost = 249,     ///< the engine has another block there, or none; a: its number
  kResumeStale = 250,        ///< what the engine has as confirmed L1 has not; a: block or proposal
};
[[nodiscard]] const char* name_of(Reason reason);

struct Decision {
  Verdict verdict = Verdict::kIgnored;
  Reason reason = Reason::kNone;
  Hash32 subject;       ///< preconfirmation hash, transaction list hash or block hash
  BlockNumber number;   ///< L2 height concerned; 0 when none
  std::uint64_t a = 0;  ///< operands, as documented at the reason
  std::uint64_t b = 0;
  Hash32 hash;  ///< operand
  PRECONF_FIELDS(Decision, verdict, reason, subject, number, a, b, hash);
};

}  // namespace preconf::core
