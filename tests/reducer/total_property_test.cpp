// Totality: whatever the events, reduce() returns, keeps its bounds and its invariants.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "core/limits.hpp"
#include "tests/support/script.hpp"

namespace preconf::tests {
namespace {

rc::Gen<std::vector<std::uint8_t>> script() {
  return rc::gen::resize(kScriptSize, rc::gen::arbitrary<std::vector<std::uint8_t>>());
}

using namespace preconf::core;  // NOLINT: test
namespace ev = core::events;

/// Numbers near the places where something changes, and absurd ones.
std::uint64_t odd_number(Choices& choices) {
  constexpr std::array<std::uint64_t, 12> kNumbers{0,
                                                   1,
                                                   2,
                                                   3,
                                                   5,
                                                   1383,
                                                   1384,
                                                   1385,
                                                   16'000'000,
                                                   3'841,
                                                   std::uint64_t{1} << 63,
                                                   ~std::uint64_t{0}};
  return kNumbers[choices.below(kNumbers.size())];
}

protocol::CommitmentFacts odd_commitment(Choices& choices, const Preconfer& preconfer) {
  protocol::CommitmentFacts facts = preconfer.variant(1 + choices.below(3), 0).facts;
  switch (choices.below(9)) {
    case 0:
      facts.block_number = BlockNumber{odd_number(choices)};
      break;
    case 1:
      facts.timestamp = UnixSeconds{odd_number(choices)};
      break;
    case 2:
      facts.gas_limit = odd_number(choices);
      break;
    case 3:
      facts.window_end = UnixSeconds{odd_number(choices)};
      break;
    case 4:
      facts.signer = address_number(static_cast<std::uint8_t>(choices.below(4)));
      break;
    case 5:
      facts.eop = true;
      break;
    case 6:
      facts.raw_tx_list_hash = Hash32{};
      facts.eop = true;
      break;
    case 7:
      facts.parent_preconf_hash.bytes.fill(static_cast<std::uint8_t>(choices.below(3)));
      break;
    default:
      facts.anchor_block_number = L1BlockNumber{odd_number(choices)};
      break;
  }
  seal(facts);
  return facts;
}

protocol::HeaderFacts odd_header(Choices& choices) {
  protocol::HeaderFacts header = model_genesis();
  header.number = BlockNumber{odd_number(choices)};
  header.timestamp = UnixSeconds{odd_number(choices)};
  header.gas_limit = odd_number(choices);
  header.gas_used = odd_number(choices);
  header.base_fee_wei = odd_number(choices);
  header.hash.bytes.fill(static_cast<std::uint8_t>(choices.below(4)));
  header.parent_hash.bytes.fill(static_cast<std::uint8_t>(choices.below(4)));
  return header;
}

ev::EngineResult odd_result(Choices& choices) {
  switch (choices.below(6)) {
    case 0: {
      ev::HeadsRead read{167001, odd_header(choices), {}, {}, {}};
      if (choices.below(2) == 1) read.head_l1_origin = BlockNumber{odd_number(choices)};
      return read;
    }
    case 1: {
      ev::BlockRead read;
      read.number = BlockNumber{odd_number(choices)};
      if (choices.below(2) == 1) read.block = odd_header(choices);
      return read;
    }
    case 2:
      return ev::ForkchoiceAnswered{static_cast<ev::PayloadStatus>(choices.below(4)), {}, {}, ""};
    case 3:
      return ev::PayloadTaken{odd_header(choices), {}, 0};
    case 4:
      return ev::PayloadJudged{static_cast<ev::PayloadStatus>(choices.below(4)), {}, ""};
    default:
      return ev::EngineFailed{
          static_cast<ev::EngineFailureKind>(choices.below(10)),
          static_cast<ev::Certainty>(choices.below(3)),
          static_cast<std::int32_t>(-38'000) - static_cast<std::int32_t>(choices.below(5)), ""};
  }
}

Hash32 odd_hash(Choices& choices) {
  Hash32 hash;
  hash.bytes.fill(static_cast<std::uint8_t>(choices.below(5)));
  return hash;
}

ev::L1FactBody odd_fact(Choices& choices) {
  const UnixSeconds time{odd_number(choices)};
  switch (choices.below(7)) {
    case 0:
    case 1: {
      protocol::ProposedFacts proposed;
      proposed.id = ProposalId{choices.below(4)};
      proposed.sources.resize(choices.below(3));
      for (auto& source : proposed.sources) {
        source.is_forced_inclusion = choices.below(2) == 1;
        source.blobs.blob_hashes.resize(choices.below(2));
      }
      return proposed;
    }
    case 2:
      return protocol::ProvedFacts{{odd_number(choices)}, {odd_number(choices)}, {3}, {}};
    case 3:
      return protocol::StateRecoveredFacts{{odd_number(choices)}, {odd_number(choices)}, {}};
    case 4: {
      protocol::LookaheadFact fact{{time, {}, {}}, {}};
      for (std::uint64_t i = choices.below(3); i > 0; --i) {
        fact.posted.slots.push_back({address_number(1), {odd_number(choices)}, {}, {}});
      }
      return fact;
    }
    case 5:
      return protocol::BlacklistChanged{odd_hash(choices), time, choices.below(2) == 1};
    default:
      return protocol::EpochFact{time, {}};
  }
}

EventBody odd_l1_event(Choices& choices) {
  switch (choices.below(5)) {
    case 2:
      return ev::CheckpointReached{{odd_number(choices)},
                                   {{odd_number(choices)}, odd_hash(choices)},
                                   {choices.below(5)},
                                   {{choices.below(5)}, odd_hash(choices)}};
    case 0: {
      ev::L1DeploymentRecorded recorded;
      recorded.deployment.l1_chain_id = choices.below(2);
      if (choices.below(4) == 0) recorded.deployment.clock.slot_seconds = odd_number(choices);
      return recorded;
    }
    case 1: {
      ev::L1TagsObserved tags{std::nullopt, std::nullopt, choices.below(2) == 1};
      if (choices.below(2) == 1) tags.safe = ev::L1Ref{{choices.below(5)}, odd_hash(choices)};
      if (choices.below(2) == 1) tags.finalized = ev::L1Ref{{choices.below(5)}, odd_hash(choices)};
      return tags;
    }
    default: {
      ev::L1BlockObserved block;
      block.number = L1BlockNumber{choices.below(3) == 0 ? odd_number(choices) : choices.below(5)};
      block.hash = odd_hash(choices);
      block.parent_hash = odd_hash(choices);
      block.previous = choices.below(4) == 0 ? odd_hash(choices) : block.parent_hash;
      block.timestamp = UnixSeconds{odd_number(choices)};
      for (std::uint64_t i = choices.below(3); i > 0; --i) {
        block.facts.push_back({static_cast<std::uint32_t>(i), odd_fact(choices)});
      }
      return block;
    }
  }
}

ev::L1Result odd_l1_result(Choices& choices) {
  switch (choices.below(4)) {
    case 0:
    case 1: {
      ev::SourcesResolved resolved{ProposalId{choices.below(4)}, 1, {}};
      resolved.sources.resize(choices.below(3));
      for (ev::SourceFacts& source : resolved.sources) {
        source.is_forced_inclusion = choices.below(2) == 1;
        source.blocks.resize(choices.below(3));
        for (auto& block : source.blocks) block.timestamp = UnixSeconds{odd_number(choices)};
      }
      return resolved;
    }
    case 2:
      return ev::L1BlockRead{{odd_number(choices)}, odd_hash(choices), odd_hash(choices)};
    default:
      return ev::L1Failed{static_cast<ev::L1FailureKind>(choices.below(8)), {}, ""};
  }
}

ev::EngineResult odd_table_result(Choices& choices) {
  switch (choices.below(6)) {
    case 0: {
      ev::CanonicalRead read;
      read.number = BlockNumber{odd_number(choices)};
      if (choices.below(2) == 1) read.block.emplace().header = odd_header(choices);
      if (choices.below(2) == 1) read.head_l1_origin = BlockNumber{odd_number(choices)};
      return read;
    }
    case 1:
      return ev::NonceRead{odd_number(choices)};
    case 2:
      return ev::AnchorStateRead{L1BlockNumber{odd_number(choices)}};
    case 3:
      return ev::BatchFound{BlockNumber{odd_number(choices)}};
    case 4:
      return ev::TableWritten{};
    default:
      return odd_result(choices);
  }
}

/// False: the next command is none of those that derivation gives.
bool answer_derivation_oddly(World& world, Choices& choices) {
  constexpr std::size_t kFirst = 14;
  static_assert(
      std::is_same_v<std::variant_alternative_t<kFirst, CommandBody>, commands::ReadCanonical>);
  if (world.outstanding.empty() || world.outstanding.front().body.index() < kFirst) return false;
  const Command command = world.outstanding.front();
  if (!is_for_l1(command.body)) {
    world.answer_next_with(odd_table_result(choices));
    return true;
  }
  world.outstanding.pop_front();
  world.feed(ev::L1Answered{command.id, 1, odd_l1_result(choices)});
  return true;
}

void one_odd_event(World& world, ModelEngine& engine, Preconfer& preconfer, Choices& choices) {
  const std::uint64_t choice = choices.below(14);
  if (choice >= 9 && answer_derivation_oddly(world, choices)) return;
  switch (choice) {
    case 0:
      world.feed(ev::BootStarted{});
      break;
    case 1:
      world.feed(ev::ShutdownRequested{15});
      break;
    case 2:
      world.feed(ev::ScheduleConfigured{model_schedule()});
      break;
    case 3:
      world.feed(ev::IngressRejected{SourceKind::kRpc, "x", odd_number(choices), {}});
      break;
    case 4: {
      ev::L1SyncObserved observed{choices.below(2) == 1, ProposalId{odd_number(choices)}, {}};
      if (choices.below(2) == 1) observed.target_block = BlockNumber{odd_number(choices)};
      world.feed(observed);
      break;
    }
    case 5:
      world.promise(preconfer.next_block(1, 0, choices.below(8) == 7));
      break;
    case 6:
      world.commitment(odd_commitment(choices, preconfer));
      break;
    case 7:
      world.feed(ev::TimerFired{static_cast<TimerId>(choices.below(kTimerCount)),
                                static_cast<std::uint32_t>(choices.below(4))});
      break;
    case 8:
      world.fire_next_timer();
      break;
    case 9:
      if (!world.outstanding.empty()) world.answer_next_with(odd_result(choices));
      break;
    case 10:
      answer_badly(world, engine, choices);
      break;
    case 11:
    case 12:
      world.feed(odd_l1_event(choices));
      break;
    default:
      world.answer_next();
      break;
  }
}

RC_GTEST_PROP(total, absurd_events_keep_bounds_and_invariants, ()) {
  const auto numbers = *script();
  ModelEngine engine(167001);
  World world(engine);
  Preconfer preconfer;
  world.start();
  for (Choices choices(numbers); !choices.empty();) {
    if (preconfer.clock.value > 2'100) break;  // the model's schedule ends
    one_odd_event(world, engine, preconfer, choices);
  }
  RC_ASSERT(world.violations.empty());
  State again = fold(world.log);
  RC_ASSERT(again == world.state);
}

}  // namespace
}  // namespace preconf::tests
