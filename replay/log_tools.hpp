// `preconf log ls|show|verify`: looking into a log, also beside the running node that writes it.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "core/event.hpp"
#include "replay/cli/tool.hpp"

namespace preconf::replay {

class Inspection;

struct LogListOptions {
  std::optional<std::string> from;  ///< position; none: the first event
  std::optional<std::string> to;    ///< inclusive; none: the last event
  std::optional<core::EventKind> kind;
  bool json = false;  ///< one object per line: seq, wall, kind, source, summary
};
/// One line per event: seq, time, kind, source, what it says in a phrase. Requires that `log` is
/// open.
void log_list(Inspection& log, const LogListOptions& options, std::ostream& out);

struct LogShowOptions {
  std::string at;    ///< position
  bool raw = false;  ///< only the record: no fold, so no commands and decisions
  bool json = false;
};
/// One event in full, the content that it refers to, and the commands and decisions it caused
/// (found by folding up to it). Requires that `log` is open; what to exit with.
[[nodiscard]] ExitCode log_show(Inspection& log, const LogShowOptions& options, std::ostream& out);

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
/// What L1 answered, in a phrase.
[[nodiscard]] std::string summary_of(const core::events::L1Result& result);
/// How publishing ended, in a phrase.
[[nodiscard]] std::string outcome_of(const core::events::Published& published);

}  // namespace preconf::replay
