// The promises of scheduled signers that an audit has open, by window, and what finds them.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/event.hpp"
#include "replay/audit/report.hpp"

namespace preconf::replay::audit {

struct WindowKey {
  core::UnixSeconds end;
  core::Address signer;
  friend auto operator<=>(const WindowKey&, const WindowKey&) = default;
};

/// A promise with what only judging needs.
struct Promise {
  BlockLife life;
  core::Address coinbase;
  std::uint64_t gas_limit = 0;
  std::optional<WindowKey> needs_end_of;  ///< lies in this earlier window: valid only when
                                          ///< that one's owner has ended it
  core::UnixSeconds needs_end_since;      ///< when that window began
  bool is_known_before = false;           ///< the state with which the log begins holds it
  Moment shown;                           ///< first event here with the signed bytes; 0: none
  std::optional<Moment> continued;        ///< first admitted child of a later window
  core::Hash32 continued_by;              ///< its preconfirmation hash
  std::vector<core::Hash32> blocks;       ///< every block it was executed as
};

/// The signer's own end of a window: the lowest height that it left to the next one.
struct EndOfWindow {
  /// `seen.seq` 0: before the log begins, in an event whose number is not known.
  core::BlockNumber first_free;  ///< blocks of this window must be below it
  core::BlockNumber number;
  core::Hash32 preconf_hash;
  bool eop_only = false;
  Moment seen;
};

struct OpenWindow {
  WindowKey key;
  std::uint64_t schedule_version = 0;
  std::optional<core::Address> next_signer;
  std::deque<Promise> promises;  ///< in order of arrival; addresses stay
};

struct HashOfHash {
  std::size_t operator()(const core::Hash32& hash) const noexcept;
};

class PromiseBook {
 public:
  /// The window, opened when it is new.
  OpenWindow& open(const WindowKey& key);
  Promise& add(OpenWindow& window, Promise promise);
  /// The promise with this preconfirmation hash: an open one, or one of the window closed last.
  [[nodiscard]] Promise* find(const core::Hash32& preconf_hash) const;
  /// The promise that was executed as this block: an open one, or one of the window closed last.
  [[nodiscard]] const Promise* executed_as(const core::Hash32& block_hash) const;
  void note_executed(Promise& promise, const core::Hash32& block_hash);

  /// A list arrived: open promises that name it, and later ones, know.
  void note_list(const core::Hash32& list, const Moment& moment);

  /// The list came with this event, before the log begins.
  void note_list_before(const core::Hash32& list, core::Seq seq) { note_list(list, {seq, {}}); }
  /// The window was ended before the log begins; what promises say of it goes before.
  void note_end_before(const WindowKey& key, const EndOfWindow& end) { ends_.emplace(key, end); }

  /// What L1 said of those promises does not hold any more.
  void forget_l1_verdicts(const std::function<bool(const BlockLife&)>& is_void);

  /// Open promises.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return windows_.empty(); }
  /// The open window that ends first. Requires !empty().
  [[nodiscard]] const OpenWindow& oldest() const { return windows_.begin()->second; }
  void close_oldest();
  /// Ends of windows at or before this one are closed for good.
  [[nodiscard]] std::optional<core::UnixSeconds> closed_until() const { return closed_until_; }
  /// Windows that are open, by end.
  [[nodiscard]] const std::map<WindowKey, OpenWindow>& windows() const { return windows_; }

  /// Where the signer ended its window; also of closed windows, as far as memory goes.
  [[nodiscard]] const EndOfWindow* end_of(const WindowKey& key) const;

 private:
  static constexpr std::size_t kEndsMax = 65'536;
  static constexpr std::size_t kListsMax = 262'144;

  void note_end(const WindowKey& key, const BlockLife& life);
  void forget(OpenWindow& window);

  std::map<WindowKey, OpenWindow> windows_;
  std::map<WindowKey, OpenWindow> retired_;  ///< the one closed last: parents of what is open
  std::unordered_map<core::Hash32, Promise*, HashOfHash> by_hash_;
  std::unordered_map<core::Hash32, Promise*, HashOfHash> by_block_;
  std::unordered_multimap<core::Hash32, Promise*, HashOfHash> awaiting_;  ///< by list
  std::unordered_map<core::Hash32, Moment, HashOfHash> lists_;  ///< first arrivals, newest kept
  std::deque<core::Hash32> lists_order_;
  std::map<WindowKey, EndOfWindow> ends_;
  std::optional<core::UnixSeconds> closed_until_;
  std::size_t size_ = 0;
};

}  // namespace preconf::replay::audit
