#include "replay/audit/html_report.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/codec/base64.hpp"
#include "core/crypto/hash.hpp"
#include "replay/assets.hpp"
#include "replay/audit/html_summary.hpp"
#include "replay/audit/html_text.hpp"
#include "replay/json_printer.hpp"
#include "schemas/codec/event_codec.hpp"

namespace preconf::replay::audit {
namespace {

std::string hash_source(std::string_view text) {
  const core::BytesView bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  return "'sha256-" + core::codec::encode_base64(core::crypto::sha256(bytes).view()) + "'";
}

/// The data of the page as one JSON object. Lists come in the order of their weight, and every one
/// stops where the page would become too large.
class PageData {
 public:
  PageData(const AuditReport& report, const HtmlCollector& collected,
           const storage::EventSource* log, std::size_t budget)
      : report_(report), collected_(collected), log_(log), budget_(budget) {}

  std::string make() {
    out_ = "{\"result\":";
    append_quoted(out_, name_of(report_.result));
    put_findings();
    put_signers();
    put_text("windows", collected_.windows(), collected_.windows_not_shown());
    put_text("rows", collected_.rows(), collected_.rows_not_shown());
    put_lives();
    put_raw();
    put_signer_keys();
    out_ += ",\"not_shown\":" + to_json(not_shown_) + "}";
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool has_room(std::size_t bytes) const { return out_.size() + bytes <= budget_; }

  template <class T>
  bool append_item(const T& item, bool& is_first) {
    const std::string json = to_json(item);
    std::string safe;
    append_script_json(safe, json);
    if (!has_room(safe.size() + 1)) return false;
    if (!is_first) out_ += ',';
    is_first = false;
    out_ += safe;
    return true;
  }

  void put_findings() {
    out_ += ",\"findings\":[";
    std::array<std::uint64_t, kKindCount> taken{};
    bool is_first = true;
    std::uint64_t& cut = not_shown_["findings"];
    for (const auto& [kind, counts] : report_.counts) cut += counts.not_listed;
    for (const Finding& finding : report_.findings) {
      auto& count = taken[static_cast<std::size_t>(finding.kind)];
      if (count >= HtmlLimits::kFindingsPerKind || !append_item(finding, is_first)) {
        ++cut;
        continue;
      }
      ++count;
      if (wanted_.size() < HtmlLimits::kLives) {
        wanted_.insert(finding.seqs.begin(), finding.seqs.end());
      }
    }
    out_ += ']';
  }

  void put_signers() {
    out_ += ",\"signers\":[";
    bool is_first = true;
    std::uint64_t count = 0;
    std::uint64_t& cut = not_shown_["signers"];
    cut = report_.signers_not_listed;
    for (const SignerSummary& signer : report_.signers) {
      const bool fits = count < HtmlLimits::kSigners && append_item(signer, is_first);
      ++(fits ? count : cut);
    }
    out_ += ']';
  }

  void put_lives() {
    out_ += ",\"lives\":[";
    bool is_first = true;
    std::uint64_t count = 0;
    std::uint64_t& cut = not_shown_["blocks with findings"];
    cut = report_.blocks_not_listed;
    for (const BlockLife& life : report_.blocks) {
      const bool fits = count < HtmlLimits::kLives && append_item(life, is_first);
      ++(fits ? count : cut);
      if (fits) wanted_.insert(life.received.seq);
    }
    out_ += ']';
  }

  /// Rows that are JSON already: all of them or none.
  void put_text(const char* name, const std::string& text, std::uint64_t not_collected) {
    const bool fits = has_room(text.size());
    out_ += std::string(",\"") + name + "\":[" + (fits ? text : std::string()) + "]";
    std::uint64_t& cut = not_shown_[name];
    cut = not_collected;
    if (!fits) cut += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '['));
  }

  /// The signed bytes of what findings name, by event.
  void put_raw() {
    out_ += ",\"raw\":{";
    std::uint64_t& cut = not_shown_["signed bytes"];
    bool is_first = true;
    for (const core::Seq seq : wanted_) {
      const auto record = log_ == nullptr ? std::nullopt : log_->record(seq);
      if (!record) continue;
      const auto decoded = schemas::decode_record(*record);
      if (!decoded) continue;
      const auto* commitment = std::get_if<core::events::CommitmentReceived>(&decoded->event.body);
      if (commitment == nullptr) continue;
      const std::string text = core::codec::encode_base64(commitment->raw);
      if (!has_room(text.size() + 32)) {
        ++cut;
        continue;
      }
      if (!is_first) out_ += ',';
      is_first = false;
      out_ += '"' + std::to_string(seq.value) + "\":\"" + text + '"';
    }
    out_ += '}';
  }

  void put_signer_keys() {
    std::vector<const core::Address*> keys(collected_.signers().size());
    for (const auto& [signer, index] : collected_.signers()) keys[index] = &signer;
    out_ += ",\"keys\":[";
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) out_ += ',';
      out_ += '"' + core::to_hex0x(keys[i]->view()) + '"';
    }
    out_ += ']';
  }

  const AuditReport& report_;
  const HtmlCollector& collected_;
  const storage::EventSource* log_;
  const std::size_t budget_;
  std::string out_;
  std::set<core::Seq> wanted_;
  std::map<std::string, std::uint64_t> not_shown_;
};

/// Room for what is on the page beside its data: template, summary, keys of signers.
constexpr std::size_t kReserve = 4u << 20;

}  // namespace

std::string to_html(const AuditReport& report, const HtmlCollector& collected,
                    const storage::EventSource* log) {
  const std::string script =
      std::string(assets::audit_page_list_js) + std::string(assets::audit_page_js);
  std::string out;
  fill_template(out, assets::audit_page_html, [&](std::string& page, std::string_view name) {
    if (name == "csp") {
      page += "default-src 'none'; script-src " + hash_source(script) + "; style-src " +
              hash_source(assets::audit_page_css) +
              "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'";
    } else if (name == "style") {
      page += assets::audit_page_css;
    } else if (name == "script") {
      page += script;
    } else if (name == "result") {
      append_html(page, name_of(report.result));
    } else if (name == "identity") {
      append_html_identity(page, report);
    } else if (name == "coverage") {
      append_html_coverage(page, report);
    } else if (name == "totals") {
      append_html_totals(page, report);
    } else if (name == "static") {
      append_html_static_tables(page, report);
    } else if (name == "data") {
      page += PageData(report, collected, log, HtmlLimits::kBytes - kReserve).make();
    }
  });
  return out;
}

}  // namespace preconf::replay::audit
