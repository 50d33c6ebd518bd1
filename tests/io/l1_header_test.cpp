// Headers of L1 are believed when they hash to their name. The vectors are anvil's and mainnet's.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/base/hex.hpp"
#include "io/l1/l1_json.hpp"
#include "tests/support/l1_header_json.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::io::l1 {
namespace {

JsonDocument vectors() {
  std::ifstream file(preconf::tests::tests_dir() + "/vectors/l1_headers.json");
  std::stringstream text;
  text << file.rdbuf();
  auto document = JsonDocument::parse(text.str());
  EXPECT_TRUE(document);
  return std::move(document).value();
}

auto read_text(const std::string& text) {
  const auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document) << text;
  return header_from(document->root());
}

/// The text with `member`'s value changed in its last digit, or taken away.
std::string changed(std::string text, const std::string& member) {
  const std::size_t at = text.find("\"" + member + "\":\"");
  const std::size_t end = text.find('"', at + member.size() + 4) - 1;
  if (text[end] == 'x') return text.insert(end + 1, "01");
  text[end] = text[end] == '1' ? '2' : '1';
  return text;
}
std::string without(std::string text, const std::string& member) {
  text.replace(text.find("\"" + member + "\":"), 2, "\"x");
  return text;
}

std::vector<std::string> members_of(JsonValue header) {
  std::vector<std::string> out;
  header.each_member([&out](std::string_view name, JsonValue value) {
    const bool is_hashed = value.kind() == JsonKind::kString && name != "hash" && name != "size" &&
                           name != "totalDifficulty";
    if (is_hashed) out.emplace_back(name);
    return true;
  });
  return out;
}

TEST(L1Header, HashesOfOtherImplementations) {
  const JsonDocument document = vectors();
  std::size_t count = 0;
  std::size_t with_logs = 0;
  document.root().each_element([&](JsonValue vector) {
    SCOPED_TRACE(std::string(*vector.get("fork").as_string()));
    ++count;
    const JsonValue json = vector.get("header");
    const auto header = header_from(json);
    EXPECT_TRUE(header) << header.error().text;
    if (!header) return true;
    EXPECT_EQ(core::to_hex0x(header->hash.view()), *json.get("hash").as_string());
    EXPECT_EQ(core::to_hex0x(header->parent_hash.view()), *json.get("parentHash").as_string());
    EXPECT_EQ(core::to_hex0x(header->state_root.view()), *json.get("stateRoot").as_string());
    EXPECT_EQ(core::to_quantity(header->timestamp.value), *json.get("timestamp").as_string());
    const auto logs = logs_from(vector.get("logs"));
    EXPECT_TRUE(logs && is_part_of(bloom_of(*logs), header->logs_bloom));
    if (logs && !logs->empty()) ++with_logs;
    return true;
  });
  EXPECT_EQ(count, 13U);
  EXPECT_EQ(with_logs, 8U);
}

TEST(L1Header, AFieldThatIsNotTheHashedOneIsRefusedByName) {
  const JsonDocument document = vectors();
  std::size_t refused = 0;
  document.root().each_element([&](JsonValue vector) {
    const JsonValue json = vector.get("header");
    for (const std::string& member : members_of(json)) {
      const auto read = read_text(changed(json.to_text(), member));
      EXPECT_FALSE(read) << member;
      if (read) continue;
      ++refused;
      EXPECT_EQ(read.error().kind, BadAnswerKind::kFalseHeader) << member;
      EXPECT_NE(read.error().text.find("does not hash to the hash"), std::string::npos);
    }
    const auto renamed = read_text(changed(json.to_text(), "hash"));
    EXPECT_TRUE(!renamed && renamed.error().kind == BadAnswerKind::kFalseHeader);
    return true;
  });
  EXPECT_GT(refused, 200U);
}

TEST(L1Header, AFieldOfAForkThatIsNotKnownIsNamedWhenItIsHashed) {
  const core::codec::Header header;
  const std::string extra = R"(,"blockAccessListHash":"0x01")";
  // Beside the hashed fields nodes may say what they like.
  EXPECT_TRUE(read_text(tests::l1_header_json(header, extra)));
  const auto read = read_text(changed(tests::l1_header_json(header, extra), "hash"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, BadAnswerKind::kFalseHeader);
  EXPECT_NE(read.error().text.find("unknown field blockAccessListHash"), std::string::npos)
      << read.error().text;
}

TEST(L1Header, HeadersThatAreNone) {
  const auto optional = [](const std::string& text) {
    return optional_header_from(JsonDocument::parse(text)->root());
  };
  const auto missing = optional("null");
  ASSERT_TRUE(missing);
  EXPECT_FALSE(*missing);
  const core::codec::Header header;
  for (const char* member : {"number", "hash", "parentHash", "sha3Uncles", "miner", "stateRoot",
                             "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty",
                             "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"}) {
    const auto read = optional(without(tests::l1_header_json(header), member));
    ASSERT_FALSE(read) << member;
    EXPECT_EQ(read.error().kind, BadAnswerKind::kMalformed);
    EXPECT_NE(read.error().text.find(member), std::string::npos) << read.error().text;
  }
  EXPECT_FALSE(optional("[]"));
  // A pending block has no hash.
  EXPECT_FALSE(optional(R"({"number":"0x1","hash":null})"));
}

}  // namespace
}  // namespace preconf::io::l1
