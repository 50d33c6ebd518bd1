// Derivation as a whole: a node that knows nothing but L1 catches up with it; the same log folded
// again with all of derivation's work but no network and an engine that answers at once; how long a
// proposal needs from L1's log to the safe head. bench_l1_text has what is
// read before.
//
// The node is a process of its own; simulated L1, beacon node and engine share this process. Floors
// are measured in the same run: what the work can not do without, or one engine call over HTTP.
#define ZLIB_CONST
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <map>

#include "core/base/assert.hpp"
#include "core/codec/blob.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "node/l1/derivation_work.hpp"
#include "node/l1/source_work.hpp"
#include "replay/history.hpp"
#include "tests/bench/support/l1_network.hpp"

namespace preconf::bench {
namespace {

namespace l1 = node::l1;
using core::Bytes;
using core::BytesView;

constexpr std::size_t kBlocks = 900;
constexpr std::size_t kTransfers = 50;
constexpr std::size_t kLatencyProposals = 60;

/// A node's whole log in memory.
struct Recorded {
  std::vector<core::Event> events;
  std::map<core::Hash32, std::shared_ptr<const Bytes>> contents;
  std::uint64_t record_bytes = 0;
  std::uint64_t content_bytes = 0;
};

Recorded read_log(const std::filesystem::path& datadir) {
  auto history = replay::open_history(datadir);
  if (!history) throw std::runtime_error(history.error().detail);
  Recorded out;
  const auto reader = history->events->read(core::Seq{1});
  while (true) {
    auto next = reader->next();
    if (!next) throw std::runtime_error(next.error().detail);
    if (!*next) break;
    core::Event& event = (**next).event;
    out.record_bytes += history->events->record(event.seq)->size();
    for (const core::ContentRef& ref : core::content_refs(event.body)) {
      if (!out.contents.emplace(ref.hash, history->events->content(ref.hash)).second) continue;
      PRECONF_ASSERT(out.contents[ref.hash] != nullptr);
      out.content_bytes += ref.size_bytes;
    }
    out.events.push_back(std::move(event));
  }
  return out;
}

/// Appends 400 bytes to a file beside the log, and syncs it.
double sync_us(const std::filesystem::path& datadir) {
  static const int file =
      ::open((datadir / "bench.raw").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const Bytes bytes(400, 7);
  const auto start = Clock::now();
  PRECONF_ASSERT(::write(file, bytes.data(), bytes.size()) == 400);
  PRECONF_ASSERT(::fdatasync(file) == 0);
  return micros_since(start);
}

/// One node for all benchmarks that need one: it has caught up, and what that took.
struct Run {
  Run() {
    network.propose(kBlocks);
    blocks = network.head_number();
    const auto start = Clock::now();
    network.start_node();
    network.wait_safe();
    seconds = micros_since(start) * 1e-6;
    cpu_seconds = network.node_cpu_seconds();
    for (int i = 0; i < 200; ++i) {
      round_trip.add(network.engine_round_trip_us());
      sync.add(sync_us(network.datadir()));
    }
  }
  L1Network network{kTransfers};
  std::uint64_t blocks = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  Samples round_trip;
  Samples sync;
};

Run& run() {
  static Run instance;
  return instance;
}

/// A proposal of one block, from the L1 block that carries it to the notice of the safe head: the
/// new head over WebSocket, header, logs and blob over HTTP, derivation, the engine's calls, the
/// log's syncs, the notice.
void log_to_safe_head(benchmark::State& state) {
  L1Network& network = run().network;
  Samples latency;
  Samples round_trip;
  for (auto _ : state) {
    const auto start = network.mine_proposal_of_one_block();
    network.wait_safe();
    latency.add(micros_since(start));
    round_trip.add(network.engine_round_trip_us());
    state.SetIterationTime(micros_since(start) * 1e-6);
  }
  state.counters["p50_ms"] = latency.p50() / 1e3;
  state.counters["p90_ms"] = latency.at(0.9) / 1e3;
  state.counters["p99_ms"] = latency.p99() / 1e3;
  state.counters["round_trip_p50_us"] = round_trip.p50();
  state.counters["ratio_to_one_round_trip"] = latency.p50() / round_trip.p50();
}
BENCHMARK(log_to_safe_head)
    ->UseManualTime()
    ->Iterations(kLatencyProposals)
    ->Unit(benchmark::kMillisecond);

const Recorded& recorded() {
  static const Recorded instance = [] {
    run().network.stop_node();
    return read_log(run().network.datadir());
  }();
  return instance;
}

/// Folds the log and does what each command to L1 orders, as the node's workers do.
class Folding {
 public:
  explicit Folding(const Recorded& log) : log_(log) {}

  void run() {
    for (const core::Event& event : log_.events) {
      if (const auto* blob = std::get_if<core::events::BlobReceived>(&event.body)) {
        blobs_[blob->versioned_hash] = blob->content;
      }
      core::reduce(state_, event, outcome_);
      for (const core::Command& command : outcome_.commands) {
        ordered_[command.id] = command.body;
        const bool waits = core::class_of(command.body) != core::CommandClass::kRead;
        if (waits && core::has_outcome(command.body)) ++synced_commands;
      }
      const auto* answer = std::get_if<core::events::L1Answered>(&event.body);
      if (answer != nullptr && !std::holds_alternative<core::events::L1Failed>(answer->result)) {
        work_before(*answer);
      }
      if (const core::CommandId* id = core::answered_command(event.body)) ordered_.erase(*id);
    }
  }
  std::uint64_t derived = 0;
  std::uint64_t synced_commands = 0;                    ///< that wait until their cause is durable
  std::vector<std::shared_ptr<const Bytes>> lists;      ///< made, in order, when kept
  std::vector<std::shared_ptr<const Bytes>> manifests;  ///< the same
  bool keeps = false;

 private:
  /// The work that gave this answer; it must give the same again.
  void work_before(const core::events::L1Answered& answer) {
    const core::CommandBody& body = ordered_.at(answer.command);
    const auto load = [this](const core::Hash32& hash) { return log_.contents.at(hash); };
    if (const auto* resolve = std::get_if<core::commands::ResolveSources>(&body)) {
      std::vector<l1::SourceBlobs> blobs;
      for (const auto& source : resolve->sources) {
        blobs.emplace_back();
        for (const auto& hash : source.blobs.blob_hashes) blobs.back().push_back(blobs_.at(hash));
      }
      const auto made = l1::resolve_sources(*resolve, blobs, load, manifests_);
      PRECONF_ASSERT(made == answer.result);
      if (keeps) keep_manifests(std::get<core::events::SourcesResolved>(made));
    } else if (const auto* assemble = std::get_if<core::commands::AssembleTxList>(&body)) {
      const auto made = l1::assemble_list(*assemble, profile_, load, manifests_, lists_);
      PRECONF_ASSERT(made == answer.result);
      ++derived;
      if (keeps) {
        lists.push_back(lists_.find(std::get<core::events::TxListAssembled>(made).rlp_hash));
      }
    }
  }
  void keep_manifests(const core::events::SourcesResolved& resolved) {
    for (const auto& source : resolved.sources) {
      if (auto found = manifests_.find(source.manifest_hash)) manifests.push_back(found);
    }
  }

  const Recorded& log_;
  const core::protocol::ChainProfile profile_ = *core::protocol::chain_profile("devnet");
  core::State state_;
  core::Outcome outcome_;
  std::map<core::CommandId, core::CommandBody> ordered_;
  std::map<core::Hash32, core::ContentRef> blobs_;  ///< by versioned hash
  l1::BytesCache manifests_{l1::kManifestCacheBytesMax};
  l1::BytesCache lists_{l1::kListCacheBytesMax};
};

/// What nobody can do without: each blob's bytes moved once, its payload inflated, the manifest and
/// each list hashed once.
class Floor {
 public:
  explicit Floor(const Recorded& log) {
    Folding folding(log);
    folding.keeps = true;
    folding.run();
    lists_ = folding.lists;
    manifests_ = folding.manifests;
    std::size_t next = 0;
    for (const auto& [hash, content] : log.contents) {
      if (content->size() != core::codec::kBlobBytes) continue;
      Bytes payload;
      PRECONF_ASSERT(core::codec::decode_blob(*content, payload).has_value());
      payloads_.push_back(std::move(payload));
      ++next;
    }
    blobs_ = next;
    for (const auto& manifest : manifests_) largest_ = std::max(largest_, manifest->size());
  }
  void run() {
    Bytes out(std::max(largest_, core::codec::kBlobBytes));
    for (std::size_t i = 0; i < blobs_; ++i) {
      std::memcpy(out.data(), blob_.data(), blob_.size());
      benchmark::DoNotOptimize(out.data());
    }
    // Every proposal here has one blob, so its stream is whole; behind a head of two words.
    for (const Bytes& payload : payloads_) {
      uLongf produced = out.size();
      const int done = uncompress(out.data(), &produced, payload.data() + 64, payload.size() - 64);
      PRECONF_ASSERT(done == Z_OK || done == Z_DATA_ERROR);
      benchmark::DoNotOptimize(out.data());
    }
    for (const auto& manifest : manifests_) {
      benchmark::DoNotOptimize(core::crypto::keccak256(*manifest));
    }
    for (const auto& list : lists_) benchmark::DoNotOptimize(core::crypto::keccak256(*list));
  }
  /// What was posted on L1, without the blobs' padding: nobody can derive from less.
  [[nodiscard]] std::uint64_t payload_bytes() const {
    std::uint64_t sum = 0;
    for (const Bytes& payload : payloads_) sum += payload.size();
    return sum;
  }
  [[nodiscard]] std::uint64_t list_bytes() const {
    std::uint64_t sum = 0;
    for (const auto& list : lists_) sum += list->size();
    return sum;
  }

 private:
  Bytes blob_ = Bytes(core::codec::kBlobBytes, 7);
  std::size_t blobs_ = 0;
  std::size_t largest_ = 0;
  std::vector<Bytes> payloads_;
  std::vector<std::shared_ptr<const Bytes>> lists_;
  std::vector<std::shared_ptr<const Bytes>> manifests_;
};

/// What the engine and the disk are asked for, one after the other, per derived block.
struct Calls {
  explicit Calls(const Recorded& log) {
    Folding folding(log);
    folding.run();
    const auto answers = std::count_if(log.events.begin(), log.events.end(), [](const auto& event) {
      return core::kind_of(event.body) == core::EventKind::kEngineAnswered;
    });
    engine = static_cast<double>(answers) / static_cast<double>(folding.derived);
    syncs = static_cast<double>(folding.synced_commands) / static_cast<double>(folding.derived);
  }
  double engine = 0;
  double syncs = 0;
};

/// The log of that node, folded: reducer, blobs, manifests, lists; no network, no disk, and an
/// engine that answers at once.
void fold_with_derivation(benchmark::State& state) {
  const Recorded& log = recorded();
  Floor floor(log);
  Samples all;
  Samples lowest;
  Samples reduce_alone;
  std::uint64_t derived = 0;
  for (auto _ : state) {
    Folding folding(log);
    const double micros = all.time([&] { folding.run(); });
    derived = folding.derived;
    lowest.time([&] { floor.run(); });
    reduce_alone.time([&] {
      core::State plain;
      core::Outcome outcome;
      for (const core::Event& event : log.events) core::reduce(plain, event, outcome);
    });
    state.SetIterationTime(micros * 1e-6);
  }
  const auto blocks = static_cast<double>(derived);
  state.counters["blocks_per_s"] = blocks / (all.p50() * 1e-6);
  state.counters["us_per_block"] = all.p50() / blocks;
  state.counters["reduce_us_per_block"] = reduce_alone.p50() / blocks;
  state.counters["floor_us_per_block"] = lowest.p50() / blocks;
  state.counters["ratio_to_floor"] = all.p50() / lowest.p50();
  state.counters["events_per_block"] = static_cast<double>(log.events.size()) / blocks;
  state.counters["record_bytes_per_block"] = static_cast<double>(log.record_bytes) / blocks;
  state.counters["content_bytes_per_block"] = static_cast<double>(log.content_bytes) / blocks;
  state.counters["list_bytes_per_block"] = static_cast<double>(floor.list_bytes()) / blocks;
  const auto kept = static_cast<double>(log.record_bytes + log.content_bytes);
  const auto posted = static_cast<double>(floor.payload_bytes());
  state.counters["bytes_per_block"] = kept / blocks;
  state.counters["floor_bytes_per_block"] = posted / blocks;
  state.counters["ratio_of_bytes_to_floor"] = kept / posted;
}
BENCHMARK(fold_with_derivation)->UseManualTime()->Iterations(15)->Unit(benchmark::kMillisecond);

double thread_cpu_us() {
  timespec now{};
  PRECONF_ASSERT(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

/// CPU time of what nobody can do without for one engine call: a request is written to a socket and
/// an answer read from it. Both sides are measured, and one of them counted.
double exchange_cpu_us() {
  std::array<int, 2> ends{};
  PRECONF_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  constexpr int kTimes = 1'000;
  Bytes request(2'000, 7);
  const double start = thread_cpu_us();
  for (int i = 0; i < kTimes; ++i) {
    for (const std::size_t from : {std::size_t{0}, std::size_t{1}}) {
      const auto size = static_cast<ssize_t>(request.size());
      PRECONF_ASSERT(::write(ends.at(from), request.data(), request.size()) == size);
      PRECONF_ASSERT(::read(ends.at(1 - from), request.data(), request.size()) == size);
    }
  }
  const double micros = (thread_cpu_us() - start) / (2.0 * kTimes);
  for (const int end : ends) ::close(end);
  return micros;
}

/// CPU time of a raw append with its sync.
double sync_cpu_us(const std::filesystem::path& datadir) {
  constexpr int kTimes = 100;
  const double start = thread_cpu_us();
  for (int i = 0; i < kTimes; ++i) (void)sync_us(datadir);
  return (thread_cpu_us() - start) / kTimes;
}

/// From the start of the process on an empty engine to the safe head of the last proposal. Each
/// call to the engine is one exchange over HTTP, and what changes the engine waits for the log's
/// sync before: the floor.
void catch_up(benchmark::State& state) {
  Run& one = run();
  for (auto _ : state) state.SetIterationTime(one.seconds);
  const auto blocks = static_cast<double>(one.blocks);
  const Calls calls(recorded());
  const double round_trip = one.round_trip.p50();
  const double sync = one.sync.p50();
  state.counters["blocks_per_s"] = blocks / one.seconds;
  state.counters["cpu_us_per_block"] = one.cpu_seconds * 1e6 / blocks;
  state.counters["engine_calls_per_block"] = calls.engine;
  state.counters["syncs_per_block"] = calls.syncs;
  state.counters["round_trip_p50_us"] = round_trip;
  state.counters["sync_p50_us"] = sync;
  state.counters["ratio_to_floor"] =
      one.seconds * 1e6 / blocks / (calls.engine * round_trip + calls.syncs * sync);
  // Of CPU: derivation's own work, and the bare system calls of those exchanges and syncs.
  Floor floor(recorded());
  Samples work;
  for (int i = 0; i < 15; ++i) work.time([&] { floor.run(); });
  const double cpu_floor = work.p50() / blocks + calls.engine * exchange_cpu_us() +
                           calls.syncs * sync_cpu_us(one.network.datadir());
  state.counters["cpu_floor_us_per_block"] = cpu_floor;
  state.counters["ratio_of_cpu_to_floor"] = one.cpu_seconds * 1e6 / blocks / cpu_floor;
}
BENCHMARK(catch_up)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
