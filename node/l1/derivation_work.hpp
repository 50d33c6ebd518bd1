// Carries out the commands to L1: fetches blobs, reads single blocks, and has a worker decode and
// assemble. Each command gets exactly one outcome.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "core/commands/commands.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/l1/beacon_client.hpp"
#include "io/l1/l1_client.hpp"
#include "io/loop/event_loop.hpp"
#include "io/loop/worker_pool.hpp"
#include "node/executor/content_source.hpp"
#include "node/l1/bytes_cache.hpp"
#include "node/loop/ports.hpp"

namespace preconf::node::l1 {

/// Blobs and manifests kept so that what was just read need not be read again.
inline constexpr std::size_t kBlobCacheBytesMax = std::size_t{48} << 20;
inline constexpr std::size_t kManifestCacheBytesMax = std::size_t{32} << 20;
/// Assembled lists: what the engine is given next.
inline constexpr std::size_t kListCacheBytesMax = std::size_t{16} << 20;
/// Versioned hashes whose content is known: weeks of blobs.
inline constexpr std::size_t kBlobIndexMax = 65'536;

/// L1 thread only, but for what is said otherwise.
class DerivationWork {
 public:
  /// All outlive the work, `workers` excepted: no job of theirs may run any more when it ends.
  struct Parts {
    io::EventLoop& loop;
    io::l1::L1Client& client;
    io::l1::BeaconClient& beacon;
    io::WorkerPool& workers;
    ContentStorePort& store;  ///< any thread
    const storage::EventSource& log;
    BytesCache& lists;  ///< where StartDerivedPayload finds its list
    core::protocol::ChainProfile chain;
    std::function<void(Input)> deliver;  ///< any thread
  };
  explicit DerivationWork(Parts parts);
  ~DerivationWork();
  DerivationWork(const DerivationWork&) = delete;
  DerivationWork& operator=(const DerivationWork&) = delete;

  /// Requires core::is_for_l1().
  void start(const core::Command& command);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace preconf::node::l1
