// The executor against a simulated engine on real sockets: one outcome per command, whatever
// happens.
#include <gtest/gtest.h>

#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "node/devnet/engine_server.hpp"
#include "node/executor/executor.hpp"
#include "tests/node/devnet_fixture.hpp"

namespace preconf::tests {
namespace {

namespace commands = core::commands;
namespace ev = core::events;
using node::devnet::testing::devnet_profile;

constexpr auto kDeadline = std::chrono::seconds(20);

struct FakeStore final : node::ContentStorePort {
  std::shared_ptr<const core::Bytes> load(const core::Hash32& hash) override {
    const auto found = contents.find(hash);
    return found == contents.end() ? nullptr : found->second;
  }
  std::map<core::Hash32, std::shared_ptr<const core::Bytes>> contents;
};

struct ExecutorTest : testing::Test {
  void SetUp() override {
    secret.bytes.fill(7);
    node::devnet::EngineServerOptions options;
    options.jwt_secret = secret;
    options.profile = devnet_profile();
    server = std::make_unique<node::devnet::EngineServer>(loop, options);
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error();
    io::EngineClientOptions client;
    client.public_url = server->public_url();
    client.auth_url = server->auth_url();
    client.jwt_secret = secret;
    client.request_timeout = std::chrono::milliseconds(2'000);
    engine = std::make_unique<io::EngineClient>(loop, client);
    node::ExecutorParts parts{loop, *engine, workers, recent, store};
    parts.assembled_list = [this](const core::Hash32& hash) {
      const auto found = assembled.find(hash);
      return found == assembled.end() ? nullptr : found->second;
    };
    executor = std::make_unique<node::Executor>(parts, devnet_profile(), [this](node::Input input) {
      EXPECT_FALSE(is_inside_start) << "an outcome came from inside start()";
      inputs.push_back(std::move(input));
      if (inputs.size() >= wanted) loop.stop();
    });
  }
  void start(core::CommandBody body, std::uint32_t epoch = 1) {
    is_inside_start = true;
    executor->start({{core::Seq{++last_seq}, 0}, epoch, std::move(body)});
    is_inside_start = false;
  }
  /// Runs the loop until so many outcomes have arrived.
  void wait_for(std::size_t count) {
    wanted = count;
    if (inputs.size() >= count) return;
    const auto deadline = loop.arm(kDeadline, [this] { loop.stop(); });
    loop.run();
    loop.cancel(deadline);
    ASSERT_GE(inputs.size(), count) << "no outcome within the deadline";
  }
  template <class T>
  T result_of(core::CommandBody body) {
    const std::size_t index = inputs.size();
    start(std::move(body));
    wait_for(index + 1);
    if (inputs.size() <= index) return {};
    const node::Input& input = inputs[index];
    EXPECT_EQ(input.lane, core::Lane::kEngine);
    EXPECT_EQ(input.source, core::SourceKind::kEngine);
    const auto* answered = std::get_if<ev::EngineAnswered>(&input.body);
    if (answered == nullptr) {
      ADD_FAILURE() << "not an engine answer";
      return {};
    }
    EXPECT_EQ(answered->command.cause.value, last_seq);
    const T* result = std::get_if<T>(&answered->result);
    if (result == nullptr) {
      const auto* failed = std::get_if<ev::EngineFailed>(&answered->result);
      ADD_FAILURE() << (failed ? failed->detail : std::string("another kind of answer"));
      return {};
    }
    return *result;
  }
  /// Attributes of an anchor-only block on the engine's head, and its compressed list.
  core::protocol::PayloadAttributes next_block(std::vector<core::Bytes> extra = {}) {
    const auto& chain = server->engine().chain;
    const auto& parent = chain.head();
    const auto request = node::devnet::testing::request_on(chain, parent, std::move(extra));
    compressed = std::make_shared<core::Bytes>(core::codec::deflate_bytes(*request.tx_list));
    core::protocol::PayloadAttributes out;
    out.block_number = core::BlockNumber{parent.number() + 1};
    out.parent_hash = parent.hash;
    out.timestamp = request.timestamp;
    out.prev_randao = request.prev_randao;
    out.fee_recipient = request.fee_recipient;
    out.gas_limit = request.gas_limit;
    out.base_fee_wei = request.base_fee_wei;
    out.extra_data = core::protocol::extra_data_of(75, core::ProposalId{1});
    out.tx_list_hash = core::crypto::keccak256(*compressed);
    out.tx_list_rlp_hash = core::crypto::keccak256(*request.tx_list);
    out.payload_id = core::protocol::payload_id_of(out);
    return out;
  }
  void remember(const core::Hash32& hash, std::shared_ptr<const core::Bytes> bytes) {
    storage::EventBatch batch;
    batch.events.resize(1);
    batch.events[0].seq = core::Seq{last_seq + 1};
    batch.contents.push_back({hash, std::move(bytes)});
    recent.add(batch);
  }
  ev::EngineFailed failure_of(core::CommandBody body) {
    return result_of<ev::EngineFailed>(std::move(body));
  }
  /// Applies one block whose list the executor finds; every step must succeed.
  void apply_block(const core::protocol::PayloadAttributes& attributes) {
    const commands::ForkchoiceState parent{attributes.parent_hash, attributes.parent_hash, {}};
    const auto started =
        result_of<ev::ForkchoiceAnswered>(commands::StartPayload{parent, attributes});
    ASSERT_EQ(started.status, ev::PayloadStatus::kValid) << started.validation_error;
    ASSERT_EQ(started.payload_id, attributes.payload_id);
    const auto taken = result_of<ev::PayloadTaken>(
        commands::GetPayload{*started.payload_id, attributes.timestamp});
    EXPECT_EQ(taken.header.number, attributes.block_number);
    ASSERT_EQ(inputs.back().contents.size(), 1U);
    const storage::Content content = inputs.back().contents[0];
    EXPECT_EQ(content.hash, taken.payload.hash);
    EXPECT_EQ(core::crypto::keccak256(*content.bytes), content.hash);
    store.contents[content.hash] = content.bytes;
    const auto judged =
        result_of<ev::PayloadJudged>(commands::NewPayload{taken.payload, taken.header.hash});
    ASSERT_EQ(judged.status, ev::PayloadStatus::kValid) << judged.validation_error;
    const auto adopted =
        result_of<ev::ForkchoiceAnswered>(commands::UpdateForkchoice{{taken.header.hash, {}, {}}});
    ASSERT_EQ(adopted.status, ev::PayloadStatus::kValid);
    EXPECT_EQ(server->engine().chain.head().hash, taken.header.hash);
    const auto read = result_of<ev::BlockRead>(commands::ReadBlock{attributes.block_number});
    ASSERT_TRUE(read.block);
    EXPECT_EQ(read.block->hash, taken.header.hash);
    ASSERT_TRUE(read.origin);
  }

  io::EventLoop loop;
  io::WorkerPool workers{1, 8};
  io::JwtSecret secret;
  std::unique_ptr<node::devnet::EngineServer> server;
  std::unique_ptr<io::EngineClient> engine;
  node::RecentContents recent;
  FakeStore store;
  std::map<core::Hash32, std::shared_ptr<const core::Bytes>> assembled;
  std::unique_ptr<node::Executor> executor;
  std::shared_ptr<core::Bytes> compressed;
  std::vector<node::Input> inputs;
  std::size_t wanted = 0;
  std::uint64_t last_seq = 0;
  bool is_inside_start = false;
};
using executor_io = ExecutorTest;

TEST_F(executor_io, applies_blocks_from_memory_and_from_the_store) {
  const auto heads = result_of<ev::HeadsRead>(commands::ReadHeads{});
  EXPECT_EQ(heads.chain_id, devnet_profile().chain_id);
  ASSERT_TRUE(heads.latest);
  EXPECT_EQ(heads.latest->number.value, 0U);

  const auto first = next_block();
  remember(first.tx_list_hash, compressed);
  apply_block(first);
  const auto second = next_block();
  store.contents[second.tx_list_hash] = compressed;
  apply_block(second);
  EXPECT_EQ(server->engine().chain.head().number(), 2U);
}

TEST_F(executor_io, missing_content_is_an_outcome_and_nothing_is_sent) {
  const auto attributes = next_block();
  const auto failed =
      failure_of(commands::StartPayload{{attributes.parent_hash, {}, {}}, attributes});
  EXPECT_EQ(failed.kind, ev::EngineFailureKind::kContentMissing);
  EXPECT_EQ(failed.certainty, ev::Certainty::kNotSent);
  EXPECT_EQ(failure_of(commands::NewPayload{}).kind, ev::EngineFailureKind::kContentMissing);
  EXPECT_TRUE(server->engine().calls.empty());
}

TEST_F(executor_io, a_list_that_differs_from_its_record_is_not_sent) {
  auto attributes = next_block();
  store.contents[attributes.tx_list_hash] = compressed;
  attributes.tx_list_rlp_hash.bytes[0] ^= 1;
  const auto failed =
      failure_of(commands::StartPayload{{attributes.parent_hash, {}, {}}, attributes});
  EXPECT_EQ(failed.kind, ev::EngineFailureKind::kContentMissing);
  EXPECT_EQ(failed.certainty, ev::Certainty::kNotSent);
  store.contents[attributes.tx_list_hash] = std::make_shared<core::Bytes>(100, 0x41);
  EXPECT_EQ(failure_of(commands::StartPayload{{attributes.parent_hash, {}, {}}, attributes}).kind,
            ev::EngineFailureKind::kContentMissing);
  EXPECT_TRUE(server->engine().calls.empty());
}

TEST_F(executor_io, the_final_gate_stops_commands_of_an_older_epoch) {
  executor->publish_engine_epoch(2);
  const auto failed = failure_of(commands::UpdateForkchoice{});
  EXPECT_EQ(failed.kind, ev::EngineFailureKind::kNotExecuted);
  EXPECT_EQ(failed.certainty, ev::Certainty::kNotSent);
  EXPECT_TRUE(server->engine().calls.empty());
}

TEST_F(executor_io, many_commands_end_in_exactly_one_outcome_each_in_order) {
  constexpr std::size_t kCount = 50;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (i % 3 == 0) {
      start(commands::ReadHeads{});
    } else if (i % 3 == 1) {
      start(commands::NewPayload{});  // content missing
    } else {
      start(commands::ReadBlock{core::BlockNumber{i}});
    }
  }
  wait_for(kCount);
  ASSERT_EQ(inputs.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(std::get<ev::EngineAnswered>(inputs[i].body).command.cause.value, i + 1);
  }
}

TEST_F(executor_io, an_engine_that_hangs_or_is_gone_is_an_outcome) {
  node::devnet::Fault fault;
  fault.kind = node::devnet::FaultKind::kTimeout;
  fault.method = "engine_forkchoiceUpdatedV2";
  ASSERT_TRUE(server->engine().faults.add(fault));
  const auto hung = failure_of(commands::UpdateForkchoice{});
  EXPECT_EQ(hung.kind, ev::EngineFailureKind::kTimeout);
  EXPECT_EQ(hung.certainty, ev::Certainty::kUnknown);
  server->stop();
  const auto gone = failure_of(commands::ReadHeads{});
  EXPECT_NE(gone.certainty, ev::Certainty::kAnswered);
}

TEST_F(executor_io, timers_fire_once_and_a_later_one_replaces_the_earlier) {
  start(commands::SetTimer{core::TimerId::kEnginePoll, 1, core::Millis{60'000}});
  start(commands::SetTimer{core::TimerId::kEnginePoll, 2, core::Millis{1}});
  start(commands::SetTimer{core::TimerId::kApplyRetry, 9, core::Millis{2}});
  wait_for(2);
  ASSERT_EQ(inputs.size(), 2U);
  EXPECT_EQ(inputs[0].lane, core::Lane::kTimer);
  EXPECT_EQ(std::get<ev::TimerFired>(inputs[0].body),
            (ev::TimerFired{core::TimerId::kEnginePoll, 2}));
  EXPECT_EQ(std::get<ev::TimerFired>(inputs[1].body),
            (ev::TimerFired{core::TimerId::kApplyRetry, 9}));
}

TEST_F(executor_io, after_stop_nothing_comes) {
  start(commands::ReadHeads{});
  start(commands::SetTimer{core::TimerId::kEnginePoll, 1, core::Millis{1}});
  executor->stop();
  start(commands::ReadHeads{});
  // The engine has answered the first read by the time the second client call has its answer.
  bool is_done = false;
  engine->read_heads([&](auto, auto, auto) {
    is_done = true;
    loop.stop();
  });
  const auto deadline = loop.arm(kDeadline, [this] { loop.stop(); });
  loop.run();
  loop.cancel(deadline);
  EXPECT_TRUE(is_done);
  EXPECT_TRUE(inputs.empty());
}

TEST(recent_contents, keeps_what_is_not_durable_and_bounds_the_rest) {
  node::RecentContents recent(1000);
  const auto add = [&](std::uint8_t name, std::uint64_t seq) {
    storage::EventBatch batch;
    batch.events.resize(1);
    batch.events[0].seq = core::Seq{seq};
    core::Hash32 hash;
    hash.bytes[0] = name;
    batch.contents.push_back({hash, std::make_shared<core::Bytes>(600)});
    recent.add(batch);
    return hash;
  };
  const auto one = add(1, 1);
  const auto two = add(2, 2);
  const auto three = add(3, 3);
  EXPECT_TRUE(recent.find(one) && recent.find(two) && recent.find(three));
  recent.on_durable(core::Seq{1});
  EXPECT_FALSE(recent.find(one));
  EXPECT_TRUE(recent.find(two) && recent.find(three));
  recent.on_durable(core::Seq{3});
  EXPECT_FALSE(recent.find(two));
  EXPECT_TRUE(recent.find(three));
  EXPECT_EQ(recent.bytes(), 600U);
}

TEST_F(executor_io, a_derived_block_from_its_list_to_its_rows) {
  auto attributes = next_block();
  attributes.tx_list_hash = attributes.tx_list_rlp_hash;
  commands::StartDerivedPayload start;
  start.state = {attributes.parent_hash, attributes.parent_hash, {}};
  start.attributes = attributes;
  start.l1_height = core::L1BlockNumber{77};
  start.l1_hash.bytes.fill(0x77);
  const auto missing = failure_of(start);
  EXPECT_EQ(missing.kind, ev::EngineFailureKind::kContentMissing);
  EXPECT_EQ(missing.certainty, ev::Certainty::kNotSent);

  const auto list = core::codec::inflate_txlist(*compressed);
  ASSERT_TRUE(list);
  assembled[attributes.tx_list_rlp_hash] = std::make_shared<const core::Bytes>(*list);
  const auto nonce = result_of<ev::NonceRead>(commands::ReadGoldenNonce{attributes.parent_hash});
  EXPECT_EQ(nonce.nonce, 0U);
  const auto started = result_of<ev::ForkchoiceAnswered>(start);
  ASSERT_EQ(started.status, ev::PayloadStatus::kValid) << started.validation_error;
  ASSERT_EQ(started.payload_id, attributes.payload_id);
  const auto taken =
      result_of<ev::PayloadTaken>(commands::GetPayload{*started.payload_id, attributes.timestamp});
  store.contents[taken.payload.hash] = inputs.back().contents.at(0).bytes;
  (void)result_of<ev::PayloadJudged>(commands::NewPayload{taken.payload, taken.header.hash});
  (void)result_of<ev::ForkchoiceAnswered>(commands::UpdateForkchoice{{taken.header.hash, {}, {}}});

  commands::WriteOrigin write;
  write.row.block_number = attributes.block_number;
  write.row.l2_block_hash = taken.header.hash;
  write.row.l1_block_height = start.l1_height;
  write.row.l1_block_hash = start.l1_hash;
  write.row.build_payload_args_id = attributes.payload_id;
  write.signature.bytes.fill(0x33);
  (void)result_of<ev::TableWritten>(write);
  (void)result_of<ev::TableWritten>(commands::SetHeadL1Origin{attributes.block_number});
  (void)result_of<ev::TableWritten>(
      commands::SetBatchLastBlock{core::ProposalId{1}, attributes.block_number});
  const auto batch = result_of<ev::BatchFound>(commands::LookupBatch{core::ProposalId{1}});
  EXPECT_EQ(batch.last_block, attributes.block_number);

  const auto read = result_of<ev::CanonicalRead>(commands::ReadCanonical{attributes.block_number});
  ASSERT_TRUE(read.block);
  EXPECT_EQ(read.block->header.hash, taken.header.hash);
  ASSERT_TRUE(read.block->first_tx_hash);
  ASSERT_TRUE(read.block->origin);
  EXPECT_EQ(*read.block->origin, write.row);
  EXPECT_EQ(read.signature, write.signature);
  EXPECT_EQ(read.head_l1_origin, attributes.block_number);
}

TEST_F(executor_io, commands_to_l1_without_an_l1_are_answered) {
  start(commands::ReadL1Block{core::L1BlockNumber{5}});
  wait_for(1);
  const auto& answered = std::get<ev::L1Answered>(inputs.at(0).body);
  EXPECT_EQ(answered.command.cause.value, last_seq);
  EXPECT_EQ(std::get<ev::L1Failed>(answered.result).kind, ev::L1FailureKind::kNotExecuted);
}

}  // namespace
}  // namespace preconf::tests
