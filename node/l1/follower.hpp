// The L1 follower as a machine without I/O: heads, headers and logs in; requests, and events for
// the log, out. Blocks are offered in order, each on the one before it; nothing is skipped but
// finalized blocks without anything of ours. What the loop did with them is learnt from what it
// publishes, so a restart, a refusal and a reorg all go on from the published links.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/decision.hpp"
#include "io/rpc/l1_view.hpp"
#include "node/l1/block_facts.hpp"
#include "node/l1/follower_types.hpp"
#include "node/l1/known_chain.hpp"

namespace preconf::node::l1 {

class Follower {
 public:
  explicit Follower(FollowerConfig config);

  /// What the loop published: everything up to event `seq` is in it.
  void on_view(std::shared_ptr<const io::L1View> view, core::Seq seq);
  /// The event at `seq` offered a block, and the reducer did not link it: kL1BlockRefused.
  void on_refused(const core::Decision& decision, core::Seq seq, FollowerTime now);
  /// The reducer begins a scan (kScanStartFound): it has no links, and what was offered before went
  /// with those that it had.
  void on_scan_start(core::Seq seq);
  /// A subscription told of a new head: it is asked for at once.
  void on_head_seen() { is_poll_due_ = true; }
  void on_answer(std::uint64_t ticket, Answer answer, FollowerTime now);
  [[nodiscard]] FollowerActions step(FollowerTime now);

  [[nodiscard]] FollowerStatus status() const;

 private:
  // Where a scan is; each begins with a request.
  struct Idle {};
  /// When was the inbox activated? Then: which block was the first from then on?
  struct Activation {};
  struct Locate {
    core::UnixSeconds time;
    std::uint64_t low = 0;   ///< at or below the block
    std::uint64_t high = 0;  ///< at or above it
  };
  /// Which of the known blocks are still on L1's chain?
  struct FindBase {
    std::vector<core::L1BlockNumber> numbers;  ///< descending
    bool is_first = true;                      ///< nothing was found to differ so far
    /// A finalized block above the known ones, which the same endpoint must have.
    std::optional<io::l1::L1Header> final_above;
  };
  struct Range {
    io::l1::BlockRange range;
  };
  /// Headers of the blocks in a range that have logs.
  struct RangeHeaders {
    io::l1::BlockRange range;
    io::l1::L1Header last;
    std::vector<BlockDraft> drafts;  ///< facts are there, headers are not
    std::size_t done = 0;
  };
  struct Headers {};
  struct Logs {
    std::vector<BlockDraft> drafts;
    std::vector<std::size_t> asked;
    bool is_second = false;  ///< of blocks that had none, although their bloom has such
  };
  /// Whom the whitelist selects; then their sequencers.
  struct Operators {
    std::vector<BlockDraft> drafts;
    std::vector<core::protocol::FallbackOperator*> asked;
    bool is_second = false;
  };
  using Scan = std::variant<Idle, Activation, Locate, FindBase, Range, RangeHeaders, Headers, Logs,
                            Operators>;

  void poll_head(FollowerTime now, FollowerActions& out);
  void take_tags(const TagsAnswer& answer, FollowerTime now);
  void judge_head(core::L1BlockNumber head, FollowerTime now);
  void offer_tags(FollowerTime now, FollowerActions& out);
  [[nodiscard]] bool may_tell(const io::l1::L1Header& finalized) const;
  [[nodiscard]] bool is_live_at(FollowerTime now);
  void resync();
  void rescan_for_gap();
  void offer_ready(FollowerTime now, FollowerActions& out);
  [[nodiscard]] bool may_offer(const core::events::L1BlockObserved& block) const;
  void hold_back(FollowerTime now);
  void show_refusal();
  [[nodiscard]] bool is_of_below(const core::Decision& refusal);
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] core::Millis wake_in(FollowerTime now) const;

  void begin_scan(FollowerTime now, FollowerActions& out);
  void begin_first_block(FollowerActions& out);
  void begin_search(core::L1BlockNumber from, bool is_first, FollowerTime now,
                    FollowerActions& out);
  void ask(Ask ask, Scan next, FollowerActions& out, bool is_second = false);
  void take_failure(const AskFailed& failed, FollowerTime now);
  void take(const CallsAnswer& answer, FollowerTime now);
  void take(const HeadersAnswer& answer, FollowerTime now);
  void take(const RangeAnswer& answer, FollowerTime now);
  void take(const LogsAnswer& answer, FollowerTime now);
  void ask_second(Logs scan);
  void take_activation(const CallsAnswer& answer, FollowerTime now);
  void take_located(Locate scan, const io::l1::L1Header& header);
  void take_base(const FindBase& scan, const HeadersAnswer& answer, FollowerTime now);
  void take_no_base(const io::l1::L1Header& lowest, FollowerTime now);
  void drop_final();
  void take_range_headers(RangeHeaders scan, const HeadersAnswer& answer, FollowerTime now);
  void take_new_headers(const HeadersAnswer& answer, FollowerTime now);
  void take_operators(Operators scan, const CallsAnswer& answer, FollowerTime now);
  void go_on(RangeHeaders scan, FollowerTime now);
  void ask_operators(std::vector<BlockDraft> drafts, FollowerTime now);
  void finish(std::vector<BlockDraft> drafts, FollowerTime now);
  [[nodiscard]] bool is_unheard_of(std::span<const BlockDraft> drafts, FollowerTime now);
  [[nodiscard]] bool append(BlockDraft draft, FollowerTime now);
  [[nodiscard]] bool is_after(const core::protocol::ProposedFacts& proposed,
                              const KnownBlock& newest, FollowerTime now);
  void read_again_above(core::L1BlockNumber keep);
  [[nodiscard]] bool is_again(const KnownBlock& block);
  void cut_above(core::L1BlockNumber number);
  void fail(std::string trouble, FollowerTime now, core::Millis retry_after = {});
  /// The known blocks, or an answer, may be of another branch.
  void doubt(std::string trouble, FollowerTime now);

  [[nodiscard]] std::optional<core::L1BlockNumber> bulk_end() const;
  [[nodiscard]] bool is_state_readable(core::L1BlockNumber number) const;

  const FollowerConfig config_;
  const io::l1::LogFilter filter_;  ///< of single blocks
  std::shared_ptr<const io::L1View> view_;
  core::Seq view_seq_;

  KnownChain chain_;
  bool is_checked_ = false;     ///< the tip was found on L1's chain
  core::Hash32 agreed_final_;   ///< finalized block that the tip was found to stand below
  std::size_t cut_blocks_ = 0;  ///< taken back, and nothing stands in their place yet
  /// Blocks were cut, and the published links still have them: what L1 calls final now may lie
  /// above where the new branch begins, so it is told later.
  bool is_replacing_ = false;
  std::uint32_t gaps_in_a_row_ = 0;      ///< below the known blocks one is missing or forged
  core::L1BlockNumber gap_below_;        ///< the last of them shut when the links pass this
  std::uint32_t unlinked_in_a_row_ = 0;  ///< a proposal did not name the one before it
  core::L1BlockNumber unlinked_at_;      ///< the last of them is true when the links are here
  /// Blocks that the reducer has and that are read again, because an endpoint may have said less or
  /// something else than L1 has. Those that are the same again are not offered: nothing is undone.
  std::deque<KnownBlock> again_;
  /// Blocks whose logs did not read in the answer before, each with those logs: told twice, they
  /// are L1's.
  std::set<core::Hash32> unreadable_;
  std::deque<core::events::L1BlockObserved> ready_;      ///< to be offered when there is room
  std::deque<core::events::L1BlockObserved> in_flight_;  ///< offered; not published, not refused
  /// The reducer is a function of its state: what it refused once it refuses again, and each time
  /// is an event. So the block is not offered again before something has changed.
  struct Grounds {
    core::Hash32 tip;
    std::size_t pending = 0;
    std::optional<core::events::L1Ref> finalized;
    std::optional<core::ScanStart> start;
    core::Seq newest;  ///< event of the newest proposal
    friend bool operator==(const Grounds&, const Grounds&) = default;
  };
  [[nodiscard]] Grounds grounds() const;
  struct Refused {
    core::events::L1BlockObserved block;
    core::Reason reason = core::Reason::kNone;
    std::uint32_t times = 1;
    bool is_gap = false;             ///< a proposal before it is missing, or may be forged
    std::optional<Grounds> grounds;  ///< of the view that the refusal is in; none: not seen yet
    core::Seq seq;                   ///< event of the refusal
  };
  std::optional<Refused> refused_;
  std::optional<core::L1BlockNumber> activation_;  ///< first block when the start says nothing
  bool is_resync_due_ = true;
  core::Seq resync_seq_;  ///< the view must be as new as this

  std::optional<TagsAnswer> tags_;
  core::events::L1TagsObserved offered_tags_;
  bool are_tags_offered_ = false;
  bool must_tell_tags_ = false;    ///< although they are what was offered last
  core::Hash32 retold_at_;         ///< tip of the links when tags were offered again
  std::uint64_t tags_ticket_ = 0;  ///< in flight; 0: none
  core::Millis next_poll_;
  bool is_poll_due_ = true;
  core::Millis heard_at_;          ///< L1's head was told last
  core::L1BlockNumber best_head_;  ///< that any endpoint told, and when it came to be that
  core::Millis best_head_at_;
  bool is_second_head_ = false;  ///< the question in flight is for another endpoint's word on it
  std::optional<core::Millis> lagging_since_;

  Scan scan_;
  std::uint64_t scan_ticket_ = 0;  ///< in flight; 0: none
  std::uint64_t last_ticket_ = 0;
  io::l1::LogRanges ranges_;
  core::Millis retry_at_;
  std::uint32_t failures_in_a_row_ = 0;
  std::uint32_t refusals_in_a_row_ = 0;
  FollowerStatus status_;
  std::string head_trouble_;  ///< why L1's head was not told the last time
  bool is_head_old_ = false;  ///< beyond config_.head_age_max_seconds
  FollowerActions pending_;   ///< made by on_answer, handed out by the next step
};

}  // namespace preconf::node::l1
