#include "io/rpc/rpc_errors.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace preconf::io {
namespace {

using core::Decision;
using core::Hash32;
using core::Reason;
using core::Verdict;

Hash32 hash(std::uint8_t byte) {
  Hash32 value;
  value.bytes.fill(byte);
  return value;
}

Decision decision(Verdict verdict, Reason reason = Reason::kNone, std::uint8_t subject = 1,
                  std::uint64_t a = 0, std::uint64_t b = 0) {
  Decision made;
  made.verdict = verdict;
  made.reason = reason;
  made.subject = hash(subject);
  made.a = a;
  made.b = b;
  return made;
}

Admission admit(const std::vector<Decision>& decisions) { return admission_of(decisions, hash(1)); }

// Typed from the protocol reference (9.2), not from the code.
TEST(RpcErrors, CodeOfEveryRefusingReason) {
  const std::map<int, std::vector<Reason>> table = {
      {-32001,
       {Reason::kWrongSize, Reason::kNonCanonicalBool, Reason::kSignatureFormat,
        Reason::kSignatureUnrecoverable, Reason::kEopTxListMismatch, Reason::kBlockNumberRange,
        Reason::kTimestampRange, Reason::kGasLimitRange, Reason::kAnchorBlockNumberRange,
        Reason::kWindowEndRange, Reason::kProposalIdRange, Reason::kNumberNotParentPlusOne,
        Reason::kTimestampNotAfterParent, Reason::kGasLimitOutOfBounds, Reason::kAnchorBelowParent,
        Reason::kAfterEop, Reason::kBeforeFork, Reason::kParentInvalid, Reason::kEngineInvalid}},
      {-32002,
       {Reason::kTxListUndecodable, Reason::kAnchorMissing, Reason::kAnchorWrongSender,
        Reason::kAnchorWrongContract, Reason::kAnchorWrongChain, Reason::kAnchorWrongGasOrValue,
        Reason::kAnchorNumberMismatch, Reason::kAnchorWrongBaseFee}},
      {-32003, {Reason::kStaleCommitment, Reason::kTooFarAhead, Reason::kTooFarBehind}},
      {-32004, {Reason::kWindowEndMismatch}},
      {-32005, {Reason::kSignerMismatch, Reason::kSlasherMismatch}},
      {-32006, {Reason::kNoWindow}},
      {-32000, {Reason::kHeightFull, Reason::kBufferFull, Reason::kEngineUnavailable}}};
  for (const auto& [code, reasons] : table) {
    for (const Reason reason : reasons) EXPECT_EQ(code_of(reason), code) << name_of(reason);
  }
}

TEST(RpcErrors, TakenVerdicts) {
  for (const Verdict verdict : {Verdict::kAdmitted, Verdict::kHandoff, Verdict::kPendingParent,
                                Verdict::kPendingSchedule, Verdict::kDuplicate}) {
    const Admission admission = admit({decision(verdict)});
    EXPECT_EQ(admission.verdict, verdict);
    EXPECT_EQ(admission.refusal, std::nullopt) << name_of(verdict);
  }
  EXPECT_EQ(admit({decision(Verdict::kDuplicate, Reason::kTxListDuplicate)}).refusal, std::nullopt);
}

TEST(RpcErrors, ContestedIsTakenAndSaid) {
  const Admission admission =
      admit({decision(Verdict::kContested, Reason::kEquivocation), decision(Verdict::kAdmitted)});
  EXPECT_EQ(admission.verdict, Verdict::kContested);
  EXPECT_EQ(admission.refusal, std::nullopt);
}

TEST(RpcErrors, ReferenceTexts) {
  EXPECT_EQ(admit({decision(Verdict::kStale, Reason::kStaleCommitment, 1, 5, 9)}).refusal,
            (PreconfError{-32003, "stale commitment: block 5 <= event_sync_tip 9"}));
  EXPECT_EQ(admit({decision(Verdict::kRejected, Reason::kSignerMismatch)}).refusal,
            (PreconfError{-32005,
                          "signer mismatch: recovered signer does not match expected slot "
                          "signer"}));
  EXPECT_EQ(admit({decision(Verdict::kRejected, Reason::kWindowEndMismatch)}).refusal,
            (PreconfError{-32004,
                          "submission_window_end mismatch: commitment window end does not "
                          "match expected slot end"}));
}

TEST(RpcErrors, AdmittedThenInvalidatedInOneEventIsRefused) {
  const Admission admission =
      admit({decision(Verdict::kAdmitted),
             decision(Verdict::kInvalidated, Reason::kAnchorNumberMismatch)});
  ASSERT_TRUE(admission.refusal);
  EXPECT_EQ(admission.refusal->code, -32002);
}

TEST(RpcErrors, ARepeatOfSomethingInvalidIsRefusedAgain) {
  const Admission admission = admit({decision(Verdict::kDuplicate, Reason::kEngineInvalid)});
  ASSERT_TRUE(admission.refusal);
  EXPECT_EQ(admission.refusal->code, -32001);
}

TEST(RpcErrors, DecisionsAboutOthersDoNotCount) {
  const Admission admission =
      admit({decision(Verdict::kEvicted, Reason::kBufferFull, 2), decision(Verdict::kAdmitted),
             decision(Verdict::kRejected, Reason::kNumberNotParentPlusOne, 3)});
  EXPECT_EQ(admission.verdict, Verdict::kAdmitted);
  EXPECT_EQ(admission.refusal, std::nullopt);
}

TEST(RpcErrors, NoVerdictIsAnInternalError) {
  ASSERT_TRUE(admit({}).refusal);
  EXPECT_EQ(admit({}).refusal->code, -32000);
  EXPECT_EQ(admit({decision(Verdict::kApplyStarted)}).refusal->code, -32000);
}

}  // namespace
}  // namespace preconf::io
