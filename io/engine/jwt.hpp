// JSON Web Tokens of the Engine API (execution-apis, engine/authentication.md): HS256, claim iat.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/types.hpp"

namespace preconf::io {

using JwtSecret = core::FixedBytes<32>;

/// Token with claims {"iat": issued_at}, without "Bearer ".
[[nodiscard]] std::string make_jwt(const JwtSecret& secret, core::UnixSeconds issued_at);

/// Why a token is refused (the serving side: devnet engines).
enum class JwtDefect : std::uint8_t {
  kNone,
  kMissing,
  kMalformed,
  kSignature,
  kNoIat,
  kIatOutOfWindow
};
[[nodiscard]] const char* name_of(JwtDefect defect);

/// Checks an Authorization header value ("Bearer <token>"): HS256 signature in constant time, and
/// iat within 60 s of `now`.
[[nodiscard]] JwtDefect check_jwt(std::string_view authorization, const JwtSecret& secret,
                                  core::UnixSeconds now);

struct LoadedSecret {
  JwtSecret secret;
  std::string warning;  ///< empty, or what to tell the operator (file readable by others)
};

/// Reads 64 hex digits, optionally with 0x, surrounded by white space. The error is for the
/// operator and never contains the file's content.
[[nodiscard]] core::Result<LoadedSecret, std::string> load_jwt_secret(
    const std::filesystem::path& file);

}  // namespace preconf::io
