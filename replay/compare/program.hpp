// Another preconf program, asked for states of a log.
#pragma once

#include <chrono>
#include <filesystem>

#include "core/base/result.hpp"
#include "core/types.hpp"

namespace preconf::replay {

/// Largest answer that is read from the program.
inline constexpr std::size_t kProgramAnswerBytesMax = 65'536;

/// Runs `PROGRAM state LOG --at SEQ --hash --json` (no shell, an empty environment, standard input
/// and standard error at /dev/null) and reads "state_hash" from its answer. It is killed at the
/// deadline. The error is a sentence.
[[nodiscard]] core::Result<core::Hash32, std::string> state_hash_by(
    const std::filesystem::path& program, const std::filesystem::path& log, core::Seq seq,
    std::chrono::milliseconds deadline);

}  // namespace preconf::replay
