#include "core/effects/commitment_publication.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

constexpr std::uint64_t kNanosPerMilli = 1'000'000;

using Publications = std::map<CommitmentKey, Publication>;

bool is_admission(Verdict verdict) {
  return verdict == Verdict::kAdmitted || verdict == Verdict::kHandoff;
}

bool is_waiting(Verdict verdict) {
  return verdict == Verdict::kPendingParent || verdict == Verdict::kPendingSchedule;
}

void decide(Step& step, const Hash32& subject, const Publication& publication, Verdict verdict,
            Reason reason, std::uint64_t a = 0, std::uint64_t b = 0) {
  step.decide(Decision{verdict, reason, subject, publication.number, a, b, Hash32{}});
}

/// The lowest goes: it will be stale first.
void make_room(Step& step, Publications& publications) {
  if (publications.size() < limits::kPublicationsMax) return;
  const auto victim = std::min_element(
      publications.begin(), publications.end(),
      [](const auto& a, const auto& b) { return a.second.number < b.second.number; });
  decide(step, victim->first.preconf_hash, victim->second, Verdict::kPublishDropped,
         Reason::kBufferFull, limits::kPublicationsMax);
  publications.erase(victim);
}

/// What waited with its commitment may be published once that is admitted.
void note_admissions(Step& step) {
  Publications& publications = step.state.p2p.publications;
  for (const Decision& decision : step.out.decisions) {
    if (!is_admission(decision.verdict)) continue;
    const Commitment* commitment = step.state.book.find_linkable(decision.subject);
    if (commitment == nullptr) continue;
    const auto own = publications.find(commitment->key());
    if (own != publications.end()) own->second.is_admitted = true;
  }
}

bool was_sent_lately(const P2p& p2p, const Hash32& list, WallNanos now) {
  const auto sent = p2p.lists_sent.find(list);
  return sent != p2p.lists_sent.end() &&
         distance(sent->second, now) < limits::kDuplicateCacheMs * kNanosPerMilli;
}

void note_list_sent(P2p& p2p, const Hash32& list, WallNanos now) {
  std::erase_if(p2p.lists_sent, [now](const auto& entry) {
    return distance(entry.second, now) >= limits::kDuplicateCacheMs * kNanosPerMilli;
  });
  if (p2p.lists_sent.size() >= limits::kPublicationsMax) {
    p2p.lists_sent.erase(
        std::min_element(p2p.lists_sent.begin(), p2p.lists_sent.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  p2p.lists_sent[list] = now;
}

/// The next command of a publication; none = its list is not here yet.
std::optional<CommandBody> next_command(Step& step, const Commitment& commitment,
                                        Publication& publication) {
  const Hash32& hash = commitment.facts.raw_tx_list_hash;
  publication.is_list_done = publication.is_list_done || commitment.facts.eop_only() ||
                             was_sent_lately(step.state.p2p, hash, step.event.wall);
  if (publication.is_list_done) {
    return commands::PublishCommitment{publication.received, publication.commitment_hash};
  }
  const auto* list = step.state.txlists.facts_of(hash);
  if (list == nullptr) return std::nullopt;
  return commands::PublishTxList{ContentRef{hash, list->compressed_bytes}};
}

bool may_publish(const Step& step) {
  constexpr std::size_t kCommandsReserved = 8;  // timers
  return step.state.p2p.publishes_in_flight < limits::kPublishesInFlightMax &&
         step.out.commands.size() + kCommandsReserved < limits::kCommandsPerEventMax;
}

void settle_list(Step& step, Publications::iterator own, const ContentRef& list,
                 const events::Published& published) {
  if (published.result == events::PublishResult::kContentMissing) {
    decide(step, own->first.preconf_hash, own->second, Verdict::kPublishDropped,
           Reason::kContentMissing);
    step.state.p2p.publications.erase(own);
    return;
  }
  own->second.is_list_done = true;
  note_list_sent(step.state.p2p, list.hash, step.event.wall);
}

void settle_commitment(Step& step, Publications::iterator own, const events::Published& published) {
  Verdict verdict = Verdict::kPublished;
  Reason reason = Reason::kNone;
  if (published.result == events::PublishResult::kDuplicate) reason = Reason::kPublishedBefore;
  if (published.result == events::PublishResult::kContentMissing) {
    verdict = Verdict::kPublishDropped;
    reason = Reason::kContentMissing;
  }
  decide(step, own->first.preconf_hash, own->second, verdict, reason, published.peers_reached);
  step.state.p2p.publications.erase(own);
}

}  // namespace

void note_own_commitment(Step& step, const events::CommitmentReceived& received) {
  Publications& publications = step.state.p2p.publications;
  if (!step.state.p2p.is_on) return;
  const auto& facts = received.facts;
  const bool is_held = std::ranges::any_of(step.out.decisions, [&facts](const Decision& decision) {
    return decision.subject == facts.preconf_hash &&
           (is_admission(decision.verdict) || is_waiting(decision.verdict));
  });
  const CommitmentKey key{facts.preconf_hash, facts.signer};
  if (!is_held || publications.contains(key)) return;
  make_room(step, publications);
  Publication publication;
  publication.received = step.event.seq;
  publication.commitment_hash = facts.commitment_hash;
  publication.number = facts.block_number;
  publications.emplace(key, publication);
}

void publish_commitments(Step& step) {
  State& state = step.state;
  Publications& publications = state.p2p.publications;
  if (publications.empty()) return;
  note_admissions(step);
  const bool may_start =
      state.p2p.is_on && !state.p2p.peers.empty() && !state.p2p.publish_backoff.waiting;
  for (auto own = publications.begin(); own != publications.end();) {
    Publication& publication = own->second;
    const Commitment* commitment = state.book.find(own->first);
    const bool is_dead = commitment == nullptr || commitment->phase == Phase::kInvalid;
    if (is_dead && !publication.command) {
      decide(step, own->first.preconf_hash, publication, Verdict::kPublishDropped,
             commitment == nullptr ? Reason::kStaleCommitment : commitment->invalid_reason);
      own = publications.erase(own);
      continue;
    }
    if (may_start && !is_dead && publication.is_admitted && !publication.command &&
        may_publish(step)) {
      if (auto command = next_command(step, *commitment, publication)) {
        publication.command = step.issue(std::move(*command));
        ++state.p2p.publishes_in_flight;
      }
    }
    ++own;
  }
}

void on_published(Step& step, const Command& asked, const events::Published& published) {
  P2p& p2p = step.state.p2p;
  PRECONF_ASSERT(p2p.publishes_in_flight > 0);
  --p2p.publishes_in_flight;
  const auto own =
      std::find_if(p2p.publications.begin(), p2p.publications.end(),
                   [&asked](const auto& entry) { return entry.second.command == asked.id; });
  if (own == p2p.publications.end()) return;
  own->second.command.reset();
  const bool is_tried_again = published.result == events::PublishResult::kNoPeers ||
                              published.result == events::PublishResult::kNotSent;
  if (is_tried_again) {
    const Millis delay = retry_delay(p2p.publish_backoff.failures);
    ++p2p.publish_backoff.failures;
    p2p.publish_backoff.waiting = true;
    ++own->second.attempts;
    const bool reached_nobody = published.result == events::PublishResult::kNoPeers;
    decide(step, own->first.preconf_hash, own->second, Verdict::kPublishDeferred,
           reached_nobody ? Reason::kNoPeers : Reason::kPeerNotSent, own->second.attempts,
           delay.value);
    step.set_timer(TimerId::kPublishRetry, delay);
    return;
  }
  p2p.publish_backoff.failures = 0;
  if (const auto* list = std::get_if<commands::PublishTxList>(&asked.body)) {
    settle_list(step, own, list->list, published);
  } else {
    settle_commitment(step, own, published);
  }
}

void on_publish_retry(Step& step) { step.state.p2p.publish_backoff.waiting = false; }

}  // namespace preconf::core::effects
