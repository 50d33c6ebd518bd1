#include "node/config/chain_file.hpp"

#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string_view>

#include "core/base/hex.hpp"
#include "node/config/toml_file.hpp"

namespace preconf::node {
namespace {

using Values = std::map<std::string, std::string>;

/// Takes the keys out of the table one by one; what is left at the end is unknown.
class Reader {
 public:
  Reader(Values values, std::string file) : values_(std::move(values)), file_(std::move(file)) {}

  void number(const char* key, std::uint64_t max, std::uint64_t& out) {
    const auto text = take(key);
    if (!text) return;
    std::uint64_t value = 0;
    const char* end = text->data() + text->size();
    const auto [last, code] = std::from_chars(text->data(), end, value);
    if (code != std::errc{} || last != end || value > max) {
      fail(std::string(key) + ": want a number up to " + std::to_string(max));
      return;
    }
    out = value;
  }

  template <std::size_t N>
  void hex(const char* key, core::FixedBytes<N>& out) {
    const auto text = take(key);
    if (!text) return;
    const auto value = core::fixed_from_hex<N>(*text);
    if (!value) {
      fail(std::string(key) + ": want " + std::to_string(2 * N) + " hex digits");
      return;
    }
    out = *value;
  }

  [[nodiscard]] bool has(const char* key) const { return values_.contains(key); }
  void fail(const std::string& message) {
    if (error_.empty()) error_ = file_ + ": " + message;
  }
  [[nodiscard]] std::string finish() {
    if (!values_.empty()) fail("unknown key " + values_.begin()->first);
    return error_;
  }

 private:
  std::optional<std::string> take(const char* key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    std::string value = std::move(found->second);
    values_.erase(found);
    return value;
  }

  Values values_;
  std::string file_;
  std::string error_;
};

}  // namespace

core::Result<core::protocol::ChainProfile, std::string> read_chain_file(
    const std::filesystem::path& file) {
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  auto values = read_toml(file);
  if (!values) return core::Unexpected<std::string>{values.error()};
  Reader reader(std::move(*values), file.string());

  core::protocol::ChainProfile chain = core::protocol::chain_profile("devnet").value();
  chain.genesis_hash = {};
  chain.unzen_time = {kAll};
  if (!reader.has("chain_id")) reader.fail("chain_id is missing");
  reader.number("chain_id", kAll, chain.chain_id);
  chain.anchor_address = core::protocol::anchor_address_of(chain.chain_id);
  reader.hex("genesis_hash", chain.genesis_hash);
  reader.number("shasta_time", kAll, chain.shasta_time.value);
  reader.number("unzen_time", kAll, chain.unzen_time.value);
  reader.number("min_base_fee_wei", kAll, chain.min_base_fee_wei);
  reader.number("anchor_lag_max", kAll, chain.anchor_lag_max);
  reader.number("timestamp_lag_max", kAll, chain.timestamp_lag_max);
  std::uint64_t sharing = chain.base_fee_sharing_pctg;
  reader.number("base_fee_sharing_pctg", 100, sharing);
  chain.base_fee_sharing_pctg = static_cast<std::uint8_t>(sharing);
  reader.hex("anchor_address", chain.anchor_address);
  if (std::string error = reader.finish(); !error.empty()) {
    return core::Unexpected<std::string>{std::move(error)};
  }
  return chain;
}

}  // namespace preconf::node
