#include "replay/whatif/config.hpp"

#include <toml++/toml.h>
#include <charconv>
#include <sstream>

#include "core/protocol/commitment.hpp"
#include "replay/leaf.hpp"
#include "replay/whatif/json_values.hpp"

namespace preconf::replay {
namespace {

using core::Unexpected;

bool read(const std::string& text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}
bool read(const std::string& text, std::uint8_t& out) {
  std::uint64_t wide = 0;
  if (!read(text, wide) || wide > 0xff) return false;
  out = static_cast<std::uint8_t>(wide);
  return true;
}
template <class Tag>
bool read(const std::string& text, core::Strong<Tag>& out) {
  return read(text, out.value);
}
template <std::size_t N>
bool read(const std::string& text, core::FixedBytes<N>& out) {
  const auto bytes = core::fixed_from_hex<N>(text);
  if (bytes) out = *bytes;
  return bytes.has_value();
}

/// Sets the member `name`; an error names what is wrong.
template <class T>
std::string set_member(T& target, const std::string& name, const std::string& text) {
  bool is_known = false;
  bool is_good = false;
  std::string names;
  T::each_field(target, [&](const char* member, auto& value) {
    names += (names.empty() ? "" : ", ") + std::string(member);
    if (name != member) return;
    is_known = true;
    is_good = read(text, value);
  });
  if (!is_known) return "no value " + name + "; there are: " + names;
  return is_good ? "" : "a bad value for " + name;
}

/// Without these contracts L1 says nothing about who may sign.
void silence(core::protocol::L1Deployment& deployment) {
  deployment.lookahead_store = {};
  deployment.preconf_whitelist = {};
}

/// One JSON text for both notations, so that there is one reader.
core::Result<std::string, std::string> json_of_toml(std::string_view text) {
  try {
    const toml::table table = toml::parse(text);
    std::ostringstream out;
    out << toml::json_formatter{table};
    return out.str();
  } catch (const toml::parse_error& error) {
    return Unexpected{"line " + std::to_string(error.source().begin.line) + ": " +
                      std::string(error.description())};
  }
}

}  // namespace

core::Result<RuleChanges, std::string> RuleChanges::parse(std::string_view text) {
  if (text.size() > kRulesFileBytesMax) return Unexpected{std::string("the file is too long")};
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  std::string json(text);
  if (first == std::string_view::npos || text[first] != '{') {
    auto converted = json_of_toml(text);
    if (!converted) return Unexpected{converted.error()};
    json = std::move(converted).value();
  }
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(json).get_object().get(root) != simdjson::SUCCESS) {
    return Unexpected{std::string("not a JSON object")};
  }
  RuleChanges changes;
  for (const auto& section : root) {
    const std::string name(section.key);
    if (name == "schedule") {
      changes.schedule_ = json_schedule(section.value);
      if (!changes.schedule_) return Unexpected{std::string("schedule: version and windows")};
      if (core::protocol::check_schedule(*changes.schedule_) !=
          core::protocol::ScheduleDefect::kNone) {
        return Unexpected{std::string("schedule: windows overlap or are not sorted")};
      }
      simdjson::dom::element overrides;
      if (section.value["override_l1"].get(overrides) == simdjson::SUCCESS &&
          overrides.get_bool().get(changes.overrides_l1_) != simdjson::SUCCESS) {
        return Unexpected{std::string("schedule: override_l1 is true or false")};
      }
      continue;
    }
    simdjson::dom::object members;
    if ((name != "chain" && name != "network") ||
        section.value.get_object().get(members) != simdjson::SUCCESS) {
      return Unexpected{name + ": the sections are chain, network and schedule"};
    }
    for (const auto& member : members) {
      std::string_view value;
      std::uint64_t number = 0;
      const bool is_text = member.value.get_string().get(value) == simdjson::SUCCESS;
      const bool is_number = member.value.get_uint64().get(number) == simdjson::SUCCESS;
      if (!is_text && !is_number) return Unexpected{name + ": neither a number nor text"};
      changes.values_.push_back({name + "." + std::string(member.key),
                                 is_text ? std::string(value) : std::to_string(number)});
    }
  }
  core::protocol::ChainProfile chain;
  core::protocol::NetworkProfile network;
  if (auto error = changes.set(chain, network); !error.empty()) return Unexpected{error};
  for (const Value& value : changes.values_) {
    if (value.path == "network.preconf_domain") changes.domain_ = network.preconf_domain;
  }
  return changes;
}

std::string RuleChanges::set(core::protocol::ChainProfile& chain,
                             core::protocol::NetworkProfile& network) const {
  for (const Value& value : values_) {
    const std::size_t dot = value.path.find('.');
    const std::string name = value.path.substr(dot + 1);
    auto error = value.path.starts_with("chain.") ? set_member(chain, name, value.text)
                                                  : set_member(network, name, value.text);
    if (!error.empty()) return value.path.substr(0, dot) + ": " + error;
  }
  return {};
}

void RuleChanges::apply(core::EventBody& body) const {
  namespace ev = core::events;
  if (auto* genesis = std::get_if<ev::GenesisRecorded>(&body)) {
    set(genesis->chain, genesis->network);
  } else if (auto* configured = std::get_if<ev::ScheduleConfigured>(&body)) {
    if (schedule_) configured->schedule = *schedule_;
  } else if (auto* recorded = std::get_if<ev::L1DeploymentRecorded>(&body)) {
    if (in_place_of_l1() != nullptr) silence(recorded->deployment);
  } else if (auto* received = std::get_if<ev::CommitmentReceived>(&body)) {
    if (domain_) received->facts = core::protocol::verify_commitment(received->raw, *domain_);
  }
}

void RuleChanges::apply(core::State& state) const {
  set(state.chain, state.network);
  if (schedule_) state.schedule = *schedule_;
  if (in_place_of_l1() != nullptr) silence(state.l1_chain.deployment);
}

std::string RuleChanges::refusal(const core::protocol::L1Deployment& deployment) const {
  const bool says_who_signs =
      !deployment.lookahead_store.is_zero() || !deployment.preconf_whitelist.is_zero();
  if (!schedule_ || overrides_l1_ || !says_who_signs) return {};
  return "[schedule]: L1 decides who may sign in this log; override_l1 = true leaves out what L1 "
         "says of it";
}

}  // namespace preconf::replay
