// Parts of JSON that the inputs of whatif share.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>

#include "core/base/hex.hpp"
#include "core/protocol/schedule.hpp"

namespace preconf::replay {

/// The unsigned number at `key`; nothing when it is not there or something else.
[[nodiscard]] inline std::optional<std::uint64_t> json_number(simdjson::dom::element object,
                                                              std::string_view key) {
  std::uint64_t value = 0;
  if (object[key].get_uint64().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

/// {"version": N, "windows": [{"start": N, "end": N, "committer": "0x.."}]}
[[nodiscard]] inline std::optional<core::protocol::Schedule> json_schedule(
    simdjson::dom::element object) {
  core::protocol::Schedule schedule;
  const auto version = json_number(object, "version");
  simdjson::dom::array windows;
  if (!version || object["windows"].get_array().get(windows) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  schedule.version = *version;
  for (const simdjson::dom::element item : windows) {
    const auto start = json_number(item, "start");
    const auto end = json_number(item, "end");
    std::string_view text;
    if (!start || !end || item["committer"].get_string().get(text) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    const auto committer = core::fixed_from_hex<20>(text);
    if (!committer) return std::nullopt;
    schedule.windows.push_back({core::UnixSeconds{*start}, core::UnixSeconds{*end}, *committer});
  }
  return schedule;
}

}  // namespace preconf::replay
