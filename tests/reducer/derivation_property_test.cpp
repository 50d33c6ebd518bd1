// Laws of derivation: whatever happens on the way, the node ends where a node ends that saw only
// the final L1; nothing is skipped, and the log gives the same state again.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/state_bytes.hpp"
#include "tests/support/model_l1.hpp"
#include "tests/support/script.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

constexpr std::size_t kBlocks = 60;

rc::Gen<std::vector<std::uint8_t>> script() {
  return rc::gen::resize(kScriptSize, rc::gen::arbitrary<std::vector<std::uint8_t>>());
}

/// What is promised, and an L1 that proposes it, or something else.
struct Outside {
  Outside() {
    for (std::size_t i = 0; i < kBlocks; ++i) {
      promises.push_back(preconfer.next_block(2, static_cast<std::uint8_t>(i)));
      l1.register_list(promises.back().list.rlp_hash, promises.back().facts.anchor_block_number);
    }
  }
  /// The next ten blocks, or what `choice` makes of them.
  void propose(std::size_t choice) {
    const std::size_t first = 10 * (l1.next_id().value - 1);
    if (first + 10 > kBlocks) return l1.mine();
    std::vector<DescribedBlock> blocks;
    for (std::size_t i = first; i < first + 10; ++i) blocks.push_back(described(promises[i]));
    if (choice == 1) blocks[3].block.coinbase = address_number(0x66);
    if (choice == 2) blocks.resize(6);
    if (choice == 3) return l1.propose_garbage();
    if (choice == 4) return l1.propose({{blocks.front()}, blocks});
    l1.propose(blocks);
  }

  Preconfer preconfer;
  ModelL1 l1;
  std::vector<Promise> promises;
};

void boot(World& world) {
  world.feed(ev::BootStarted{});
  world.feed(ev::ScheduleConfigured{model_schedule()});
}

/// Answers one command, or lets it fail in one of several ways.
void answer(World& world, ModelEngine& engine, Outside& outside, Choices& choices) {
  engine.anchors = outside.l1.anchors;
  if (world.outstanding.empty()) return;
  if (is_for_l1(world.outstanding.front().body)) {
    outside.l1.blobs_are_missing = choices.below(6) == 0;
    world.answer_next();
    outside.l1.blobs_are_missing = false;
    engine.anchors = outside.l1.anchors;
    return;
  }
  if (choices.below(3) > 0) {
    world.answer_next();
  } else {
    answer_badly(world, engine, choices);
  }
}

void run(World& world, ModelEngine& engine, Outside& outside, Choices& choices) {
  boot(world);
  outside.l1.connect(world);
  world.settle();
  while (!choices.empty()) {
    switch (choices.below(12)) {
      case 0:
        outside.propose(choices.below(6));
        break;
      case 1:
        outside.l1.mine(1 + choices.below(3));
        break;
      case 2: {
        const std::size_t depth = 1 + choices.below(12);
        const std::size_t finalized =
            world.state.l1_chain.finalized ? world.state.l1_chain.finalized->number.value : 0;
        const std::size_t tip = outside.l1.chain().back().number.value;
        if (tip - depth > finalized && depth + 1 < outside.l1.chain().size()) {
          outside.l1.reorg(depth);
          outside.l1.mine();
        }
        break;
      }
      case 3:
        outside.l1.finalize(12 + choices.below(20));
        outside.l1.tell(world, choices.below(2) == 0);
        break;
      case 4:
      case 5:
        outside.l1.tell(world);
        break;
      case 6:
        world.promise(outside.promises[choices.below(kBlocks)]);
        break;
      case 7:
        world.fire_next_timer();
        break;
      case 8:
        if (choices.below(8) == 0) boot(world);
        break;
      default:
        answer(world, engine, outside, choices);
    }
  }
}

/// From here on everything goes well.
void heal(World& world, ModelEngine& engine, Outside& outside) {
  const auto settle = [&] {
    engine.anchors = outside.l1.anchors;
    while (world.answer_next()) engine.anchors = outside.l1.anchors;
  };
  for (int i = 0; i < 60; ++i) {
    settle();
    outside.l1.tell(world);
    settle();
    const L1State& l1 = world.state.l1_chain;
    const bool is_done = l1.start && l1.is_live && !l1.derivation && l1.pending.empty() &&
                         !l1.rewind_to && !l1.labels_due && !l1.links.empty() &&
                         l1.links.back().hash == outside.l1.chain().back().hash &&
                         !world.state.consistency_due;
    if (is_done) return;
    if (!world.fire_next_timer()) break;
  }
}

RC_GTEST_PROP(derivation, ends_where_a_node_ends_that_saw_only_the_final_l1, ()) {
  const auto numbers = *script();
  Outside outside;
  ModelEngine engine(167001);
  World world(engine);
  world.check_every = 1;
  Choices choices(numbers);
  run(world, engine, outside, choices);
  heal(world, engine, outside);
  world.fire_next_timer();  // the engine's heads are read once more, its labels with them
  heal(world, engine, outside);
  ModelEngine other_engine(167001);
  World fresh(other_engine);
  boot(fresh);
  outside.l1.connect(fresh);
  fresh.settle();
  heal(fresh, other_engine, outside);

  RC_ASSERT(fresh.state.gate.open);
  RC_ASSERT(world.state.gate.open);
  RC_ASSERT(world.state.l1_chain.safe_block.value_or(BlockRef{}).number ==
            fresh.state.l1_chain.safe_block.value_or(BlockRef{}).number);
  const BlockNumber safe = fresh.state.l1_chain.safe_block.value_or(BlockRef{}).number;
  for (BlockNumber n{0}; n <= safe; n = next(n)) {
    RC_ASSERT(engine.canonical.at(n) == other_engine.canonical.at(n));
    if (n.value == 0) continue;
    RC_ASSERT(engine.rows.at(n).l1_block_hash == other_engine.rows.at(n).l1_block_hash);
    RC_ASSERT(engine.rows.at(n).l2_block_hash == engine.canonical.at(n));
  }
  RC_ASSERT(engine.head_l1_origin.value_or(BlockNumber{0}) == safe);
  if (safe.value > 0) RC_ASSERT(engine.labels.safe == engine.canonical.at(safe));
  RC_ASSERT(engine.labels.finalized ==
            world.state.l1_chain.finalized_block.value_or(BlockRef{}).hash);
  for (ProposalId id{1}; id < outside.l1.next_id(); id = next(id)) {
    RC_ASSERT(engine.batches.at(id) == other_engine.batches.at(id));
  }
}

/// What L1 made of each promise, as the last decision about it says; nothing when L1 took that
/// back.
std::map<Hash32, Verdict> judgements(const World& world) {
  std::map<Hash32, std::pair<Verdict, std::uint64_t>> last;
  for (const Decision& one : world.decisions) {
    if (one.verdict == Verdict::kProposalUndone) {
      std::erase_if(last, [&](const auto& entry) { return entry.second.second == one.a; });
    } else if (one.verdict == Verdict::kHonoured || one.verdict == Verdict::kContradicted ||
               one.verdict == Verdict::kNotLanded) {
      last[one.subject] = {one.verdict, one.b};
    }
  }
  std::map<Hash32, Verdict> out;
  for (const auto& [subject, said] : last) out[subject] = said.first;
  return out;
}

RC_GTEST_PROP(derivation, judges_promises_as_a_node_that_saw_only_the_final_l1, ()) {
  const auto numbers = *script();
  Outside outside;
  ModelEngine engine(167001);
  World world(engine);
  Choices choices(numbers);
  boot(world);
  for (const Promise& promise : outside.promises) world.promise(promise);
  run(world, engine, outside, choices);
  heal(world, engine, outside);
  ModelEngine other_engine(167001);
  World fresh(other_engine);
  boot(fresh);
  for (const Promise& promise : outside.promises) fresh.promise(promise);
  outside.l1.connect(fresh);
  fresh.settle();
  heal(fresh, other_engine, outside);
  const auto judged = judgements(world);
  for (const auto& [subject, verdict] : judgements(fresh)) {
    const auto found = judged.find(subject);
    RC_ASSERT(found != judged.end());
    RC_ASSERT(found->second == verdict);
  }
  std::size_t contradictions = 0;
  for (const auto& [subject, verdict] : judged) contradictions += verdict == Verdict::kContradicted;
  const auto evidence =
      std::ranges::count(world.state.evidence, EvidenceKind::kL1Contradicted, &Evidence::kind);
  RC_ASSERT(static_cast<std::size_t>(evidence) == contradictions);
}

RC_GTEST_PROP(derivation, replays_to_the_same_state_and_effects, ()) {
  const auto numbers = *script();
  Outside outside;
  ModelEngine engine(167001);
  World world(engine);
  Choices choices(numbers);
  run(world, engine, outside, choices);
  State state;
  Outcome outcome;
  const std::size_t cut = world.log.size() / 2;
  for (std::size_t i = 0; i < world.log.size(); ++i) {
    if (i == cut) {
      const Bytes snapshot = encode_state(state);
      State restored;
      RC_ASSERT(decode_state(snapshot, restored));
      state = std::move(restored);
    }
    reduce(state, world.log[i], outcome);
    RC_ASSERT(effects_digest(outcome) == world.digests[i]);
  }
  RC_ASSERT(state == world.state);
}

}  // namespace
}  // namespace preconf::tests
