#include "replay/debug_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ostream>

#include "replay/debug_text.hpp"
#include "replay/head_moves.hpp"
#include "replay/json_printer.hpp"
#include "replay/line_printer.hpp"
#include "replay/log_tools.hpp"
#include "replay/position.hpp"
#include "replay/queue_view.hpp"
#include "replay/state_view.hpp"

namespace preconf::replay {
namespace {

using core::Seq;

constexpr std::size_t kLineBytesMax = 4'096;
constexpr std::size_t kWatchesMax = 64;
constexpr std::size_t kValueWidth = 200;
constexpr std::size_t kChangesShown = 200;

/// Words between blanks; blanks and '#' inside of quotes belong to a word, as in a path's key.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out;
  bool in_word = false;
  bool in_quotes = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char character = line[i];
    const bool is_blank = character == ' ' || character == '\t' || character == '\r';
    if (!in_quotes && character == '#') break;
    if (!in_quotes && is_blank) {
      in_word = false;
      continue;
    }
    if (!in_word) out.emplace_back();
    in_word = true;
    out.back() += character;
    const bool is_escaped = in_quotes && character == '\\' && i + 1 < line.size();
    if (is_escaped) out.back() += line[++i];
    if (character == '"') in_quotes = !in_quotes;
  }
  return out;
}

std::optional<std::uint64_t> count_from(const std::vector<std::string>& words) {
  if (words.empty()) return 1;
  std::uint64_t count = 0;
  const std::string& text = words[0];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count == 0) return std::nullopt;
  return count;
}

std::string quoted_text(std::string_view text) {
  std::string out;
  append_quoted(out, text.substr(0, 80));
  return out;
}

}  // namespace

const std::vector<DebugSession::Order>& DebugSession::orders() {
  using S = DebugSession;
  static const std::vector<Order> table{
      {"next", 0, 1, "next [N]", "go N events on", &S::next},
      {"back", 0, 1, "back [N]", "go N events back", &S::back},
      {"goto", 1, 1, "goto POS", "go to a seq, @TIME, block:N, head or head~N", &S::go_to},
      {"event", 0, 0, "event", "the event where you are, and what it caused", &S::event},
      {"state", 0, 1, "state [PATH]", "the state after it, or a part of it", &S::state},
      {"diff", 2, 2, "diff POS POS", "what differs between two states", &S::diff},
      {"watch", 0, 1, "watch [PATH]", "stop `continue` when this changes; list", &S::watch},
      {"unwatch", 0, 1, "unwatch [PATH]", "forget one watch, or all", &S::unwatch},
      {"continue", 0, 2, "continue [until POS]", "go on until a watch changes", &S::go_on},
      {"heads", 0, 0, "heads", "where the labels of the chain stand", &S::heads},
      {"queue", 0, 0, "queue", "what each held commitment waits for", &S::queue},
      {"why", 1, 1, "why PATH", "the last event that changed this", &S::why},
      {"help", 0, 0, "help", "this", &S::help},
      {"quit", 0, 0, "quit", "end", &S::quit},
  };
  return table;
}

DebugResult DebugSession::refuse(const std::string& why) {
  out_ << "error: " << why << '\n';
  return DebugResult::kRefused;
}

bool DebugSession::start() { return move_to(log_.first_known()) == DebugResult::kDone; }

DebugResult DebugSession::run(std::string_view line) {
  if (line.size() > kLineBytesMax) return refuse("the line is too long");
  Words words = words_of(line);
  if (words.empty()) return DebugResult::kDone;
  const std::string name = words.front();
  words.erase(words.begin());
  for (const Order& order : orders()) {
    if (name != order.name) continue;
    if (words.size() < order.words_min || words.size() > order.words_max) {
      return refuse(std::string("usage: ") + order.usage);
    }
    return (this->*order.run)(words);
  }
  return refuse("no command " + quoted_text(name) + "; `help` lists them");
}

std::optional<Seq> DebugSession::position(const std::string& text) {
  const auto seq = resolve_position(log_.history(), text);
  if (seq && *seq <= log_.last()) return *seq;
  refuse(seq ? "the log had fewer events when it was opened" : seq.error());
  return std::nullopt;
}

/// Anew from a snapshot when that is nearer than where the session stands.
DebugResult DebugSession::move_to(Seq seq) {
  const std::vector<Seq> snapshots = log_.history().snapshots->list();
  const auto above = std::upper_bound(snapshots.begin(), snapshots.end(), seq);
  const Seq nearest = above == snapshots.begin() ? Seq{} : *std::prev(above);
  if (walker_ && walker_->seq() <= seq && nearest <= walker_->seq()) return step_to(seq);
  // One event before, so that the event itself is folded and can be shown.
  auto walker = log_.stand_after(Seq{seq.value - 1});
  if (!walker) return DebugResult::kBroken;
  walker_ = std::move(*walker);
  return step_to(seq);
}

DebugResult DebugSession::step_to(Seq seq) {
  if (!log_.fold(*walker_, seq, [](const Walker&) { return true; })) return DebugResult::kBroken;
  read_watches();
  tell_place();
  return DebugResult::kDone;
}

void DebugSession::tell_place() {
  if (walker_->logged().event.seq == walker_->seq()) {
    out_ << place_of(walker_->event());
  } else {
    out_ << fmt::format("{}  {}\n", walker_->seq().value, utc_time(walker_->state().last_wall));
  }
}

DebugResult DebugSession::next(const Words& words) {
  const auto count = count_from(words);
  if (!count) return refuse("next takes a number of events");
  const std::uint64_t left = log_.last().value - walker_->seq().value;
  if (left == 0) return refuse("this is the last event");
  return move_to(Seq{walker_->seq().value + std::min(*count, left)});
}

DebugResult DebugSession::back(const Words& words) {
  const auto count = count_from(words);
  if (!count) return refuse("back takes a number of events");
  const std::uint64_t here = walker_->seq().value;
  const std::uint64_t first = log_.first_known().value;
  const std::uint64_t left = here > first ? here - first : 0;
  if (left == 0) return refuse("this is the first event");
  return move_to(Seq{walker_->seq().value - std::min(*count, left)});
}

DebugResult DebugSession::go_to(const Words& words) {
  const auto seq = position(words[0]);
  return seq ? move_to(*seq) : DebugResult::kRefused;
}

DebugResult DebugSession::event(const Words& /*words*/) {
  out_ << place_of(walker_->event()) << to_lines(walker_->event(), 2)
       << decisions_of(walker_->outcome());
  return DebugResult::kDone;
}

DebugResult DebugSession::state(const Words& words) {
  if (words.empty()) {
    out_ << to_lines(walker_->state(), 0);
    return DebugResult::kDone;
  }
  const auto value = lookup(walker_->state(), words[0]);
  if (!value) return refuse(value.error());
  out_ << words[0] << "  " << value->json << '\n';
  return DebugResult::kDone;
}

DebugResult DebugSession::diff(const Words& words) {
  const auto from = position(words[0]);
  if (!from) return DebugResult::kRefused;
  const auto to = position(words[1]);
  if (!to) return DebugResult::kRefused;
  const auto before = log_.stand_after(*from);
  if (!before) return DebugResult::kBroken;
  const auto after = log_.stand_after(*to);
  if (!after) return DebugResult::kBroken;
  const Changes changes =
      changes_between(field_of(before->state()), field_of(after->state()), kChangesShown);
  out_ << fmt::format("{} changes from event {} to {}\n", changes.total, from->value, to->value)
       << changes_text(changes, kValueWidth);
  return DebugResult::kDone;
}

void DebugSession::read_watches() {
  for (Watch& watch : watches_) {
    const auto value = lookup(field_of(walker_->state()), watch.path);
    watch.value = value ? value->json : value.error();
  }
}

DebugResult DebugSession::watch(const Words& words) {
  if (words.empty()) {
    for (const Watch& watch : watches_) out_ << watch.path.text() << "  " << watch.value << '\n';
    return DebugResult::kDone;
  }
  if (watches_.size() == kWatchesMax) return refuse("there are too many watches");
  auto path = StatePath::parse(words[0]);
  if (!path) return refuse(path.error());
  const auto value = lookup(field_of(walker_->state()), *path);
  if (!value) return refuse(value.error());
  out_ << words[0] << "  " << value->json << '\n';
  watches_.push_back({std::move(*path), value->json});
  return DebugResult::kDone;
}

DebugResult DebugSession::unwatch(const Words& words) {
  if (words.empty()) {
    watches_.clear();
    return DebugResult::kDone;
  }
  const auto erased =
      std::erase_if(watches_, [&](const Watch& watch) { return watch.path.text() == words[0]; });
  return erased > 0 ? DebugResult::kDone : refuse("there is no watch on " + quoted_text(words[0]));
}

bool DebugSession::tell_changed_watches() {
  bool has_changed = false;
  for (Watch& watch : watches_) {
    const auto value = lookup(field_of(walker_->state()), watch.path);
    const std::string now = value ? value->json : value.error();
    if (now == watch.value) continue;
    out_ << watch.path.text() << "  " << watch.value << " -> " << now << '\n';
    watch.value = now;
    has_changed = true;
  }
  return has_changed;
}

DebugResult DebugSession::go_on(const Words& words) {
  Seq until = log_.last();
  if (!words.empty()) {
    if (words.size() != 2 || words[0] != "until") return refuse("usage: continue [until POS]");
    const auto seq = position(words[1]);
    if (!seq) return DebugResult::kRefused;
    until = *seq;
  }
  if (until <= walker_->seq()) return refuse("there is nothing to go on to");
  bool has_stopped = false;
  const bool is_good = log_.fold(*walker_, until, [&](const Walker&) {
    has_stopped = tell_changed_watches();
    return !has_stopped;
  });
  if (!is_good) return DebugResult::kBroken;
  tell_place();
  return DebugResult::kDone;
}

DebugResult DebugSession::heads(const Words& /*words*/) {
  const HeadWatch watch(walker_->state());
  for (std::size_t i = 0; i < kHeadLabelCount; ++i) {
    const auto label = static_cast<HeadLabel>(i);
    out_ << fmt::format("{:<9}  {}\n", name_of(label), text_of(watch.point(label)));
  }
  return DebugResult::kDone;
}

DebugResult DebugSession::queue(const Words& /*words*/) {
  const std::vector<QueueItem> items = queue_of(walker_->state());
  out_ << fmt::format("{} held and not executed\n", items.size());
  for (const QueueItem& item : items) {
    out_ << fmt::format("block {}  {}  {}  waits for {}", item.number.value,
                        core::to_hex0x(item.preconf_hash.view()), core::name_of(item.phase),
                        name_of(item.waits_for));
    if (item.hash) out_ << " " << core::to_hex0x(item.hash->view());
    if (!item.detail.empty()) out_ << " (" << item.detail << ")";
    out_ << '\n';
  }
  return DebugResult::kDone;
}

DebugResult DebugSession::help(const Words& /*words*/) {
  for (const Order& order : orders()) out_ << fmt::format("{:<21} {}\n", order.usage, order.help);
  return DebugResult::kDone;
}

DebugResult DebugSession::quit(const Words& /*words*/) { return DebugResult::kQuit; }

}  // namespace preconf::replay
