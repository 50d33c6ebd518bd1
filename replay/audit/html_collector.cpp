#include "replay/audit/html_collector.hpp"

#include "core/codec/base64.hpp"

namespace preconf::replay::audit {
namespace {

constexpr std::uint64_t kNanosPerMicro = 1'000;

/// A JSON array of numbers and short texts.
class Cells {
 public:
  explicit Cells(std::string& out) : out_(out) {
    if (!out_.empty()) out_ += ',';
    out_ += '[';
  }
  ~Cells() { out_ += ']'; }
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;

  void put(std::uint64_t value) { put_token(std::to_string(value)); }
  void put_signed(std::int64_t value) { put_token(std::to_string(value)); }
  void put_null() { put_token("null"); }
  /// Only for texts that need no escape.
  void put_plain(const std::string& text) { put_token('"' + text + '"'); }
  /// Microseconds from one time to another.
  void put_micros(std::uint64_t from_nanos, std::uint64_t to_nanos) {
    const bool is_negative = to_nanos < from_nanos;
    const std::uint64_t nanos = is_negative ? from_nanos - to_nanos : to_nanos - from_nanos;
    const auto micros = static_cast<std::int64_t>(nanos / kNanosPerMicro);
    put_signed(is_negative ? -micros : micros);
  }
  void put_micros(core::WallNanos from, const std::optional<Moment>& to) {
    if (to) {
      put_micros(from.value, to->wall.value);
    } else {
      put_null();
    }
  }
  template <class Number>
  void put(const std::optional<Number>& number) {
    if (number) {
      put(number->value);
    } else {
      put_null();
    }
  }

 private:
  void put_token(const std::string& token) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    out_ += token;
  }

  std::string& out_;
  bool is_first_ = true;
};

}  // namespace

std::uint64_t HtmlCollector::index_of(const core::Address& signer) {
  return signers_.try_emplace(signer, signers_.size()).first->second;
}

// Order of the cells: BLOCK in page/page.js.
void HtmlCollector::on_block(const BlockLife& life) {
  ++blocks_;
  if (!life.findings.empty()) return;  // in the report, in full
  if (row_count_ >= HtmlLimits::kRows || window_count_ >= HtmlLimits::kWindows) {
    ++rows_not_shown_;
    return;
  }
  ++row_count_;
  Cells cells(rows_);
  cells.put(life.number.value);
  cells.put(window_count_);  // windows follow their blocks
  cells.put(life.timestamp.value);
  cells.put(life.received.seq.value);
  cells.put(life.received.wall.value / kNanosPerMicro);
  cells.put_micros(life.received.wall, life.admitted);
  cells.put_micros(life.received.wall, life.list_received);
  cells.put_micros(life.received.wall, life.executed);
  cells.put_plain(core::name_of(life.decision));
  cells.put_plain(core::name_of(life.reason));
  cells.put_plain(name_of(life.landing));
  cells.put((life.eop ? 1u : 0u) + (life.eop_only ? 2u : 0u));
  cells.put_plain(core::codec::encode_base64(life.preconf_hash.view()).substr(0, 43));
  cells.put(life.list_before);
}

// Order of the cells: WINDOW in page/page.js.
void HtmlCollector::on_window(const WindowSummary& window) {
  if (window_count_ >= HtmlLimits::kWindows) {
    ++windows_not_shown_;
    return;
  }
  ++window_count_;
  Cells cells(windows_);
  cells.put(window.window_end.value);
  cells.put(index_of(window.signer));
  cells.put(window.promises);
  cells.put(window.admitted);
  cells.put(window.executed);
  cells.put(window.late);
  cells.put(window.lists_missing);
  cells.put(window.first_number);
  cells.put(window.last_number);
  cells.put(window.landing.honoured);
  cells.put(window.landing.contradicted);
  cells.put(window.landing.not_landed);
  cells.put(window.landing.unknown);
  cells.put_plain(name_of(window.end.verdict));
  if (window.end.eop_seen) {
    cells.put_signed(window.end.eop_before_end_ms);
  } else {
    cells.put_null();
  }
  cells.put(window.faults);
  cells.put(window.latency.seen.p50);
  cells.put(window.latency.seen.p99);
  cells.put(window.latency.executed.p50);
  cells.put(window.latency.executed.p99);
  cells.put(window.schedule_version);
}

}  // namespace preconf::replay::audit
