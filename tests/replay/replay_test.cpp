// Replay: clean logs are clean; every kind of change is found where it is.
#include "replay/replay.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "replay/cli/tool.hpp"
#include "tests/replay/recorded_log.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Seq;
using tests::RealWorld;
using tests::RecordedLog;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

Ran run(const RecordedLog& log, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), log.path().string());
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_tool(*find_tool("replay"), arguments, Streams{out, err});
  return {code, out.str(), err.str()};
}

ReplayReport fold(const RecordedLog& log, bool verify = false) {
  ReplayOptions options;
  options.directory = log.path();
  options.verify = verify;
  return replay(options, {});
}

/// Some traffic, written and closed.
void record(RecordedLog& log, RealWorld& world, std::uint64_t blocks = 40) {
  for (std::uint64_t i = 0; i < blocks; ++i) world.add_traffic(i);
  log.write(world);
}

TEST(Replay, clean_log_is_clean) {
  RecordedLog log;
  RealWorld world;
  record(log, world);
  log.close();
  const ReplayReport report = fold(log);
  EXPECT_EQ(report.result, ReplayResult::kClean) << to_text(report);
  EXPECT_EQ(report.last_seq, world.state.last_seq);
  EXPECT_EQ(report.events, world.state.last_seq.value);
  EXPECT_EQ(report.digests_compared, report.events);
  EXPECT_EQ(report.digests_until, report.last_seq);
  EXPECT_EQ(report.state_hash, core::state_hash(world.state));
  EXPECT_EQ(world.state.heads.unsafe->number.value, 40u);
  EXPECT_FALSE(report.facts.has_value());
  const Ran ran = run(log);
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("clean: states and effects are equal"), std::string::npos) << ran.out;
  EXPECT_TRUE(ran.err.empty()) << ran.err;
}

TEST(Replay, verify_recomputes_every_fact) {
  RecordedLog log;
  RealWorld world;
  record(log, world);
  log.close();
  const ReplayReport report = fold(log, true);
  EXPECT_EQ(report.result, ReplayResult::kClean) << to_text(report);
  ASSERT_TRUE(report.facts.has_value());
  // 40 blocks; commitments again at 0, 5, .., strangers at 0, 11, .., garbage at 0, 13, ..
  EXPECT_EQ(report.facts->commitments, 40u + 8u + 4u + 4u);
  EXPECT_EQ(report.facts->tx_lists, 40u + 3u);
  EXPECT_EQ(report.facts->payloads, 40u);
  EXPECT_EQ(run(log, {"--verify"}).code, 0);
}

TEST(Replay, works_beside_the_writer_and_without_the_last_digests) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 5);
  const Seq digested = world.state.last_seq;
  world.add_block();
  RealWorld::Record tail = world.take();
  tail.digests.digests.clear();
  tests::append(log.log(), tail);
  const ReplayReport report = fold(log, true);  // the log is still open for writing
  EXPECT_EQ(report.result, ReplayResult::kClean) << to_text(report);
  EXPECT_EQ(report.last_seq, world.state.last_seq);
  EXPECT_EQ(report.digests_until, digested);
  world.add_block();
  log.write(world);
  log.close();
}

TEST(Replay, changed_digest_is_found_at_its_event) {
  for (const std::size_t position : {std::size_t{0}, std::size_t{17}, std::size_t{300}}) {
    RecordedLog log;
    RealWorld world;
    for (int i = 0; i < 40; ++i) world.add_block();
    RealWorld::Record recorded = world.take();
    ASSERT_GT(recorded.digests.digests.size(), position);
    const core::Hash32 right = recorded.digests.digests[position];
    recorded.digests.digests[position].bytes[31] ^= 1;
    tests::append(log.log(), recorded);
    log.close();
    const ReplayReport report = fold(log);
    EXPECT_EQ(report.result, ReplayResult::kDivergence);
    ASSERT_EQ(report.divergences.size(), 1u);
    const Divergence& divergence = report.divergences.front();
    EXPECT_EQ(divergence.seq, Seq{position + 1});
    EXPECT_EQ(divergence.check, Check::kEffectsDigest);
    EXPECT_EQ(divergence.recomputed, core::to_hex0x(right.view()));
    EXPECT_EQ(divergence.recorded, core::to_hex0x(recorded.digests.digests[position].view()));
    EXPECT_NE(divergence.outcome.find("\"decisions\""), std::string::npos);
    const Ran ran = run(log);
    EXPECT_EQ(ran.code, 3);
    EXPECT_NE(ran.out.find("first at event " + std::to_string(position + 1)), std::string::npos)
        << ran.out;
  }
}

TEST(Replay, wrong_signer_in_a_consistent_log_is_found_by_verify_alone) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 10);
  world.add_stranger();
  RealWorld::Record stranger = world.take();
  auto forged = std::get<ev::CommitmentReceived>(stranger.batch.events.back().body);
  tests::append(log.log(), stranger);
  const core::Address right = forged.facts.signer;
  forged.facts.signer.bytes.fill(0x66);
  world.feed(forged);
  const Seq at = world.state.last_seq;
  world.add_block();
  log.write(world);
  log.close();

  EXPECT_EQ(fold(log).result, ReplayResult::kClean);
  const ReplayReport report = fold(log, true);
  EXPECT_EQ(report.result, ReplayResult::kDivergence);
  EXPECT_EQ(report.last_seq, world.state.last_seq);
  ASSERT_EQ(report.divergences.size(), 1u) << to_text(report);
  const Divergence& divergence = report.divergences.front();
  EXPECT_EQ(divergence.seq, at);
  EXPECT_EQ(divergence.check, Check::kFact);
  EXPECT_EQ(divergence.field, "facts.signer");
  EXPECT_EQ(divergence.recorded, "0x" + std::string(40, '6'));
  EXPECT_EQ(divergence.recomputed, core::to_hex0x(right.view()));
  EXPECT_EQ(run(log, {"--verify"}).code, 3);
}

TEST(Replay, wrong_list_and_payload_facts_are_found) {
  RecordedLog log;
  RealWorld world;
  world.add_block();
  RealWorld::Record recorded = world.take();
  ev::TxListReceived list;
  ev::EngineAnswered taken;
  for (const core::Event& event : recorded.batch.events) {
    if (const auto* body = std::get_if<ev::TxListReceived>(&event.body)) list = *body;
    const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
    if (answer != nullptr && std::holds_alternative<ev::PayloadTaken>(answer->result)) {
      taken = *answer;
    }
  }
  tests::append(log.log(), recorded);
  list.facts.anchor.nonce += 1;
  world.feed(list);
  const Seq list_at = world.state.last_seq;
  std::get<ev::PayloadTaken>(taken.result).header.gas_used += 1;
  world.feed(taken);  // nobody waits for it any more
  const Seq payload_at = world.state.last_seq;
  std::get<ev::PayloadTaken>(taken.result).header.gas_used -= 1;
  std::get<ev::PayloadTaken>(taken.result).transactions += 1;
  world.feed(taken);
  list.facts.anchor.nonce -= 1;
  list.verifier_version += 1;
  world.feed(list);
  log.write(world);
  log.close();

  EXPECT_EQ(fold(log).result, ReplayResult::kClean);
  const ReplayReport report = fold(log, true);
  ASSERT_EQ(report.divergences.size(), 4u) << to_text(report);
  EXPECT_EQ(report.divergences[0].seq, list_at);
  EXPECT_EQ(report.divergences[0].field, "facts.anchor.nonce");
  EXPECT_EQ(report.divergences[1].seq, payload_at);
  EXPECT_EQ(report.divergences[1].field, "result.payload_taken.header.gas_used");
  EXPECT_EQ(report.divergences[2].field, "result.payload_taken.transactions");
  EXPECT_EQ(report.divergences[2].recorded, "2");
  EXPECT_EQ(report.divergences[2].recomputed, "1");
  EXPECT_EQ(report.divergences[3].field, "verifier_version");
}

TEST(Replay, missing_content_is_incomplete) {
  RecordedLog log;
  RealWorld world;
  record(log, world, 5);
  core::events::TxListReceived absent;
  absent.facts.hash.bytes.fill(0xab);
  world.feed(absent);
  log.write(world);
  log.close();
  EXPECT_EQ(fold(log).result, ReplayResult::kClean);
  const ReplayReport report = fold(log, true);
  EXPECT_EQ(report.result, ReplayResult::kDamaged);
  ASSERT_EQ(report.missing.size(), 1u);
  EXPECT_EQ(report.missing.front().seq, world.state.last_seq);
  EXPECT_EQ(run(log, {"--verify"}).code, 4);
}

TEST(Replay, until_seq_ends_there) {
  RecordedLog log;
  RealWorld world;
  for (int i = 0; i < 10; ++i) world.add_block();
  const core::Hash32 hash = core::state_hash(world.state);
  const Seq at = world.state.last_seq;
  for (int i = 0; i < 10; ++i) world.add_block();
  log.write(world);
  log.close();
  ReplayOptions options;
  options.directory = log.path();
  options.until = at;
  const ReplayReport report = replay(options, {});
  EXPECT_EQ(report.result, ReplayResult::kClean);
  EXPECT_EQ(report.last_seq, at);
  EXPECT_EQ(report.state_hash, hash);
  EXPECT_EQ(run(log, {"--until-seq", "1"}).code, 0);
  EXPECT_EQ(run(log, {"--until-seq", "0"}).code, 1);
  EXPECT_EQ(run(log, {"--until-seq", std::to_string(world.state.last_seq.value + 1)}).code, 1);
}

TEST(Replay, wrong_use_is_one) {
  RecordedLog log;
  log.close();
  EXPECT_EQ(run(log).code, 1);  // empty log
  EXPECT_EQ(run(log, {"--no-such-option"}).code, 1);
  EXPECT_EQ(run(log, {"--until-seq", "x"}).code, 1);
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_tool(*find_tool("replay"), {}, Streams{out, err}), 1);
  EXPECT_EQ(run_tool(*find_tool("replay"), {"no/such/directory"}, Streams{out, err}), 1);
  EXPECT_EQ(run_tool(*find_tool("replay"), {"--help"}, Streams{out, err}), 0);
  EXPECT_NE(out.str().find("--verify"), std::string::npos);
}

}  // namespace
}  // namespace preconf::replay
