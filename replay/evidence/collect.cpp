#include "replay/evidence/collect.hpp"

#include <algorithm>
#include <deque>
#include <set>

#include "core/base/hex.hpp"
#include "replay/evidence/collect_l1.hpp"
#include "replay/evidence/predicate.hpp"
#include "replay/first_state.hpp"
#include "schemas/codec/event_codec.hpp"

namespace preconf::replay::evidence {
namespace {

namespace ev = core::events;
using audit::Kind;
using core::Seq;
using core::protocol::CommitmentFacts;

constexpr std::size_t kHeadersMax = 24;
constexpr std::size_t kCandidatesMax = 1'024;

/// One pass over the log.
class Collector {
 public:
  Collector(const History& history, const audit::Finding& finding)
      : history_(history), finding_(finding) {}

  core::Result<Collected, std::string> run() {
    read_accused();
    auto reader = history_.events->read(Seq{1});
    storage::LoggedEvent logged;
    while (true) {
      const auto more = reader->next_into(logged);
      // What lies behind damage can not be evidence; what lies before it can.
      if (!more || !*more) break;
      note(logged.event);
    }
    finish();
    return std::move(out_);
  }

 private:
  /// Events that the finding names.
  void read_accused() {
    for (const Seq seq : finding_.seqs) {
      const auto record = history_.events->record(seq);
      if (!record) {
        miss_record(seq);
        continue;
      }
      const auto decoded = schemas::decode_record(*record);
      if (!decoded) continue;
      keep(seq, "shows the finding");
      const auto* received = std::get_if<ev::CommitmentReceived>(&decoded->event.body);
      if (received == nullptr) continue;
      const CommitmentFacts& facts = received->facts;
      const bool is_named =
          facts.signer == finding_.signer && facts.window_end == finding_.window_end &&
          facts.block_number == finding_.block_number &&
          (!finding_.preconf_hash || facts.preconf_hash == *finding_.preconf_hash);
      add_commitment(is_named ? "accused" : "counter", seq);
      if (!is_named) continue;
      if (accused_seq_.value == 0) accused_seq_ = seq;
      timestamp_ = facts.timestamp;
      parents_.insert(facts.parent_preconf_hash);
      if (!facts.raw_tx_list_hash.is_zero()) {
        out_.contents[facts.raw_tx_list_hash] = "transaction list";
      }
    }
  }

  void note(const core::Event& event) {
    if (event.seq.value == 1) keep(event.seq, "the rules and the signing domain");
    follows_l1_ |= std::holds_alternative<ev::L1DeploymentRecorded>(event.body);
    if (const auto* table = std::get_if<ev::ScheduleConfigured>(&event.body)) {
      note_schedule(event.seq, table->schedule);
    } else if (const auto* received = std::get_if<ev::CommitmentReceived>(&event.body)) {
      note_commitment(event.seq, received->facts);
    } else if (finding_.block_number &&
               (finding_.kind == Kind::kL1Contradiction || finding_.kind == Kind::kReorg)) {
      note_engine(event);
    } else if (const auto* gap = std::get_if<ev::LogGapRecorded>(&event.body)) {
      if (finding_.kind == Kind::kLogGap && gap->from == finding_.from) {
        keep(event.seq, "records the gap");
      }
    }
  }

  /// The table in force when the commitment came, or the first later one that covers its time.
  void note_schedule(Seq seq, const core::protocol::Schedule& schedule) {
    if (core::protocol::check_schedule(schedule) != core::protocol::ScheduleDefect::kNone) return;
    const bool covers = core::protocol::find_window(schedule, timestamp_).has_value();
    if (accused_seq_.value == 0 || !covers) return;
    if (!out_.schedule || seq < accused_seq_) out_.schedule = seq;
  }

  void note_commitment(Seq seq, const CommitmentFacts& facts) {
    if (facts.defect != core::protocol::CommitmentDefect::kNone) return;
    if (parents_.contains(facts.preconf_hash) && !found_parents_.contains(facts.preconf_hash)) {
      found_parents_.insert(facts.preconf_hash);
      add_commitment("parent", seq);
    }
    if (finding_.kind != Kind::kMissingEop || seq > finding_.first_seq) return;
    if (facts.signer == finding_.signer && facts.window_end == finding_.window_end) {
      of_window_.emplace(facts.preconf_hash, seq);
    } else if (facts.window_end > *finding_.window_end) {
      candidates_.emplace_back(seq, facts.parent_preconf_hash);
      if (candidates_.size() > kCandidatesMax) candidates_.pop_front();
    }
  }

  void note_engine(const core::Event& event) {
    const core::BlockNumber number = *finding_.block_number;
    const auto boundary = confirmed_in(event);
    if (!is_confirmed_ && boundary && *boundary >= number) {
      is_confirmed_ = true;
      keep(event.seq, "shows that the height is confirmed");
    }
    for (const auto& header : headers_in(event)) {
      const bool is_near = header.number == number || header.number == core::next(number);
      if (!is_near || headers_.size() >= kHeadersMax) continue;
      if (!headers_.insert(header.hash).second) continue;
      keep(event.seq, "header of block " + std::to_string(header.number.value));
      const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
      if (const auto* taken = std::get_if<ev::PayloadTaken>(&answer->result)) {
        out_.contents[taken->payload.hash] =
            "payload of block " + core::to_hex0x(header.hash.view());
      }
    }
  }

  void finish() {
    for (const auto& [seq, parent] : candidates_) {
      const auto found = of_window_.find(parent);
      if (found == of_window_.end()) continue;
      add_commitment("counter", seq);
      const bool is_accused = std::any_of(
          out_.commitments.begin(), out_.commitments.end(),
          [&](const Role& role) { return role.seq == found->second && role.role == "accused"; });
      if (!is_accused) add_commitment("parent", found->second);
      break;
    }
    if (accused_seq_.value > 0 && !out_.records.contains(Seq{1})) {
      out_.missing.push_back("the record of event 1: the rules and the signing domain");
    }
    const bool has_table_from_l1 = add_l1();
    if (out_.schedule) keep(*out_.schedule, "the schedule");
    if (accused_seq_.value > 0 && !out_.schedule && !has_table_from_l1) {
      out_.missing.push_back("a schedule that covers the commitment's timestamp" +
                             said_by_snapshot());
    }
    for (const core::Hash32& parent : parents_) {
      if (!parent.is_zero() && !found_parents_.contains(parent)) {
        out_.missing.push_back("parent commitment " + core::to_hex0x(parent.view()));
      }
    }
  }

  /// What L1 said. True: the table in force came from there.
  bool add_l1() {
    if (!follows_l1_ && history_.events->base().seq.value == 0) return false;
    std::optional<AccusedAt> accused;
    if (accused_seq_.value > 0) accused = AccusedAt{accused_seq_, timestamp_};
    L1Collected found = collect_l1(history_, finding_, accused);
    for (auto& [seq, why] : found.records) keep(seq, std::move(why));
    out_.contents.merge(found.contents);
    for (std::string& name : found.missing) out_.missing.push_back(std::move(name));
    if (found.decides_schedule) out_.schedule.reset();
    const bool rests_on_l1 = found.decides_schedule || found.claim.landing;
    if (rests_on_l1) out_.l1 = std::move(found.claim);
    return found.decides_schedule;
  }

  void miss_record(Seq seq) {
    const bool is_before = seq <= history_.events->base().seq;
    out_.missing.push_back("the record of event " + std::to_string(seq.value) +
                           (is_before ? ", which came before the first event that is here" : ""));
  }

  /// A snapshot is no part of the chain: whoever makes a folder could put any table into it. So it
  /// shows nothing, but it says which record to look for elsewhere.
  std::string said_by_snapshot() const {
    if (history_.events->base().seq.value == 0) return {};
    const auto first = first_state(history_);
    if (!first) return {};
    const core::State& state = *first->state;
    const auto index = core::protocol::find_window(state.schedule, timestamp_);
    if (!index) return {};
    const core::protocol::Window& window = state.schedule.windows[*index];
    return " (its record came before the first event that is here; the snapshot after event " +
           std::to_string(state.last_seq.value) + ", which no chain hash covers, has version " +
           std::to_string(state.schedule.version) + " and gives the window to " +
           std::to_string(window.end.value) + " to " + core::to_hex0x(window.committer.view()) +
           ")";
  }

  void add_commitment(const char* role, Seq seq) {
    for (const Role& known : out_.commitments) {
      if (known.seq == seq) return;
    }
    if (!keep(seq, std::string("brings the ") + role + " commitment")) return;
    out_.commitments.push_back({role, seq});
  }
  bool keep(Seq seq, std::string why) {
    if (out_.records.size() >= kRecordsMax && !out_.records.contains(seq)) {
      if (!is_cut_)
        out_.missing.push_back("records beyond the first " + std::to_string(kRecordsMax));
      is_cut_ = true;
      return false;
    }
    out_.records[seq] = std::move(why);
    return true;
  }

  const History& history_;
  const audit::Finding& finding_;
  Collected out_;
  Seq accused_seq_;
  core::UnixSeconds timestamp_;
  std::set<core::Hash32> parents_;
  std::set<core::Hash32> found_parents_;
  std::map<core::Hash32, Seq> of_window_;
  std::deque<std::pair<Seq, core::Hash32>> candidates_;
  std::set<core::Hash32> headers_;
  bool follows_l1_ = false;
  bool is_confirmed_ = false;
  bool is_cut_ = false;
};

}  // namespace

core::Result<Collected, std::string> collect(const History& history,
                                             const audit::Finding& finding) {
  return Collector(history, finding).run();
}

std::vector<PathPlan> plan_paths(const History& history, const Collected& collected, Seq end) {
  const std::vector<Seq> snapshots = history.snapshots->list();
  std::vector<PathPlan> plans;
  std::uint64_t total = 0;
  for (const auto& [seq, why] : collected.records) {
    PathPlan plan{seq, Seq{seq.value + kPathRecordsNear}, "none"};
    if (core::distance(seq, end) < kPathRecordsMax) {
      plan = {seq, end, "log_end"};
    } else {
      const auto next = std::lower_bound(snapshots.begin(), snapshots.end(), seq);
      if (next != snapshots.end() && *next <= end && core::distance(seq, *next) < kPathRecordsMax) {
        plan = {seq, *next, "snapshot"};
      }
    }
    if (!plans.empty() && plan.from <= plans.back().to) {
      if (plan.to <= plans.back().to) continue;
      if (total + core::distance(plans.back().to, plan.to) <= kPathRecordsTotalMax) {
        total += core::distance(plans.back().to, plan.to);
        plans.back().to = plan.to;
        plans.back().anchor = plan.anchor;
      }
      continue;
    }
    if (total + core::distance(plan.from, plan.to) > kPathRecordsTotalMax) {
      plan = {seq, seq, "none"};
    }
    total += core::distance(plan.from, plan.to) + 1;
    plans.push_back(plan);
  }
  return plans;
}

}  // namespace preconf::replay::evidence
