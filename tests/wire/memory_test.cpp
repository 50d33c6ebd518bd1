// What an idle connection costs. A program of its own: it counts what operator new gives out.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/wire/support/raw_peer.hpp"

namespace {

/// Whose allocations they are: 0 the test, 1 the swarm.
int owner = 0;
std::size_t live_bytes[2] = {0, 0};

struct alignas(std::max_align_t) Header {
  std::size_t size;
  int owner;
};

void* take(std::size_t size) {
  auto* header = static_cast<Header*>(std::malloc(sizeof(Header) + size));
  if (header == nullptr) std::abort();
  *header = Header{size, owner};
  live_bytes[owner] += size;
  return header + 1;
}

void give_back(void* pointer) {
  if (pointer == nullptr) return;
  Header* header = static_cast<Header*>(pointer) - 1;
  live_bytes[header->owner] -= header->size;
  std::free(header);
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* pointer) noexcept { give_back(pointer); }
void operator delete[](void* pointer) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { give_back(pointer); }
void operator delete[](void* pointer, std::size_t) noexcept { give_back(pointer); }

namespace preconf::io::wire::test {
namespace {

using core::Bytes;
using core::Millis;

/// As RawPeer::pump, with the swarm's allocations on its own account.
bool exchange(RawPeer& peer, Swarm& swarm, Millis now) {
  Bytes in;
  owner = 1;
  while (swarm.next_action()) {
  }
  Bytes taken;
  while (swarm.take_output(peer.conn, taken, now)) {
  }
  owner = 0;
  in = taken;
  owner = 1;
  taken = Bytes();
  owner = 0;
  if (!in.empty()) peer.receive(in);
  Bytes out;
  while (peer.connection.has_output()) peer.connection.take_output(out, peer.plain, 60'000);
  owner = 1;
  if (!out.empty()) swarm.on_bytes(peer.conn, out, now);
  owner = 0;
  return !in.empty() || !out.empty();
}

void settle(std::vector<std::unique_ptr<RawPeer>>& peers, Swarm& swarm, Millis now) {
  for (bool moved = true; moved;) {
    moved = false;
    for (auto& peer : peers) moved = exchange(*peer, swarm, now) || moved;
  }
}

TEST(SwarmMemory, AnIdleConnectionTakesLessThan64KiB) {
  constexpr std::size_t kCount = 100;
  Millis now{1'000'000};
  const Identity identity = RawPeer::identity_of(200);
  SwarmConfig config;
  config.topics = {"/taiko/167000/0/preconfirmationCommitments", "/taiko/167000/0/rawTxLists"};
  X25519Secret secret;
  secret.bytes.fill(9);
  owner = 1;
  auto swarm = std::make_unique<Swarm>(config, identity, secret, 1, now);
  owner = 0;
  const std::size_t before = live_bytes[1];

  std::vector<std::unique_ptr<RawPeer>> peers;
  const std::vector<std::string> served = {"/meshsub/1.2.0", "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"};
  for (std::size_t i = 0; i < kCount; ++i) {
    owner = 1;  // on_accepted() is in there; the peer's own part makes the figure larger
    auto peer = std::make_unique<RawPeer>(*swarm, static_cast<std::uint8_t>(i + 1), served, now);
    owner = 0;
    peers.push_back(std::move(peer));
    if (i % 30 == 29) settle(peers, *swarm, now);
  }
  settle(peers, *swarm, now);
  for (auto& peer : peers) {  // each with a gossip stream of its own and two subscriptions
    (void)peer->open("/meshsub/1.2.0", Bytes{10, 0x0a, 8, 8, 1, 0x12, 4, '/', 'a', '/', 'b'});
  }
  settle(peers, *swarm, now);
  const Millis end{now.value + 20'000};
  while (now < end) {
    now = std::max(Millis{now.value + 1}, swarm->next_deadline());
    owner = 1;
    swarm->on_time(now);
    owner = 0;
    settle(peers, *swarm, now);
  }
  ASSERT_EQ(swarm->peers().size(), kCount);
  const std::size_t each = (live_bytes[1] - before) / kCount;
  std::printf("%zu bytes per idle connection\n", each);
  RecordProperty("bytes_per_idle_connection", static_cast<int>(each));
  EXPECT_LE(each, 65'536U);
  EXPECT_GE(each, 1'000U);  // the counting works

  for (auto& peer : peers) swarm->on_closed(peer->conn, now);
  EXPECT_TRUE(swarm->peers().empty());
}

}  // namespace
}  // namespace preconf::io::wire::test
