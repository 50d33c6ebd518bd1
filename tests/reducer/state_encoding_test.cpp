// The canonical encoding: one byte string per value, complete, and strict when read.
#include <gtest/gtest.h>

#include <set>

#include "core/codec/canonical.hpp"
#include "core/state_bytes.hpp"
#include "tests/support/chains.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test

State busy_state() {
  ModelEngine engine(167001);
  World world(engine);
  Preconfer preconfer;
  world.start();
  world.settle();
  for (int i = 0; i < 5; ++i) world.promise(preconfer.next_block());
  for (int i = 0; i < 9; ++i) world.answer_next();
  world.promise(preconfer.variant(3, 7));
  world.commitment(preconfer.eop_only());
  return world.state;
}

TEST(state_encoding, decodes_to_the_same_state_and_bytes) {
  const State state = busy_state();
  const Bytes bytes = encode_state(state);
  State decoded;
  EXPECT_TRUE(decode_state(bytes, decoded));
  EXPECT_EQ(decoded, state);
  EXPECT_EQ(encode_state(decoded), bytes);
  EXPECT_EQ(state_hash(decoded), state_hash(state));
}

/// In the middle of a catch-up, with an own commitment that nobody took.
TEST(state_encoding, peers_and_their_plans_are_a_part_of_it) {
  const LongChain chain(90);
  Node node;
  node.network.subscribers = 0;
  node.network.connect(chain.archive);
  node.network.connect(chain.archive, Manner::kWithholding);
  node.network.connect(chain.archive, Manner::kGarbled);
  node.world.feed_from(SourceKind::kRpc, 1,
                       core::events::CommitmentReceived{Bytes(382), chain.promises[0].facts, 1});
  node.world.feed_from(SourceKind::kRpc, 1,
                       core::events::TxListReceived{chain.promises[0].list, 1});
  for (int i = 0; i < 40; ++i) node.world.answer_next();
  const State& state = node.world.state;
  ASSERT_FALSE(state.p2p.fetches.empty() || state.p2p.publications.empty());
  const Bytes bytes = encode_state(state);
  State decoded;
  EXPECT_TRUE(decode_state(bytes, decoded));
  EXPECT_EQ(decoded, state);
  EXPECT_EQ(state_hash(decoded), state_hash(state));
}

/// Hashes and snapshots of older rules are what they were: their states have no peers.
TEST(state_encoding, older_versions_are_encoded_without_peers) {
  State state;
  for (const std::uint32_t version : {1u, 2u}) {
    state.reducer_version = version;
    state.p2p = P2p{};
    const Bytes before = encode_state(state);
    state.p2p.is_on = true;
    EXPECT_EQ(encode_state(state), before);
  }
  state.reducer_version = kP2pVersion;
  const Bytes with = encode_state(state);
  state.p2p.is_on = false;
  EXPECT_NE(encode_state(state), with);
}

TEST(state_encoding, versions_before_l1_are_encoded_without_it) {
  State state;
  for (const std::uint32_t version : {1u, 2u, 3u}) {
    state.reducer_version = version;
    state.l1_chain = L1State{};
    const Bytes before = encode_state(state);
    state.l1_chain.is_followed = true;
    EXPECT_EQ(encode_state(state), before);
  }
  state.reducer_version = kL1Version;
  const Bytes with = encode_state(state);
  state.l1_chain.is_followed = false;
  EXPECT_NE(encode_state(state), with);
}

TEST(state_encoding, versions_before_races_for_lists_are_encoded_without_them) {
  State state;
  for (const std::uint32_t version : {3u, 4u}) {
    state.reducer_version = version;
    state.list_races.clear();
    const Bytes before = encode_state(state);
    state.list_races[Hash32{}] = ListRace{};
    EXPECT_EQ(encode_state(state), before);
  }
  state.reducer_version = kListRaceVersion;
  const Bytes with = encode_state(state);
  state.list_races.clear();
  EXPECT_NE(encode_state(state), with);
}

TEST(state_encoding, versions_before_judged_promises_are_encoded_without_them) {
  State state;
  for (const std::uint32_t version : {4u, 5u}) {
    state.reducer_version = version;
    state.judged_promises.clear();
    const Bytes before = encode_state(state);
    state.judged_promises[HeightKey{}] = JudgedPromise{};
    EXPECT_EQ(encode_state(state), before);
  }
  state.reducer_version = kL1MemoryVersion;
  const Bytes with = encode_state(state);
  state.judged_promises.clear();
  EXPECT_NE(encode_state(state), with);
}

TEST(state_encoding, every_truncation_is_refused) {
  const Bytes bytes = encode_state(busy_state());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    State decoded;
    EXPECT_FALSE(decode_state(BytesView(bytes).first(size), decoded)) << "at " << size;
  }
}

TEST(state_encoding, field_list_names_every_member_once) {
  std::vector<std::string> names;
  const State state;
  State::each_field(state, [&names](const char* name, const auto&) { names.emplace_back(name); });
  // Does not compile when State has another number of members: then name the new one.
  const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
               m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33] = state;
  static_cast<void>(m1);
  EXPECT_EQ(names.size(), 33U) << "a member of State is missing from its PRECONF_FIELDS";
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(state_encoding, counts_above_the_input_are_refused_before_allocation) {
  const Bytes bytes{0xff, 0xff, 0xff, 0xff, 1, 2, 3};
  std::vector<std::uint64_t> values;
  codec::CanonicalReader reader(bytes);
  reader.get(values);
  EXPECT_FALSE(reader.ok());
  EXPECT_TRUE(values.empty());
}

}  // namespace
}  // namespace preconf::tests
