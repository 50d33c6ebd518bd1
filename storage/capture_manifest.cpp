#include "storage/capture_manifest.hpp"

#include <simdjson.h>

#include <string_view>

#include "core/base/hex.hpp"
#include "storage/capture_format.hpp"

namespace preconf::storage {
namespace {

using simdjson::dom::element;

std::string json_text(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(1, '"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}
std::string hex_of(const core::Hash32& hash) { return json_text(core::to_hex0x(hash.view())); }
std::string hex_of(const std::optional<core::Hash32>& hash) {
  return hash ? hex_of(*hash) : std::string("null");
}
std::string json_of(const LogPosition& position) {
  return "{\"chain\":" + hex_of(position.chain) + ",\"seq\":" + std::to_string(position.seq.value) +
         "}";
}

/// Members of an object; remembers the first one that is not as it should be.
class Members {
 public:
  explicit Members(element object) : object_(object) {}
  [[nodiscard]] bool ok() const { return ok_; }

  void get(std::string_view key, std::uint64_t& out) {
    if (object_[key].get_uint64().get(out) != simdjson::SUCCESS) ok_ = false;
  }
  void get(std::string_view key, std::string& out) {
    std::string_view text;
    if (object_[key].get_string().get(text) != simdjson::SUCCESS) ok_ = false;
    out = text;
  }
  void get(std::string_view key, core::Hash32& out) {
    std::string text;
    get(key, text);
    const auto hash = core::fixed_from_hex<capture::kHashBytes>(text);
    if (hash) out = *hash;
    ok_ = ok_ && hash.has_value();
  }
  void get(std::string_view key, std::optional<core::Hash32>& out) {
    element value;
    if (object_[key].get(value) != simdjson::SUCCESS) {
      ok_ = false;
    } else if (!value.is_null()) {
      get(key, out.emplace());
    }
  }
  void get(std::string_view key, LogPosition& out) {
    element value;
    if (object_[key].get(value) != simdjson::SUCCESS || !value.is_object()) {
      ok_ = false;
      return;
    }
    Members inner(value);
    inner.get("seq", out.seq.value);
    inner.get("chain", out.chain);
    ok_ = ok_ && inner.ok();
  }
  void get_redactions(bool& content) {
    simdjson::dom::array list;
    if (object_["redactions"].get_array().get(list) != simdjson::SUCCESS) {
      ok_ = false;
      return;
    }
    for (const element item : list) {
      std::string_view name;
      if (item.get_string().get(name) != simdjson::SUCCESS || name != "content") ok_ = false;
      content = true;
    }
  }

 private:
  element object_;
  bool ok_ = true;
};

}  // namespace

std::string to_json(const CaptureManifest& manifest) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  std::string out = "{\"base\":" + json_of(manifest.base);
  out += ",\"content_bytes\":" + number(manifest.content_bytes);
  out += ",\"contents\":" + number(manifest.contents);
  out += ",\"contents_missing\":" + number(manifest.contents_missing);
  if (manifest.format == capture::kFormatVersionRemoved) {
    out += ",\"contents_removed\":" + number(manifest.contents_removed);
  }
  out += ",\"digests\":" + number(manifest.digests);
  out += ",\"end\":" + json_of(manifest.end);
  out += ",\"events\":" + number(manifest.events);
  out += ",\"first_wall_ns\":" + number(manifest.first_wall.value);
  out += ",\"format\":" + number(manifest.format);
  out += ",\"last_wall_ns\":" + number(manifest.last_wall.value);
  out += ",\"log_id\":" + hex_of(manifest.log_id);
  out += ",\"note\":" + json_text(manifest.note);
  out += ",\"profile_digest\":" + hex_of(manifest.profile_digest);
  out += ",\"program\":" + json_text(manifest.program);
  out += std::string(",\"redactions\":[") + (manifest.content_redacted ? "\"content\"" : "") + "]";
  out += ",\"reducer_version\":" + number(manifest.reducer_version);
  out += ",\"snapshots\":" + number(manifest.snapshots);
  return out + "}";
}

std::optional<CaptureManifest> parse_manifest(core::BytesView json) {
  simdjson::dom::parser parser(capture::kManifestRawMax);
  element root;
  const simdjson::padded_string text(reinterpret_cast<const char*>(json.data()), json.size());
  if (parser.parse(text).get(root) != simdjson::SUCCESS || !root.is_object()) return std::nullopt;
  CaptureManifest out;
  std::uint64_t format = 0;
  std::uint64_t reducer_version = 0;
  Members members(root);
  members.get("base", out.base);
  members.get("content_bytes", out.content_bytes);
  members.get("contents", out.contents);
  members.get("contents_missing", out.contents_missing);
  members.get("digests", out.digests);
  members.get("end", out.end);
  members.get("events", out.events);
  members.get("first_wall_ns", out.first_wall.value);
  members.get("format", format);
  members.get("last_wall_ns", out.last_wall.value);
  members.get("log_id", out.log_id);
  members.get("note", out.note);
  members.get("profile_digest", out.profile_digest);
  members.get("program", out.program);
  members.get("reducer_version", reducer_version);
  members.get("snapshots", out.snapshots);
  members.get_redactions(out.content_redacted);
  if (format == capture::kFormatVersionRemoved) {
    members.get("contents_removed", out.contents_removed);
  }
  const bool is_known =
      format <= ~std::uint32_t{0} && capture::is_known_version(static_cast<std::uint32_t>(format));
  if (!members.ok() || !is_known || reducer_version > ~std::uint32_t{0}) return std::nullopt;
  out.format = static_cast<std::uint32_t>(format);
  out.reducer_version = static_cast<std::uint32_t>(reducer_version);
  return out;
}

}  // namespace preconf::storage
