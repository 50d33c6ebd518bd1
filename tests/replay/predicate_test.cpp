// Predicates: what they mean, and what they say about mistakes.
#include "replay/predicate.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace preconf::replay {
namespace {

class Predicates : public testing::Test {
 protected:
  Predicates() {
    state_->last_seq = core::Seq{7};
    state_->gate.open = true;
    state_->heads.unsafe.emplace();
    state_->heads.unsafe->number = core::BlockNumber{41};
    state_->heads.unsafe->hash.bytes[31] = 0xab;
    event_.seq = core::Seq{7};
    core::events::EngineAnswered answer;
    answer.result = core::events::EngineFailed{core::events::EngineFailureKind::kRpcError,
                                               core::events::Certainty::kAnswered, -38002, "x"};
    event_.body = answer;
  }
  bool holds(const std::string& text) {
    const auto predicate = Predicate::parse(text);
    if (!predicate) ADD_FAILURE() << text << ": " << predicate.error().message;
    if (!predicate) return false;
    const auto answer = predicate->holds(state_.get(), event_);
    if (!answer) ADD_FAILURE() << text << ": " << answer.error();
    return answer && *answer;
  }
  static PredicateError error_of(const std::string& text,
                                 PredicateScope scope = PredicateScope::kStateAndEvent) {
    const auto predicate = Predicate::parse(text, scope);
    EXPECT_FALSE(predicate.has_value()) << text;
    return predicate ? PredicateError{} : predicate.error();
  }

  std::unique_ptr<core::State> state_ = std::make_unique<core::State>();
  core::Event event_;
};

TEST_F(Predicates, compare_numbers_texts_truths_and_absence) {
  EXPECT_TRUE(holds("heads.unsafe.number == 41"));
  EXPECT_TRUE(holds("heads.unsafe.number < 500 && gate.open"));
  EXPECT_FALSE(holds("heads.unsafe.number > 41"));
  EXPECT_TRUE(holds("heads.unsafe.number >= 41 && 41 <= heads.unsafe.number"));
  EXPECT_TRUE(holds("heads.unsafe.number != 40"));
  EXPECT_TRUE(holds("heads.unsafe.number == 0x29"));
  EXPECT_TRUE(holds("heads.unsafe.hash == 0x" + std::string(62, '0') + "AB"));
  EXPECT_TRUE(holds("heads.safe.number == none"));
  EXPECT_FALSE(holds("heads.safe.number < 5"));
  EXPECT_FALSE(holds("heads.safe.number >= 0"));
  EXPECT_TRUE(holds("gate.open == true"));
  EXPECT_TRUE(holds("gate.reason == \"gate_recovering\""));
  EXPECT_TRUE(holds("gate.reason != 5"));
  EXPECT_TRUE(holds("in_flight.size == 0"));
}

TEST_F(Predicates, bind_or_weaker_than_and_weaker_than_not) {
  EXPECT_TRUE(holds("true || false && false"));
  EXPECT_FALSE(holds("(true || false) && false"));
  EXPECT_TRUE(holds("!false && !(true && false)"));
  EXPECT_TRUE(holds("!!true"));
  EXPECT_FALSE(holds("!gate.open || false"));
}

TEST_F(Predicates, see_the_event) {
  EXPECT_TRUE(holds("event.kind == \"engine_answered\""));
  EXPECT_TRUE(holds("event.seq == 7 && event.body.engine_answered.result.engine_failed.code < 0"));
  EXPECT_TRUE(holds("event.body.engine_answered.result.engine_failed.code == -38002"));
  EXPECT_TRUE(holds("event.body.txlist_received.facts.hash == none"));
  const auto only_event = Predicate::parse("event.seq == 7", PredicateScope::kEvent);
  ASSERT_TRUE(only_event.has_value());
  EXPECT_TRUE(*only_event->holds(nullptr, event_));
  EXPECT_TRUE(only_event->uses_event());
  EXPECT_FALSE(Predicate::parse("gate.open")->uses_event());
  EXPECT_EQ(error_of("gate.open", PredicateScope::kEvent).column, 1U);
}

TEST_F(Predicates, mistakes_name_the_column_and_what_is_known) {
  EXPECT_EQ(error_of("").column, 1U);
  EXPECT_EQ(error_of("gate.open &&").column, 13U);
  EXPECT_EQ(error_of("(gate.open").column, 11U);
  EXPECT_EQ(error_of("gate.open gate.open").column, 11U);
  EXPECT_EQ(error_of("1 < 99999999999999999999").column, 5U);
  EXPECT_EQ(error_of("\"abc").column, 1U);
  EXPECT_EQ(error_of("0xzz == 1").column, 1U);
  const PredicateError unknown = error_of("gate.open && heads.unsave.number > 1");
  EXPECT_EQ(unknown.column, 14U);
  EXPECT_NE(unknown.message.find("unsafe"), std::string::npos) << unknown.message;
  EXPECT_FALSE(Predicate::parse(std::string(kPredicateBytesMax + 1, ' ')).has_value());
  EXPECT_FALSE(Predicate::parse(std::string(kPredicateDepthMax + 1, '(')).has_value());
  EXPECT_FALSE(Predicate::parse(std::string(kPredicateDepthMax + 1, '!') + "true").has_value());
}

TEST_F(Predicates, questions_without_sense_are_errors_when_asked) {
  const auto number = Predicate::parse("heads.unsafe.number");
  ASSERT_TRUE(number.has_value());
  EXPECT_FALSE(number->holds(state_.get(), event_).has_value());
  const auto composite = Predicate::parse("heads == 1");
  ASSERT_TRUE(composite.has_value());
  EXPECT_FALSE(composite->holds(state_.get(), event_).has_value());
}

}  // namespace
}  // namespace preconf::replay
