// Log lines: whatever a field contains, the line stays one line of its format.
#include "node/log.hpp"

#include <gtest/gtest.h>

#include "io/json/json_reader.hpp"

namespace preconf::tests {
namespace {

using node::LogFormat;
using node::log::format_line;

TEST(log_line, logfmt_quotes_only_what_needs_it) {
  EXPECT_EQ(format_line(LogFormat::kLogfmt, "applied", {{"seq", 7U}, {"reason", "none"}}),
            "msg=\"applied\" seq=7 reason=none");
  EXPECT_EQ(format_line(LogFormat::kLogfmt, "m", {{"detail", "two words"}, {"empty", ""}}),
            "msg=\"m\" detail=\"two words\" empty=\"\"");
  EXPECT_EQ(format_line(LogFormat::kLogfmt, "m", {{"a", "x=\"1\"\\"}}),
            "msg=\"m\" a=\"x=\\\"1\\\"\\\\\"");
}

TEST(log_line, an_engine_can_not_forge_lines) {
  const std::string nasty = "bad\nts=now level=error msg=\"forged\"\x1b[31m";
  const std::string line = format_line(LogFormat::kLogfmt, "m", {{"detail", nasty}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_NE(line.find("\\u000a"), std::string::npos);
}

TEST(log_line, json_is_json) {
  const std::string nasty = "q\" b\\ n\n t\t z";
  const std::string text =
      "{" + format_line(LogFormat::kJson, "m\"", {{"detail", nasty}, {"seq", 3U}}) + "}";
  const auto document = io::JsonDocument::parse(text);
  ASSERT_TRUE(document) << text;
  EXPECT_EQ(document->root().get("msg").as_string(), "m\"");
  EXPECT_EQ(document->root().get("detail").as_string(), nasty);
}

}  // namespace
}  // namespace preconf::tests
