// `preconf log snapshot`: makes the snapshots that the policy wants and that are not there, so that
// every state of the log is a short fold away.
#include <fmt/format.h>

#include <ostream>
#include <set>

#include "core/state_bytes.hpp"
#include "replay/cli/all_tools.hpp"
#include "replay/cli/offline.hpp"
#include "replay/cli/options.hpp"
#include "replay/first_state.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"
#include "replay/snapshots.hpp"
#include "replay/walker.hpp"
#include "storage/data_directory.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::replay {
namespace {

struct SnapshotJson {
  std::vector<core::Seq> written;
  std::uint64_t usable_before = 0;
  PRECONF_FIELDS(SnapshotJson, written, usable_before);
};

class LogSnapshotTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_directory_argument(app, directory_);
    add_number_option(
        app, "--every", {1'000, 1'000'000'000}, [this](std::uint64_t events) { every_ = events; },
        "one snapshot per this many events");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    if (!std::filesystem::is_directory(directory_)) {
      return fail(streams, "snapshot",
                  {storage::StorageError::kNotFound, {}, "no log in " + directory_});
    }
    const auto lock = storage::lock_directory(directory_);
    if (!lock) return fail(streams, "snapshot", lock.error());
    const auto history = open_history(directory_);
    if (!history) return fail(streams, "snapshot", history.error());
    // Without the state at the begin only what follows a later one can be folded.
    const auto first = first_state(*history);
    if (!first) return fail(streams, "snapshot", first.error());
    ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
    const auto made = make_snapshots(*history, first->state->last_seq, progress);
    progress.clear();
    if (!made) return fail(streams, "snapshot", made.error());
    print(streams, *made);
    return first->missing ? fail(streams, "snapshot", *first->missing) : ExitCode::kClean;
  }

 private:
  /// First seqs of the runs of events that have no usable snapshot, as far as they lie behind
  /// `known`, the first state.
  std::vector<core::Seq> missing(const History& history, core::Seq known,
                                 std::uint64_t& usable) const {
    std::set<std::uint64_t> runs;
    for (const core::Seq seq : history.snapshots->list()) {
      if (!load_state(*history.events, *history.snapshots, seq)) continue;
      ++usable;
      runs.insert(seq.value / every_);
    }
    std::vector<core::Seq> out;
    const core::Seq end = history.events->end().seq;
    for (std::uint64_t run = known.value / every_ + 1; run <= end.value / every_; ++run) {
      if (!runs.contains(run)) out.push_back(core::Seq{run * every_});
    }
    return out;
  }

  core::Result<SnapshotJson, storage::StorageFailure> make_snapshots(const History& history,
                                                                     core::Seq known,
                                                                     ProgressLine& progress) const {
    SnapshotJson out;
    storage::SnapshotStore store(std::filesystem::path(directory_) / kSnapshotDirectory);
    const std::vector<core::Seq> wanted = missing(history, known, out.usable_before);
    for (const core::Seq seq : wanted) {
      const auto state = state_after(*history.events, store, seq);
      if (!state) return core::Unexpected{state.error()};
      // In a gap: the state before it, which has a seq of its own.
      const core::Seq at = (*state)->last_seq;
      const auto chain = history.events->chain_at(at);
      if (!chain || at.value == 0) continue;
      const auto saved = store.save({{at, *chain},
                                     (*state)->reducer_version,
                                     core::state_hash(**state),
                                     core::encode_state(**state)});
      if (!saved) return core::Unexpected{saved.error()};
      out.written.push_back(at);
      progress.show(out.written.size(), wanted.size());
    }
    return out;
  }

  void print(Streams streams, const SnapshotJson& made) const {
    if (json_) {
      streams.out << to_json(made) << '\n';
      return;
    }
    for (const core::Seq seq : made.written) {
      streams.out << fmt::format("snapshot   {} written\n", seq.value);
    }
    streams.out << fmt::format("{} usable before, {} written\n", made.usable_before,
                               made.written.size());
  }

  std::string directory_;
  std::uint64_t every_ = storage::SnapshotPolicy{}.every;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_log_snapshot_tool() { return std::make_unique<LogSnapshotTool>(); }

}  // namespace preconf::replay
