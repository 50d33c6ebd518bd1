#include "replay/state_view.hpp"

#include <fmt/format.h>

#include <optional>

#include "core/reducer.hpp"
#include "replay/json_printer.hpp"
#include "replay/line_printer.hpp"

namespace preconf::replay {
namespace {

using core::Unexpected;
using Text = core::Result<std::string, std::string>;

/// JSON values in lines for people are cut here.
constexpr std::size_t kTextValueBytes = 200;

struct Head {
  core::Seq seq;
  core::WallNanos wall;
  std::optional<core::Hash32> state_hash;
};

Head head_of(const core::State& state, bool with_hash) {
  Head head{state.last_seq, state.last_wall, std::nullopt};
  if (with_hash) head.state_hash = core::state_hash(state);
  return head;
}

/// The members of a JSON object, without braces.
std::string json_members(const Head& head) {
  std::string out = fmt::format("\"seq\":{},\"wall\":{}", head.seq.value, to_json(head.wall));
  if (head.state_hash) out += ",\"state_hash\":" + to_json(*head.state_hash);
  return out;
}

std::string line_of(const char* what, const Head& head) {
  std::string out = fmt::format("{} event {}  {}\n", what, head.seq.value, utc_time(head.wall));
  if (head.state_hash) {
    out += fmt::format("state hash  {}\n", core::to_hex0x(head.state_hash->view()));
  }
  return out;
}

std::string whole_state(const core::State& state, const StateViewOptions& options) {
  const Head head = head_of(state, options.hash);
  if (options.json) return "{" + json_members(head) + ",\"state\":" + to_json(state) + "}\n";
  return line_of("state after", head) + to_lines(state, 0);
}

Text parts_of_state(const core::State& state, const StateViewOptions& options) {
  const Head head = head_of(state, options.hash);
  std::string out =
      options.json ? "{" + json_members(head) + ",\"values\":{" : line_of("state after", head);
  bool is_first = true;
  for (const std::string& path : options.paths) {
    const auto value = lookup(state, path);
    if (!value) return Unexpected{value.error()};
    if (options.json) {
      if (!is_first) out += ',';
      append_quoted(out, path);
      out += ':' + value->json;
    } else {
      out += path + "  " + value->json + "\n";
    }
    is_first = false;
  }
  return out + (options.json ? "}}\n" : "");
}

/// Everything that differs below one path.
std::optional<std::string> add_changes(const core::State& before, const core::State& after,
                                       const std::string& text, Changes& out) {
  const auto path = StatePath::parse(text);
  if (!path) return path.error();
  const auto left = lookup(field_of(before), *path);
  const auto right = lookup(field_of(after), *path);
  if (!left) return left.error();
  if (!right) return right.error();
  if (*left == *right) return std::nullopt;
  if (!left->is_composite || !right->is_composite) {
    ++out.total;
    out.shown.push_back({text, left->json, right->json});
    return std::nullopt;
  }
  const auto left_field = find_field(field_of(before), *path);
  const auto right_field = find_field(field_of(after), *path);
  if (!left_field) return left_field.error();
  if (!right_field) return right_field.error();
  Changes below = changes_between(*left_field, *right_field, kChangesShownMax);
  out.total += below.total;
  for (Change& change : below.shown) {
    const bool is_key = change.path.empty() || change.path.starts_with("[");
    change.path = text + (is_key ? "" : ".") + change.path;
    out.shown.push_back(std::move(change));
  }
  return std::nullopt;
}

std::string cut(const std::string& text, std::size_t width) {
  if (text.size() <= width) return text;
  std::size_t end = width;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  return text.substr(0, end) + "...";
}

std::string changes_json(const Head& from, const Head& to, const Changes& changes) {
  std::string out = "{\"from\":{" + json_members(from) + "},\"to\":{" + json_members(to) + "}";
  out += fmt::format(",\"total\":{},\"changes\":[", changes.total);
  bool is_first = true;
  for (const Change& change : changes.shown) {
    out += is_first ? "{\"path\":" : ",{\"path\":";
    is_first = false;
    append_quoted(out, change.path);
    out += ",\"before\":" + change.before + ",\"after\":" + change.after + "}";
  }
  return out + "]}\n";
}

}  // namespace

Text view_state(const core::State& state, const StateViewOptions& options) {
  return options.paths.empty() ? Text(whole_state(state, options)) : parts_of_state(state, options);
}

std::string changes_text(const Changes& changes, std::size_t width) {
  std::string out;
  for (const Change& change : changes.shown) {
    out += fmt::format("{}  {} -> {}\n", change.path, cut(change.before, width),
                       cut(change.after, width));
  }
  if (changes.total > changes.shown.size()) {
    out += fmt::format("... and {} more\n", changes.total - changes.shown.size());
  }
  return out;
}

Text view_changes(const core::State& before, const core::State& after,
                  const StateViewOptions& options) {
  Changes changes;
  if (options.paths.empty()) {
    changes = changes_between(field_of(before), field_of(after), kChangesShownMax);
  }
  for (const std::string& path : options.paths) {
    if (auto error = add_changes(before, after, path, changes)) {
      return Unexpected{std::move(*error)};
    }
  }
  if (changes.shown.size() > kChangesShownMax) changes.shown.resize(kChangesShownMax);
  const Head from = head_of(before, options.hash);
  const Head to = head_of(after, options.hash);
  if (options.json) return changes_json(from, to, changes);
  std::string out = line_of("from", from) + line_of("to  ", to);
  if (changes.total == 0) return out + "nothing differs\n";
  return out + fmt::format("{} changes\n", changes.total) + changes_text(changes, kTextValueBytes);
}

}  // namespace preconf::replay
