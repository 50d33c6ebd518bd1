#include "replay/evidence/export.hpp"

#include <fmt/format.h>

#include "core/crypto/hash.hpp"
#include "replay/assets.hpp"
#include "replay/audit/canonical_json.hpp"
#include "replay/evidence/claim.hpp"
#include "replay/evidence/collect.hpp"
#include "replay/evidence/decoded.hpp"
#include "replay/evidence/on_chain.hpp"
#include "replay/evidence/readme.hpp"
#include "replay/evidence/record_view.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/data_directory.hpp"
#include "storage/high_water_mark.hpp"

namespace preconf::replay::evidence {
namespace {

namespace ev = core::events;
using core::Seq;
using core::protocol::CommitmentFacts;

std::string kind_text(const core::Event& event) { return core::name_of(core::kind_of(event.body)); }

class Exporter {
 public:
  Exporter(const History& history, const audit::AuditReport& report, const audit::Finding& finding)
      : history_(history) {
    claim_.taxonomy = report.taxonomy;
    claim_.finding = finding;
    claim_.log = report.log;
    claim_.missing = finding.missing;
  }

  core::Result<Files, std::string> run() {
    auto collected = collect(history_, claim_.finding);
    if (!collected) return core::Unexpected{collected.error()};
    claim_.schedule = collected->schedule;
    claim_.l1 = collected->l1;
    for (const std::string& name : collected->missing) claim_.missing.push_back(name);
    add_records(*collected);
    add_commitments(*collected);
    for (const PathPlan& plan : plan_paths(history_, *collected, claim_.log.last)) {
      if (!add_path(plan)) return core::Unexpected{std::string("the log can not be read")};
    }
    add_contents(*collected);
    add_high_water();
    fill_on_chain(claim_, chain_, accused_ ? &*accused_ : nullptr, parent_ ? &*parent_ : nullptr);
    files_[kClaimFile] = bytes_of(audit::canonical_json(claim_) + "\n");
    files_["README.txt"] = bytes_of(readme_of(claim_));
    files_["verify.py"] = bytes_of(assets::evidence_verifier);
    files_["verify_records.py"] = bytes_of(assets::evidence_verifier_records);
    files_["verify_l1.py"] = bytes_of(assets::evidence_verifier_l1);
    seal(files_);
    return std::move(files_);
  }

 private:
  void add_records(const Collected& collected) {
    for (const auto& [seq, why] : collected.records) {
      auto record = history_.events->record(seq);
      const auto decoded = record ? std::optional(schemas::decode_record(*record)) : std::nullopt;
      if (!decoded || !*decoded) {
        claim_.missing.push_back("record of event " + std::to_string(seq.value));
        continue;
      }
      const core::Event& event = (*decoded)->event;
      if (const auto* genesis = std::get_if<ev::GenesisRecorded>(&event.body)) {
        chain_ = genesis->chain;
        claim_.slasher = genesis->network.slasher_address;
      }
      const std::string file = fmt::format("records/{}.bin", seq.value);
      files_[file] = std::move(*record);
      claim_.records.push_back({seq, file, kind_text(event), why});
      events_.emplace(seq, event);
    }
  }

  void add_commitments(const Collected& collected) {
    for (const auto& [role, seq] : collected.commitments) {
      const auto event = events_.find(seq);
      if (event == events_.end()) continue;
      const auto& received = std::get<ev::CommitmentReceived>(event->second.body);
      const std::string stem = fmt::format("commitments/{}-{}", role, seq.value);
      files_[stem + ".bin"] = received.raw;
      files_[stem + ".json"] = bytes_of(decoded_json(received.raw, claim_.log.signing_domain));
      claim_.commitments.push_back({role, seq, stem + ".bin", stem + ".json"});
      if (role == "accused" && !accused_) accused_ = received.facts;
      const bool is_parent =
          accused_ && received.facts.preconf_hash == accused_->parent_preconf_hash;
      if (is_parent) parent_ = received.facts;
    }
  }

  bool add_path(const PathPlan& plan) {
    auto reader = history_.events->read(plan.from);
    storage::LoggedEvent logged;
    core::Bytes stubs;
    PathRef path;
    path.anchor = plan.anchor;
    path.from = plan.from;
    while (path.to < plan.to) {
      const auto more = reader->next_into(logged);
      if (!more || !*more) break;
      const auto record = history_.events->record(logged.event.seq);
      const auto stub = record ? stub_of(*record) : std::nullopt;
      if (!stub) return false;
      if (path.records == 0) {
        const auto decoded = schemas::decode_record(*record);
        if (!decoded) return false;
        path.prev_chain = decoded->prev_chain;
      }
      append_stub(stubs, *stub);
      path.to = logged.event.seq;
      path.chain = logged.chain;
      ++path.records;
    }
    if (path.records == 0) return false;
    path.seqs_to_log_end = core::distance(path.to, claim_.log.last);
    path.file = fmt::format("chain/{}-{}.stubs", path.from.value, path.to.value);
    files_[path.file] = std::move(stubs);
    claim_.paths.push_back(path);
    return true;
  }

  void add_contents(const Collected& collected) {
    for (const auto& [hash, what] : collected.contents) {
      const std::string name = core::to_hex(hash.view());
      const auto bytes = history_.events->content(hash);
      if (bytes == nullptr) {
        claim_.missing.push_back(what + " 0x" + name);
        continue;
      }
      const std::string file = "content/" + name + ".bin";
      files_[file] = *bytes;
      claim_.contents.push_back({hash, what, file});
    }
  }

  void add_high_water() {
    std::error_code error;
    if (!std::filesystem::is_directory(history_.path, error)) return;
    if (const auto mark = storage::read_mark(history_.path / storage::kHighWaterFile)) {
      claim_.high_water = mark->position.seq;
    }
  }

  const History& history_;
  Claim claim_;
  Files files_;
  std::map<Seq, core::Event> events_;
  core::protocol::ChainProfile chain_;
  std::optional<CommitmentFacts> accused_;
  std::optional<CommitmentFacts> parent_;
};

}  // namespace

std::string short_id(const audit::Finding& finding) {
  return core::to_hex(core::crypto::sha256(bytes_of(finding.id)).view()).substr(0, 12);
}

const audit::Finding* find_finding(const audit::AuditReport& report, const std::string& id) {
  for (const audit::Finding& finding : report.findings) {
    if (finding.id == id || short_id(finding) == id) return &finding;
  }
  return nullptr;
}

core::Result<Files, std::string> make_bundle(const History& history,
                                             const audit::AuditReport& report,
                                             const audit::Finding& finding) {
  return Exporter(history, report, finding).run();
}

}  // namespace preconf::replay::evidence
