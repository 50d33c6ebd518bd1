#include "replay/state_path.hpp"

#include <algorithm>

#include "replay/leaf.hpp"

namespace preconf::replay {
namespace {

using core::Unexpected;

/// More names than this are not listed in an error.
constexpr std::size_t kNamesShownMax = 40;

Unexpected<std::string> refuse(std::string why) { return Unexpected{std::move(why)}; }

std::string in_quotes(std::string_view text) {
  std::string out;
  append_quoted(out, text.substr(0, 80));
  return out;
}

/// Takes a JSON string off the front of `text`; escapes as append_quoted() writes them.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    if (text[i] == '"' || text[i] == '\\') {
      out += text[i];
      continue;
    }
    if (text[i] != 'u' || text.size() - i < 5) return std::nullopt;
    const auto code = core::fixed_from_hex<2>(text.substr(i + 1, 4));
    if (!code || code->bytes[0] != 0) return std::nullopt;
    if (code->bytes[1] >= 0x80) out += '\xc2';  // U+0080 to U+00BF in UTF-8
    if (code->bytes[1] >= 0xc0) return std::nullopt;
    out += static_cast<char>(code->bytes[1]);
    i += 4;
  }
  return std::nullopt;
}

/// Takes "[key]" off the front of `text`.
std::optional<std::string> take_key(std::string_view& text) {
  text.remove_prefix(1);
  std::optional<std::string> key;
  if (text.starts_with("\"")) {
    key = take_quoted(text);
  } else {
    const std::size_t end = std::min(text.find(']'), text.size());
    key = std::string(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (!key || key->empty() || !text.starts_with("]")) return std::nullopt;
  text.remove_prefix(1);
  return key;
}

std::string names_text(const Field& field) {
  std::string out;
  const auto add = [&out](const std::string& name) { out += (out.empty() ? "" : ", ") + name; };
  for (const std::string& name : field.type->names()) add(name);
  switch (field.type->shape()) {
    case Shape::kVariant:
      add("type");
      break;
    case Shape::kMap:
    case Shape::kSet:
    case Shape::kList:
      return "size, first, last, [key]";
    case Shape::kLeaf:
      return "nothing: it has no parts";
    case Shape::kStruct:
      break;
  }
  return out;
}

Value none() { return Value{{}, false, "null"}; }

Value integer(std::uint64_t number) {
  return Value{Integer{number, false}, false, std::to_string(number)};
}

Value text(std::string_view value) {
  std::string json;
  append_quoted(json, value);
  return Value{std::string(value), false, std::move(json)};
}

Value value_of(const Field& field) {
  if (field.is_absent()) return none();
  Value out;
  out.is_composite = field.type->shape() != Shape::kLeaf;
  if (!out.is_composite) out.scalar = field.type->scalar(field.value);
  out.json = json_of(field);
  return out;
}

/// What the last step means when it is no part of the value: a size, a name, a membership.
std::optional<Value> derived(const Field& field, const StatePath::Step& step) {
  const Shape shape = field.type->shape();
  if (step.is_key) return std::nullopt;
  if (step.text == "size") {
    if (shape == Shape::kStruct || shape == Shape::kVariant) return std::nullopt;
    if (field.is_absent()) return none();
    const auto size = field.type->size(field.value);
    return size ? std::optional(integer(*size)) : std::nullopt;
  }
  if (step.text == "type" && shape == Shape::kVariant) {
    return field.is_absent() ? none() : text(field.type->alternative(field.value));
  }
  return std::nullopt;
}

FieldOrError follow(const Field& field, const StatePath::Step& step, std::string_view path) {
  if (step.is_key) {
    auto found = field.type->element(field.value, step.text);
    if (!found) return refuse(in_quotes(path) + ": " + found.error());
    return found;
  }
  const auto found = field.type->member(field.value, step.text);
  if (!found) {
    return refuse("no " + in_quotes(step.text) + " in " + in_quotes(path) +
                  "; there is: " + names_text(field));
  }
  return *found;
}

FieldOrError follow_all(Field field, const std::vector<StatePath::Step>& steps, std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i) {
    auto next = follow(field, steps[i], path);
    if (!next) return next;
    field = *next;
    path = join_path(path, steps[i].is_key ? "[" + steps[i].text + "]" : steps[i].text);
  }
  return field;
}

}  // namespace

core::Result<StatePath, std::string> StatePath::parse(std::string_view text) {
  if (text.size() > kPathBytesMax) return refuse("the path is too long");
  StatePath out;
  out.text_ = text;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (rest.front() == '[') {
      const auto key = take_key(rest);
      if (!key) return refuse("in " + in_quotes(text) + " a [ has no key and ] after it");
      out.steps_.push_back({*key, true});
      continue;
    }
    if (!out.steps_.empty()) {
      if (rest.front() != '.') return refuse("in " + in_quotes(text) + " a . is missing after ]");
      rest.remove_prefix(1);
    }
    const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
    if (end == 0) return refuse("a name is missing in " + in_quotes(text));
    out.steps_.push_back({std::string(rest.substr(0, end)), false});
    rest.remove_prefix(end);
  }
  return out;
}

ValueOrError lookup(const Field& root, const StatePath& path) {
  const auto& steps = path.steps();
  if (steps.empty()) return value_of(root);
  const auto parent = follow_all(root, steps, steps.size() - 1);
  if (!parent) return Unexpected{parent.error()};
  if (auto value = derived(*parent, steps.back())) return std::move(*value);
  std::string before;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    before = join_path(before, steps[i].is_key ? "[" + steps[i].text + "]" : steps[i].text);
  }
  const auto found = follow(*parent, steps.back(), before);
  if (!found) return Unexpected{found.error()};
  if (steps.back().is_key && parent->type->shape() == Shape::kSet) {
    const bool is_member = !found->is_absent();
    return Value{is_member, false, is_member ? "true" : "false"};
  }
  return value_of(*found);
}

namespace {

ValueOrError lookup_text(const Field& root, std::string_view text) {
  const auto path = StatePath::parse(text);
  if (!path) return Unexpected{path.error()};
  return lookup(root, *path);
}

}  // namespace

ValueOrError lookup(const core::State& state, std::string_view path) {
  return lookup_text(field_of(state), path);
}
ValueOrError lookup(const core::Event& event, std::string_view path) {
  return lookup_text(field_of(event), path);
}

FieldOrError find_field(const Field& root, const StatePath& path) {
  return follow_all(root, path.steps(), path.steps().size());
}

core::Result<std::vector<std::string>, std::string> children(const Field& root,
                                                             const StatePath& path,
                                                             std::size_t max) {
  const auto field = follow_all(root, path.steps(), path.steps().size());
  if (!field) return Unexpected{field.error()};
  std::vector<std::string> out = field->type->names();
  const Shape shape = field->type->shape();
  if (shape == Shape::kVariant) out.emplace_back("type");
  if (shape == Shape::kMap || shape == Shape::kSet || shape == Shape::kList) {
    out = {"size", "first", "last"};
    if (!field->is_absent()) {
      field->type->each(field->value, [&](const std::string& step, const Field&) {
        if (out.size() < max) out.push_back(step);
      });
    }
  }
  if (out.size() > max) out.resize(max);
  return out;
}

}  // namespace preconf::replay
