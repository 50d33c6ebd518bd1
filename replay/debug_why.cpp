// `why PATH` of the debug session, and what it prints about events.
#include <fmt/format.h>

#include <ostream>
#include <utility>

#include "replay/debug_session.hpp"
#include "replay/debug_text.hpp"
#include "replay/leaf.hpp"
#include "replay/log_tools.hpp"

namespace preconf::replay {

using core::Seq;

std::string place_of(const core::Event& event) {
  return fmt::format("{}  {}  {}  {}\n", event.seq.value, utc_time(event.wall),
                     core::name_of(core::kind_of(event.body)), summary_of(event.body));
}

std::string decisions_of(const core::Outcome& outcome) {
  std::string out;
  for (const core::Decision& decision : outcome.decisions) {
    out += std::string("  decided ") + core::name_of(decision.verdict);
    if (decision.reason != core::Reason::kNone) {
      out += std::string("/") + core::name_of(decision.reason);
    }
    if (decision.number.value != 0) out += fmt::format(" block {}", decision.number.value);
    if (!decision.subject.is_zero()) out += " " + core::to_hex0x(decision.subject.view());
    out += '\n';
  }
  for (const core::Command& command : outcome.commands) {
    out += fmt::format("  ordered {} {}:{}\n", core::name_of(command.body), command.id.cause.value,
                       command.id.ordinal);
  }
  return out;
}

std::optional<std::optional<DebugSession::Changed>> DebugSession::last_change_between(
    const StatePath& path, Seq after, Seq until) {
  auto walker = log_.stand_after(after);
  if (!walker) return std::nullopt;
  std::optional<Changed> found;
  const auto read = [&path](const core::State& state) {
    const auto value = lookup(field_of(state), path);
    return value ? value->json : value.error();
  };
  std::string before = read(walker->state());
  const bool is_good = log_.fold(*walker, until, [&](const Walker& at) {
    std::string now = read(at.state());
    if (now != before) found = Changed{at.seq(), std::exchange(before, now), now};
    return true;
  });
  if (!is_good) return std::nullopt;
  return found;
}

std::optional<std::optional<DebugSession::Changed>> DebugSession::last_change(
    const StatePath& path) {
  // Interval by interval between snapshots, the newest first: mostly one is enough.
  const Seq base = log_.history().events->base().seq;
  std::vector<Seq> starts{base};
  for (const Seq seq : log_.history().snapshots->list()) {
    if (seq > base && seq < walker_->seq()) starts.push_back(seq);
  }
  Seq until = walker_->seq();
  for (auto start = starts.rbegin(); start != starts.rend(); ++start) {
    auto found = last_change_between(path, *start, until);
    if (!found || *found) return found;
    until = *start;
  }
  return std::optional<Changed>();
}

DebugResult DebugSession::why(const Words& words) {
  const auto path = StatePath::parse(words[0]);
  if (!path) return refuse(path.error());
  const auto value = lookup(field_of(walker_->state()), *path);
  if (!value) return refuse(value.error());
  const auto changed = last_change(*path);
  if (!changed) return DebugResult::kBroken;
  if (!*changed) {
    out_ << words[0] << "  " << value->json << "  has not changed up to here\n";
    return DebugResult::kDone;
  }
  auto walker = log_.stand_after(Seq{(*changed)->seq.value - 1});
  if (!walker) return DebugResult::kBroken;
  if (!log_.fold(*walker, (*changed)->seq, [](const Walker&) { return true; })) {
    return DebugResult::kBroken;
  }
  out_ << words[0] << "  " << (*changed)->before << " -> " << (*changed)->after << '\n'
       << place_of(walker->event()) << decisions_of(walker->outcome());
  return DebugResult::kDone;
}

}  // namespace preconf::replay
