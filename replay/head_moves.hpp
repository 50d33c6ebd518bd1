// `preconf heads`: when each label of the chain moved, and why.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fields.hpp"
#include "core/event.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"

namespace preconf::replay {

/// What this node calls a head.
enum class HeadLabel : std::uint8_t {
  kUnsafe,     ///< executed head: L2 latest
  kSafe,       ///< as the engine reports it
  kFinalized,  ///< as the engine reports it
  kConfirmed,  ///< the engine's head L1 origin
  kPromised,   ///< highest admitted or executed commitment
  kGate,       ///< the ingress gate
};
inline constexpr std::size_t kHeadLabelCount = 6;
[[nodiscard]] const char* name_of(HeadLabel label);
[[nodiscard]] std::optional<HeadLabel> head_label_from(std::string_view name);

/// Where a label stands. Members that do not belong to the label are none.
struct HeadPoint {
  std::optional<core::BlockNumber> number;
  std::optional<core::Hash32> hash;
  std::optional<std::string> gate;  ///< "open", or the reason why it is closed
  PRECONF_FIELDS(HeadPoint, number, hash, gate);
};

struct HeadMove {
  core::Seq seq;
  core::WallNanos wall;
  HeadLabel label = HeadLabel::kUnsafe;
  std::optional<HeadPoint> from;  ///< none: it stood nowhere
  std::optional<HeadPoint> to;
  std::string decision;  ///< verdict that goes with the move; empty when it has none
  std::string reason;    ///< of that decision; "none" when it has none
  core::EventKind event = core::EventKind::kGenesisRecorded;  ///< the confirming event
  std::string summary;                                        ///< of that event
  PRECONF_FIELDS(HeadMove, seq, wall, label, from, to, decision, reason, event, summary);
};

/// Compares the labels after each event with those before it.
class HeadWatch {
 public:
  explicit HeadWatch(const core::State& state);
  /// The labels that `event` moved; `state` is the one after it.
  [[nodiscard]] std::vector<HeadMove> moves(const core::Event& event, const core::Outcome& outcome,
                                            const core::State& state);
  /// Where a label stands now.
  [[nodiscard]] const std::optional<HeadPoint>& point(HeadLabel label) const {
    return points_[static_cast<std::size_t>(label)];
  }

 private:
  using Points = std::array<std::optional<HeadPoint>, kHeadLabelCount>;
  /// What the points follow from, cheap to compare after every event.
  struct Origin {
    std::optional<core::BlockRef> unsafe;
    std::optional<core::BlockRef> safe;
    std::optional<core::BlockRef> finalized;
    std::optional<core::BlockNumber> confirmed;
    std::optional<core::BlockNumber> promised;
    core::Gate gate;
    friend bool operator==(const Origin&, const Origin&) = default;
  };
  [[nodiscard]] static Origin origin_of(const core::State& state);
  [[nodiscard]] static Points points_of(const Origin& origin);

  Origin origin_;
  Points points_;
};

/// One line for a person.
[[nodiscard]] std::string line_of(const HeadMove& move);
/// "12 0xabcdef01..", "open", "none".
[[nodiscard]] std::string text_of(const std::optional<HeadPoint>& point);

}  // namespace preconf::replay
