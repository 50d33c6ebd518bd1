#include "io/engine/jwt.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <system_error>

#include "core/base/hex.hpp"
#include "core/codec/base64.hpp"
#include "core/crypto/hash.hpp"
#include "io/json/json_reader.hpp"
#include "io/json/json_writer.hpp"

namespace preconf::io {
namespace {

constexpr std::uint64_t kIatWindowSeconds = 60;
constexpr std::size_t kTokenBytesMax = 4'096;
constexpr std::size_t kSecretFileBytesMax = 1'024;

core::BytesView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// RFC 7515: the URL alphabet, without padding.
std::string base64url(core::BytesView bytes) {
  std::string text = core::codec::encode_base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  return text;
}

std::optional<core::Bytes> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  while (standard.size() % 4 != 0) standard += '=';
  return core::codec::decode_base64(standard);
}

core::Hash32 signature_of(const JwtSecret& secret, std::string_view signing_input) {
  return core::crypto::hmac_sha256(secret.view(), bytes_of(signing_input));
}

bool equal_in_constant_time(core::BytesView a, core::BytesView b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

std::optional<JsonDocument> decode_part(std::string_view part) {
  const auto bytes = from_base64url(part);
  if (!bytes) return std::nullopt;
  auto document = JsonDocument::parse({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                                      {.bytes_max = kTokenBytesMax, .depth_max = 8});
  if (!document) return std::nullopt;
  return std::move(document).value();
}

}  // namespace

std::string make_jwt(const JwtSecret& secret, core::UnixSeconds issued_at) {
  static const std::string kHeader = base64url(bytes_of(R"({"alg":"HS256","typ":"JWT"})"));
  JsonWriter claims;
  claims.begin_object().key("iat").number(issued_at.value).end_object();
  std::string token = kHeader + "." + base64url(bytes_of(claims.str()));
  const core::Hash32 signature = signature_of(secret, token);
  return token + "." + base64url(signature.view());
}

JwtDefect check_jwt(std::string_view authorization, const JwtSecret& secret,
                    core::UnixSeconds now) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.empty()) return JwtDefect::kMissing;
  if (!authorization.starts_with(kScheme) || authorization.size() > kTokenBytesMax) {
    return JwtDefect::kMalformed;
  }
  const std::string_view token = authorization.substr(kScheme.size());
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return JwtDefect::kMalformed;
  const auto header = decode_part(token.substr(0, first));
  const auto claims = decode_part(token.substr(first + 1, last - first - 1));
  const auto signature = from_base64url(token.substr(last + 1));
  if (!header || !claims || !signature) return JwtDefect::kMalformed;
  if (header->root().get("alg").as_string() != "HS256") return JwtDefect::kMalformed;
  const core::Hash32 expected = signature_of(secret, token.substr(0, last));
  if (!equal_in_constant_time(*signature, expected.view())) return JwtDefect::kSignature;
  const auto iat = claims->root().get("iat").as_u64();
  if (!iat) return JwtDefect::kNoIat;
  const std::uint64_t distance = *iat > now.value ? *iat - now.value : now.value - *iat;
  return distance > kIatWindowSeconds ? JwtDefect::kIatOutOfWindow : JwtDefect::kNone;
}

const char* name_of(JwtDefect defect) {
  switch (defect) {
    case JwtDefect::kNone:
      return "none";
    case JwtDefect::kMissing:
      return "missing";
    case JwtDefect::kMalformed:
      return "malformed";
    case JwtDefect::kSignature:
      return "signature";
    case JwtDefect::kNoIat:
      return "no_iat";
    case JwtDefect::kIatOutOfWindow:
      return "iat_out_of_window";
  }
  return "unknown";
}

core::Result<LoadedSecret, std::string> load_jwt_secret(const std::filesystem::path& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  const std::string name = "JWT secret file " + file.string();
  if (error || !fs::exists(status)) return core::Unexpected{name + " does not exist"};
  if (!fs::is_regular_file(status)) return core::Unexpected{name + " is not a regular file"};

  std::ifstream stream(file, std::ios::binary);
  std::array<char, kSecretFileBytesMax + 1> buffer{};
  stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  const auto size = static_cast<std::size_t>(stream.gcount());
  if (!stream.is_open()) return core::Unexpected{name + " can not be read"};
  if (size > kSecretFileBytesMax) return core::Unexpected{name + " is too large"};
  std::string_view text(buffer.data(), size);
  const std::string_view blank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return core::Unexpected{name + " is empty"};
  text = text.substr(begin, text.find_last_not_of(blank) - begin + 1);

  const auto secret = core::fixed_from_hex<32>(text);
  if (!secret) return core::Unexpected{name + " must hold 64 hex digits (32 bytes)"};
  LoadedSecret loaded{*secret, {}};
  constexpr auto kOthers = fs::perms::group_all | fs::perms::others_all;
  if ((status.permissions() & kOthers) != fs::perms::none) {
    loaded.warning = name + " is open to other users: chmod 600 it";
  }
  return loaded;
}

}  // namespace preconf::io
