// The file that holds this node's libp2p identity, so that its peer id survives restarts: peers
// that banned or befriended it meet the same one.
//
// One line of text: the key type, a blank, 64 hexadecimal digits of the secret.
//
//     ed25519 7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/result.hpp"
#include "io/wire/identity.hpp"

namespace preconf::node {

enum class IdentityFileError : std::uint8_t {
  kUnreadable,     ///< the system refuses to open or read it
  kNotAFile,       ///< a directory or device
  kOpenToOthers,   ///< group or others may read or write it
  kForeignOwner,   ///< it belongs to another user
  kCorrupt,        ///< not the line above
  kInvalidSecret,  ///< the line is there, but its number is no secret key
  kUnwritable,     ///< there is none and none can be made
};

struct IdentityFileFailure {
  IdentityFileError error;
  std::string detail;  ///< one sentence with the path
};

/// Reads `path`. When nothing is there, a new Ed25519 identity is made from the system's random
/// source and written durably, with mode 0600 from its first moment; an existing file is never
/// replaced.
[[nodiscard]] core::Result<io::wire::Identity, IdentityFileFailure> load_or_create_identity(
    const std::filesystem::path& path);

}  // namespace preconf::node
