// Conditions over the state and the event that led to it, as people type them:
//
//   heads.unsafe.number < 500 && gate.open
//   event.kind == "engine_answered" && event.body.engine_answered.result.type == "engine_failed"
//   !(lane.type == "idle") || in_flight.size >= 2
//
// A path (state_path.hpp) names a value of the state, or, after "event.", of the event; event.kind
// is the name of its kind. Literals: numbers, 0x hex, "text", true, false, none. Operators, weakest
// first: ||, &&, comparisons (== != < <= > >=), !, parentheses. A path alone must be a truth.
// Values of different kinds are unequal and never ordered; what is absent equals only none.
// Nothing can be changed by a predicate, and its cost is bounded by its length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "replay/state_path.hpp"

namespace preconf::replay {

inline constexpr std::size_t kPredicateBytesMax = 4'096;
inline constexpr std::size_t kPredicateDepthMax = 64;

struct PredicateError {
  std::size_t column = 1;  ///< counted in bytes from 1
  std::string message;     ///< names what is known there
};

/// What paths may name.
enum class PredicateScope : std::uint8_t { kStateAndEvent, kEvent };

class Predicate {
 public:
  [[nodiscard]] static core::Result<Predicate, PredicateError> parse(
      std::string_view text, PredicateScope scope = PredicateScope::kStateAndEvent);

  /// Whether it holds. An error when a value has a kind for which the question makes no sense (a
  /// path alone that is no truth, a comparison with a value that has members). `state` may be null
  /// in the scope kEvent.
  [[nodiscard]] core::Result<bool, std::string> holds(const core::State* state,
                                                      const core::Event& event) const;

  /// Does it look at the event, or at the state alone?
  [[nodiscard]] bool uses_event() const { return uses_event_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  friend class PredicateParser;
  enum class Operator : std::uint8_t {
    kOr,
    kAnd,
    kNot,
    kTruth,  ///< an operand alone
    kEqual,
    kUnequal,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
  };
  struct Operand {
    enum class Kind : std::uint8_t { kLiteral, kState, kEvent, kEventKind };
    Kind kind = Kind::kLiteral;
    Scalar literal;
    std::string hex;  ///< of a literal in hex: compared with byte strings
    StatePath path;
    std::string text;
  };
  struct Node {
    Operator op = Operator::kTruth;
    std::size_t left = 0;  ///< index of a node; of an operand for comparisons and kTruth
    std::size_t right = 0;
  };

  [[nodiscard]] core::Result<bool, std::string> holds_at(std::size_t node, const core::State* state,
                                                         const core::Event& event) const;
  [[nodiscard]] core::Result<bool, std::string> compare(const Node& node, const core::State* state,
                                                        const core::Event& event) const;
  [[nodiscard]] core::Result<Scalar, std::string> value_of(const Operand& operand,
                                                           const core::State* state,
                                                           const core::Event& event) const;

  std::string text_;
  std::vector<Node> nodes_;
  std::vector<Operand> operands_;
  std::size_t root_ = 0;
  bool uses_event_ = false;
};

}  // namespace preconf::replay
