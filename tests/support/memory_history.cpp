#include "tests/support/memory_history.hpp"

#include <algorithm>
#include <stdexcept>

#include "schemas/codec/event_codec.hpp"

namespace preconf::tests {
namespace {

using core::Seq;

struct Stored {
  std::vector<storage::LoggedEvent> events;
};

class MemoryScanner final : public storage::EventScanner {
 public:
  MemoryScanner(std::shared_ptr<const Stored> stored, std::size_t next)
      : stored_(std::move(stored)), next_(next) {}
  core::Result<bool, storage::StorageFailure> next_into(storage::LoggedEvent& out) override {
    if (next_ >= stored_->events.size()) return false;
    out = stored_->events[next_++];
    return true;
  }
  std::uint64_t left() const override { return stored_->events.size() - next_; }

 private:
  std::shared_ptr<const Stored> stored_;
  std::size_t next_;
};

class MemorySource final : public storage::EventSource {
 public:
  explicit MemorySource(std::shared_ptr<const Stored> stored) : stored_(std::move(stored)) {}
  storage::LogPosition base() const override { return {}; }
  storage::LogPosition end() const override {
    if (stored_->events.empty()) return {};
    return {stored_->events.back().event.seq, stored_->events.back().chain};
  }
  std::unique_ptr<storage::LogReader> read(Seq from) const override {
    const auto at = std::max<std::uint64_t>(from.value, 1) - 1;
    const auto begin = std::min<std::size_t>(at, stored_->events.size());
    return std::make_unique<storage::LogReader>(std::make_unique<MemoryScanner>(stored_, begin));
  }
  std::optional<core::Hash32> chain_at(Seq seq) const override {
    if (seq.value == 0) return core::Hash32{};
    if (seq.value > stored_->events.size()) return std::nullopt;
    return stored_->events[seq.value - 1].chain;
  }
  std::optional<core::Bytes> record(Seq) const override { return std::nullopt; }
  std::shared_ptr<const core::Bytes> content(const core::Hash32&) const override { return nullptr; }

 private:
  std::shared_ptr<const Stored> stored_;
};

struct NoSnapshots final : storage::SnapshotSource {
  std::vector<Seq> list() const override { return {}; }
  std::optional<storage::Snapshot> load(Seq) const override { return std::nullopt; }
};

}  // namespace

replay::History history_of(std::vector<core::Event> events, std::vector<core::Hash32> digests) {
  auto stored = std::make_shared<Stored>();
  schemas::RecordEncoder encoder;
  core::Hash32 chain;
  for (std::size_t i = 0; i < events.size(); ++i) {
    chain = encoder.encode(events[i], chain).chain;
    storage::LoggedEvent logged{std::move(events[i]), chain, std::nullopt};
    if (i < digests.size()) logged.effects_digest = digests[i];
    stored->events.push_back(std::move(logged));
  }
  return {"memory", std::make_unique<MemorySource>(std::move(stored)),
          std::make_unique<NoSnapshots>()};
}

void write_log(const std::filesystem::path& directory, const std::vector<core::Event>& events,
               const std::vector<core::Hash32>& digests) {
  auto log = storage::EventLog::open(directory, storage::OpenMode::kCreate);
  if (!log) throw std::runtime_error(log.error().detail);
  const storage::EventBatch batch{events, {}};
  const storage::EventBatch* batches[] = {&batch};
  const storage::EffectsDigests beside{Seq{1}, digests};
  const auto written = (*log)->append(batches, std::span(&beside, digests.empty() ? 0 : 1), true);
  if (!written || !(*log)->write_high_water_mark((*log)->end())) {
    throw std::runtime_error("writing the log");
  }
}

}  // namespace preconf::tests
