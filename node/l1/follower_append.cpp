// The follower's last step: what was read becomes events, if each proposal follows the one before.
#include <algorithm>
#include <iterator>
#include <utility>

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/inbox.hpp"
#include "node/l1/follower.hpp"

namespace preconf::node::l1 {

namespace events = core::events;

namespace {

/// As the inbox keeps it. Activation logs proposal 0 with the hash of a Proposal of zeros, whatever
/// block it lands in.
core::Hash32 hash_in_inbox(const core::protocol::ProposedFacts& proposed,
                           const core::protocol::LandedAt& landed) {
  if (proposed.id == core::ProposalId{0}) return core::protocol::proposal_hash({}, {});
  return core::protocol::proposal_hash(proposed, landed);
}

/// Logs that say nothing must not keep out what a block says: of refused ones the first are kept,
/// as far as an event holds them. Returns how many are not.
std::size_t drop_surplus(std::vector<events::L1Fact>& facts) {
  if (facts.size() <= core::limits::kFactsPerL1BlockMax) return 0;
  const auto is_refused = [](const events::L1Fact& fact) {
    return std::holds_alternative<events::LogRefused>(fact.body);
  };
  const auto refused = static_cast<std::size_t>(std::ranges::count_if(facts, is_refused));
  const std::size_t surplus = std::min(refused, facts.size() - core::limits::kFactsPerL1BlockMax);
  std::size_t kept = refused - surplus;
  std::erase_if(facts, [&](const events::L1Fact& fact) {
    if (!is_refused(fact)) return false;
    if (kept == 0) return true;
    --kept;
    return false;
  });
  return surplus;
}

/// Names the block and its logs that do not read, if there are such.
std::optional<core::Hash32> name_of_unreadable(const BlockDraft& draft) {
  std::vector<events::L1Fact> unreadable;
  std::ranges::copy_if(draft.facts, std::back_inserter(unreadable), [](const events::L1Fact& fact) {
    return std::holds_alternative<events::LogRefused>(fact.body);
  });
  if (unreadable.empty()) return std::nullopt;
  core::Bytes bytes = core::codec::canonical_bytes(unreadable);
  bytes.insert(bytes.end(), draft.header.hash.bytes.begin(), draft.header.hash.bytes.end());
  return core::crypto::keccak256(bytes);
}

bool has_unreadable_proposal(const BlockDraft& draft) {
  return std::ranges::any_of(draft.facts, [](const events::L1Fact& fact) {
    const auto* refused = std::get_if<events::LogRefused>(&fact.body);
    return refused != nullptr && refused->topic == core::protocol::kProposedTopic;
  });
}

}  // namespace

/// Our contracts emit nothing that does not read, but the bloom says nothing of a log's data: an
/// endpoint may have made it up. True: it is told for the first time; another endpoint is asked, if
/// there is one. A proposal that does not read is never taken: without it the chain is not L1's,
/// and below L1's finality nothing could be undone when the next one shows the gap.
bool Follower::is_unheard_of(std::span<const BlockDraft> drafts, FollowerTime now) {
  std::set<core::Hash32> seen;
  const BlockDraft* first = nullptr;
  for (const BlockDraft& draft : drafts) {
    const std::optional<core::Hash32> name = name_of_unreadable(draft);
    if (!name) continue;
    seen.insert(*name);
    const bool is_new = !unreadable_.contains(*name) || has_unreadable_proposal(draft);
    if (first == nullptr && is_new) first = &draft;
  }
  if (first == nullptr) return false;
  unreadable_ = std::move(seen);
  pending_.blame = Blame::kFalseLogs;
  const std::string number = std::to_string(first->header.number.value);
  fail(has_unreadable_proposal(*first)
           ? "the proposal in L1 block " + number + " does not read: waits for one that does"
           : "logs of L1 block " + number + " do not read: asked once more",
       now);
  return true;
}

/// False: between this proposal and the newest known one something is missing or forged; the scan
/// begins again below.
bool Follower::is_after(const core::protocol::ProposedFacts& proposed, const KnownBlock& newest,
                        FollowerTime now) {
  if (!newest.proposal || proposed.id < core::next(*newest.proposal)) return true;
  const bool is_gap = proposed.id > core::next(*newest.proposal);
  const bool is_linked =
      !newest.proposal_hash || proposed.parent_proposal_hash == *newest.proposal_hash;
  if (!is_gap && is_linked) return true;
  if (const KnownBlock* last = chain_.newest_with_proposal()) {
    core::L1BlockNumber keep = last->number;
    const bool is_undoable =
        keep > chain_.oldest().number && (!view_->finalized || keep > view_->finalized->number);
    // What follows is the same everywhere: then the proposal before may be the forged one.
    if (!is_gap && unlinked_in_a_row_ > 0 && is_undoable) --keep.value;
    read_again_above(keep);
  } else if (is_gap && !chain_.empty()) {
    // All blocks that are remembered have it: any of those that can be undone may hide the next.
    const core::L1BlockNumber oldest = chain_.oldest().number;
    read_again_above(view_->finalized ? std::max(oldest, view_->finalized->number) : oldest);
  }
  const std::string text = std::to_string(newest.proposal->value);
  if (is_gap) {
    pending_.blame = Blame::kBehind;
    fail("proposals after " + text + " are missing: read again", now);
    return false;
  }
  pending_.blame = Blame::kFalseLogs;
  unlinked_at_ = newest.number;
  failures_in_a_row_ = std::max(failures_in_a_row_, unlinked_in_a_row_++);
  fail("proposal_unlinked: the one after " + text + " names another parent: read again", now);
  return false;
}

void Follower::read_again_above(core::L1BlockNumber keep) {
  std::deque<KnownBlock> before = std::move(again_);
  std::deque<KnownBlock> cut = chain_.cut_above(keep);
  // What was not offered yet is not with the reducer.
  while (!cut.empty() && !ready_.empty() && cut.back().number >= ready_.front().number) {
    cut.pop_back();
    before.clear();
  }
  cut_blocks_ += cut.size();
  is_replacing_ = is_replacing_ || !cut.empty();
  again_ = std::move(cut);
  again_.insert(again_.end(), before.begin(), before.end());
  std::erase_if(ready_, [keep](const events::L1BlockObserved& one) { return one.number > keep; });
}

/// The block is the next one of those that are read again, and as it was. One that is not ends
/// them.
bool Follower::is_again(const KnownBlock& block) {
  if (again_.empty()) return false;
  const KnownBlock& before = again_.front();
  const bool is_same =
      before.hash == block.hash && before.facts_hash && before.facts_hash == block.facts_hash;
  if (!is_same) {
    again_.clear();
    return false;
  }
  again_.pop_front();
  if (cut_blocks_ > 0) --cut_blocks_;
  const bool is_all = again_.empty() && cut_blocks_ == 0 && ready_.empty();
  if (is_all && !view_->links->empty() && view_->links->back().hash == block.hash) {
    is_replacing_ = false;  // nothing was
  }
  return true;
}

/// False: it does not go on from the known blocks.
bool Follower::append(BlockDraft draft, FollowerTime now) {
  KnownBlock known{draft.header.number, draft.header.hash, draft.header.timestamp, {}, {}, {}};
  if (!chain_.empty()) {
    known.proposal = chain_.tip().proposal;
    known.proposal_hash = chain_.tip().proposal_hash;
  }
  const core::protocol::LandedAt landed{draft.header.timestamp, draft.header.number,
                                        draft.header.hash, draft.header.parent_hash};
  for (const events::L1Fact& fact : draft.facts) {
    const auto* proposed = std::get_if<core::protocol::ProposedFacts>(&fact.body);
    if (proposed == nullptr) continue;
    if (!is_after(*proposed, known, now)) return false;
    known.proposal = proposed->id;
    known.proposal_hash = hash_in_inbox(*proposed, landed);
  }
  const std::size_t dropped = drop_surplus(draft.facts);
  if (draft.facts.size() > core::limits::kFactsPerL1BlockMax) {
    pending_.blame = Blame::kFalseLogs;  // no block of L1 has room for so many
    fail("L1 block " + std::to_string(draft.header.number.value) + " has " +
             std::to_string(draft.facts.size()) + " facts, more than an event holds",
         now);
    return false;
  }
  status_.dropped += dropped;
  known.facts_hash = core::crypto::keccak256(core::codec::canonical_bytes(draft.facts));
  is_checked_ = true;
  if (is_again(known)) {
    chain_.append(known);
    return true;
  }
  if (cut_blocks_ > 0) {
    ++status_.reorgs;
    status_.reorg_blocks += std::exchange(cut_blocks_, 0);
  }
  events::L1BlockObserved block;
  block.number = draft.header.number;
  block.hash = draft.header.hash;
  block.parent_hash = draft.header.parent_hash;
  block.state_root = draft.header.state_root;
  block.timestamp = draft.header.timestamp;
  if (!chain_.empty()) block.previous = chain_.tip().hash;
  block.facts = std::move(draft.facts);
  chain_.append(known);
  ready_.push_back(std::move(block));
  return true;
}

void Follower::finish(std::vector<BlockDraft> drafts, FollowerTime now) {
  scan_ = Idle{};
  for (BlockDraft& draft : drafts) {
    if (!append(std::move(draft), now)) return;
  }
  failures_in_a_row_ = 0;
  unreadable_.clear();
  status_.trouble.clear();
  status_.refusal.reset();
}

}  // namespace preconf::node::l1
