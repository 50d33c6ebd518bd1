// Random events of every kind and temporary log directories, for tests of durable data.
#pragma once

#include <filesystem>
#include <random>

#include "core/event.hpp"
#include "storage/event_log.hpp"

namespace preconf::tests {

/// A directory below the system's temporary one, or another; removed with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  explicit TemporaryDirectory(const std::filesystem::path& parent);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Random values within the bounds of the log. Every optional is sometimes absent, every size is
/// sometimes zero and sometimes at its limit.
class EventGenerator {
 public:
  explicit EventGenerator(std::uint64_t seed) : random_(seed) {}

  /// `shape` selects the kind, and for answers the kind of answer: 0 .. kShapes - 1.
  static constexpr std::size_t kShapes = 40;
  [[nodiscard]] core::Event event(core::Seq seq, std::size_t shape);
  [[nodiscard]] core::Event event(core::Seq seq) { return event(seq, below(kShapes)); }
  /// A dense run of events, `first` onwards, of small kinds.
  [[nodiscard]] storage::EventBatch batch(core::Seq first, std::size_t count);

  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] core::Bytes bytes(std::size_t size);
  template <std::size_t N>
  [[nodiscard]] core::FixedBytes<N> fixed() {
    return core::FixedBytes<N>::from(bytes(N));
  }

 private:
  [[nodiscard]] std::uint64_t number();
  [[nodiscard]] bool coin() { return below(2) == 1; }
  [[nodiscard]] std::string text();
  [[nodiscard]] core::protocol::HeaderFacts header();
  [[nodiscard]] core::EventBody lifecycle(std::size_t shape);
  [[nodiscard]] core::EventBody ingress(std::size_t shape);
  [[nodiscard]] core::events::EngineResult answer(std::size_t shape);
  [[nodiscard]] core::EventBody about_peer(std::size_t shape);
  [[nodiscard]] core::events::PeerResult peer_answer(std::size_t shape);
  [[nodiscard]] core::events::EngineResult table_answer(std::size_t shape);
  [[nodiscard]] core::EventBody about_l1(std::size_t shape);
  [[nodiscard]] core::events::L1FactBody l1_fact();
  [[nodiscard]] core::events::L1Result l1_answer(std::size_t shape);
  [[nodiscard]] core::protocol::ProposedFacts proposed();
  [[nodiscard]] core::protocol::FallbackOperator operator_pair() {
    return {fixed<20>(), fixed<20>()};
  }
  [[nodiscard]] core::events::SourceFacts source();
  template <class T>
  [[nodiscard]] std::optional<T> maybe(T value) {
    return coin() ? std::optional<T>(std::move(value)) : std::nullopt;
  }
  [[nodiscard]] core::CommandId command() {
    return {{number()}, static_cast<std::uint32_t>(number())};
  }

  std::mt19937_64 random_;
};

/// Content with its right hash.
[[nodiscard]] storage::Content content_of(core::Bytes bytes);

}  // namespace preconf::tests
