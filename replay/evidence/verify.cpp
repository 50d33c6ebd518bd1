#include "replay/evidence/verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/crypto/hash.hpp"
#include "replay/evidence/claim_reader.hpp"
#include "replay/evidence/decoded.hpp"
#include "replay/evidence/l1_schedule.hpp"
#include "replay/evidence/predicate.hpp"
#include "schemas/codec/event_codec.hpp"

namespace preconf::replay::evidence {

const char* name_of(BundleVerdict verdict) {
  switch (verdict) {
    case BundleVerdict::kShown:
      return "shown";
    case BundleVerdict::kNotShown:
      return "not_shown";
    case BundleVerdict::kDamaged:
      return "damaged";
  }
  return "unknown";
}

namespace {

namespace ev = core::events;
using core::Seq;

constexpr std::uint16_t kGapKind = 11;  ///< log_gap_recorded: seqs may jump before it

struct Record {
  Stub stub;
  core::Hash32 prev_chain;
  core::Hash32 chain;
  std::string file;
};

class Verifier {
 public:
  explicit Verifier(const Files& files) : files_(files) {}

  VerifyReport run() {
    report_.seal = seal_of(files_);
    report_.problems = broken_files(files_);
    if (!report_.problems.empty()) return std::move(report_);
    report_.checks.push_back(fmt::format("{} files have their SHA-256", files_.size()));
    const core::Bytes* claim_bytes = file_of(kClaimFile);
    if (claim_bytes == nullptr) return std::move(report_);
    auto claim = read_claim(*claim_bytes);
    if (!claim) {
      fail(std::string(kClaimFile) + ": " + claim.error());
      return std::move(report_);
    }
    claim_ = std::move(claim).value();
    report_.id = claim_.finding.id;
    report_.missing = claim_.missing;
    check_records();
    check_commitments();
    for (const PathRef& path : claim_.paths) check_path(path);
    check_contained();
    check_contents();
    take_l1();
    if (!report_.problems.empty()) return std::move(report_);
    judge();
    return std::move(report_);
  }

 private:
  void fail(std::string problem) { report_.problems.push_back(std::move(problem)); }

  const core::Bytes* file_of(const std::string& name) {
    const auto found = files_.find(name);
    if (found != files_.end()) return &found->second;
    fail(name + ": missing");
    return nullptr;
  }

  void check_records() {
    for (const RecordRef& ref : claim_.records) {
      const core::Bytes* bytes = file_of(ref.file);
      if (bytes == nullptr) continue;
      auto decoded = schemas::decode_record(*bytes);
      if (!decoded) {
        fail(ref.file + ": " + schemas::name_of(decoded.error()));
        continue;
      }
      const auto stub = stub_of(*bytes);
      const bool agrees = stub && stub->payload_hash == decoded->payload_hash &&
                          chain_after(decoded->prev_chain, *stub) == decoded->chain &&
                          decoded->event.seq == ref.seq;
      if (!agrees) {
        fail(ref.file + ": not the record of event " + std::to_string(ref.seq.value));
        continue;
      }
      if (const auto* genesis = std::get_if<ev::GenesisRecorded>(&decoded->event.body)) {
        facts_.has_rules = genesis->network.preconf_domain == claim_.log.signing_domain &&
                           decoded->chain == claim_.log.id;
        if (!facts_.has_rules) fail(ref.file + ": other rules or another log than claimed");
      }
      note_schedule(decoded->event);
      records_[ref.seq] = {*stub, decoded->prev_chain, decoded->chain, ref.file};
      facts_.events.push_back(std::move(decoded->event));
    }
    report_.checks.push_back(fmt::format("{} records have their hashes", records_.size()));
    if (!facts_.has_rules) {
      report_.not_shown.push_back("the signing domain: event 1 of the log is not here");
    }
    if (claim_.schedule && !facts_.schedule) fail(std::string(kClaimFile) + ": no such schedule");
  }

  void note_schedule(const core::Event& event) {
    const auto* table = std::get_if<ev::ScheduleConfigured>(&event.body);
    if (table == nullptr || claim_.schedule != event.seq) return;
    const auto defect = core::protocol::check_schedule(table->schedule);
    if (defect == core::protocol::ScheduleDefect::kNone) facts_.schedule = table->schedule;
  }

  void check_commitments() {
    for (const CommitmentRef& ref : claim_.commitments) {
      const core::Bytes* raw = file_of(ref.file);
      const core::Bytes* decoded = file_of(ref.decoded);
      if (raw == nullptr || decoded == nullptr) continue;
      const auto event = std::find_if(facts_.events.begin(), facts_.events.end(),
                                      [&](const core::Event& one) { return one.seq == ref.seq; });
      const auto* received = event == facts_.events.end()
                                 ? nullptr
                                 : std::get_if<ev::CommitmentReceived>(&event->body);
      if (received == nullptr || received->raw != *raw) {
        fail(ref.file + ": not the bytes that event " + std::to_string(ref.seq.value) + " brought");
        continue;
      }
      const auto facts = core::protocol::verify_commitment(*raw, claim_.log.signing_domain);
      if (facts.defect != core::protocol::CommitmentDefect::kNone) {
        fail(ref.file + ": " + core::protocol::name_of(facts.defect));
        continue;
      }
      if (text_of(*decoded) != decoded_json(*raw, claim_.log.signing_domain)) {
        fail(ref.decoded + ": not what " + ref.file + " decodes to");
        continue;
      }
      report_.checks.push_back(ref.file + " is signed by " + core::to_hex0x(facts.signer.view()));
      facts_.commitments.push_back({ref.role, facts, ref.seq, event->wall});
    }
  }

  void check_path(const PathRef& path) {
    const core::Bytes* bytes = file_of(path.file);
    if (bytes == nullptr) return;
    auto stubs = read_stubs(*bytes);
    if (!stubs || stubs->empty() || stubs->size() != path.records ||
        stubs->front().seq() != path.from || stubs->back().seq() != path.to) {
      fail(path.file + ": not the stubs from event " + std::to_string(path.from.value) + " to " +
           std::to_string(path.to.value));
      return;
    }
    core::Hash32 chain = path.prev_chain;
    std::optional<Seq> last;
    for (const Stub& stub : *stubs) {
      const bool follows = !last || stub.seq() == core::next(*last) ||
                           (stub.kind() == kGapKind && *last < stub.seq());
      const core::Hash32 next = chain_after(chain, stub);
      const auto record = records_.find(stub.seq());
      const bool is_record = record == records_.end() ||
                             (record->second.stub == stub && record->second.chain == next &&
                              record->second.prev_chain == chain);
      if (!follows || !is_record) {
        fail(fmt::format("{}: event {} {}", path.file, stub.seq().value,
                         follows ? "has another record" : "does not follow the one before"));
        return;
      }
      chain = next;
      last = stub.seq();
    }
    const bool is_head = path.anchor != "log_end" || chain == claim_.log.chain;
    if (chain != path.chain || !is_head) {
      fail(path.file + ": does not lead to the chain hash that is claimed");
      return;
    }
    report_.checks.push_back(fmt::format("{}: {} records lead to chain {} at event {} ({})",
                                         path.file, stubs->size(), core::to_hex0x(chain.view()),
                                         path.to.value, path.anchor));
    facts_.paths.push_back(std::move(*stubs));
  }

  /// Every record that the finding rests on is on a path.
  void check_contained() {
    for (const auto& [seq, record] : records_) {
      const bool is_on_path = std::any_of(
          facts_.paths.begin(), facts_.paths.end(), [seq = seq](const std::vector<Stub>& path) {
            const auto at =
                std::lower_bound(path.begin(), path.end(), seq,
                                 [](const Stub& stub, Seq wanted) { return stub.seq() < wanted; });
            return at != path.end() && at->seq() == seq;
          });
      if (!is_on_path) fail(record.file + ": on no path of the chain");
    }
  }

  void check_contents() {
    for (const ContentFile& content : claim_.contents) {
      const core::Bytes* bytes = file_of(content.file);
      if (bytes != nullptr && core::crypto::keccak256(*bytes) != content.hash) {
        fail(content.file + ": another keccak256 than claimed");
      } else if (bytes != nullptr) {
        facts_.contents.emplace(content.hash, bytes);
      }
    }
    if (!claim_.contents.empty()) {
      report_.checks.push_back(
          fmt::format("{} contents have their keccak256", claim_.contents.size()));
    }
  }

  /// What the claim rests on L1: the table around the accused commitment's time, and the landing.
  void take_l1() {
    if (!claim_.l1) return;
    facts_.landing = claim_.l1->landing;
    if (claim_.l1->schedule_facts.empty()) return;
    const auto accused = std::ranges::find_if(
        facts_.commitments, [](const Signed& one) { return one.role == "accused"; });
    if (claim_.schedule || accused == facts_.commitments.end()) {
      fail(std::string(kClaimFile) + ": two schedules, or nobody to apply one to");
      return;
    }
    auto table = schedule_from_l1(*claim_.l1, facts_.events, accused->facts.timestamp);
    if (!table) {
      fail(std::string(kClaimFile) + ": " + table.error());
      return;
    }
    facts_.schedule = std::move(table).value();
    report_.checks.push_back(fmt::format("{} L1 blocks give the schedule around {}",
                                         claim_.l1->schedule_facts.size(),
                                         accused->facts.timestamp.value));
  }

  void judge() {
    PredicateResult result = check_predicate(claim_.finding, facts_);
    report_.verdict = result.holds ? BundleVerdict::kShown : BundleVerdict::kNotShown;
    report_.predicate = std::move(result.text);
    for (std::string& text : result.not_shown) report_.not_shown.push_back(std::move(text));
    if (facts_.paths.size() > 1) {
      report_.not_shown.push_back(
          fmt::format("that the {} paths belong to one log: what lies between them is not here",
                      facts_.paths.size()));
    }
    if (facts_.schedule && !claim_.schedule) {
      report_.not_shown.push_back(
          "that the L1 blocks of the schedule are on L1, and that no other one says otherwise: the "
          "node's L1 endpoint stands for it");
    } else if (facts_.schedule) {
      report_.not_shown.push_back("that the table of event " +
                                  std::to_string(claim_.schedule->value) +
                                  " is the one on L1: the node was configured with it");
    }
  }

  const Files& files_;
  VerifyReport report_;
  Claim claim_;
  std::map<Seq, Record> records_;
  Facts facts_;
};

}  // namespace

VerifyReport verify_bundle(const Files& files) { return Verifier(files).run(); }

}  // namespace preconf::replay::evidence
