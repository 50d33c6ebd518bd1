// The page as text; tests/audit/page_test.py opens it in a browser.
#include <gtest/gtest.h>

#include "core/codec/base64.hpp"
#include "core/crypto/hash.hpp"
#include "replay/audit/html_report.hpp"
#include "replay/audit/html_text.hpp"
#include "tests/audit/sample_report.hpp"

namespace preconf::tests {
namespace {

using replay::audit::append_html;
using replay::audit::append_script_json;
using replay::audit::AuditReport;
using replay::audit::fill_template;
using replay::audit::HtmlCollector;
using replay::audit::HtmlLimits;
using replay::audit::to_html;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string page(std::uint64_t blocks) {
  HtmlCollector collected;
  const AuditReport report = sample_report(blocks, collected);
  return to_html(report, collected, nullptr);
}

TEST(HtmlText, IsEscaped) {
  std::string out;
  append_html(out, "<a href=\"x\">'&\x01\\");
  EXPECT_EQ(out, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\\u0001\\");
  out.clear();
  append_script_json(out, "{\"a\":\"</script>&\"}");
  EXPECT_EQ(out, "{\"a\":\"\\u003c/script\\u003e\\u0026\"}");
}

TEST(HtmlText, InsertedTextIsNoTemplate) {
  std::string out;
  fill_template(out, "a{{x}}b{{y}}",
                [](std::string& to, std::string_view name) { to += name == "x" ? "{{y}}" : "Y"; });
  EXPECT_EQ(out, "a{{y}}bY");
}

TEST(HtmlReport, HostileTextStaysText) {
  const std::string html = page(100);
  EXPECT_EQ(count(html, "<script"), 2u);
  EXPECT_EQ(count(html, "</script>"), 2u);
  EXPECT_EQ(count(html, "<img"), 0u);
  EXPECT_EQ(count(html, "<!--"), 0u);
  EXPECT_GE(count(html, "&lt;/script&gt;"), 3u) << "gap, trouble and ingress reason are shown";
}

TEST(HtmlReport, NeedsNothingElse) {
  const std::string html = page(100);
  EXPECT_EQ(count(html, "http:"), 0u);
  EXPECT_EQ(count(html, "https:"), 0u);
  EXPECT_EQ(count(html, " src="), 0u + count(html, "img src=x"));
  EXPECT_EQ(count(html, "<link"), 0u);
  EXPECT_EQ(count(html, "url("), 0u);
  EXPECT_EQ(count(html, "default-src 'none'"), 1u);
  const std::size_t begin = html.rfind("<script>") + 8;
  const std::string script = html.substr(begin, html.rfind("</script>") - begin);
  const auto digest = core::crypto::sha256(core::Bytes(script.begin(), script.end()));
  EXPECT_EQ(count(html, "'sha256-" + core::codec::encode_base64(digest.view()) + "'"), 1u);
}

TEST(HtmlReport, SameReportSameBytes) { EXPECT_EQ(page(500), page(500)); }

TEST(HtmlReport, SaysWhichContentIsNotHere) {
  HtmlCollector collected;
  AuditReport report = sample_report(10, collected);
  const std::string term = "<dt>content that is not here</dt><dd>";
  EXPECT_EQ(count(to_html(report, collected, nullptr), term + "none</dd>"), 1u);
  report.coverage.content_removed["redacted"] = 7;
  report.coverage.content_removed["lost"] = 2;
  EXPECT_EQ(count(to_html(report, collected, nullptr), term + "2 lost, 7 redacted</dd>"), 1u);
}

TEST(HtmlReport, HasTheEventOfAListThatCameBeforeTheLog) {
  HtmlCollector collected;
  const AuditReport report = sample_report(600, collected);
  EXPECT_EQ(count(collected.rows(), "," + std::to_string(kListBefore) + "]"), 1u);
  EXPECT_EQ(count(collected.rows(), ",null]"), 599u);
  EXPECT_EQ(
      count(to_html(report, collected, nullptr), "\"list_before\":" + std::to_string(kListBefore)),
      1u)
      << "a block with findings";
}

TEST(HtmlReport, IsBoundedAndSaysWhatItLeavesOut) {
  const std::string html = page(HtmlLimits::kRows + 1'234);
  EXPECT_LT(html.size(), HtmlLimits::kBytes);
  EXPECT_EQ(count(html, "\"rows\":1234"), 1u);
  EXPECT_LT(html.size(), 20u << 20);
  RecordProperty("bytes", static_cast<int>(html.size()));
}

}  // namespace
}  // namespace preconf::tests
