#include "io/rpc/status_json.hpp"

#include "io/json/json_writer.hpp"

namespace preconf::io {

using core::BlockNumber;
using core::BlockRef;

namespace {

void put_ref(JsonWriter& json, std::string_view name, const std::optional<BlockRef>& ref) {
  json.key(name);
  if (!ref) {
    json.null();
    return;
  }
  json.begin_object().key("number").number(ref->number.value);
  json.key("hash").data(ref->hash.view()).end_object();
}

void put_number(JsonWriter& json, std::string_view name, const std::optional<BlockNumber>& number) {
  json.key(name);
  if (number) {
    json.number(number->value);
  } else {
    json.null();
  }
}

/// A number, or the name of the reason why there is none.
void put_tip(JsonWriter& json, std::string_view name, const core::Tip& tip) {
  json.key(name);
  if (tip.error == core::TipError::kNone) {
    json.number(tip.number.value);
  } else {
    json.begin_object().key("error").text(name_of(tip.error)).end_object();
  }
}

void put_heads(JsonWriter& json, const core::Status& status, core::EventSyncSource event_sync) {
  put_ref(json, "unsafe", status.unsafe);
  put_number(json, "promised", status.promised);
  put_ref(json, "safe", status.safe);
  put_ref(json, "finalized", status.finalized);
  put_number(json, "confirmed", status.confirmed);
  put_tip(json, "eventSyncTip", core::event_sync_tip(status, event_sync));
  put_tip(json, "preconfTip", status.preconf_tip);
}

void put_gate(JsonWriter& json, const core::Status& status) {
  json.key("gateOpen").boolean(status.gate_open);
  json.key("gateReason");
  if (status.gate_open) {
    json.null();
  } else {
    json.text(name_of(status.gate_reason));
  }
  json.key("isSyncedWithInbox").boolean(status.synced_with_inbox);
  json.key("canonicalProposalId").number(status.canonical_proposal.value);
  json.key("observedProposalId").number(status.observed_proposal.value);
  json.key("engineFatal").boolean(status.engine_fatal);
}

void put_held(JsonWriter& json, const core::Status& status) {
  json.key("commitmentsHeld").number(status.commitments_held);
  json.key("txListsHeld").number(status.txlists_held);
  json.key("pendingParent").number(status.pending_parent);
  json.key("pendingSchedule").number(status.pending_schedule);
  json.key("awaitingTxList").number(status.awaiting_txlist);
  json.key("engineFailures").number(status.engine_failures);
  json.key("evidenceRecords").number(status.evidence_records);
  json.key("commandsInFlight").number(status.commands_in_flight);
}

void put_schedule(JsonWriter& json, const Published& published) {
  json.key("schedule").begin_object();
  json.key("version").number(published.status.schedule_version);
  json.key("windows").number(published.schedule ? published.schedule->windows.size() : 0);
  json.end_object();
}

void put_ref(JsonWriter& json, const char* name, const std::optional<core::events::L1Ref>& ref) {
  json.key(name);
  if (!ref) {
    json.null();
    return;
  }
  json.begin_object().key("number").number(ref->number.value);
  json.key("hash").data(ref->hash.view()).end_object();
}

void put_id(JsonWriter& json, const char* name, const std::optional<core::ProposalId>& id) {
  json.key(name);
  if (id) {
    json.number(id->value);
  } else {
    json.null();
  }
}

void put_refusal(JsonWriter& json, const std::optional<L1Refusal>& refusal) {
  json.key("refused");
  if (!refusal) {
    json.null();
    return;
  }
  json.begin_object().key("reason").text(name_of(refusal->reason));
  json.key("number").number(refusal->block.number.value);
  json.key("hash").data(refusal->block.hash.view());
  json.key("seq").number(refusal->seq.value);
  json.key("heldBack").number(refusal->held_back).end_object();
}

/// null where nobody follows L1 in this process.
void put_scan(JsonWriter& json, const std::optional<L1ScanInfo>& scan) {
  json.key("scan");
  if (!scan) {
    json.null();
    return;
  }
  json.begin_object().key("head");
  if (scan->head) {
    json.number(scan->head->value);
  } else {
    json.null();
  }
  json.key("waitsFor").text(scan->waits_for);
  json.key("derivationWaitsFor").text(scan->derivation_waits_for);
  put_refusal(json, scan->refusal);
  json.end_object();
}

/// null when L1 is not followed.
void put_l1(JsonWriter& json, const std::optional<core::L1Status>& l1,
            const std::optional<L1ScanInfo>& scan) {
  json.key("l1");
  if (!l1) {
    json.null();
    return;
  }
  json.begin_object().key("live").boolean(l1->is_live);
  put_ref(json, "tip", l1->tip);
  put_ref(json, "finalized", l1->finalized);
  put_id(json, "derivedProposal", l1->derived);
  put_id(json, "derivingProposal", l1->deriving);
  json.key("pendingProposals").number(l1->pending);
  json.key("reorgs").number(l1->reorgs);
  json.key("failures").number(l1->failures);
  json.key("blocked").text(l1->blocked);
  put_scan(json, scan);
  json.end_object();
}

/// null without libp2p.
void put_network(JsonWriter& json, const std::optional<NetworkInfo>& network) {
  json.key("p2p");
  if (!network) {
    json.null();
    return;
  }
  json.begin_object().key("peerId").text(network->peer_id);
  json.key("listenAddress").text(network->listen_address);
  json.key("peers").begin_array();
  for (const NetworkPeer& peer : network->peers) {
    json.begin_object().key("number").number(peer.number);
    json.key("peerId").text(peer.peer_id);
    json.key("address").text(peer.address);
    json.key("direction").text(peer.is_outbound ? "outbound" : "inbound");
    json.key("agent").text(peer.agent);
    json.key("roundTripMs");
    if (peer.round_trip_ms) {
      json.number(*peer.round_trip_ms);
    } else {
      json.null();
    }
    json.key("scoreMicro").number_signed(peer.score_micro);
    json.key("gossipScoreMicro").number_signed(peer.gossip_score_micro);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string status_json(const Published& published, const StatusParts& parts) {
  const core::Status& status = published.status;
  JsonWriter json(2'048);
  json.begin_object();
  json.key("version").text(parts.version);
  json.key("ready").boolean(core::is_ready(status));
  json.key("lastSeq").number(status.last_seq.value);
  json.key("lastWallNanos").number(status.last_wall.value);
  put_heads(json, status, parts.event_sync);
  put_gate(json, status);
  put_schedule(json, published);
  put_held(json, status);
  put_l1(json, status.l1, parts.l1_scan);
  put_network(json, parts.network);
  json.key("waitingOn").begin_array();
  for (const core::Waiting& waiting : status.waiting_on) {
    json.begin_object().key("what").text(waiting.what);
    json.key("hash").data(waiting.hash.view());
    json.key("number").number(waiting.number.value).end_object();
  }
  json.end_array();
  json.key("counters").begin_object();
  for (const core::Counter& counter : status.counters) {
    json.key(counter.name).number(counter.value);
  }
  json.end_object().end_object();
  return json.take();
}

core::TipError api_status_error(const core::Status& status, core::EventSyncSource event_sync) {
  if (status.preconf_tip.error != core::TipError::kNone) return status.preconf_tip.error;
  // A missing head L1 origin is told as null, as deployed drivers do; a missing safe block never.
  if (event_sync == core::EventSyncSource::kHeadL1Origin) return core::TipError::kNone;
  return core::event_sync_tip(status, event_sync).error;
}

std::string api_status_json(const core::Status& status, const std::optional<NetworkInfo>& network,
                            core::EventSyncSource event_sync) {
  JsonWriter json;
  json.begin_object();
  json.key("isSyncedWithInbox").boolean(status.synced_with_inbox);
  json.key("eventSyncTip");
  if (event_sync == core::EventSyncSource::kSafe) {
    json.quantity(status.safe->number.value);
  } else if (status.confirmed) {
    json.quantity(status.confirmed->value);
  } else {
    json.null();
  }
  json.key("preconfTip").quantity(status.preconf_tip.number.value);
  json.key("canonicalProposalId").number(status.canonical_proposal.value);
  json.key("peerCount").number(network ? network->peers.size() : 0);
  json.key("peerId").text(network ? network->peer_id : "");
  json.end_object();
  return json.take();
}

std::string heads_json(const core::Status& status, core::EventSyncSource event_sync) {
  JsonWriter json;
  json.begin_object();
  put_heads(json, status, event_sync);
  json.key("gateOpen").boolean(status.gate_open);
  json.key("isSyncedWithInbox").boolean(status.synced_with_inbox);
  json.end_object();
  return json.take();
}

std::string proposals_json(const core::Status& status) {
  const core::L1Status& l1 = *status.l1;
  JsonWriter json;
  json.begin_object();
  put_id(json, "derived", l1.derived);
  put_id(json, "deriving", l1.deriving);
  json.key("pending").number(l1.pending);
  json.key("observed").number(status.observed_proposal.value);
  json.key("reorgs").number(l1.reorgs);
  put_ref(json, "safe", status.safe);
  put_number(json, "confirmed", status.confirmed);
  put_ref(json, "finalized", status.finalized);
  json.end_object();
  return json.take();
}

std::string decisions_json(core::Seq seq, std::span<const core::Decision> decisions) {
  JsonWriter json(128 + 320 * decisions.size());
  json.begin_object().key("seq").number(seq.value).key("decisions").begin_array();
  for (const core::Decision& decision : decisions) {
    json.begin_object();
    json.key("verdict").text(name_of(decision.verdict));
    json.key("reason").text(name_of(decision.reason));
    json.key("subject").data(decision.subject.view());
    json.key("number").number(decision.number.value);
    json.key("a").number(decision.a);
    json.key("b").number(decision.b);
    json.key("hash").data(decision.hash.view());
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

std::vector<std::string> not_ready_reasons(const Published* published,
                                           const std::optional<L1ScanInfo>& l1_scan) {
  if (published == nullptr) return {"no_state"};
  const core::Status& status = published->status;
  std::vector<std::string> reasons;
  if (core::is_ready(status)) return reasons;
  if (status.engine_fatal) reasons.emplace_back("engine_fatal");
  if (!status.unsafe) reasons.emplace_back("no_head");
  if (!status.gate_open) reasons.emplace_back(name_of(status.gate_reason));
  if (status.engine_failures >= core::kEngineFailuresReadyMax) {
    reasons.emplace_back("engine_failing");
  }
  for (const core::Waiting& waiting : status.waiting_on) {
    if (waiting.what == name_of(status.gate_reason)) continue;
    reasons.push_back("waiting_" + waiting.what);
  }
  // Which L1 can not be followed: the state only says that it is not.
  const bool is_l1_behind = status.l1 && !status.l1->is_live;
  if (is_l1_behind && l1_scan && l1_scan->refusal) {
    reasons.emplace_back(name_of(l1_scan->refusal->reason));
  }
  return reasons;
}

}  // namespace preconf::io
