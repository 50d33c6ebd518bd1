#include "node/l1/l1_probe.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/hex.hpp"
#include "core/protocol/inbox.hpp"
#include "io/clock.hpp"
#include "io/http/http_client.hpp"
#include "io/l1/beacon_client.hpp"
#include "io/l1/l1_client.hpp"
#include "io/l1/l1_json.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::node::l1 {
namespace {

using Refused = core::Unexpected<std::string>;

/// MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS of the consensus specification.
constexpr std::uint64_t kBlobEpochsKept = 4'096;

/// What one of several endpoints of a kind said of itself.
struct Heard {
  enum class Kind : std::uint8_t { kSilent, kWrong, kRight };
  Kind kind = Kind::kSilent;
  std::string text;  ///< names the endpoint, unless it is the right one
};

/// The option that names the slasher.
constexpr std::string_view kSlasher = "--preconf.slasher";

/// Where a contract is said to be.
struct Place {
  std::string_view name;
  core::Address address;
};

class Probe {
 public:
  Probe(const L1Config& config, const core::Address& slasher)
      : config_(config),
        slasher_(slasher),
        http_(loop_),
        client_(loop_, client_options(config)),
        beacon_(loop_, beacon_options(config)) {}

  core::Result<std::vector<std::string>, std::string> run() {
    if (!config_.blob_servers.empty()) {
      remarks_.emplace_back(
          "--blob.server: that a blob's bytes belong to its commitment is not checked, as the "
          "reference driver does for these servers: name only servers that you trust");
    }
    ask_chain_ids();
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

  /// One endpoint that is wrong is refused, although others are right: it would be asked whenever
  /// these fail. One that says nothing of use is refused when it has no other beside it.
  bool accept(const std::string& option, const std::vector<Heard>& all) {
    bool is_any_right = false;
    for (const Heard& heard : all) {
      is_any_right |= heard.kind == Heard::Kind::kRight;
      if (heard.kind != Heard::Kind::kWrong) continue;
      refuse(option + ": " + heard.text);
      return false;
    }
    if (!is_any_right) {
      refuse(option + ": " + all.front().text);
      return false;
    }
    for (const Heard& heard : all) {
      if (heard.kind == Heard::Kind::kSilent) {
        remarks_.push_back(option + ": " + heard.text + "; the others are asked meanwhile");
      }
    }
    return true;
  }

  /// All at once, so that the silent ones cost one deadline.
  void ask_chain_ids() {
    chains_.resize(config_.http_urls.size());
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      io::HttpCall call;
      call.url = config_.http_urls[i];
      call.headers = {{"Content-Type", "application/json"}};
      call.body = io::l1::rpc_request({io::l1::chain_id_call()}, 0, 1);
      call.connect_timeout = io::l1::kConnectTimeout;
      call.total_timeout = io::l1::kRequestTimeout;
      http_.send(std::move(call), [this, i](const io::HttpResult& result) {
        chains_[i] = chain_heard(config_.http_urls[i], result);
        if (++chains_heard_ == chains_.size() && accept("--l1.http", chains_)) ask_inbox();
      });
    }
  }
  [[nodiscard]] Heard chain_heard(const std::string& url, const io::HttpResult& result) const {
    constexpr unsigned kHttpOk = 200;
    const auto silent = [&url](const std::string& detail) {
      return Heard{Heard::Kind::kSilent, url + ": eth_chainId: " + detail};
    };
    if (result.failure != io::HttpFailure::kNone) {
      return silent(std::string(io::name_of(result.failure)) + " " + result.detail);
    }
    if (result.status != kHttpOk) return silent("HTTP " + std::to_string(result.status));
    io::l1::RpcBatch batch;
    const auto read = batch.append(result.body, 1);
    if (!read) return silent(read.error().message);
    if (!batch.at(0)) return silent(batch.at(0).error().message);
    const auto id = io::l1::chain_id_from(*batch.at(0));
    if (!id) return silent("no number");
    const std::uint64_t want = config_.deployment.l1_chain_id;
    if (*id == want) return Heard{Heard::Kind::kRight, {}};
    return Heard{Heard::Kind::kWrong,
                 url + ": eth_chainId is " + std::to_string(*id) + ", not " + std::to_string(want)};
  }

  /// Its state, and whether there is code at this and the other addresses, all in one block.
  void ask_inbox() {
    const core::protocol::L1Deployment& deployment = config_.deployment;
    const auto& selector = core::protocol::kGetCoreStateSelector;
    places_ = {{"inbox", deployment.inbox}};
    for (const Place& place :
         {Place{"preconf_whitelist", deployment.preconf_whitelist},
          Place{"lookahead_store", deployment.lookahead_store}, Place{kSlasher, slasher_}}) {
      if (!place.address.is_zero()) places_.push_back(place);
    }
    std::vector<io::l1::RpcCall> calls{
        io::l1::state_call(deployment.inbox, selector.view(), std::nullopt)};
    for (const Place& place : places_) calls.push_back(io::l1::code_call(place.address));
    client_.call(std::move(calls), [this](auto batch) {
      if (!batch) return refuse("--l1.http: " + batch.error().detail);
      if (take_inbox(*batch) && take_codes(*batch)) ask_clocks();
    });
  }
  bool take_inbox(const io::l1::RpcBatch& batch) {
    const io::l1::RpcAnswer& answer = batch.at(0);
    std::string detail;
    if (answer) {
      const auto data = io::l1::call_data_from(*answer);
      const auto state = core::protocol::read_core_state(data.value_or(core::Bytes{}));
      if (state) {
        core_state_ = *state;
        return true;
      }
      detail = "getCoreState() says nothing of use";
    } else {
      detail = answer.error().message;
    }
    const io::l1::RpcAnswer& code = batch.at(1);
    if (code && io::l1::has_code_from(*code) == false) detail = "there is no contract";
    refuse(no_inbox(detail));
    return false;
  }
  /// Of an address without a contract every log and every answer is missing, in silence: nobody
  /// would be in the schedule.
  bool take_codes(const io::l1::RpcBatch& batch) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const Place& place = places_[i];
      const io::l1::RpcAnswer& answer = batch.at(i + 1);
      const std::string address = core::to_hex0x(place.address.view());
      const std::string where = std::string(place.name) + ": no contract at " + address +
                                " on L1 chain id " + std::to_string(config_.deployment.l1_chain_id);
      const auto has_code = answer ? io::l1::has_code_from(*answer) : std::nullopt;
      if (!has_code) {
        remarks_.push_back("--l1.http: eth_getCode: " +
                           (answer ? std::string("not code") : answer.error().message) +
                           ": that there is a contract at " + address + " was not tried");
      } else if (!*has_code && place.name == kSlasher) {
        remarks_.push_back(where + ": nobody answers for what is promised under that name");
      } else if (!*has_code) {
        refuse("--l1.deployment: " + where);
        return false;
      }
    }
    return true;
  }
  [[nodiscard]] std::string no_inbox(const std::string& detail) const {
    return "--shasta.inbox: no inbox at " + core::to_hex0x(config_.deployment.inbox.view()) +
           " on L1 chain id " + std::to_string(config_.deployment.l1_chain_id) + ": " + detail;
  }

  /// All at once, too.
  void ask_clocks() {
    clocks_.resize(config_.beacon_urls.size());
    for (std::size_t i = 0; i < clocks_.size(); ++i) {
      io::l1::BeaconClientOptions options = beacon_options(config_);
      options.beacon_urls = {config_.beacon_urls[i]};
      beacons_.push_back(std::make_unique<io::l1::BeaconClient>(loop_, std::move(options)));
      beacons_.back()->read_clock([this, i](auto clock) {
        clocks_[i] = clock ? clock_heard(config_.beacon_urls[i], *clock)
                           : Heard{Heard::Kind::kSilent, clock.error()};
        if (++clocks_heard_ == clocks_.size() && accept("--l1.beacon", clocks_)) {
          ask_newest_proposal();
        }
      });
    }
  }
  [[nodiscard]] Heard clock_heard(const std::string& url,
                                  const core::protocol::EpochClock& clock) const {
    const core::protocol::EpochClock& want = config_.deployment.clock;
    if (clock == want) return Heard{Heard::Kind::kRight, {}};
    const auto text = [](const core::protocol::EpochClock& of) {
      return "genesis " + std::to_string(of.genesis.value) + ", slots of " +
             std::to_string(of.slot_seconds) + " s, " + std::to_string(of.slots_per_epoch) +
             " to the epoch";
    };
    return Heard{Heard::Kind::kWrong,
                 url + ": " + text(clock) + "; the deployment has " + text(want)};
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
  const core::Address slasher_;
  io::EventLoop loop_;
  io::HttpClient http_;
  io::l1::L1Client client_;
  io::l1::BeaconClient beacon_;
  std::vector<std::unique_ptr<io::l1::BeaconClient>> beacons_;  ///< one each
  std::vector<Heard> chains_;                                   ///< in the order of the options
  std::size_t chains_heard_ = 0;
  std::vector<Heard> clocks_;
  std::size_t clocks_heard_ = 0;
  std::vector<Place> places_;
  core::protocol::CoreState core_state_;
  std::optional<std::string> refusal_;
  std::vector<std::string> remarks_;
};

}  // namespace

core::Result<std::vector<std::string>, std::string> probe(const L1Config& config,
                                                          const core::Address& slasher) {
  return Probe(config, slasher).run();
}

}  // namespace preconf::node::l1
