#include "replay/cli/offline.hpp"

#include <chrono>
#include <ostream>

#include "replay/cli/options.hpp"
#include "replay/report.hpp"

namespace preconf::replay {

void add_directory_argument(CLI::App& app, std::string& directory) {
  add_option(app, "DIR", directory, "data directory of a stopped node").required();
}

ExitCode fail(Streams streams, const char* tool, const storage::StorageFailure& failure) {
  streams.err << "preconf log " << tool << ": " << storage::name_of(failure.code);
  if (failure.seq.value > 0) streams.err << " at event " << failure.seq.value;
  streams.err << ": " << failure.detail << '\n';
  return static_cast<ExitCode>(result_of(failure));
}

core::WallNanos wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return core::WallNanos{static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count())};
}

}  // namespace preconf::replay
