// Who is read next under a flood: a model of one thread and many connections, no sockets.
#include "io/p2p/fair_turns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace preconf::io {
namespace {

using wire::ConnId;

TEST(FairTurns, WhoCostLeastIsNext) {
  FairTurns turns;
  for (const std::uint64_t n : {1U, 2U, 3U}) turns.ready(ConnId{n}, 0);
  ASSERT_EQ(turns.next()->conn, ConnId{1});
  turns.charge(ConnId{1}, 65'536, 700, 700);
  turns.ready(ConnId{1}, 700);
  EXPECT_EQ(turns.next()->conn, ConnId{2});
  EXPECT_EQ(turns.next()->conn, ConnId{3});
  EXPECT_EQ(turns.next()->conn, ConnId{1});
  EXPECT_FALSE(turns.next());
  EXPECT_TRUE(turns.empty());
}

TEST(FairTurns, ReadyTwiceIsOneTurn) {
  FairTurns turns;
  turns.ready(ConnId{1}, 0);
  turns.ready(ConnId{1}, 5);
  EXPECT_TRUE(turns.next());
  EXPECT_FALSE(turns.next());
}

TEST(FairTurns, CostIsForgottenByHalves) {
  FairTurns turns;
  turns.ready(ConnId{1}, 0);
  (void)turns.next();
  turns.charge(ConnId{1}, 1, 8'000, 8'000);
  turns.ready(ConnId{2}, 8'000);
  (void)turns.next();
  turns.charge(ConnId{2}, 1, 1'500, 10'000);
  turns.ready(ConnId{1}, 3'100'000);  // three half-lives: 2,250 is left
  turns.ready(ConnId{2}, 3'100'000);  // 1,437
  EXPECT_EQ(turns.next()->conn, ConnId{2});
  turns.charge(ConnId{2}, 1, 900, 3'100'000);
  turns.ready(ConnId{2}, 3'100'000);
  EXPECT_EQ(turns.next()->conn, ConnId{1});
}

TEST(FairTurns, ExpensiveBytesAreReadInSmallPieces) {
  FairTurns turns;
  turns.ready(ConnId{1}, 0);
  EXPECT_EQ(turns.next()->bytes_max, kTurnBytesMax);
  std::uint64_t now = 0;
  for (int i = 0; i < 20; ++i) {  // 64 KiB take 33 ms: signatures to verify
    now += 33'000;
    turns.charge(ConnId{1}, 65'536, 33'000, now);
    turns.ready(ConnId{1}, now);
    if (i < 19) (void)turns.next();
  }
  const std::size_t piece = turns.next()->bytes_max;
  EXPECT_GE(piece, kTurnBytesMin);
  EXPECT_LE(piece, 2'100U) << "a millisecond's worth";
  turns.forget(ConnId{1});
  turns.ready(ConnId{1}, now);
  EXPECT_EQ(turns.next()->bytes_max, kTurnBytesMax);
}

TEST(FairTurns, SmallPiecesDoNotMakeAPeerLookExpensive) {
  FairTurns turns;
  for (int i = 0; i < 100; ++i) {
    turns.ready(ConnId{1}, 0);
    (void)turns.next();
    turns.charge(ConnId{1}, 40, 12, 0);
  }
  turns.ready(ConnId{1}, 0);
  EXPECT_EQ(turns.next()->bytes_max, kTurnBytesMax);
}

// Five hundred that come at once, each with a handshake of a millisecond to work off.
TEST(FairTurns, ACrowdOfNewcomersWaitsForWhoIsKnown) {
  FairTurns turns;
  turns.ready(ConnId{1}, 0);
  (void)turns.next();
  turns.charge(ConnId{1}, 400, 300, 300);
  constexpr std::uint64_t kLater = 1'500'000;
  for (std::uint64_t n = 2; n <= 500; ++n) turns.ready(ConnId{n}, kLater);
  turns.ready(ConnId{1}, kLater);
  EXPECT_EQ(turns.next()->conn, ConnId{1});
}

TEST(FairTurns, TheForgottenHaveNoTurnAndNoMemory) {
  FairTurns turns;
  for (std::uint64_t n = 1; n <= 100; ++n) turns.ready(ConnId{n}, 0);
  for (std::uint64_t n = 1; n <= 99; ++n) turns.forget(ConnId{n});
  EXPECT_EQ(turns.next()->conn, ConnId{100});
  EXPECT_FALSE(turns.next());
  turns.charge(ConnId{5}, 10, 10, 10);
  EXPECT_EQ(turns.size(), 1U);
}

// So many connections always have 64 KiB to read, which take 0.7 ms each: the thread is busy for
// ever. One more sends a message every 100 ms, which takes 0.3 ms. How long it waits at most.
std::uint64_t longest_wait(std::uint64_t flooders, bool is_trusted) {
  FairTurns turns;
  constexpr std::uint64_t kModest = 10'000;
  std::uint64_t now = 0;
  std::uint64_t next_message = 5'000'000;
  std::uint64_t longest = 0;
  bool is_ready = false;
  for (std::uint64_t n = 1; n <= flooders; ++n) turns.ready(ConnId{n}, now);
  for (int messages = 0; messages < 100;) {
    if (!is_ready && now >= next_message) {
      turns.ready(ConnId{kModest}, now, is_trusted);
      is_ready = true;
    }
    const ConnId conn = turns.next()->conn;
    const bool is_modest = conn == ConnId{kModest};
    if (is_modest && messages >= 30) longest = std::max(longest, now - next_message);
    now += is_modest ? 300 : 700;
    turns.charge(conn, is_modest ? 500 : 65'536, is_modest ? 300 : 700, now);
    if (!is_modest) {
      turns.ready(conn, now);
      continue;
    }
    next_message += 100'000;
    is_ready = false;
    ++messages;
  }
  return longest;
}

TEST(FairTurns, AModestPeerWaitsForFewTurnsOfAFlood) {
  EXPECT_LE(longest_wait(100, false), 3 * 700U);  // not for a hundred
}

// Of a thousand an equal share is a millisecond per second; a message every 100 ms is more.
TEST(FairTurns, ATrustedPeerWaitsForOneTurnHoweverManyOthersThereAre) {
  EXPECT_LE(longest_wait(1'000, true), 700U);
  EXPECT_GT(longest_wait(1'000, false), 700U);
}

}  // namespace
}  // namespace preconf::io
