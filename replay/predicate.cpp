#include "replay/predicate.hpp"

#include "core/base/hex.hpp"

namespace preconf::replay {
namespace {

using Truth = core::Result<bool, std::string>;

core::Unexpected<std::string> fail(std::string message) { return {std::move(message)}; }

/// -1, 0, 1; none when the two are not ordered.
std::optional<int> order_of(const Scalar& left, const Scalar& right) {
  if (const auto* a = std::get_if<Integer>(&left)) {
    const auto* b = std::get_if<Integer>(&right);
    if (b == nullptr) return std::nullopt;
    return *a == *b ? 0 : (*a < *b ? -1 : 1);
  }
  if (const auto* a = std::get_if<std::string>(&left)) {
    const auto* b = std::get_if<std::string>(&right);
    if (b == nullptr) return std::nullopt;
    const int order = a->compare(*b);
    return order == 0 ? 0 : (order < 0 ? -1 : 1);
  }
  return std::nullopt;
}

}  // namespace

core::Result<Scalar, std::string> Predicate::value_of(const Operand& operand,
                                                      const core::State* state,
                                                      const core::Event& event) const {
  if (operand.kind == Operand::Kind::kLiteral) return operand.literal;
  if (operand.kind == Operand::Kind::kEventKind) {
    return Scalar{std::string(core::name_of(core::kind_of(event.body)))};
  }
  const bool is_state = operand.kind == Operand::Kind::kState;
  if (is_state && state == nullptr) return fail("there is no state to look at");
  auto value = lookup(is_state ? field_of(*state) : field_of(event), operand.path);
  if (!value) return fail(operand.text + ": " + value.error());
  if (value->is_composite) return fail(operand.text + " has members; name one of them");
  return std::move(value->scalar);
}

Truth Predicate::compare(const Node& node, const core::State* state,
                         const core::Event& event) const {
  const Operand& first = operands_[node.left];
  const Operand& second = operands_[node.right];
  auto left = value_of(first, state, event);
  if (!left) return fail(left.error());
  auto right = value_of(second, state, event);
  if (!right) return fail(right.error());
  // A literal in hex is a number beside numbers and bytes beside byte strings.
  const bool left_is_text = std::holds_alternative<std::string>(*left);
  const bool right_is_text = std::holds_alternative<std::string>(*right);
  if (!first.hex.empty() && right_is_text) *left = Scalar{first.hex};
  if (!second.hex.empty() && left_is_text) *right = Scalar{second.hex};
  if (node.op == Operator::kEqual) return *left == *right;
  if (node.op == Operator::kUnequal) return !(*left == *right);
  const auto order = order_of(*left, *right);
  if (!order) return false;
  switch (node.op) {
    case Operator::kLess:
      return *order < 0;
    case Operator::kLessEqual:
      return *order <= 0;
    case Operator::kGreater:
      return *order > 0;
    default:
      return *order >= 0;
  }
}

Truth Predicate::holds_at(std::size_t at, const core::State* state,
                          const core::Event& event) const {
  const Node& node = nodes_[at];
  switch (node.op) {
    case Operator::kOr:
    case Operator::kAnd: {
      const Truth left = holds_at(node.left, state, event);
      if (!left || *left == (node.op == Operator::kOr)) return left;
      return holds_at(node.right, state, event);
    }
    case Operator::kNot: {
      const Truth inner = holds_at(node.left, state, event);
      if (!inner) return inner;
      return !*inner;
    }
    case Operator::kTruth: {
      const auto value = value_of(operands_[node.left], state, event);
      if (!value) return fail(value.error());
      if (std::holds_alternative<std::monostate>(*value)) return false;
      if (const bool* truth = std::get_if<bool>(&*value)) return *truth;
      return fail(operands_[node.left].text + " is neither true nor false; compare it");
    }
    default:
      return compare(node, state, event);
  }
}

Truth Predicate::holds(const core::State* state, const core::Event& event) const {
  return holds_at(root_, state, event);
}

}  // namespace preconf::replay
