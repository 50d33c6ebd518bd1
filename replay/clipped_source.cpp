#include "replay/clipped_source.hpp"

#include <algorithm>

namespace preconf::replay {
namespace {

using core::Seq;

/// Stops at the end without asking for what follows it.
class Scanner final : public storage::EventScanner {
 public:
  Scanner(std::unique_ptr<storage::LogReader> reader, Seq from, Seq end)
      : reader_(std::move(reader)), expected_(from), end_(end) {}

  core::Result<bool, storage::StorageFailure> next_into(storage::LoggedEvent& out) override {
    if (expected_ > end_) return false;
    const auto more = reader_->next_into(out);
    if (!more) return more;
    // A gap may lead from before the end to behind it.
    const bool is_inside = *more && out.event.seq <= end_;
    expected_ = is_inside ? core::next(out.event.seq) : core::next(end_);
    return is_inside;
  }
  std::uint64_t left() const override {
    return expected_ > end_ ? 0 : end_.value - expected_.value + 1;
  }

 private:
  const std::unique_ptr<storage::LogReader> reader_;
  Seq expected_;
  const Seq end_;
};

}  // namespace

std::unique_ptr<storage::LogReader> ClippedSource::read(Seq from) const {
  const Seq start = std::max(from, core::next(base().seq));
  return std::make_unique<storage::LogReader>(
      std::make_unique<Scanner>(whole_->read(from), start, end_.seq));
}

std::optional<core::Hash32> ClippedSource::chain_at(Seq seq) const {
  return seq > end_.seq ? std::nullopt : whole_->chain_at(seq);
}

std::optional<core::Bytes> ClippedSource::record(Seq seq) const {
  return seq > end_.seq ? std::nullopt : whole_->record(seq);
}

}  // namespace preconf::replay
