// What one node saw and concluded, keyed by content, so that two nodes can be compared although
// everything reached them in another order.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/decision.hpp"
#include "core/state.hpp"
#include "replay/compare/run_spans.hpp"
#include "replay/history.hpp"

namespace preconf::replay {

enum class ItemKind : std::uint8_t {
  kCommitment = 0,
  kTxList = 1,
  kSchedule = 2,
  kL1Sync = 3,
  kEngineVerdict = 4,  ///< what the engine says about a block
  kEngineBuild = 5,    ///< the block that the engine makes of attributes
};
[[nodiscard]] const char* name_of(ItemKind kind);

/// Identity of an input by its content.
struct ItemKey {
  ItemKind kind = ItemKind::kCommitment;
  core::Hash32 hash;  ///< commitment: keccak256 of preconfirmation hash and signer; list: its hash;
                      ///< engine verdict: hash of the block; others: SHA-256 of the canonical
                      ///< encoding
  friend auto operator<=>(const ItemKey&, const ItemKey&) = default;
};

/// One input, when it was first seen, and what became of it.
struct Item {
  core::Hash32 subject;  ///< as in decisions; zero for schedules and L1 sync
  core::Seq first_seq;
  core::WallNanos first_seen;
  core::BlockNumber number;
  bool is_judged = false;
  core::Verdict verdict = core::Verdict::kIgnored;  ///< the last one, repeats not counted
  core::Reason reason = core::Reason::kNone;
  core::Seq decided_seq;
  core::WallNanos decided;
};

/// The block that was executed at a height, the last one.
struct ExecutedAt {
  core::Hash32 hash;
  core::Seq seq;
  core::WallNanos time;
};

/// What the engine answered to a question that any engine must answer alike, the last time.
struct EngineSaid {
  std::string text;  ///< "valid", "invalid", or the hash of the block that it built
  core::Seq seq;
  core::WallNanos time;
  core::BlockNumber number;
};

/// Memory: about 200 bytes per input and 70 per block, up to kItemsMax of each.
struct Ledger {
  static constexpr std::size_t kItemsMax = 2'000'000;

  std::map<ItemKey, Item> items;
  std::map<core::BlockNumber, ExecutedAt> blocks;
  std::map<ItemKey, EngineSaid> engine;  ///< final answers only: SYNCING and failures are none
  RunSpans runs;
  std::uint64_t events = 0;
  std::uint64_t items_left_out = 0;  ///< newer ones, above the bound

  /// Folds the whole history. A failure is that of reading the log.
  [[nodiscard]] static core::Result<Ledger, storage::StorageFailure> of(
      const History& history, const std::function<void(core::Seq)>& progress);
};

}  // namespace preconf::replay
