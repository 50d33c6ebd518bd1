// `preconf log ls|show|verify`: looking into a log, also beside the running node that writes it.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "core/event.hpp"

namespace preconf::replay {

struct LogListOptions {
  std::filesystem::path directory;
  std::optional<core::Seq> from;  ///< none: the first event
  std::optional<core::Seq> to;    ///< inclusive; none: the last event
  std::optional<core::EventKind> kind;
  bool json = false;  ///< one object per line: seq, wall, kind, source, summary
};
/// One line per event: seq, time, kind, source, what it says in a phrase.
[[nodiscard]] int log_list(const LogListOptions& options, std::ostream& out, std::ostream& err);

struct LogShowOptions {
  std::filesystem::path directory;
  core::Seq seq;
  bool raw = false;  ///< only the record: no fold, so no commands and decisions
  bool json = false;
};
/// One event in full, with the commands and decisions it caused (found by folding up to it).
[[nodiscard]] int log_show(const LogShowOptions& options, std::ostream& out, std::ostream& err);

struct LogVerifyOptions {
  std::filesystem::path directory;
  bool json = false;
};
/// Integrity without the reducer: density, hashes, chain, presence and hash of content, high-water
/// mark, health of snapshot files; and what the log covers.
[[nodiscard]] int log_verify(const LogVerifyOptions& options, std::ostream& out, std::ostream& err);

/// What an event says, in a phrase for one line.
[[nodiscard]] std::string summary_of(const core::EventBody& body);
/// What the engine answered, in a phrase.
[[nodiscard]] std::string summary_of(const core::events::EngineResult& result);
/// What a peer answered, in a phrase.
[[nodiscard]] std::string summary_of(const core::events::PeerResult& result);
/// How publishing ended, in a phrase.
[[nodiscard]] std::string outcome_of(const core::events::Published& published);

}  // namespace preconf::replay
