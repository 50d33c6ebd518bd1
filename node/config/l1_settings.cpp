#include "node/config/l1_settings.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>

#include "core/base/hex.hpp"
#include "io/l1/limits.hpp"
#include "node/config/toml_file.hpp"

namespace preconf::node {
namespace {

using Values = std::map<std::string, std::string>;
using Failed = core::Unexpected<std::string>;

std::optional<std::string> take(Values& values, const char* key) {
  const auto found = values.find(key);
  if (found == values.end()) return std::nullopt;
  std::string value = std::move(found->second);
  values.erase(found);
  return value;
}

/// False: the value is there, and not a number.
bool take_number(Values& values, const char* key, std::uint64_t& out) {
  const auto text = take(values, key);
  if (!text) return true;
  const char* const end = text->data() + text->size();
  const auto [last, code] = std::from_chars(text->data(), end, out);
  return code == std::errc{} && last == end;
}

bool take_address(Values& values, const char* key, core::Address& out) {
  const auto text = take(values, key);
  if (!text) return true;
  const auto address = core::fixed_from_hex<20>(*text);
  if (address) out = *address;
  return address.has_value();
}

}  // namespace

core::Result<std::vector<std::string>, std::string> parse_urls(
    std::string_view text, std::initializer_list<std::string_view> schemes) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view url = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const bool is_known = std::any_of(schemes.begin(), schemes.end(), [url](auto scheme) {
      return url.starts_with(scheme) && url.size() > scheme.size();
    });
    if (!is_known) {
      std::string wanted;
      for (const std::string_view scheme : schemes) {
        wanted += (wanted.empty() ? "" : " or ") + std::string(scheme);
      }
      return Failed{"want a URL that begins with " + wanted + ", got \"" + std::string(url) + "\""};
    }
    out.emplace_back(url);
  }
  if (out.empty()) return Failed{"want at least one URL"};
  if (out.size() > io::l1::kEndpointsMax) {
    return Failed{"more than " + std::to_string(io::l1::kEndpointsMax) + " URLs"};
  }
  return out;
}

core::Result<core::protocol::L1Deployment, std::string> read_l1_deployment(
    const std::filesystem::path& file) {
  auto read = read_toml(file);
  if (!read) return Failed{read.error()};
  Values values = std::move(*read);
  const std::string name = file.string() + ": ";
  core::protocol::L1Deployment out;
  if (!values.contains("l1_chain_id")) return Failed{name + "l1_chain_id is missing"};
  if (!values.contains("inbox")) return Failed{name + "inbox is missing"};
  std::string bad;
  const auto check = [&bad](bool is_sound, const char* key) {
    if (!is_sound && bad.empty()) bad = key;
  };
  check(take_number(values, "l1_chain_id", out.l1_chain_id), "l1_chain_id");
  check(take_number(values, "genesis_time", out.clock.genesis.value), "genesis_time");
  check(take_number(values, "slot_seconds", out.clock.slot_seconds), "slot_seconds");
  check(take_number(values, "slots_per_epoch", out.clock.slots_per_epoch), "slots_per_epoch");
  check(take_address(values, "inbox", out.inbox), "inbox");
  check(take_address(values, "preconf_whitelist", out.preconf_whitelist), "preconf_whitelist");
  check(take_address(values, "lookahead_store", out.lookahead_store), "lookahead_store");
  if (!bad.empty()) return Failed{name + bad + ": neither a number nor an address, as it must be"};
  if (!values.empty()) return Failed{name + "unknown key " + values.begin()->first};
  if (out.inbox.is_zero()) return Failed{name + "inbox is zero"};
  if (!core::protocol::is_usable(out.clock)) {
    return Failed{name +
                  "slot_seconds and slots_per_epoch must be positive, an epoch at most a "
                  "day"};
  }
  return out;
}

}  // namespace preconf::node
