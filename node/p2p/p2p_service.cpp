#include "node/p2p/p2p_service.hpp"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "io/clock.hpp"
#include "node/log.hpp"
#include "node/p2p/peer_names.hpp"

namespace preconf::node {
namespace {

namespace events = core::events;
namespace swarm = io::wire::swarm;

/// How often sums are written to the log, and how old what /status shows may
/// be.
constexpr std::chrono::seconds kSumInterval{10};
constexpr std::chrono::seconds kInfoInterval{1};

std::int64_t score_of(const core::Status& status, core::PeerNumber peer) {
  const auto found = std::ranges::find(status.peers, peer, &core::PeerScore::peer);
  return found == status.peers.end() ? 0 : found->score_micro;
}

core::Millis monotonic_millis() { return core::Millis{io::mono_now().value / 1'000'000}; }

io::P2pHostOptions host_options(const P2pConfig& config) {
  io::P2pHostOptions options;
  options.listen_address = config.listen_address;
  options.listen_port = config.listen_port;
  options.advertised = config.advertised;
  options.swarm.network_chain_id = config.chain_id;
  options.swarm.topics = {topic_of(GossipKind::kCommitment, config.chain_id),
                          topic_of(GossipKind::kTxList, config.chain_id)};
  options.swarm.static_peers = config.static_peers;
  options.swarm.static_peers.insert(options.swarm.static_peers.end(), config.bootnodes.begin(),
                                    config.bootnodes.end());
  options.swarm.accepts = config.accepts;
  // Fresh for this key in every life of the process, as the deployed peers do
  // it.
  options.swarm.gossip.first_seqno = io::wall_now().value;
  return options;
}

}  // namespace

bool is_static_peer(const P2pConfig& config, const swarm::PeerConnected& connected) {
  const bool is_outbound = connected.direction == io::wire::Direction::kOutbound;
  return std::any_of(
      config.static_peers.begin(), config.static_peers.end(), [&](const io::wire::Multiaddr& peer) {
        return peer.peer == connected.id || (is_outbound && peer == connected.dialed);
      });
}

P2pService::P2pService(const P2pConfig& config, const io::wire::Identity& identity, Parts parts,
                       const core::State& state)
    : config_(config),
      identity_(identity),
      parts_(std::move(parts)),
      metrics_(parts_.metrics),
      // One worker: gossip keeps its order, lists come before the commitments
      // that name them.
      workers_(std::make_unique<io::WorkerPool>(1, kP2pJobsMax)),
      host_(std::make_unique<io::P2pHost>(
          loop_, host_options(config_), identity_,
          [this](io::wire::SwarmAction event) { on_event(std::move(event)); })),
      ingress_(ingress_parts()),
      server_(server_parts(), state),
      commands_(std::make_unique<PeerCommands>(
          PeerCommands::Parts{loop_, *host_, *workers_, parts_.inputs, ingress_, parts_.log,
                              parts_.network, config_.chain_id})) {
  info_.peer_id = to_text(identity_.peer_id());
}

GossipIngress::Parts P2pService::ingress_parts() {
  return {parts_.inputs,
          *workers_,
          conducts_,
          parts_.network,
          config_.chain_id,
          [this](const io::wire::MessageId& id, io::wire::Verdict verdict) {
            host_->post([id, verdict](io::P2pHost& host) {
              host.swarm().report_validation(id, verdict, host.now());
            });
          },
          [this] { return published(); },
          [] { return monotonic_millis(); }};
}

RequestServer::Parts P2pService::server_parts() {
  return {*workers_,
          conducts_,
          parts_.log,
          [this](io::wire::InboundRef request, core::Bytes body) {
            host_->post([request, body = std::move(body)](io::P2pHost& host) {
              host.swarm().respond(request, body, host.now());
            });
          },
          [this](io::wire::InboundRef request) {
            host_->post([request](io::P2pHost& host) { host.swarm().refuse(request, host.now()); });
          },
          [this] { return published(); }};
}

P2pService::~P2pService() {
  if (thread_.joinable()) {
    std::mutex mutex;
    std::condition_variable down;
    bool is_down = false;
    host_->post([&](io::P2pHost& host) {
      host.shut_down([&] {
        const std::lock_guard lock(mutex);
        is_down = true;
        down.notify_one();
      });
    });
    {
      std::unique_lock lock(mutex);
      down.wait_for(lock, kFarewell, [&is_down] { return is_down; });
    }
    loop_.stop();
    thread_.join();
  }
  workers_.reset();  // its jobs use everything else
}

core::Result<std::string, std::string> P2pService::start() {
  auto listening = host_->start();
  if (!listening) return core::Unexpected{listening.error()};
  std::string address = "-";
  if (*listening) {
    io::wire::Multiaddr full = **listening;
    full.peer = identity_.peer_id();
    address = to_text(full);
    const std::lock_guard lock(mutex_);
    info_.listen_address = to_text(**listening);
  }
  events::NetworkStarted started;
  const core::BytesView id = identity_.peer_id().view();
  started.peer_id.assign(id.begin(), id.end());
  if (*listening) started.address = detail_of(**listening);
  offer(std::move(started));
  loop_.arm(kSumInterval, [this] { flush_sums(); });
  loop_.arm(kInfoInterval, [this] { refresh_info(); });
  thread_ = std::thread([this] { loop_.run(); });
  log::write(log::Level::kInfo, "libp2p", {{"peer", info_.peer_id}, {"address", address}});
  return address;
}

void P2pService::execute(const core::Command& command) {
  host_->post([this, command](io::P2pHost&) { commands_->start(command); });
}

void P2pService::settle(const Settled& settled) {
  if (!settled.decisions.empty()) server_.note(settled);
  if ((settled.request.value & kGossipRequestBit) != 0) ingress_.settle(settled);
}

void P2pService::publish(std::shared_ptr<const io::Published> published) {
  const bool is_changed = published->status.peers != scores_;
  if (is_changed) scores_ = published->status.peers;
  {
    const std::lock_guard lock(mutex_);
    published_ = std::move(published);
  }
  if (!is_changed) return;
  host_->post([scores = scores_](io::P2pHost& host) {
    for (const core::PeerScore& score : scores) {
      host.swarm().set_app_score(ref_of(score.peer), io::wire::Score{score.score_micro});
    }
  });
}

std::shared_ptr<const io::Published> P2pService::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

io::NetworkInfo P2pService::info() const {
  const std::lock_guard lock(mutex_);
  return info_;
}

void P2pService::offer(core::EventBody body) {
  Input input;
  input.body = std::move(body);
  input.lane = core::Lane::kPeer;
  (void)parts_.inputs.offer(std::move(input));
}

void P2pService::on_event(io::wire::SwarmAction event) {
  if (auto* request = std::get_if<swarm::InboundRequest>(&event)) {
    server_.on_request(*request, host_->now());
  } else if (const auto* delivered = std::get_if<io::wire::gossip::Deliver>(&event)) {
    ingress_.on_message(*delivered);
  } else if (auto* response = std::get_if<swarm::Response>(&event)) {
    commands_->on_response(std::move(*response));
  } else if (const auto* connected = std::get_if<swarm::PeerConnected>(&event)) {
    on_connected(*connected);
  } else if (const auto* gone = std::get_if<swarm::PeerDisconnected>(&event)) {
    on_disconnected(*gone);
  } else if (const auto* failed = std::get_if<swarm::DialFailed>(&event)) {
    DialSum& sum = dials_[detail_of(failed->address)];
    sum.kind = kind_of(failed->error);
    ++sum.attempts;
  } else if (const auto* cut = std::get_if<swarm::InboundFailed>(&event)) {
    on_inbound_failed(*cut);
  } else if (const auto* faults = std::get_if<io::wire::gossip::PeerFaults>(&event)) {
    conducts_.count(number_of(faults->peer), faults->counts);
  }
}

void P2pService::on_connected(const swarm::PeerConnected& connected) {
  events::PeerConnected out;
  out.peer = number_of(connected.peer);
  const core::BytesView id = connected.id.view();
  out.peer_id.assign(id.begin(), id.end());
  out.address = detail_of(connected.address);
  const bool is_outbound = connected.direction == io::wire::Direction::kOutbound;
  out.direction = is_outbound ? events::Direction::kOutbound : events::Direction::kInbound;
  out.is_static = is_static_peer(config_, connected);
  introductions_.arrived(std::move(out), host_->now());
  introduce();
}

void P2pService::introduce() {
  while (auto peer = introductions_.next(host_->now())) {
    conducts_.forget(peer->peer);
    offer(*std::move(peer));
  }
}

void P2pService::on_disconnected(const swarm::PeerDisconnected& gone) {
  const core::PeerNumber peer = number_of(gone.peer);
  ingress_.forget(peer);
  server_.forget(peer);
  if (!introductions_.left(peer)) return conducts_.forget(peer);
  conducts_.flush(parts_.inputs, peer);
  offer(events::PeerDisconnected{peer, reason_of(gone.reason)});
}

void P2pService::on_inbound_failed(const swarm::InboundFailed& failed) {
  switch (failed.failure) {
    case io::wire::ExchangeFailure::kFrameTooLarge:
    case io::wire::ExchangeFailure::kFrameLength:
    case io::wire::ExchangeFailure::kCut:
      conducts_.count(number_of(failed.peer), events::PeerConduct::kRequestMalformed);
      break;
    default:
      break;  // a peer may go away at any time
  }
}

void P2pService::flush_sums() {
  for (const auto& [peer, connected] : introductions_.waiting()) conducts_.forget(peer);
  conducts_.flush(parts_.inputs);
  for (const auto& [address, sum] : std::exchange(dials_, {})) {
    offer(events::DialFailed{address, sum.kind, sum.attempts});
  }
  loop_.arm(kSumInterval, [this] { flush_sums(); });
}

void P2pService::refresh_info() {
  introduce();
  const auto seen = published();
  const auto peers = host_->swarm().peers();
  metrics_.show(host_->swarm().counters(), peers, ingress_.pending());
  {
    const std::lock_guard lock(mutex_);
    info_.peers.clear();
    for (const io::wire::PeerSummary& peer : peers) {
      io::NetworkPeer shown;
      shown.number = peer.peer.value;
      shown.peer_id = to_text(peer.id);
      shown.address = to_text(peer.address);
      shown.agent = peer.agent_version;
      shown.is_outbound = peer.direction == io::wire::Direction::kOutbound;
      if (peer.round_trip) shown.round_trip_ms = peer.round_trip->value;
      shown.gossip_score_micro = peer.gossip_score.micro;
      if (seen) shown.score_micro = score_of(seen->status, number_of(peer.peer));
      info_.peers.push_back(std::move(shown));
    }
  }
  loop_.arm(kInfoInterval, [this] { refresh_info(); });
}

}  // namespace preconf::node
