#include "core/state/commitment_book.hpp"

#include "core/base/assert.hpp"

namespace preconf::core {
namespace {

bool is_linkable(Phase phase) {
  return phase == Phase::kAdmitted || phase == Phase::kExecuted || phase == Phase::kInvalid;
}

HeightKey height_key(const Commitment& commitment) {
  return HeightKey{commitment.facts.block_number, commitment.key()};
}

void enter_phase(CommitmentBook& book, const Commitment& commitment) {
  if (commitment.phase == Phase::kPendingParent) {
    book.pending_parent.insert(height_key(commitment));
  } else if (commitment.phase == Phase::kPendingSchedule) {
    book.pending_schedule.insert(height_key(commitment));
  } else {
    book.linkable.emplace(commitment.facts.preconf_hash, commitment.key());
  }
}

std::set<HeightKey>& heights_for(CommitmentBook& book, const Commitment& commitment) {
  return commitment.facts.eop_only() ? book.eop_only : book.by_height;
}

void leave_phase(CommitmentBook& book, const Commitment& commitment) {
  if (commitment.phase == Phase::kPendingParent) {
    book.pending_parent.erase(height_key(commitment));
  } else if (commitment.phase == Phase::kPendingSchedule) {
    book.pending_schedule.erase(height_key(commitment));
  } else {
    const auto position = book.linkable.find(commitment.facts.preconf_hash);
    if (position != book.linkable.end() && position->second == commitment.key()) {
      book.linkable.erase(position);
    }
  }
}

}  // namespace

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::kPendingSchedule:
      return "pending_schedule";
    case Phase::kPendingParent:
      return "pending_parent";
    case Phase::kAdmitted:
      return "admitted";
    case Phase::kExecuted:
      return "executed";
    case Phase::kInvalid:
      return "invalid";
  }
  return "unknown";
}

Commitment& CommitmentBook::insert(Commitment commitment) {
  const CommitmentKey key = commitment.key();
  const auto [position, inserted] = held.emplace(key, std::move(commitment));
  PRECONF_ASSERT(inserted);
  Commitment& stored = position->second;
  heights_for(*this, stored).insert(height_key(stored));
  children[stored.facts.parent_preconf_hash].insert(key);
  enter_phase(*this, stored);
  return stored;
}

void CommitmentBook::set_phase(Commitment& commitment, Phase phase) {
  PRECONF_ASSERT(find(commitment.key()) == &commitment);
  if (is_linkable(commitment.phase) && is_linkable(phase)) {
    commitment.phase = phase;
    return;
  }
  leave_phase(*this, commitment);
  commitment.phase = phase;
  enter_phase(*this, commitment);
}

void CommitmentBook::erase(const CommitmentKey& key) {
  const auto position = held.find(key);
  PRECONF_ASSERT(position != held.end());
  const Commitment& commitment = position->second;
  leave_phase(*this, commitment);
  heights_for(*this, commitment).erase(height_key(commitment));
  const auto siblings = children.find(commitment.facts.parent_preconf_hash);
  PRECONF_ASSERT(siblings != children.end());
  siblings->second.erase(key);
  if (siblings->second.empty()) children.erase(siblings);
  held.erase(position);
}

const Commitment* CommitmentBook::find(const CommitmentKey& key) const {
  const auto position = held.find(key);
  return position == held.end() ? nullptr : &position->second;
}

Commitment* CommitmentBook::find(const CommitmentKey& key) {
  const auto position = held.find(key);
  return position == held.end() ? nullptr : &position->second;
}

const Commitment* CommitmentBook::find_linkable(const Hash32& preconf_hash) const {
  const auto position = linkable.find(preconf_hash);
  return position == linkable.end() ? nullptr : find(position->second);
}

CommitmentBook::LinkEnd CommitmentBook::follow_eop_only(const Hash32& parent_preconf_hash) const {
  LinkEnd end{nullptr, parent_preconf_hash, false};
  // At most every held EOP-only once; a hash can not link to itself.
  for (std::size_t steps = 0; steps <= eop_only.size(); ++steps) {
    const Commitment* parent = find_linkable(end.preconf_hash);
    if (parent == nullptr) return end;
    if (!parent->facts.eop_only()) {
      end.block = parent;
      return end;
    }
    end.over_invalid = end.over_invalid || parent->phase == Phase::kInvalid;
    end.preconf_hash = parent->facts.parent_preconf_hash;
  }
  return end;
}

}  // namespace preconf::core
