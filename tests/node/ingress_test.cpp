// Submissions of RPC users: answered once, when durable, or refused.
#include <gtest/gtest.h>

#include "node/ingress/rejected_ingress.hpp"
#include "node/ingress/rpc_backend.hpp"
#include "tests/support/world.hpp"

namespace preconf::tests {
namespace {

struct IngressTest : testing::Test {
  io::Submission both() {
    const Promise promise = preconfer.next_block();
    io::Submission out;
    out.commitment = io::SubmittedCommitment{core::Bytes(382), promise.facts};
    out.tx_list = io::SubmittedTxList{std::make_shared<core::Bytes>(10), promise.list};
    out.source_id = 5;
    return out;
  }
  void submit(io::Submission submission) {
    backend.submit(std::move(submission), [this](auto answer) { answers.push_back(answer); });
  }
  std::vector<node::Input> take() {
    std::vector<node::Input> out;
    inputs.take(1000, 1U << 30, out);
    return out;
  }

  Preconfer preconfer;
  node::InputQueue inputs;
  node::RejectedIngress rejected;
  node::RpcBackend backend{inputs, rejected, model_genesis_event().network};
  std::vector<core::Result<io::SubmitAnswer, io::SubmitRefusal>> answers;
};
using rpc_backend = IngressTest;
using rejected_ingress = IngressTest;

core::Decision decision(core::Verdict verdict) {
  core::Decision out;
  out.verdict = verdict;
  return out;
}

TEST_F(rpc_backend, puts_the_transaction_list_before_its_commitment) {
  submit(both());
  const auto taken = take();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<core::events::TxListReceived>(taken[0].body));
  EXPECT_EQ(taken[0].contents.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<core::events::CommitmentReceived>(taken[1].body));
  EXPECT_EQ(taken[1].source, core::SourceKind::kRpc);
  EXPECT_EQ(taken[1].source_id, 5U);
  EXPECT_NE(taken[0].request, taken[1].request);
  EXPECT_NE(taken[0].request.value, 0U);
}

TEST_F(rpc_backend, answers_when_all_parts_are_settled) {
  submit(both());
  const auto taken = take();
  backend.settle({core::Seq{8}, taken[1].request, {decision(core::Verdict::kAdmitted)}});
  EXPECT_TRUE(answers.empty());
  backend.settle({core::Seq{7}, taken[0].request, {decision(core::Verdict::kTxListAccepted)}});
  ASSERT_EQ(answers.size(), 1U);
  ASSERT_TRUE(answers[0]);
  EXPECT_EQ(answers[0]->commitment_seq, core::Seq{8});
  EXPECT_EQ(answers[0]->tx_list_seq, core::Seq{7});
  ASSERT_EQ(answers[0]->commitment_decisions.size(), 1U);
  EXPECT_EQ(answers[0]->commitment_decisions[0].verdict, core::Verdict::kAdmitted);
  backend.settle({core::Seq{8}, taken[1].request, {}});
  EXPECT_EQ(answers.size(), 1U);
}

TEST_F(rpc_backend, refuses_when_the_queue_is_full) {
  io::Submission one;
  for (std::size_t i = 0; i < core::limits::kInputQueueMax; ++i) {
    one.tx_list = io::SubmittedTxList{std::make_shared<core::Bytes>(1), {}};
    submit(one);
  }
  EXPECT_TRUE(answers.empty());
  submit(both());
  ASSERT_EQ(answers.size(), 1U);
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].error(), io::SubmitRefusal::kBusy);
}

TEST_F(rpc_backend, shutting_down_refuses_what_waits_and_what_comes_once_each) {
  submit(both());
  backend.shut_down();
  backend.shut_down();
  submit(both());
  ASSERT_EQ(answers.size(), 2U);
  for (const auto& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), io::SubmitRefusal::kShuttingDown);
  }
}

TEST_F(rpc_backend, is_alive_until_declared_dead) {
  EXPECT_TRUE(backend.liveness().alive);
  backend.declare_dead("disk full");
  EXPECT_FALSE(backend.liveness().alive);
  EXPECT_EQ(backend.liveness().reasons, std::vector<std::string>{"disk full"});
}

TEST_F(rejected_ingress, sums_up_per_reason) {
  core::Hash32 first;
  first.bytes[0] = 1;
  rejected.count("wrong_size", first);
  rejected.count("wrong_size", {});
  rejected.count("json", {});
  rejected.flush(inputs);
  const auto taken = take();
  ASSERT_EQ(taken.size(), 2U);
  const auto& sum = std::get<core::events::IngressRejected>(taken[1].body);
  EXPECT_EQ(sum.reason, "wrong_size");
  EXPECT_EQ(sum.count, 2U);
  EXPECT_EQ(sum.sample_hash, first);
  rejected.flush(inputs);
  EXPECT_EQ(inputs.size(), 0U);
}

TEST_F(rejected_ingress, many_reasons_become_one_other) {
  for (int i = 0; i < 1000; ++i) rejected.count("reason" + std::to_string(i), {});
  rejected.flush(inputs);
  const auto taken = take();
  EXPECT_EQ(taken.size(), node::kRejectedReasonsMax + 1);
  std::uint64_t sum = 0;
  for (const auto& input : taken) {
    sum += std::get<core::events::IngressRejected>(input.body).count;
  }
  EXPECT_EQ(sum, 1000U);
}

TEST_F(rejected_ingress, keeps_what_a_full_queue_refuses) {
  for (std::size_t i = 0; i < core::limits::kInputQueueMax; ++i) {
    node::Input input;
    input.lane = core::Lane::kCommitment;
    ASSERT_TRUE(inputs.offer(std::move(input)));
  }
  rejected.count("json", {});
  rejected.flush(inputs);
  (void)take();
  (void)take();
  (void)take();
  (void)take();
  (void)take();
  rejected.flush(inputs);
  EXPECT_EQ(inputs.size(), 1U);
}

}  // namespace
}  // namespace preconf::tests
