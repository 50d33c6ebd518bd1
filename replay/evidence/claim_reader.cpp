#include "replay/evidence/claim_reader.hpp"

#include <simdjson.h>

#include <algorithm>

#include "core/base/hex.hpp"

namespace preconf::replay::evidence {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

/// Reads members of one object; remembers the first that is not as it should be.
class Reader {
 public:
  Reader(element object, std::string& error) : object_(object), error_(error) {}

  std::string text(const char* name) {
    std::string_view value;
    if (object_[name].get(value) != simdjson::SUCCESS) fail(name);
    return std::string(value);
  }
  std::uint64_t number(const char* name) {
    std::uint64_t value = 0;
    if (object_[name].get(value) != simdjson::SUCCESS) fail(name);
    return value;
  }
  template <std::size_t N>
  core::FixedBytes<N> fixed(const char* name) {
    const auto value = core::fixed_from_hex<N>(text(name));
    if (!value) fail(name);
    return value.value_or(core::FixedBytes<N>{});
  }
  template <class T>
  std::optional<T> maybe_number(const char* name) {
    if (is_null(name)) return std::nullopt;
    return T{number(name)};
  }
  template <std::size_t N>
  std::optional<core::FixedBytes<N>> maybe_fixed(const char* name) {
    if (is_null(name)) return std::nullopt;
    return fixed<N>(name);
  }
  element member(const char* name) {
    element value;
    if (object_[name].get(value) != simdjson::SUCCESS) {
      fail(name);
      return object_;
    }
    return value;
  }
  /// Is it there, and not null? Never an error.
  bool has(const char* name) {
    element value;
    return object_[name].get(value) == simdjson::SUCCESS && !value.is_null();
  }
  /// `read(element)` for each item; bounded by the bundle's number of files.
  template <class Read>
  void each(const char* name, Read&& read) {
    array items;
    if (object_[name].get(items) != simdjson::SUCCESS || items.size() > 4'096) {
      fail(name);
      return;
    }
    for (const element item : items) read(item);
  }

 private:
  bool is_null(const char* name) {
    element value;
    if (object_[name].get(value) != simdjson::SUCCESS) {
      fail(name);
      return true;
    }
    return value.is_null();
  }
  void fail(const char* name) {
    if (error_.empty()) error_ = name;
  }

  element object_;
  std::string& error_;
};

core::Seq seq_of(element item, std::string& error) {
  std::uint64_t value = 0;
  if (item.get(value) != simdjson::SUCCESS && error.empty()) error = "seq";
  return core::Seq{value};
}

void read_finding(Reader reader, audit::Finding& finding, std::string& error) {
  const auto kind = audit::finding_kind_from(reader.text("kind"));
  if (!kind && error.empty()) error = "kind";
  finding.kind = kind.value_or(audit::Kind::kLogGap);
  finding.id = reader.text("id");
  finding.signer = reader.maybe_fixed<20>("signer");
  finding.window_end = reader.maybe_number<core::UnixSeconds>("window_end");
  finding.block_number = reader.maybe_number<core::BlockNumber>("block_number");
  finding.preconf_hash = reader.maybe_fixed<32>("preconf_hash");
  finding.from = reader.maybe_number<core::Seq>("from");
  finding.to = reader.maybe_number<core::Seq>("to");
}

L1Landing read_landing(Reader reader, std::string& error) {
  L1Landing landing;
  landing.proposal = core::ProposalId{reader.number("proposal")};
  const std::uint64_t source = reader.number("source");
  const std::uint64_t block = reader.number("block");
  if (std::max(source, block) > 0xffff && error.empty()) error = "landing";
  landing.source = static_cast<std::uint32_t>(source);
  landing.block = static_cast<std::uint32_t>(block);
  landing.l1_block = core::Seq{reader.number("l1_block")};
  landing.sources = reader.maybe_number<core::Seq>("sources");
  reader.each("blobs", [&](element item) { landing.blobs.push_back(seq_of(item, error)); });
  landing.list = reader.maybe_number<core::Seq>("list");
  landing.verdict = core::Seq{reader.number("verdict")};
  return landing;
}

L1Claim read_l1(Reader reader, std::string& error) {
  L1Claim l1;
  l1.deployment = reader.maybe_number<core::Seq>("deployment");
  reader.each("schedule_facts",
              [&](element item) { l1.schedule_facts.push_back(seq_of(item, error)); });
  if (reader.has("landing")) {
    l1.landing = read_landing(Reader(reader.member("landing"), error), error);
  }
  return l1;
}

std::string texts(element item, std::string& error) {
  std::string_view value;
  if (item.get(value) != simdjson::SUCCESS && error.empty()) error = "missing";
  return std::string(value);
}

}  // namespace

core::Result<Claim, std::string> read_claim(const core::Bytes& json) {
  simdjson::dom::parser parser(16u << 20);
  element root;
  const simdjson::padded_string padded(reinterpret_cast<const char*>(json.data()), json.size());
  if (json.empty() || parser.parse(padded).get(root) != simdjson::SUCCESS) {
    return core::Unexpected{std::string("not JSON")};
  }
  Claim claim;
  std::string error;
  Reader reader(root, error);
  if (reader.number("format") != kBundleFormat) return core::Unexpected{std::string("format")};
  read_finding(Reader(reader.member("finding"), error), claim.finding, error);
  Reader log(reader.member("log"), error);
  claim.log.id = log.fixed<32>("id");
  claim.log.signing_domain = log.fixed<32>("signing_domain");
  claim.log.chain = log.fixed<32>("chain");
  claim.log.last = core::Seq{log.number("last")};
  claim.schedule = reader.maybe_number<core::Seq>("schedule");
  // Bundles of programs that did not follow L1 do not have it.
  if (reader.has("l1")) claim.l1 = read_l1(Reader(reader.member("l1"), error), error);
  reader.each("commitments", [&](element item) {
    Reader one(item, error);
    claim.commitments.push_back(
        {one.text("role"), core::Seq{one.number("seq")}, one.text("file"), one.text("decoded")});
  });
  reader.each("records", [&](element item) {
    Reader one(item, error);
    claim.records.push_back({core::Seq{one.number("seq")}, one.text("file"), one.text("kind"), {}});
  });
  reader.each("paths", [&](element item) {
    Reader one(item, error);
    PathRef path;
    path.file = one.text("file");
    path.from = core::Seq{one.number("from")};
    path.to = core::Seq{one.number("to")};
    path.records = one.number("records");
    path.prev_chain = one.fixed<32>("prev_chain");
    path.chain = one.fixed<32>("chain");
    path.anchor = one.text("anchor");
    claim.paths.push_back(std::move(path));
  });
  reader.each("contents", [&](element item) {
    Reader one(item, error);
    claim.contents.push_back({one.fixed<32>("hash"), one.text("what"), one.text("file")});
  });
  reader.each("missing", [&](element item) { claim.missing.push_back(texts(item, error)); });
  if (!error.empty()) return core::Unexpected{error};
  return claim;
}

}  // namespace preconf::replay::evidence
