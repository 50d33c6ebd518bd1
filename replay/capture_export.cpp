#include "replay/capture_export.hpp"

#include <algorithm>
#include <set>

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/event_content.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "core/state_bytes.hpp"
#include "replay/snapshots.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/capture_format.hpp"
#include "storage/capture_writer.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using core::Unexpected;
using storage::StorageError;
using storage::StorageFailure;

StorageFailure refused(std::string detail) {
  return StorageFailure{StorageError::kIo, {}, std::move(detail)};
}
StorageFailure damaged(Seq seq, const char* what) {
  return StorageFailure{StorageError::kDamaged, seq,
                        "event " + std::to_string(seq.value) + " " + what};
}

storage::Snapshot snapshot_of(const core::State& state, const core::Hash32& chain) {
  storage::Snapshot out;
  out.position = {state.last_seq, chain};
  out.reducer_version = state.reducer_version;
  out.state_hash = core::state_hash(state);
  out.state = core::encode_state(state);
  return out;
}

core::Hash32 profile_digest(const core::protocol::ChainProfile& chain,
                            const core::protocol::NetworkProfile& network) {
  core::Bytes bytes = core::codec::canonical_bytes(chain);
  const core::Bytes second = core::codec::canonical_bytes(network);
  bytes.insert(bytes.end(), second.begin(), second.end());
  return core::crypto::sha256(bytes);
}

/// One export under way.
class Exporter {
 public:
  Exporter(const History& history, storage::CaptureWriter& writer, bool redact)
      : log_(*history.events), writer_(writer), redact_(redact || log_.omits_content()) {}

  /// The state to begin with, and where the capture begins.
  std::optional<StorageFailure> start(const History& history, Seq from) {
    if (from == core::next(log_.base().seq) && from.value == 1) {
      state_ = std::make_unique<core::State>();
      return std::nullopt;
    }
    auto state = state_after(log_, *history.snapshots, Seq{from.value - 1});
    if (!state) return state.error();
    state_ = std::move(state).value();
    // Where `from` follows lost events, this is the last one before them.
    const Seq base = state_->last_seq;
    const auto chain = log_.chain_at(base);
    if (!chain) return damaged(base, "can not be read");
    manifest.base = {base, *chain};
    manifest.profile_digest = profile_digest(state_->chain, state_->network);
    const auto written = writer_.add_snapshot(snapshot_of(*state_, *chain));
    return written ? std::nullopt : std::optional(written.error());
  }

  std::optional<StorageFailure> add(const storage::LoggedEvent& logged, bool is_last) {
    const core::Event& event = logged.event;
    const auto record = log_.record(event.seq);
    if (!record) return damaged(event.seq, "has vanished");
    // The reader verified what it read: these must be the same bytes.
    schemas::DecodedRecord& decoded = decoded_;
    if (schemas::decode_record_into(*record, decoded.event, decoded) ||
        decoded.chain != logged.chain) {
      return damaged(event.seq, "reads differently the second time");
    }
    if (manifest.end.seq.value == 0) manifest.first_wall = event.wall;
    manifest.last_wall = event.wall;
    manifest.end = {event.seq, logged.chain};
    if (const auto* genesis = std::get_if<core::events::GenesisRecorded>(&event.body)) {
      manifest.profile_digest = profile_digest(genesis->chain, genesis->network);
    }
    if (!redact_) {
      for (const core::ContentRef& ref : core::content_refs(event.body)) {
        if (auto failure = add_content(ref.hash)) return failure;
      }
      for (const core::ContentRef& ref : core::contents_borrowed(event.body)) {
        if (log_.content(ref.hash) == nullptr && !log_.removed(ref.hash)) continue;
        if (auto failure = add_content(ref.hash)) return failure;
      }
    }
    const auto written = writer_.add_record(event.seq, *record, logged.effects_digest);
    if (!written) return written.error();
    return fold(logged, is_last);
  }

  void finish() {
    const auto id = log_.log_id();
    if (id && !id->is_zero()) manifest.log_id = id;
    manifest.contents_missing = missing_.size();
    manifest.content_redacted = redact_;
    manifest.reducer_version = state_ != nullptr ? state_->reducer_version : 0;
  }

  storage::CaptureManifest manifest;

 private:
  std::optional<StorageFailure> add_content(const core::Hash32& hash) {
    if (writer_.has_content(hash) || missing_.contains(hash)) return std::nullopt;
    const auto bytes = log_.content(hash);
    if (bytes == nullptr) {
      if (const auto removed = log_.removed(hash)) {
        writer_.add_removed(hash, *removed);
      } else {
        missing_.insert(hash);
      }
      return std::nullopt;
    }
    const auto written = writer_.add_content(hash, *bytes);
    return written ? std::nullopt : std::optional(written.error());
  }

  std::optional<StorageFailure> fold(const storage::LoggedEvent& logged, bool is_last) {
    if (state_ == nullptr) return std::nullopt;
    if (refuse(*state_, logged.event)) {
      state_.reset();  // whoever has the rules can fold; the events are here
      return std::nullopt;
    }
    core::reduce(*state_, logged.event, outcome_);
    if (is_last || logged.event.seq.value % storage::capture::kSnapshotEvery != 0) {
      return std::nullopt;
    }
    const auto written = writer_.add_snapshot(snapshot_of(*state_, logged.chain));
    return written ? std::nullopt : std::optional(written.error());
  }

  const storage::EventSource& log_;
  storage::CaptureWriter& writer_;
  const bool redact_;
  std::unique_ptr<core::State> state_;  ///< null: this program lacks the rules
  core::Outcome outcome_;
  schemas::DecodedRecord decoded_;
  std::set<core::Hash32> missing_;
};

}  // namespace

core::Result<ExportReport, StorageFailure> export_capture(
    const History& history, const std::filesystem::path& path, const ExportOptions& options,
    const std::function<void(Seq, Seq)>& on_event) {
  const storage::EventSource& log = *history.events;
  const Seq first = core::next(log.base().seq);
  const Seq end = log.end().seq;
  const Seq from = options.from.value_or(first);
  const Seq to = options.to.value_or(end);
  if (end < first) return Unexpected{refused("the log is empty")};
  if (from < first || to > end || from > to) {
    return Unexpected{refused("no events " + std::to_string(from.value) + " to " +
                              std::to_string(to.value) + ": the log has " +
                              std::to_string(first.value) + " to " + std::to_string(end.value))};
  }
  auto writer = storage::CaptureWriter::create(path);
  if (!writer) return Unexpected{writer.error()};
  Exporter exporter(history, **writer, options.redact);
  exporter.manifest.note = options.note;
  exporter.manifest.program = options.program;
  if (auto failure = exporter.start(history, from)) return Unexpected{std::move(*failure)};
  const auto reader = log.read(from);
  storage::LoggedEvent logged;
  while (exporter.manifest.end.seq < to) {
    const auto more = reader->next_into(logged);
    if (!more) return Unexpected{more.error()};
    if (!*more || logged.event.seq > to) break;  // `to` may lie in a gap
    if (auto failure = exporter.add(logged, logged.event.seq == to)) {
      return Unexpected{std::move(*failure)};
    }
    if (on_event) on_event(logged.event.seq, to);
  }
  if (exporter.manifest.end.seq.value == 0) return Unexpected{refused("no event in this range")};
  exporter.finish();
  const auto bytes = (*writer)->finish(exporter.manifest);
  if (!bytes) return Unexpected{bytes.error()};
  return ExportReport{exporter.manifest, *bytes};
}

}  // namespace preconf::replay
