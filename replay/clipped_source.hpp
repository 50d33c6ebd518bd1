// A log seen only up to one event: what lies behind it is lost, damaged, or not to be trusted.
#pragma once

#include <memory>

#include "storage/event_source.hpp"

namespace preconf::replay {

/// Everything of `whole` up to and including the event at `end`; behind that it is as if the log
/// ended. Content is not cut: it has no position. Readers end before they would meet the damage.
class ClippedSource final : public storage::EventSource {
 public:
  ClippedSource(std::unique_ptr<storage::EventSource> whole, storage::LogPosition end)
      : whole_(std::move(whole)), end_(end) {}

  [[nodiscard]] storage::LogPosition base() const override { return whole_->base(); }
  [[nodiscard]] storage::LogPosition end() const override { return end_; }
  [[nodiscard]] std::unique_ptr<storage::LogReader> read(core::Seq from) const override;
  [[nodiscard]] std::optional<core::Hash32> chain_at(core::Seq seq) const override;
  [[nodiscard]] std::optional<core::Bytes> record(core::Seq seq) const override;
  [[nodiscard]] std::optional<core::Hash32> log_id() const override { return whole_->log_id(); }
  [[nodiscard]] bool omits_content() const override { return whole_->omits_content(); }
  [[nodiscard]] std::optional<storage::StorageFailure> check_container() const override {
    return whole_->check_container();
  }
  [[nodiscard]] std::vector<storage::PrunedRange> pruned() const override {
    return whole_->pruned();
  }
  [[nodiscard]] std::optional<storage::RemovedContent> removed(
      const core::Hash32& hash) const override {
    return whole_->removed(hash);
  }
  [[nodiscard]] std::shared_ptr<const core::Bytes> content(
      const core::Hash32& hash) const override {
    return whole_->content(hash);
  }

 private:
  std::unique_ptr<storage::EventSource> whole_;
  storage::LogPosition end_;
};

}  // namespace preconf::replay
