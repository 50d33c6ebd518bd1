// One simulated L1 node without sockets: the chain, and how well its execution and beacon sides
// serve it.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "node/devnet/faults.hpp"
#include "node/devnet/l1_chain.hpp"
#include "node/devnet/proposal_manifest.hpp"

namespace preconf::node::devnet {

/// Who serves blobs.
enum class BlobSide : std::uint8_t { kBeacon = 0, kBlobServer = 1 };
inline constexpr std::size_t kBlobSides = 2;

/// What one side does with blobs. A blob that is wrong comes with another commitment.
struct BlobService {
  std::set<core::Hash32> hidden;
  std::set<core::Hash32> wrong;
  bool hides_all = false;

  [[nodiscard]] bool hides(const core::Hash32& hash) const {
    return hides_all || hidden.contains(hash);
  }
};

struct L1Node {
  explicit L1Node(L1ChainOptions options) : chain(std::move(options)) {}

  L1Chain chain;
  FaultTable faults;  ///< calls of the beacon side are named beacon_<endpoint>
  std::map<std::string, std::uint64_t, std::less<>> calls;  ///< received, by method or endpoint
  std::uint64_t head_lag = 0;  ///< blocks by which what it calls latest lies behind
  std::uint64_t logs_range_max = 1'000;
  std::size_t logs_max = 10'000;
  std::array<BlobService, kBlobSides> blob_service;
  /// Set by whoever proposes: its next proposal breaks a promise.
  std::function<void(Contradiction)> contradict_next;

  [[nodiscard]] BlobService& blobs_of(BlobSide side) {
    return blob_service[static_cast<std::size_t>(side)];
  }
  /// The head as it is told to others.
  [[nodiscard]] const L1Block& latest() const;
  /// A canonical block up to latest().
  [[nodiscard]] const L1Block* visible(core::L1BlockNumber number) const;
  void count_call(std::string_view name);
};

}  // namespace preconf::node::devnet
