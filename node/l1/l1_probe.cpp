#include "node/l1/l1_probe.hpp"

#include <optional>
#include <utility>

#include "core/base/hex.hpp"
#include "core/protocol/inbox.hpp"
#include "io/clock.hpp"
#include "io/l1/beacon_client.hpp"
#include "io/l1/l1_client.hpp"
#include "io/l1/l1_json.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::node::l1 {
namespace {

using Refused = core::Unexpected<std::string>;

/// MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS of the consensus specification.
constexpr std::uint64_t kBlobEpochsKept = 4'096;

class Probe {
 public:
  explicit Probe(const L1Config& config)
      : config_(config),
        client_(loop_, client_options(config)),
        beacon_(loop_, beacon_options(config)) {}

  core::Result<std::vector<std::string>, std::string> run() {
    ask_inbox();
    loop_.run();
    if (refusal_) return Refused{*refusal_};
    return remarks_;
  }

 private:
  static io::l1::L1ClientOptions client_options(const L1Config& config) {
    io::l1::L1ClientOptions options;
    options.urls = config.http_urls;
    options.chain_id = config.deployment.l1_chain_id;
    return options;
  }
  static io::l1::BeaconClientOptions beacon_options(const L1Config& config) {
    io::l1::BeaconClientOptions options;
    options.beacon_urls = config.beacon_urls;
    options.server_urls = config.blob_servers;
    options.clock = config.deployment.clock;
    return options;
  }

  void refuse(const std::string& text) {
    refusal_ = text;
    loop_.stop();
  }
  void done() { loop_.stop(); }

  /// The client asks for the chain id before anything else.
  void ask_inbox() {
    const auto& selector = core::protocol::kGetCoreStateSelector;
    client_.call({io::l1::state_call(config_.deployment.inbox, selector.view(), std::nullopt)},
                 [this](auto batch) {
                   if (!batch) return refuse("--l1.http: " + batch.error().detail);
                   const io::l1::RpcAnswer& answer = batch->at(0);
                   if (!answer) return refuse(no_inbox(answer.error().message));
                   const auto data = io::l1::call_data_from(*answer);
                   const auto state = core::protocol::read_core_state(data.value_or(core::Bytes{}));
                   if (!state) return refuse(no_inbox("getCoreState() says nothing of use"));
                   core_state_ = *state;
                   ask_beacon();
                 });
  }
  [[nodiscard]] std::string no_inbox(const std::string& detail) const {
    return "--shasta.inbox: no inbox at " + core::to_hex0x(config_.deployment.inbox.view()) +
           " on L1 chain id " + std::to_string(config_.deployment.l1_chain_id) + ": " + detail;
  }

  void ask_beacon() {
    beacon_.read_clock([this](auto clock) {
      if (!clock) return refuse("--l1.beacon: " + clock.error());
      const core::protocol::EpochClock& want = config_.deployment.clock;
      if (*clock != want) {
        return refuse(
            "--l1.beacon: genesis " + std::to_string(clock->genesis.value) + ", slots of " +
            std::to_string(clock->slot_seconds) + " s, " + std::to_string(clock->slots_per_epoch) +
            " to the epoch; the deployment has " + std::to_string(want.genesis.value) + ", " +
            std::to_string(want.slot_seconds) + " and " + std::to_string(want.slots_per_epoch));
      }
      ask_newest_proposal();
    });
  }

  void ask_newest_proposal() {
    if (core_state_.next.value <= 1 || core_state_.last_proposal_block.value == 0) return done();
    const core::L1BlockNumber block = core_state_.last_proposal_block;
    io::l1::LogFilter filter;
    filter.addresses = {config_.deployment.inbox};
    filter.topics = {core::protocol::kProposedTopic};
    client_.call({io::l1::logs_call(filter, block, block)}, [this](auto batch) {
      if (!batch) return refuse("--l1.http: " + batch.error().detail);
      const io::l1::RpcAnswer& answer = batch->at(0);
      if (!answer) return refuse("--l1.http: eth_getLogs: " + answer.error().message);
      const auto logs = io::l1::logs_from(*answer);
      if (!logs) return refuse("--l1.http: eth_getLogs: " + logs.error().text);
      for (const io::l1::L1Log& log : *logs) {
        const auto proposed = core::protocol::read_proposed(log.topics, log.data);
        if (!proposed) continue;
        for (const auto& source : proposed->sources) {
          if (!source.blobs.blob_hashes.empty()) return ask_blob(source.blobs);
        }
      }
      done();
    });
  }

  void ask_blob(const core::protocol::BlobSlice& slice) {
    constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
    const core::UnixSeconds now{io::wall_now().value / kNanosPerSecond};
    const std::uint64_t kept = kBlobEpochsKept * config_.deployment.clock.epoch_seconds();
    if (core::distance(slice.timestamp, now) > kept && config_.blob_servers.empty()) {
      remarks_.emplace_back(
          "the newest proposal is older than beacon nodes keep blobs, and no "
          "--blob.server is given: its blobs were not tried");
      return done();
    }
    beacon_.fetch(slice.timestamp, {slice.blob_hashes.front()}, [this](auto blobs) {
      // No reason to stay away: the node comes up, says what it waits for, and asks again.
      if (!blobs) {
        remarks_.push_back(
            "blob_missing: blob " + core::to_hex0x(blobs.error().hash.view()) +
            " of the newest proposal is not to be had yet, derivation waits for it: " +
            blobs.error().detail);
      }
      done();
    });
  }

  const L1Config& config_;
  io::EventLoop loop_;
  io::l1::L1Client client_;
  io::l1::BeaconClient beacon_;
  core::protocol::CoreState core_state_;
  std::optional<std::string> refusal_;
  std::vector<std::string> remarks_;
};

}  // namespace

core::Result<std::vector<std::string>, std::string> probe(const L1Config& config) {
  return Probe(config).run();
}

}  // namespace preconf::node::l1
