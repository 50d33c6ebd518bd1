// Recursive descent; every level of nesting is counted, so the stack is bounded.
#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "core/base/hex.hpp"
#include "replay/predicate.hpp"

namespace preconf::replay {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c) || c == '.'; }

}  // namespace

class PredicateParser {
 public:
  PredicateParser(std::string_view text, PredicateScope scope) : text_(text), scope_(scope) {}

  core::Result<Predicate, PredicateError> parse() {
    out_.text_ = std::string(text_);
    const auto root = parse_or(0);
    if (!error_ && !at_end()) fail(at_, "&&, || or the end is expected");
    if (error_) return core::Unexpected{*error_};
    out_.root_ = *root;
    return std::move(out_);
  }

 private:
  using Index = std::optional<std::size_t>;
  using Operator = Predicate::Operator;
  using Operand = Predicate::Operand;

  Index fail(std::size_t at, std::string message) {
    if (!error_) error_ = PredicateError{at + 1, std::move(message)};
    return std::nullopt;
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool at_end() {
    skip_space();
    return at_ >= text_.size();
  }
  bool take(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  std::size_t add(Operator op, std::size_t left, std::size_t right) {
    out_.nodes_.push_back({op, left, right});
    return out_.nodes_.size() - 1;
  }

  Index parse_or(std::size_t depth) {
    Index left = parse_and(depth);
    while (left && take("||")) {
      const Index right = parse_and(depth);
      if (!right) return std::nullopt;
      left = add(Operator::kOr, *left, *right);
      if (++chain_ > kPredicateDepthMax) return fail(at_, "too many conditions");
    }
    return left;
  }

  Index parse_and(std::size_t depth) {
    Index left = parse_unary(depth);
    while (left && take("&&")) {
      const Index right = parse_unary(depth);
      if (!right) return std::nullopt;
      left = add(Operator::kAnd, *left, *right);
      if (++chain_ > kPredicateDepthMax) return fail(at_, "too many conditions");
    }
    return left;
  }

  Index parse_unary(std::size_t depth) {
    if (depth >= kPredicateDepthMax) return fail(at_, "nested too deeply");
    skip_space();
    if (!text_.substr(at_).starts_with("!=") && take("!")) {
      const Index inner = parse_unary(depth + 1);
      if (!inner) return std::nullopt;
      return add(Operator::kNot, *inner, 0);
    }
    if (take("(")) {
      const Index inner = parse_or(depth + 1);
      if (!inner) return std::nullopt;
      if (!take(")")) return fail(at_, ") is expected");
      return inner;
    }
    return parse_comparison();
  }

  Index parse_comparison() {
    struct Token {
      const char* text;
      Operator op;
    };
    // The longer ones first.
    static constexpr std::array<Token, 6> kTokens{{{"==", Operator::kEqual},
                                                   {"!=", Operator::kUnequal},
                                                   {"<=", Operator::kLessEqual},
                                                   {">=", Operator::kGreaterEqual},
                                                   {"<", Operator::kLess},
                                                   {">", Operator::kGreater}}};
    const Index left = parse_operand();
    if (!left) return std::nullopt;
    for (const Token& token : kTokens) {
      if (!take(token.text)) continue;
      const Index right = parse_operand();
      if (!right) return std::nullopt;
      return add(token.op, *left, *right);
    }
    return add(Operator::kTruth, *left, 0);
  }

  Index add_operand(Operand operand) {
    out_.operands_.push_back(std::move(operand));
    return out_.operands_.size() - 1;
  }
  Index add_literal(Scalar value, std::string text) {
    Operand operand;
    operand.literal = std::move(value);
    operand.text = std::move(text);
    return add_operand(std::move(operand));
  }

  Index parse_operand() {
    if (at_end()) return fail(at_, "a path or a literal is expected");
    const char first = text_[at_];
    if (first == '"') return parse_text();
    if (is_digit(first) || first == '-') return parse_number();
    if (is_name_start(first)) return parse_path();
    return fail(at_, "a path or a literal is expected");
  }

  Index parse_text() {
    const std::size_t begin = at_++;
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_++];
    }
    if (at_ >= text_.size()) return fail(begin, "the text does not end");
    ++at_;
    return add_literal(Scalar{std::move(value)}, "text");
  }

  Index parse_number() {
    const std::size_t begin = at_;
    const bool negative = text_[at_] == '-';
    if (negative) ++at_;
    const std::size_t digits = at_;
    while (at_ < text_.size() && is_name(text_[at_]) && text_[at_] != '.') ++at_;
    const std::string_view token = text_.substr(digits, at_ - digits);
    if (!negative && token.starts_with("0x")) return parse_hex(begin, token);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (token.empty() || error != std::errc{} || end != token.data() + token.size()) {
      return fail(begin, "not a number of 64 bits");
    }
    return add_literal(Scalar{Integer{value, negative && value != 0}}, std::string(token));
  }

  Index parse_hex(std::size_t begin, std::string_view token) {
    std::string digits(token.substr(2));
    for (char& digit : digits) {
      if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
      if (!is_digit(digit) && !(digit >= 'a' && digit <= 'f')) return fail(begin, "not hex digits");
    }
    if (digits.empty()) return fail(begin, "not hex digits");
    Operand operand;
    operand.text = std::string(token);
    operand.hex = "0x" + digits;
    std::uint64_t value = 0;
    const char* last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, value, 16);
    const bool fits = error == std::errc{} && end == last;
    operand.literal = fits ? Scalar{Integer{value, false}} : Scalar{operand.hex};
    return add_operand(std::move(operand));
  }

  Index parse_path() {
    const std::size_t begin = at_;
    while (at_ < text_.size()) {
      if (is_name(text_[at_])) {
        ++at_;
      } else if (text_[at_] == '[') {
        if (!skip_key()) return fail(begin, "the key does not end");
      } else {
        break;
      }
    }
    const std::string_view token = text_.substr(begin, at_ - begin);
    if (token == "true") return add_literal(Scalar{true}, "true");
    if (token == "false") return add_literal(Scalar{false}, "false");
    if (token == "none") return add_literal(Scalar{}, "none");
    return resolve(begin, token);
  }

  bool skip_key() {
    bool is_quoted = false;
    while (++at_ < text_.size()) {
      const char c = text_[at_];
      if (is_quoted && c == '\\') {
        ++at_;
      } else if (c == '"') {
        is_quoted = !is_quoted;
      } else if (c == ']' && !is_quoted) {
        ++at_;
        return true;
      }
    }
    return false;
  }

  Index resolve(std::size_t begin, std::string_view token) {
    Operand operand;
    operand.text = std::string(token);
    const bool is_event = token.starts_with("event.") || token == "event";
    if (!is_event && scope_ == PredicateScope::kEvent) {
      return fail(begin,
                  "only the event can be asked here: event.kind, event.seq, event.source, "
                  "event.body, ...");
    }
    if (is_event) {
      out_.uses_event_ = true;
      token.remove_prefix(std::min<std::size_t>(token.size(), 6));
      operand.kind = token == "kind" ? Operand::Kind::kEventKind : Operand::Kind::kEvent;
      if (token == "kind") return add_operand(std::move(operand));
    } else {
      operand.kind = Operand::Kind::kState;
    }
    auto path = StatePath::parse(token);
    if (!path) return fail(begin, path.error());
    operand.path = std::move(path).value();
    // Names are checked once, on empty values: what they can be does not depend on what is there.
    static const core::Event kNoEvent{};
    static const auto kNoState = std::make_unique<const core::State>();
    const auto value = lookup(is_event ? field_of(kNoEvent) : field_of(*kNoState), operand.path);
    if (!value) return fail(begin, value.error());
    return add_operand(std::move(operand));
  }

  const std::string_view text_;
  const PredicateScope scope_;
  std::size_t at_ = 0;
  std::size_t chain_ = 0;
  std::optional<PredicateError> error_;
  Predicate out_;
};

core::Result<Predicate, PredicateError> Predicate::parse(std::string_view text,
                                                         PredicateScope scope) {
  if (text.size() > kPredicateBytesMax) {
    return core::Unexpected{PredicateError{
        kPredicateBytesMax + 1, "longer than " + std::to_string(kPredicateBytesMax) + " bytes"}};
  }
  return PredicateParser(text, scope).parse();
}

}  // namespace preconf::replay
