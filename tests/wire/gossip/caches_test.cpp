// The router's memories, each with its bounds: duplicates, messages, promises, backoffs, unjudged
// messages.
#include <gtest/gtest.h>

#include "io/wire/gossipsub/backoffs.hpp"
#include "io/wire/gossipsub/dont_send.hpp"
#include "io/wire/gossipsub/limits.hpp"
#include "io/wire/gossipsub/message_cache.hpp"
#include "io/wire/gossipsub/pending.hpp"
#include "io/wire/gossipsub/promises.hpp"
#include "io/wire/gossipsub/seen_cache.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {
namespace {

MessageIdHash hash() {
  Prng prng(7);
  return MessageIdHash(prng);
}

/// A message that is only looked at from outside.
GossipMessagePtr message_of(std::uint32_t n, std::size_t size = 100, const Topic& topic = kTopic) {
  auto message = std::make_shared<GossipMessage>();
  message->id = made_up_id(n);
  message->topic = topic;
  message->frame = share(Bytes(size));
  message->size_bytes = size;
  return message;
}

TEST(Prng, IsXoshiroSeededBySplitmix) {
  // splitmix64 of seed 0 begins e220a8397b1dcdaf (its published reference output); the first
  // output of xoshiro256** is rotl(s1 * 5, 7) * 9.
  std::uint64_t s1 = 0x6e789e6aa1b965f4;  // second output of splitmix64 of seed 0
  Prng prng(0);
  EXPECT_EQ(prng.next(), ((s1 * 5) << 7 | (s1 * 5) >> 57) * 9);
}

TEST(Prng, BelowIsBelowAndSamplesAreSubsets) {
  Prng prng(3);
  std::array<int, 3> counts{};
  for (int i = 0; i < 3'000; ++i) ++counts[prng.below(3)];
  for (const int count : counts) EXPECT_NEAR(count, 1'000, 150);
  const std::vector<int> sample = prng.sample(std::vector<int>{1, 2, 3, 4}, 3);
  EXPECT_EQ(std::set<int>(sample.begin(), sample.end()).size(), 3U);
  EXPECT_EQ(prng.sample(std::vector<int>{1, 2}, 9).size(), 2U);
  EXPECT_TRUE(prng.sample(std::vector<int>{}, 9).empty());
}

TEST(SeenCache, RemembersFor120Seconds) {
  SeenCache seen(Millis{120'000}, hash());
  seen.insert(made_up_id(1), Fate::kPending, Millis{1'000});
  EXPECT_EQ(seen.find(made_up_id(1), Millis{120'999}), Fate::kPending);
  seen.set(made_up_id(1), Fate::kRejected);
  EXPECT_EQ(seen.find(made_up_id(1), Millis{120'999}), Fate::kRejected);
  EXPECT_EQ(seen.find(made_up_id(1), Millis{121'000}), std::nullopt);
  EXPECT_EQ(seen.size(), 0U);
  seen.set(made_up_id(1), Fate::kAccepted);
  EXPECT_EQ(seen.size(), 0U);
}

TEST(SeenCache, FullItForgetsTheOldest) {
  SeenCache seen(Millis{120'000}, hash());
  for (std::uint32_t n = 0; n <= gossip_limits::kSeenMax; ++n) {
    seen.insert(made_up_id(n), Fate::kAccepted, Millis{1});
  }
  EXPECT_EQ(seen.size(), gossip_limits::kSeenMax);
  EXPECT_EQ(seen.find(made_up_id(0), Millis{2}), std::nullopt);
  EXPECT_EQ(seen.find(made_up_id(1), Millis{2}), Fate::kAccepted);
}

TEST(MessageCache, GossipsThreeWindowsAndServesTwelve) {
  MessageCache cache(12, 3, hash());
  cache.put(message_of(1));
  cache.put(message_of(2, 100, kOtherTopic));
  EXPECT_EQ(cache.gossip_ids(kTopic), std::vector<MessageId>{made_up_id(1)});
  for (int i = 0; i < 2; ++i) cache.shift();
  cache.put(message_of(3));
  EXPECT_EQ(cache.gossip_ids(kTopic), (std::vector<MessageId>{made_up_id(3), made_up_id(1)}));
  cache.shift();
  EXPECT_EQ(cache.gossip_ids(kTopic), std::vector<MessageId>{made_up_id(3)});
  for (int i = 0; i < 8; ++i) cache.shift();
  EXPECT_NE(cache.find(made_up_id(1)), nullptr);
  cache.shift();
  EXPECT_EQ(cache.find(made_up_id(1)), nullptr);
  EXPECT_NE(cache.find(made_up_id(3)), nullptr);
  cache.shift();
  cache.shift();
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(MessageCache, AnswersEachPeerThreeTimes) {
  MessageCache cache(12, 3, hash());
  cache.put(message_of(1));
  for (int i = 0; i < 3; ++i) EXPECT_NE(cache.take_for(made_up_id(1), PeerRef{5}, 3), nullptr);
  EXPECT_EQ(cache.take_for(made_up_id(1), PeerRef{5}, 3), nullptr);
  EXPECT_NE(cache.take_for(made_up_id(1), PeerRef{6}, 3), nullptr);
  EXPECT_EQ(cache.take_for(made_up_id(2), PeerRef{6}, 3), nullptr);
}

TEST(MessageCache, BoundedInBytesAndNumberTheOldestGoes) {
  MessageCache cache(12, 3, hash());
  const std::size_t size = gossip_limits::kCacheBytesMax / 4;
  for (std::uint32_t n = 1; n <= 5; ++n) {
    cache.put(message_of(n, size));
    cache.shift();
  }
  EXPECT_EQ(cache.size(), 4U);
  EXPECT_EQ(cache.bytes(), 4 * size);
  EXPECT_EQ(cache.find(made_up_id(1)), nullptr);
  for (std::uint32_t n = 0; n < gossip_limits::kCacheMessagesMax + 5; ++n) {
    cache.put(message_of(100 + n, 1));
  }
  EXPECT_EQ(cache.size(), gossip_limits::kCacheMessagesMax);
  EXPECT_EQ(cache.bytes(), gossip_limits::kCacheMessagesMax);
  EXPECT_NO_FATAL_FAILURE((void)cache.gossip_ids(kTopic));
}

TEST(Promises, BreakAfterTheirTime) {
  Promises promises(hash());
  const MessageId id = made_up_id(1);
  ASSERT_TRUE(promises.may_ask(id, PeerRef{1}));
  promises.add(id, PeerRef{1}, Millis{0}, Millis{3'000});
  EXPECT_FALSE(promises.may_ask(id, PeerRef{1}));
  promises.add(id, PeerRef{2}, Millis{1'000}, Millis{4'000});
  EXPECT_EQ(promises.debtors(id), (std::vector{PeerRef{1}, PeerRef{2}}));
  EXPECT_TRUE(promises.take_broken(Millis{2'999}).empty());
  EXPECT_EQ(promises.take_broken(Millis{3'000}), (std::map<PeerRef, std::size_t>{{PeerRef{1}, 1}}));
  promises.fulfilled(id);
  EXPECT_TRUE(promises.take_broken(Millis{9'000}).empty());
  EXPECT_EQ(promises.size(), 0U);
}

// Kept, and asked for again: the first deadline does not break the second promise.
TEST(Promises, AnOldDeadlineDoesNotBreakANewPromise) {
  Promises promises(hash());
  promises.add(made_up_id(1), PeerRef{1}, Millis{0}, Millis{3'000});
  promises.fulfilled(made_up_id(1));
  promises.add(made_up_id(1), PeerRef{1}, Millis{2'000}, Millis{5'000});
  EXPECT_TRUE(promises.take_broken(Millis{4'000}).empty());
  EXPECT_EQ(promises.take_broken(Millis{5'000}).size(), 1U);
}

TEST(Promises, EndWithThePeerAndAreBounded) {
  Promises promises(hash());
  for (std::uint32_t n = 0; n < gossip_limits::kPromisesPerPeerMax; ++n) {
    ASSERT_TRUE(promises.may_ask(made_up_id(n), PeerRef{1}));
    promises.add(made_up_id(n), PeerRef{1}, Millis{0}, Millis{3'000});
  }
  EXPECT_FALSE(promises.may_ask(made_up_id(999'999), PeerRef{1}));
  EXPECT_TRUE(promises.may_ask(made_up_id(999'999), PeerRef{2}));
  promises.peer_disconnected(PeerRef{1});
  EXPECT_EQ(promises.size(), 0U);
  EXPECT_TRUE(promises.take_broken(Millis{3'000}).empty());
}

// Peers that offer ids of nothing can not use up all promises, not even all other peers together.
TEST(Promises, HoweverManyLiarsLeaveRoomForTheNext) {
  Promises promises(hash());
  std::uint32_t id = 0;
  for (std::uint64_t peer = 1; peer <= 219; ++peer) {
    for (int i = 0; i < 5'000; ++i, ++id) {
      if (promises.may_ask(made_up_id(id), PeerRef{peer})) {
        promises.add(made_up_id(id), PeerRef{peer}, Millis{0}, Millis{3'000});
      }
    }
  }
  EXPECT_LT(promises.size(), gossip_limits::kPromisesMax);
  for (std::uint32_t i = 0; i < gossip_limits::kPromisesPerPeerMin; ++i, ++id) {
    ASSERT_TRUE(promises.may_ask(made_up_id(id), PeerRef{220}));
    promises.add(made_up_id(id), PeerRef{220}, Millis{0}, Millis{3'000});
  }
}

std::vector<std::uint64_t> peers_of(const std::vector<Promises::FollowUp>& follow_ups) {
  std::vector<std::uint64_t> peers;
  for (const auto& follow_up : follow_ups) peers.push_back(follow_up.peer.value);
  return peers;
}

TEST(Promises, WhoOfferedTheSameIsNamedWhenNobodyKeepsHisWord) {
  Promises promises(hash());
  const MessageId id = made_up_id(1);
  promises.offered(id, PeerRef{9});  // nobody is asked yet: nothing to fall back from
  promises.add(id, PeerRef{1}, Millis{1'000}, Millis{4'000});
  promises.offered(id, PeerRef{1});
  promises.offered(id, PeerRef{2});
  promises.offered(id, PeerRef{3});
  promises.offered(id, PeerRef{2});
  EXPECT_TRUE(promises.take_follow_ups(Millis{1'499}, Millis{500}).empty());
  EXPECT_EQ(peers_of(promises.take_follow_ups(Millis{1'500}, Millis{500})), std::vector{2UL});
  promises.add(id, PeerRef{2}, Millis{1'500}, Millis{4'500});
  EXPECT_TRUE(promises.take_follow_ups(Millis{1'999}, Millis{500}).empty());
  EXPECT_EQ(peers_of(promises.take_follow_ups(Millis{2'000}, Millis{500})), std::vector{3UL});
  EXPECT_TRUE(promises.take_follow_ups(Millis{9'000}, Millis{500}).empty());
}

TEST(Promises, NobodyElseIsNamedOnceTheMessageCame) {
  Promises promises(hash());
  promises.add(made_up_id(1), PeerRef{1}, Millis{1'000}, Millis{4'000});
  promises.offered(made_up_id(1), PeerRef{2});
  promises.fulfilled(made_up_id(1));
  EXPECT_TRUE(promises.take_follow_ups(Millis{2'000}, Millis{500}).empty());
}

// Offers outlive the promises that they back up, and end with their peer.
TEST(Promises, OffersAreBoundedAndEndWithTheirPeer) {
  Promises promises(hash());
  promises.add(made_up_id(1), PeerRef{1}, Millis{1'000}, Millis{1'100});
  for (std::uint32_t n = 2; n < 2 + 2 * gossip_limits::kOffersPerIdMax; ++n) {
    promises.offered(made_up_id(1), PeerRef{n});
  }
  EXPECT_EQ(promises.take_broken(Millis{1'100}).size(), 1U);
  promises.peer_disconnected(PeerRef{2});
  std::vector<std::uint64_t> named;
  for (std::uint64_t now = 1'500; now < 9'000; now += 500) {
    for (const std::uint64_t peer : peers_of(promises.take_follow_ups(Millis{now}, Millis{500}))) {
      named.push_back(peer);
    }
  }
  EXPECT_EQ(named, (std::vector<std::uint64_t>{3, 4, 5, 6, 7, 8, 9}));
  EXPECT_TRUE(promises.may_ask(made_up_id(1), PeerRef{3})) << "nothing is left of it";
  for (std::uint32_t n = 0; n < gossip_limits::kPromisesPerPeerMax; ++n) {
    promises.add(made_up_id(n), PeerRef{1}, Millis{10'000}, Millis{13'000});
    promises.offered(made_up_id(n), PeerRef{2});
  }
  promises.add(made_up_id(777'777), PeerRef{1}, Millis{10'000}, Millis{13'000});
  promises.offered(made_up_id(777'777), PeerRef{2});
  EXPECT_EQ(promises.take_follow_ups(Millis{10'500}, Millis{500}).size(),
            gossip_limits::kPromisesPerPeerMax);
}

TEST(Backoffs, LastAndAreNotShortened) {
  Backoffs backoffs;
  const PeerId peer = made_up_peer_id(1);
  backoffs.add(kTopic, peer, Millis{60'000}, Millis{0});
  backoffs.add(kTopic, peer, Millis{10'000}, Millis{1'000});
  EXPECT_EQ(backoffs.end(kTopic, peer, Millis{59'999}), Millis{60'000});
  EXPECT_EQ(backoffs.end(kTopic, peer, Millis{60'000}), std::nullopt);
  EXPECT_EQ(backoffs.end(kOtherTopic, peer, Millis{1}), std::nullopt);
  backoffs.add(kTopic, peer, Millis{60'000}, Millis{30'000});
  EXPECT_EQ(backoffs.end(kTopic, peer, Millis{60'000}), Millis{90'000});
}

TEST(Backoffs, FullTheFirstToEndGoes) {
  Backoffs backoffs;
  for (std::uint32_t n = 1; n <= gossip_limits::kBackoffsMax + 1; ++n) {
    backoffs.add(kTopic, made_up_peer_id(n), Millis{100'000 - n}, Millis{0});
  }
  EXPECT_EQ(backoffs.size(), gossip_limits::kBackoffsMax);
  const PeerId last = made_up_peer_id(gossip_limits::kBackoffsMax + 1);
  EXPECT_EQ(backoffs.end(kTopic, last, Millis{0}), std::nullopt);
  EXPECT_TRUE(backoffs.end(kTopic, made_up_peer_id(1), Millis{0}));
}

TEST(DontSend, LastsThreeSeconds) {
  DontSend ids(hash());
  ids.add(made_up_id(1), Millis{3'000});
  ids.add(made_up_id(1), Millis{4'000});
  EXPECT_TRUE(ids.contains(made_up_id(1)));
  EXPECT_EQ(ids.expire(Millis{2'999}), 0U);
  EXPECT_EQ(ids.expire(Millis{3'000}), 1U);
  EXPECT_FALSE(ids.contains(made_up_id(1)));
}

TEST(PendingMessages, AreBoundedPerSourceAndInAll) {
  PendingMessages pending(hash());
  const PeerId id = made_up_peer_id(1);
  std::uint32_t n = 0;
  for (; pending.has_room(PeerRef{1}, 100); ++n) {
    pending.insert(message_of(n), PeerRef{1}, id, Millis{1'000});
  }
  EXPECT_EQ(pending.size(), gossip_limits::kPendingPerPeerMax);
  EXPECT_TRUE(pending.has_room(PeerRef{2}, gossip_limits::kPendingBytesPerPeerMax));
  for (std::uint64_t peer = 2; pending.has_room(PeerRef{peer}, 100); ++peer) {
    for (; pending.has_room(PeerRef{peer}, 100); ++n) {
      pending.insert(message_of(n), PeerRef{peer}, id, Millis{1'000});
    }
  }
  EXPECT_EQ(pending.size(), gossip_limits::kPendingMax);
  ASSERT_TRUE(pending.take(made_up_id(0)));
  EXPECT_FALSE(pending.take(made_up_id(0)));
  EXPECT_TRUE(pending.has_room(PeerRef{1}, 100));
  EXPECT_EQ(pending.expire(Millis{1'000}), gossip_limits::kPendingMax - 1);
  EXPECT_EQ(pending.bytes(), 0U);
}

TEST(PendingMessages, AreBoundedInBytes) {
  PendingMessages pending(hash());
  const std::size_t size = gossip_limits::kPendingBytesPerPeerMax / 2;
  const PeerId id = made_up_peer_id(1);
  pending.insert(message_of(1, size), PeerRef{1}, id, Millis{1});
  EXPECT_TRUE(pending.has_room(PeerRef{1}, size));
  EXPECT_FALSE(pending.has_room(PeerRef{1}, size + 1));
  std::uint32_t n = 2;
  for (std::uint64_t peer = 2; pending.has_room(PeerRef{peer}, size); ++peer) {
    pending.insert(message_of(n++, size), PeerRef{peer}, id, Millis{1});
  }
  EXPECT_EQ(pending.bytes(), gossip_limits::kPendingBytesMax);
}

}  // namespace
}  // namespace preconf::io::wire::test
