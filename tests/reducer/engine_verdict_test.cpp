// The engine error table, cell by cell, as ruled: only VALID is success, newPayload INVALID is the
// only permanent verdict, an unknown write is probed, an operator's fault is wedged.
#include "core/effects/engine_verdict.hpp"

#include <gtest/gtest.h>

namespace preconf::tests {
namespace {

using namespace preconf::core;           // NOLINT: test
using namespace preconf::core::effects;  // NOLINT: test

bool is_read(EngineMethod method) {
  return method == EngineMethod::kReadHeads || method == EngineMethod::kReadBlock ||
         method == EngineMethod::kReadTable;
}
bool is_forkchoice(EngineMethod method) {
  return method == EngineMethod::kStartPayload || method == EngineMethod::kUpdateForkchoice;
}

/// The rule in words, written independently of the table.
EngineAction expected(EngineMethod method, EngineOutcomeClass outcome) {
  using Class = EngineOutcomeClass;
  if (outcome == Class::kUnauthorized || outcome == Class::kMethodNotFound) {
    return EngineAction::kWedged;
  }
  if (is_read(method))
    return outcome == Class::kResult ? EngineAction::kDone : EngineAction::kRetry;
  if (method == EngineMethod::kGetPayload) {
    if (outcome == Class::kResult) return EngineAction::kDone;
    return outcome == Class::kUnknownPayload ? EngineAction::kRebuild : EngineAction::kRetry;
  }
  if (method == EngineMethod::kWriteTable) {
    return outcome == Class::kResult ? EngineAction::kDone : EngineAction::kProbe;
  }
  if (outcome == Class::kValid) return EngineAction::kDone;
  if (method == EngineMethod::kNewPayload) {
    if (outcome == Class::kInvalid) return EngineAction::kReject;
    return outcome == Class::kContentMissing ? EngineAction::kRebuild : EngineAction::kRetry;
  }
  if (outcome == Class::kInvalidForkchoice) return EngineAction::kReset;
  if (method == EngineMethod::kStartPayload) {
    if (outcome == Class::kNotSent) return EngineAction::kRetry;
    if (outcome == Class::kContentMissing || outcome == Class::kInvalidAttributes) {
      return EngineAction::kWedged;
    }
  }
  return EngineAction::kProbe;
}

TEST(engine_verdict, every_cell_of_the_table) {
  for (std::size_t m = 0; m < kEngineMethodCount; ++m) {
    for (std::size_t o = 0; o < kEngineOutcomeClassCount; ++o) {
      const auto method = static_cast<EngineMethod>(m);
      const auto outcome = static_cast<EngineOutcomeClass>(o);
      EXPECT_STREQ(name_of(action_for(method, outcome)), name_of(expected(method, outcome)))
          << name_of(method) << " x " << name_of(outcome);
    }
  }
}

TEST(engine_verdict, only_new_payload_can_reject) {
  for (std::size_t m = 0; m < kEngineMethodCount; ++m) {
    for (std::size_t o = 0; o < kEngineOutcomeClassCount; ++o) {
      const auto method = static_cast<EngineMethod>(m);
      const auto outcome = static_cast<EngineOutcomeClass>(o);
      if (action_for(method, outcome) != EngineAction::kReject) continue;
      EXPECT_EQ(method, EngineMethod::kNewPayload);
      EXPECT_EQ(outcome, EngineOutcomeClass::kInvalid);
    }
  }
}

TEST(engine_verdict, unknown_forkchoice_write_is_never_repeated_blindly) {
  for (std::size_t m = 0; m < kEngineMethodCount; ++m) {
    const auto method = static_cast<EngineMethod>(m);
    if (!is_forkchoice(method)) continue;
    EXPECT_EQ(action_for(method, EngineOutcomeClass::kUnknown), EngineAction::kProbe);
  }
}

TEST(engine_verdict, every_engine_command_has_its_method) {
  EXPECT_EQ(method_of(commands::StartPayload{}), EngineMethod::kStartPayload);
  EXPECT_EQ(method_of(commands::StartDerivedPayload{}), EngineMethod::kStartPayload);
  EXPECT_EQ(method_of(commands::UpdateForkchoice{}), EngineMethod::kUpdateForkchoice);
  for (const CommandBody& read :
       {CommandBody{commands::ReadCanonical{}}, CommandBody{commands::ReadGoldenNonce{}},
        CommandBody{commands::ReadAnchorState{}}, CommandBody{commands::LookupBatch{}}}) {
    EXPECT_EQ(method_of(read), EngineMethod::kReadTable) << name_of(read);
    EXPECT_EQ(class_of(read), CommandClass::kRead) << name_of(read);
  }
  for (const CommandBody& write :
       {CommandBody{commands::WriteOrigin{}}, CommandBody{commands::SetHeadL1Origin{}},
        CommandBody{commands::SetBatchLastBlock{}}}) {
    EXPECT_EQ(method_of(write), EngineMethod::kWriteTable) << name_of(write);
    EXPECT_EQ(class_of(write), CommandClass::kOverwrite) << name_of(write);
  }
}

TEST(engine_verdict, answers_about_tables_are_results) {
  for (const events::EngineResult& result :
       {events::EngineResult{events::CanonicalRead{}}, events::EngineResult{events::NonceRead{}},
        events::EngineResult{events::AnchorStateRead{}}, events::EngineResult{events::BatchFound{}},
        events::EngineResult{events::TableWritten{}}}) {
    EXPECT_EQ(outcome_class_of(result), EngineOutcomeClass::kResult) << result.index();
  }
}

TEST(engine_verdict, failures_fall_into_their_class) {
  using events::Certainty;
  using events::EngineFailed;
  using Kind = events::EngineFailureKind;
  using Class = EngineOutcomeClass;
  struct Case {
    EngineFailed failure;
    Class expected;
  };
  const std::vector<Case> cases{
      {{Kind::kTimeout, Certainty::kUnknown, 0, ""}, Class::kUnknown},
      {{Kind::kTimeout, Certainty::kNotSent, 0, ""}, Class::kNotSent},
      {{Kind::kConnect, Certainty::kNotSent, 0, ""}, Class::kNotSent},
      {{Kind::kConnectionLost, Certainty::kUnknown, 0, ""}, Class::kUnknown},
      {{Kind::kUnauthorized, Certainty::kAnswered, 401, ""}, Class::kUnauthorized},
      {{Kind::kHttpStatus, Certainty::kAnswered, 500, ""}, Class::kHttpStatus},
      {{Kind::kTooLarge, Certainty::kAnswered, 0, ""}, Class::kMalformed},
      {{Kind::kMalformed, Certainty::kAnswered, 0, ""}, Class::kMalformed},
      {{Kind::kRpcError, Certainty::kAnswered, -38001, ""}, Class::kUnknownPayload},
      {{Kind::kRpcError, Certainty::kAnswered, -38002, ""}, Class::kInvalidForkchoice},
      {{Kind::kRpcError, Certainty::kAnswered, -38003, ""}, Class::kInvalidAttributes},
      {{Kind::kRpcError, Certainty::kAnswered, -32601, ""}, Class::kMethodNotFound},
      {{Kind::kRpcError, Certainty::kAnswered, -32000, ""}, Class::kRpcError},
      {{Kind::kContentMissing, Certainty::kNotSent, 0, ""}, Class::kContentMissing},
      {{Kind::kNotExecuted, Certainty::kNotSent, 0, ""}, Class::kNotSent},
  };
  for (const Case& test : cases) {
    EXPECT_STREQ(name_of(outcome_class_of(test.failure)), name_of(test.expected));
  }
}

}  // namespace
}  // namespace preconf::tests
