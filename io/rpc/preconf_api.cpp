#include "io/rpc/preconf_api.hpp"

#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "core/protocol/schedule.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "io/metrics/metrics.hpp"
#include "io/rpc/publish.hpp"
#include "io/rpc/status_json.hpp"

namespace preconf::io {
namespace {

constexpr unsigned kOk = 200;
constexpr unsigned kUnavailable = 503;

/// {"<name>":<healthy>,"reasons":[...]} with 200 or 503.
HttpResponse health_page(std::string_view name, const std::vector<std::string>& reasons) {
  JsonWriter json;
  json.begin_object().key(name).boolean(reasons.empty());
  json.key("reasons").begin_array();
  for (const std::string& reason : reasons) json.text(reason);
  json.end_array().end_object();
  return {.status = reasons.empty() ? kOk : kUnavailable, .body = json.take()};
}

std::string publish_result(const PublishChecked& checked, const PublishOutcome& outcome) {
  JsonWriter json;
  json.begin_object();
  if (!checked.commitment_hash.is_zero()) {
    json.key("commitmentHash").data(checked.commitment_hash.view());
  }
  json.key("txListHash").data(checked.tx_list_hash.view());
  json.key("verdict").text(name_of(outcome.admission.verdict));
  json.key("seq").number(outcome.seq.value);
  json.end_object();
  return json.take();
}

std::string refusal_data(const PublishOutcome& outcome) {
  JsonWriter json;
  json.begin_object().key("verdict").text(name_of(outcome.admission.verdict));
  json.key("reason").text(name_of(outcome.admission.reason));
  json.key("seq").number(outcome.seq.value).end_object();
  return json.take();
}

void answer_publish(PublishMethod method, const PublishChecked& checked,
                    const core::Hash32& preconf_hash,
                    const core::Result<SubmitAnswer, SubmitRefusal>& answer,
                    const RpcReply& reply) {
  if (!answer) {
    reply.error(preconf_code::kInternal, name_of(answer.error()));
    return;
  }
  const PublishOutcome outcome = outcome_of(method, *answer, preconf_hash, checked.tx_list_hash);
  if (outcome.admission.refusal) {
    reply.error(outcome.admission.refusal->code, outcome.admission.refusal->message,
                refusal_data(outcome));
  } else {
    reply.result(publish_result(checked, outcome));
  }
}

/// Who may sign at a timestamp, or why nobody is known (preconf.md 5.5, 9.2).
core::Result<core::protocol::Window, PreconfError> window_at(const core::protocol::Schedule* table,
                                                             core::UnixSeconds timestamp) {
  if (table == nullptr || table->windows.empty()) {
    return core::Unexpected{PreconfError{preconf_code::kLookaheadUnavailable,
                                         "lookahead unavailable: no schedule known"}};
  }
  if (timestamp <= table->windows.front().start || timestamp > table->windows.back().end) {
    return core::Unexpected{
        PreconfError{preconf_code::kInvalidParams, timestamp <= table->windows.front().start
                                                       ? "timestamp is before the known schedule"
                                                       : "timestamp is after the known schedule"}};
  }
  const auto index = core::protocol::find_window(*table, timestamp);
  if (!index || table->windows[*index].committer.is_zero()) {
    return core::Unexpected{PreconfError{preconf_code::kLookaheadUnavailable,
                                         "lookahead unavailable: nobody owns this timestamp"}};
  }
  return table->windows[*index];
}

}  // namespace

struct PreconfApi::Impl {
  Impl(EventLoop& loop, PreconfBackend& node, PreconfApiOptions given)
      : backend(node),
        options(std::move(given)),
        server(loop, options.rpc),
        workers(options.verify_threads, options.verify_queue_max) {
    add_publish("preconf_publishBlock", PublishMethod::kBlock);
    add_publish("preconf_publishCommitment", PublishMethod::kCommitment);
    add_publish("preconf_publishTxList", PublishMethod::kTxList);
    add_reads();
    add_pages();
    server.add_topic("heads");
    server.add_topic("proposals");
    server.add_topic("decisions");
    server.enable_subscriptions("preconf_subscribe", "preconf_unsubscribe", "preconf_subscription");
  }

  void add_publish(std::string name, PublishMethod method) {
    server.add_method(std::move(name), [this, method](const RpcCall& call, const RpcReply& reply) {
      // The copy of the call holds the document that the parameters are in.
      if (!workers.submit([this, method, call, reply] { publish(method, call, reply); })) {
        reply.error(preconf_code::kInternal, "busy: too many submissions wait for verification");
      }
    });
  }

  /// On a worker thread.
  void publish(PublishMethod method, const RpcCall& call, const RpcReply& reply) {
    auto checked = check_publish(method, call.params, backend.network());
    if (!checked) {
      const PublishRefusal& refusal = checked.error();
      if (!refusal.reason.empty()) backend.count_refused(refusal.reason, refusal.sample);
      reply.error(refusal.error.code, refusal.error.message);
      return;
    }
    Submission submission = std::move(checked->submission);
    submission.source_id = call.connection.value;
    core::Hash32 preconf_hash;
    if (submission.commitment) preconf_hash = submission.commitment->facts.preconf_hash;
    // Nothing of this object is in the callback: it may come after the API is gone.
    backend.submit(std::move(submission),
                   [method, shown = std::move(checked).value(), preconf_hash,
                    reply](const core::Result<SubmitAnswer, SubmitRefusal>& answer) {
                     answer_publish(method, shown, preconf_hash, answer, reply);
                   });
  }

  /// A method answered from the published state.
  template <class Read>
  void add_read(std::string name, Read read) {
    server.add_method(std::move(name), [this, read](const RpcCall& call, const RpcReply& reply) {
      const auto published = backend.published();
      if (!published) {
        reply.error(preconf_code::kInternal, "not ready: no state published yet");
        return;
      }
      read(*published, call, reply);
    });
  }

  void add_reads() {
    add_read(
        "preconf_getStatus", [this](const Published& now, const RpcCall&, const RpcReply& reply) {
          const core::TipError error = api_status_error(now.status, options.event_sync);
          if (error != core::TipError::kNone) {
            reply.error(preconf_code::kInternal, name_of(error));
          } else {
            reply.result(api_status_json(now.status, backend.network_info(), options.event_sync));
          }
        });
    add_read("preconf_tip", [](const Published& now, const RpcCall&, const RpcReply& reply) {
      const core::Tip& tip = now.status.preconf_tip;
      if (tip.error != core::TipError::kNone) {
        reply.error(preconf_code::kInternal, name_of(tip.error));
      } else {
        reply.result("\"" + core::to_quantity(tip.number.value) + "\"");
      }
    });
    add_read("preconf_canonicalProposalId",
             [](const Published& now, const RpcCall&, const RpcReply& reply) {
               reply.result(std::to_string(now.status.canonical_proposal.value));
             });
    add_read("preconf_status", [this](const Published& now, const RpcCall&, const RpcReply& reply) {
      reply.result(status_text(now));
    });
    add_read("preconf_getPreconfSlotInfo",
             [](const Published& now, const RpcCall& call, const RpcReply& reply) {
               slot_info(now, call, reply);
             });
  }

  [[nodiscard]] std::string status_text(const Published& now) const {
    return status_json(
        now, {backend.network_info(), backend.l1_scan(), options.version, options.event_sync});
  }

  static void slot_info(const Published& now, const RpcCall& call, const RpcReply& reply) {
    const auto timestamp = as_lenient_u256(call.first_param());
    if (!timestamp || call.params.size() != 1) {
      reply.error(preconf_code::kInvalidParams, "Invalid params: exactly one timestamp expected");
      return;
    }
    if (!timestamp->fits_u64()) {
      reply.error(preconf_code::kLookaheadUnavailable, "timestamp does not fit u64");
      return;
    }
    const auto window = window_at(now.schedule.get(), core::UnixSeconds{timestamp->low_u64()});
    if (!window) {
      reply.error(window.error().code, window.error().message);
      return;
    }
    JsonWriter json;
    json.begin_object().key("signer").data(window->committer.view());
    json.key("submissionWindowEnd").quantity(window->end.value).end_object();
    reply.result(json.take());
  }

  void add_pages() {
    server.add_page("/livez", [this] { return health_page("alive", backend.liveness().reasons); });
    server.add_page("/readyz", [this] {
      return health_page("ready", not_ready_reasons(backend.published().get(), backend.l1_scan()));
    });
    server.add_page("/status", [this]() -> HttpResponse {
      const auto published = backend.published();
      if (!published) return health_page("ready", {"no_state"});
      return {.body = status_text(*published)};
    });
    server.add_page("/metrics", [this]() -> HttpResponse {
      return {.body = options.metrics == nullptr ? std::string() : options.metrics->text(),
              .content_type = "text/plain; version=0.0.4; charset=utf-8"};
    });
  }

  PreconfBackend& backend;
  const PreconfApiOptions options;
  JsonRpcServer server;
  /// Tells subscribers of `topic`, unless `members` (a JSON object) is what they were told last.
  void notify_if_changed(std::string_view topic, core::Seq seq, std::string members) {
    {
      const std::scoped_lock lock(told_mutex);
      std::string& last = told[topic];
      if (members == last) return;
      last = members;
    }
    // The sequence number goes in front of the members.
    members.replace(0, 1, "{\"seq\":" + std::to_string(seq.value) + ",");
    server.notify(std::string(topic), std::make_shared<const std::string>(std::move(members)));
  }

  std::mutex told_mutex;
  std::map<std::string_view, std::string> told;  ///< by topic, which is a literal; guarded
  WorkerPool workers;                            ///< destroyed first: its jobs use everything above
};

PreconfApi::PreconfApi(EventLoop& loop, PreconfBackend& backend, PreconfApiOptions options)
    : impl_(std::make_unique<Impl>(loop, backend, std::move(options))) {}
PreconfApi::~PreconfApi() = default;

core::Result<std::uint16_t, std::string> PreconfApi::start() { return impl_->server.start(); }

void PreconfApi::stop() { impl_->server.stop(); }

void PreconfApi::publish_status(const core::Status& status) {
  if (!impl_->server.has_subscribers()) return;
  impl_->notify_if_changed("heads", status.last_seq, heads_json(status, impl_->options.event_sync));
  if (status.l1) impl_->notify_if_changed("proposals", status.last_seq, proposals_json(status));
}

void PreconfApi::publish_decisions(core::Seq seq, std::span<const core::Decision> decisions) {
  if (decisions.empty() || !impl_->server.has_subscribers()) return;
  impl_->server.notify("decisions",
                       std::make_shared<const std::string>(decisions_json(seq, decisions)));
}

const char* name_of(SubmitRefusal refusal) {
  switch (refusal) {
    case SubmitRefusal::kBusy:
      return "busy";
    case SubmitRefusal::kShuttingDown:
      return "shutting_down";
  }
  return "unknown";
}

}  // namespace preconf::io
