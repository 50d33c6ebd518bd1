#include "core/effects/attributes_generation.hpp"

#include "core/base/assert.hpp"
#include "core/effects/derivation_retry.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/limits.hpp"
#include "core/protocol/derivation_rules.hpp"

namespace preconf::core::effects {
namespace {

void decide(Step& step, Verdict verdict, Reason reason, std::uint64_t a, std::uint64_t b,
            const Hash32& hash = {}) {
  const auto& derivation = step.state.l1_chain.derivation;
  const Hash32 subject = derivation ? derivation->proposal.landed.block_hash : Hash32{};
  step.decide(Decision{verdict, reason, subject, BlockNumber{0}, a, b, hash});
}

std::uint32_t blocks_max_of(const State& state, const ObservedProposal& proposal) {
  return static_cast<std::uint32_t>(
      protocol::blocks_per_source_max(state.chain, proposal.landed.timestamp));
}

void take_up_next(Step& step) {
  L1State& l1 = step.state.l1_chain;
  Derivation derivation;
  derivation.proposal = std::move(l1.pending.front());
  l1.pending.erase(l1.pending.begin());
  if (l1.tip) {
    derivation.parent = l1.tip;
    derivation.first_parent = l1.tip->header.ref();
  }
  l1.derivation = std::move(derivation);
  const ObservedProposal& proposal = l1.derivation->proposal;
  decide(step, Verdict::kDerivationStarted, Reason::kNone, proposal.facts.id.value,
         proposal.landed.block_number.value, proposal.landed.block_hash);
}

void ask_for_sources(Step& step) {
  L1State& l1 = step.state.l1_chain;
  const ObservedProposal& proposal = l1.derivation->proposal;
  l1.resolving = step.issue(commands::ResolveSources{proposal.facts.id, proposal.facts.sources,
                                                     blocks_max_of(step.state, proposal)});
  l1.resolving_for = proposal.seen;
  decide(step, Verdict::kSourcesRequested, Reason::kNone, proposal.facts.id.value,
         proposal.facts.sources.size());
}

Reason reason_of(events::L1FailureKind kind) {
  switch (kind) {
    case events::L1FailureKind::kBlobMissing:
    case events::L1FailureKind::kContentMissing:
      return Reason::kBlobMissing;
    case events::L1FailureKind::kBlobMismatch:
      return Reason::kBlobMismatch;
    case events::L1FailureKind::kMalformed:
      return Reason::kL1Malformed;
    case events::L1FailureKind::kUndecided:
    case events::L1FailureKind::kTooManyBlobs:
      return Reason::kManifestUndecided;
    case events::L1FailureKind::kUnavailable:
    case events::L1FailureKind::kNotExecuted:
      break;
  }
  return Reason::kL1Unavailable;
}

void defer_sources(Step& step, const events::L1Failed& failed) {
  L1State& l1 = step.state.l1_chain;
  const Millis delay = retry_delay(l1.resolve_backoff.failures);
  ++l1.resolve_backoff.failures;
  l1.resolve_backoff.waiting = true;
  l1.blocked = failed;
  decide(step, Verdict::kSourcesDeferred, reason_of(failed.kind),
         l1.derivation->proposal.facts.id.value, delay.value, failed.hash);
  step.set_timer(TimerId::kResolveRetry, delay);
}

/// Is the answer about these sources? A well-formed manifest may have no block at all: the
/// segment's rules put the default in its place. Before version 6 it was taken for a bad answer.
bool is_answer_to(const State& state, const events::SourcesResolved& resolved) {
  const ObservedProposal& proposal = state.l1_chain.derivation->proposal;
  const bool may_be_empty = state.reducer_version >= kL1MemoryVersion;
  const auto& asked = proposal.facts.sources;
  if (resolved.id != proposal.facts.id || resolved.sources.size() != asked.size()) return false;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (resolved.sources[i].is_forced_inclusion != asked[i].is_forced_inclusion ||
        (!may_be_empty && resolved.sources[i].blocks.empty())) {
      return false;
    }
  }
  return true;
}

void note_defaults(Step& step, const events::SourcesResolved& resolved) {
  for (std::size_t i = 0; i < resolved.sources.size(); ++i) {
    const events::SourceFacts& source = resolved.sources[i];
    if (source.defect == codec::ManifestDefect::kNone) continue;
    const bool is_blob = source.defect == codec::ManifestDefect::kBlob;
    decide(step, Verdict::kSourceDefaulted, is_blob ? Reason::kBlobBad : Reason::kManifestBad,
           resolved.id.value, i);
  }
}

void prepare(Step& step) {
  Derivation& derivation = *step.state.l1_chain.derivation;
  const events::SourceFacts& source = derivation.sources[derivation.source];
  derivation.segment = protocol::prepare_segment(
      *derivation.parent,
      protocol::proposal_of(derivation.proposal.facts, derivation.proposal.landed),
      source.is_forced_inclusion, source.blocks, step.state.chain);
  derivation.block = 0;
  PRECONF_ASSERT(!derivation.segment.blocks.empty());
  if (derivation.segment.is_replaced) {
    decide(step, Verdict::kSourceDefaulted, Reason::kSegmentBad, derivation.proposal.facts.id.value,
           derivation.source);
  }
}

}  // namespace

void generate_attributes(Step& step) {
  L1State& l1 = step.state.l1_chain;
  if (!follows_l1(step.state) || !l1.start || l1.rewind_to || step.state.engine_fatal) return;
  if (!l1.derivation && !l1.pending.empty()) take_up_next(step);
  if (l1.derivation && l1.derivation->sources.empty() && !l1.resolving &&
      !l1.resolve_backoff.waiting) {
    ask_for_sources(step);
  }
}

void on_sources_answer(Step& step, const events::L1Answered& answer) {
  L1State& l1 = step.state.l1_chain;
  l1.resolving.reset();
  if (!l1.derivation || l1.derivation->proposal.seen != l1.resolving_for ||
      !l1.derivation->sources.empty()) {
    return;  // a reorg took the proposal away
  }
  const auto* resolved = std::get_if<events::SourcesResolved>(&answer.result);
  if (resolved == nullptr || !is_answer_to(step.state, *resolved)) {
    const auto* failed = std::get_if<events::L1Failed>(&answer.result);
    defer_sources(step, failed != nullptr
                            ? *failed
                            : events::L1Failed{events::L1FailureKind::kMalformed, {}, {}});
    return;
  }
  std::size_t blocks = 0;
  for (const events::SourceFacts& source : resolved->sources) blocks += source.blocks.size();
  l1.derivation->sources = resolved->sources;
  l1.resolve_backoff = Backoff{};
  l1.blocked.reset();
  decide(step, Verdict::kSourcesResolved, Reason::kNone, resolved->id.value, blocks);
  note_defaults(step, *resolved);
}

void on_resolve_retry(Step& step) { step.state.l1_chain.resolve_backoff.waiting = false; }

std::optional<protocol::PayloadAttributes> next_attributes(Step& step) {
  Derivation& derivation = *step.state.l1_chain.derivation;
  if (derivation.segment.blocks.empty()) prepare(step);
  const auto metadata = protocol::derive_metadata(
      *derivation.parent,
      protocol::proposal_of(derivation.proposal.facts, derivation.proposal.landed),
      next_block(derivation), step.state.chain);
  if (metadata) return *metadata;
  defer_derivation(step, Reason::kDeriveDefect, static_cast<std::uint64_t>(metadata.error()), true);
  return std::nullopt;
}

const codec::BlockManifest& next_block(const Derivation& derivation) {
  PRECONF_ASSERT(derivation.block < derivation.segment.blocks.size());
  return derivation.segment.blocks[derivation.block];
}

void advance_derivation(Derivation& derivation, const protocol::HeaderFacts& header) {
  derivation.parent = protocol::parent_after(*derivation.parent, header,
                                             next_block(derivation).anchor_block_number);
  if (++derivation.block < derivation.segment.blocks.size()) return;
  derivation.segment = protocol::Segment{};
  derivation.block = 0;
  if (++derivation.source == derivation.sources.size()) derivation.is_complete = true;
}

}  // namespace preconf::core::effects
