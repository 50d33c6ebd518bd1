// One phrase per event.
#include <fmt/format.h>

#include "replay/log_tools.hpp"
#include "replay/phrases.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;

std::string origin_of(const std::optional<core::protocol::OriginRow>& row) {
  if (!row) return "no origin row";
  if (row->l1_block_height.value == 0) return "preconfirmed";
  return fmt::format("from L1 block {}", row->l1_block_height.value);
}

struct ResultPhrase {
  std::string operator()(const ev::HeadsRead& read) const {
    if (!read.latest) return "no latest block";
    return fmt::format("latest {} {}", read.latest->number.value, brief(read.latest->hash));
  }
  std::string operator()(const ev::BlockRead& read) const {
    if (!read.block) return fmt::format("no block {}", read.number.value);
    return fmt::format("block {} {}", read.number.value, brief(read.block->hash));
  }
  std::string operator()(const ev::ForkchoiceAnswered& answer) const {
    return std::string(ev::name_of(answer.status)) + (answer.payload_id ? ", building" : "");
  }
  std::string operator()(const ev::PayloadTaken& taken) const {
    return fmt::format("block {} {}, {}", taken.header.number.value, brief(taken.header.hash),
                       count(taken.transactions, "transaction"));
  }
  std::string operator()(const ev::PayloadJudged& judged) const {
    return ev::name_of(judged.status);
  }
  std::string operator()(const ev::CanonicalRead& read) const {
    if (!read.block) return fmt::format("no block {}", read.number.value);
    return fmt::format("block {} {}, {}", read.number.value, brief(read.block->header.hash),
                       origin_of(read.block->origin));
  }
  std::string operator()(const ev::NonceRead& read) const {
    return fmt::format("nonce {}", read.nonce);
  }
  std::string operator()(const ev::AnchorStateRead& read) const {
    if (!read.anchor) return "no anchor";
    return fmt::format("anchor L1 block {}", read.anchor->value);
  }
  std::string operator()(const ev::BatchFound& found) const {
    if (!found.last_block) return "no certain last block";
    return fmt::format("last block {}", found.last_block->value);
  }
  std::string operator()(const ev::TableWritten&) const { return "done"; }
  std::string operator()(const ev::EngineFailed& failed) const {
    return fmt::format("{} ({}) code {} {}", ev::name_of(failed.kind),
                       ev::name_of(failed.certainty), failed.code, quoted(failed.detail));
  }
};

struct PeerPhrase {
  std::string operator()(const ev::HeadReported& head) const {
    return fmt::format("head {}", head.number.value);
  }
  std::string operator()(const ev::CommitmentsDelivered& delivered) const {
    if (delivered.count == 0) return "no commitments";
    return fmt::format("{}, blocks {}..{}", count(delivered.count, "commitment"),
                       delivered.first.value, delivered.last.value);
  }
  std::string operator()(const ev::TxListDelivered& delivered) const {
    return brief(delivered.hash);
  }
  std::string operator()(const ev::TxListMissing&) const { return "does not have it"; }
  std::string operator()(const ev::PeerFailed& failed) const {
    return fmt::format("{} {}", ev::name_of(failed.kind), quoted(failed.detail));
  }
};

struct Phrase {
  std::string operator()(const ev::GenesisRecorded& genesis) const {
    return fmt::format("chain {}, reducer version {}", genesis.chain.chain_id,
                       genesis.reducer_version);
  }
  std::string operator()(const ev::BootStarted& boot) const {
    return fmt::format("boot {}, program {}, clock error {}", brief(boot.boot_id),
                       quoted(boot.program_version),
                       boot.clock_error_ns ? fmt::format("{} us", *boot.clock_error_ns / 1'000)
                                           : std::string("unknown"));
  }
  std::string operator()(const ev::ShutdownRequested& shutdown) const {
    return fmt::format("signal {}", unsigned{shutdown.signal});
  }
  std::string operator()(const ev::ScheduleConfigured& configured) const {
    return fmt::format("version {}, {}", configured.schedule.version,
                       count(configured.schedule.windows.size(), "window"));
  }
  std::string operator()(const ev::IngressRejected& rejected) const {
    return fmt::format("{} from {}: {}", count(rejected.count, "input"), name_of(rejected.source),
                       quoted(rejected.reason));
  }
  std::string operator()(const ev::L1SyncObserved& l1) const {
    return fmt::format("scanner {}, proposal {}, target block {}",
                       l1.scanner_live ? "live" : "not live", l1.target_proposal.value,
                       l1.target_block ? std::to_string(l1.target_block->value) : "unknown");
  }
  std::string operator()(const ev::CommitmentReceived& received) const {
    const auto& facts = received.facts;
    if (facts.defect != core::protocol::CommitmentDefect::kNone) {
      return std::string("defect ") + core::protocol::name_of(facts.defect);
    }
    return fmt::format("block {} by {}, preconf {}{}", facts.block_number.value,
                       brief(facts.signer), brief(facts.preconf_hash),
                       facts.eop_only() ? ", EOP only" : (facts.eop ? ", EOP" : ""));
  }
  std::string operator()(const ev::TxListReceived& received) const {
    const auto& facts = received.facts;
    if (facts.defect != core::protocol::TxListDefect::kNone) {
      return fmt::format("{} defect {}", brief(facts.hash), core::protocol::name_of(facts.defect));
    }
    return fmt::format("{} {}, {} bytes", brief(facts.hash),
                       count(facts.transactions, "transaction"), facts.compressed_bytes);
  }
  std::string operator()(const ev::TimerFired& fired) const {
    return fmt::format("{} #{}", core::name_of(fired.timer), fired.generation);
  }
  std::string operator()(const ev::EngineAnswered& answer) const {
    return fmt::format("to {}:{} after {} us: {}, {}", answer.command.cause.value,
                       answer.command.ordinal, answer.elapsed_us, alternative_name(answer.result),
                       std::visit(ResultPhrase{}, answer.result));
  }
  std::string operator()(const ev::LogGapRecorded& gap) const {
    if (gap.to < gap.from) {
      return fmt::format("{}: {}", gap.lost_known ? "no event is lost" : "nothing proves the end",
                         quoted(gap.reason));
    }
    return fmt::format("events {}..{}{} are lost: {}", gap.from.value, gap.to.value,
                       gap.lost_known ? "" : " or more", quoted(gap.reason));
  }
  std::string operator()(const ev::ReducerActivated& barrier) const {
    return fmt::format("from version {} to {}", barrier.from_version, barrier.to_version);
  }
  std::string operator()(const ev::NetworkStarted& started) const {
    return "listening on " + quoted(started.address);
  }
  std::string operator()(const ev::PeerConnected& connected) const {
    return fmt::format("peer {} {} {}", connected.peer.value, ev::name_of(connected.direction),
                       quoted(connected.address));
  }
  std::string operator()(const ev::PeerDisconnected& gone) const {
    return fmt::format("peer {}: {}", gone.peer.value, ev::name_of(gone.reason));
  }
  std::string operator()(const ev::DialFailed& failed) const {
    return fmt::format("{} {}: {}", quoted(failed.address), count(failed.attempts, "attempt"),
                       ev::name_of(failed.kind));
  }
  std::string operator()(const ev::PeerReported& reported) const {
    std::string out = fmt::format("peer {}", reported.peer.value);
    for (const ev::ConductCount& one : reported.counts) {
      out += fmt::format(", {} {}", one.count, ev::name_of(one.conduct));
    }
    return out;
  }
  std::string operator()(const ev::PeerAnswered& answer) const {
    return fmt::format("to {}:{} after {} us: {}", answer.command.cause.value,
                       answer.command.ordinal, answer.elapsed_us, summary_of(answer.result));
  }
  std::string operator()(const ev::Published& published) const {
    return fmt::format("to {}:{} after {} us: {}", published.command.cause.value,
                       published.command.ordinal, published.elapsed_us, outcome_of(published));
  }
  std::string operator()(const ev::L1DeploymentRecorded& recorded) const {
    return l1_phrase(recorded);
  }
  std::string operator()(const ev::L1BlockObserved& block) const { return l1_phrase(block); }
  std::string operator()(const ev::L1TagsObserved& tags) const { return l1_phrase(tags); }
  std::string operator()(const ev::BlobReceived& blob) const { return l1_phrase(blob); }
  std::string operator()(const ev::CheckpointReached& reached) const { return l1_phrase(reached); }
  std::string operator()(const ev::L1Answered& answer) const {
    return fmt::format("to {}:{} after {} us: {}", answer.command.cause.value,
                       answer.command.ordinal, answer.elapsed_us, summary_of(answer.result));
  }
  std::string operator()(const ev::IgnorableRecorded& unknown) const {
    return fmt::format("unknown kind {}, which may be ignored", unknown.kind);
  }
};

}  // namespace

std::string summary_of(const core::events::EngineResult& result) {
  return std::string(alternative_name(result)) + ", " + std::visit(ResultPhrase{}, result);
}

std::string summary_of(const core::events::PeerResult& result) {
  return std::string(alternative_name(result)) + ", " + std::visit(PeerPhrase{}, result);
}

std::string outcome_of(const core::events::Published& published) {
  if (published.result != ev::PublishResult::kSent) return ev::name_of(published.result);
  return "sent to " + count(published.peers_reached, "peer");
}

std::string summary_of(const core::EventBody& body) { return std::visit(Phrase{}, body); }

}  // namespace preconf::replay
