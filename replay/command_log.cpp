#include "replay/command_log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/effects/peer_requests.hpp"
#include "core/events/timer.hpp"
#include "replay/call_height.hpp"
#include "replay/leaf.hpp"
#include "replay/log_tools.hpp"

namespace preconf::replay {
namespace {

namespace cmd = core::commands;
namespace ev = core::events;

const char* durability_of(const core::CommandBody& body) {
  // clang-format off
  switch (core::class_of(body)) {
    case core::CommandClass::kRead: return "read";
    case core::CommandClass::kContent: return "content";
    case core::CommandClass::kOverwrite: return "overwrite";
    case core::CommandClass::kJob: return "job";
    case core::CommandClass::kTimer: return "timer";
    case core::CommandClass::kIrrevocable: return "irrevocable";
    case core::CommandClass::kLocal: return "local";
  }
  // clang-format on
  return "unknown";
}

/// Height and attempt of the plan that issued the command, as far as the state after it tells.
void describe(CommandRow& row, const core::Command& command, const core::State& state) {
  row.number = height_of_call(command, state);
  if (const auto* page = std::get_if<cmd::RequestCommitments>(&row.body)) row.number = page->start;
  const core::CommandId& id = command.id;
  const auto* apply = std::get_if<core::ApplyPlan>(&state.lane);
  if (apply != nullptr && apply->command == id) row.attempt = state.apply_backoff.failures + 1;
  const auto* consistency = std::get_if<core::ConsistencyPlan>(&state.lane);
  if (consistency != nullptr && consistency->command == id) {
    row.attempt = state.consistency_backoff.failures + 1;
  }
}

CommandRow row_of(const core::Command& command, const core::State& state) {
  CommandRow row;
  row.id = id_text(command.id);
  row.name = core::name_of(command.body);
  row.durability = durability_of(command.body);
  row.issued.seq = command.id.cause;
  row.body = command.body;
  describe(row, command, state);
  return row;
}

void note_outcome(CommandRow& row, const core::EventBody& body) {
  if (const auto* answer = std::get_if<ev::EngineAnswered>(&body)) {
    row.elapsed_us = answer->elapsed_us;
    row.outcome = summary_of(answer->result);
  } else if (const auto* reply = std::get_if<ev::PeerAnswered>(&body)) {
    row.elapsed_us = reply->elapsed_us;
    row.outcome = summary_of(reply->result);
  } else if (const auto* published = std::get_if<ev::Published>(&body)) {
    row.elapsed_us = published->elapsed_us;
    row.outcome = outcome_of(*published);
  }
}

bool is_timer(const CommandRow& row, core::TimerId timer) {
  const auto* set = std::get_if<cmd::SetTimer>(&row.body);
  return set != nullptr && set->timer == timer;
}

std::string target_of(const CommandRow& row) {
  if (const auto* timer = std::get_if<cmd::SetTimer>(&row.body)) {
    return fmt::format(" {} #{} {} ms", core::name_of(timer->timer), timer->generation,
                       timer->delay.value);
  }
  std::string out;
  if (const auto peer = core::effects::peer_of(row.body))
    out += fmt::format(" peer {}", peer->value);
  if (row.number) out += fmt::format(" block {}", row.number->value);
  return out;
}

}  // namespace

const char* name_of(CommandEnd end) {
  // clang-format off
  switch (end) {
    case CommandEnd::kPending: return "pending";
    case CommandEnd::kAnswered: return "answered";
    case CommandEnd::kFired: return "fired";
    case CommandEnd::kReplaced: return "replaced";
    case CommandEnd::kLost: return "lost";
  }
  // clang-format on
  return "unknown";
}

std::string id_text(const core::CommandId& id) {
  return fmt::format("{}:{}", id.cause.value, id.ordinal);
}

void CommandLog::end_with(CommandRow& row, CommandEnd end, const core::Event& event,
                          std::vector<CommandRow>& out) {
  row.end = end;
  row.ended = Stamp{event.seq, event.wall};
  row.open_us = micros_between(row.issued.wall, event.wall);
  out.push_back(std::move(row));
}

void CommandLog::end_all(const core::Event& event, std::vector<CommandRow>& out) {
  for (auto& [id, row] : open_) end_with(row, CommandEnd::kLost, event, out);
  open_.clear();
}

std::vector<CommandRow> CommandLog::observe(const core::Event& event, const core::Outcome& outcome,
                                            const core::State& state) {
  std::vector<CommandRow> out;
  if (std::holds_alternative<ev::BootStarted>(event.body)) end_all(event, out);
  if (const core::CommandId* answered = core::answered_command(event.body)) {
    const auto found = open_.find(*answered);
    if (found != open_.end()) {
      note_outcome(found->second, event.body);
      end_with(found->second, CommandEnd::kAnswered, event, out);
      open_.erase(found);
    }
  }
  if (const auto* fired = std::get_if<ev::TimerFired>(&event.body)) {
    const auto found = std::find_if(open_.begin(), open_.end(), [fired](const auto& entry) {
      const auto* set = std::get_if<cmd::SetTimer>(&entry.second.body);
      return set != nullptr && set->timer == fired->timer && set->generation == fired->generation;
    });
    if (found != open_.end()) {
      end_with(found->second, CommandEnd::kFired, event, out);
      open_.erase(found);
    }
  }
  for (const core::Command& command : outcome.commands) {
    if (const auto* timer = std::get_if<cmd::SetTimer>(&command.body)) {
      for (auto it = open_.begin(); it != open_.end();) {
        if (!is_timer(it->second, timer->timer)) {
          ++it;
          continue;
        }
        end_with(it->second, CommandEnd::kReplaced, event, out);
        it = open_.erase(it);
      }
    }
    CommandRow row = row_of(command, state);
    row.issued = Stamp{event.seq, event.wall};
    open_.emplace(command.id, std::move(row));
  }
  return out;
}

std::vector<CommandRow> CommandLog::open(core::WallNanos now) const {
  std::vector<CommandRow> out;
  for (const auto& [id, row] : open_) {
    out.push_back(row);
    out.back().open_us = micros_between(row.issued.wall, now);
  }
  return out;
}

std::vector<CommandRow> pending_commands(const core::State& state) {
  std::vector<CommandRow> out;
  for (const auto& [id, command] : state.in_flight) out.push_back(row_of(command, state));
  return out;
}

std::vector<core::Command> commands_on_restart(const core::State& state) {
  core::State copy = state;
  core::Event boot;
  boot.seq = core::next(state.last_seq);
  boot.wall = state.last_wall;
  boot.body = ev::BootStarted{};
  core::Outcome outcome;
  core::reduce(copy, boot, outcome);
  return outcome.commands;
}

std::string line_of(const CommandRow& row) {
  std::string out = fmt::format("{:>12}  {}  {}{}", row.id, stamp_text(row.issued.wall), row.name,
                                target_of(row));
  if (row.attempt > 1) out += fmt::format("  attempt {}", row.attempt);
  out += fmt::format("  {}", name_of(row.end));
  if (row.ended) out += fmt::format(" by {}", row.ended->seq.value);
  out += row.elapsed_us ? fmt::format(" after {}", duration_text(*row.elapsed_us))
                        : fmt::format(" for {}", duration_text(row.open_us));
  if (!row.outcome.empty()) out += ": " + row.outcome;
  return out + "\n";
}

}  // namespace preconf::replay
