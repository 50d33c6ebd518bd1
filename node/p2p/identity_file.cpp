#include "node/p2p/identity_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/base/hex.hpp"
#include "io/wire/wipe.hpp"
#include "storage/posix_file.hpp"

namespace preconf::node {
namespace {

using io::wire::Identity;
using io::wire::KeyType;
using Loaded = core::Result<Identity, IdentityFileFailure>;

constexpr std::size_t kFileBytesMax = 256;
constexpr std::string_view kEd25519 = "ed25519 ";
constexpr std::string_view kSecp256k1 = "secp256k1 ";
constexpr mode_t kMode = S_IRUSR | S_IWUSR;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

core::Unexpected<IdentityFileFailure> refuse(IdentityFileError error,
                                             const std::filesystem::path& path,
                                             const std::string& what) {
  return core::Unexpected{IdentityFileFailure{error, "identity file " + path.string() + what}};
}

std::string system_error() { return std::string(": ") + std::strerror(errno); }

Loaded parse(std::string_view line, const std::filesystem::path& path) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const bool is_ed25519 = line.starts_with(kEd25519);
  if (!is_ed25519 && !line.starts_with(kSecp256k1)) {
    return refuse(IdentityFileError::kCorrupt, path,
                  " does not begin with \"ed25519 \" or \"secp256k1 \"");
  }
  line.remove_prefix((is_ed25519 ? kEd25519 : kSecp256k1).size());
  auto secret = core::fixed_from_hex<32>(line);
  if (!secret) {
    return refuse(IdentityFileError::kCorrupt, path, " does not hold 64 hexadecimal digits");
  }
  auto identity =
      Identity::from_secret(is_ed25519 ? KeyType::kEd25519 : KeyType::kSecp256k1, *secret);
  io::wire::wipe(secret->bytes);
  if (!identity) {
    return refuse(IdentityFileError::kInvalidSecret, path, " holds no valid secp256k1 secret");
  }
  return *identity;
}

Loaded read(const storage::File& file, const std::filesystem::path& path) {
  struct stat info = {};
  if (::fstat(file.fd(), &info) != 0) {
    return refuse(IdentityFileError::kUnreadable, path, system_error());
  }
  if (!S_ISREG(info.st_mode)) {
    return refuse(IdentityFileError::kNotAFile, path, " is not a regular file");
  }
  if (info.st_uid != ::geteuid()) {
    return refuse(IdentityFileError::kForeignOwner, path, " belongs to another user");
  }
  if ((info.st_mode & kOthers) != 0) {
    return refuse(IdentityFileError::kOpenToOthers, path,
                  " is open to other users: chmod 600 it, and replace it if they may have read it");
  }
  auto bytes = storage::read_at(file, 0, kFileBytesMax + 1);
  if (!bytes) return refuse(IdentityFileError::kUnreadable, path, ": " + bytes.error().detail);
  if (bytes->size() > kFileBytesMax) {
    return refuse(IdentityFileError::kCorrupt, path, " is too large");
  }
  Loaded identity = parse({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path);
  io::wire::wipe(*bytes);
  return identity;
}

/// Nothing is left behind under the final name unless the whole line is durable: the line is
/// written under a name of its own, and linked.
std::optional<std::string> write_new(const std::filesystem::path& path, core::BytesView line) {
  std::filesystem::path temporary = path;
  temporary += ".new";
  (void)::unlink(temporary.c_str());
  const storage::File file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kMode));
  if (file.fd() < 0) return system_error();
  if (const auto written = storage::write_at(file, 0, line); !written) {
    return ": " + written.error().detail;
  }
  if (::fsync(file.fd()) != 0) return system_error();
  const bool linked = ::link(temporary.c_str(), path.c_str()) == 0;
  const std::string reason = linked ? "" : system_error();
  (void)::unlink(temporary.c_str());
  if (!linked) return reason;
  const auto synced = storage::sync_directory(path.parent_path());
  if (!synced) return ": " + synced.error().detail;
  return std::nullopt;
}

Loaded create(const std::filesystem::path& path) {
  Identity::Secret secret;
  if (::getrandom(secret.data(), secret.bytes.size(), 0) !=
      static_cast<ssize_t>(secret.bytes.size())) {
    return refuse(IdentityFileError::kUnwritable, path, ": no random bytes" + system_error());
  }
  std::string line = std::string(kEd25519) + core::to_hex(secret.view()) + "\n";
  const core::BytesView bytes(reinterpret_cast<const std::uint8_t*>(line.data()), line.size());
  const auto failure = write_new(path, bytes);
  Identity identity = Identity::from_secret(KeyType::kEd25519, secret).value();
  io::wire::wipe(secret.bytes);
  io::wire::wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
  if (failure) return refuse(IdentityFileError::kUnwritable, path, *failure);
  return identity;
}

}  // namespace

Loaded load_or_create_identity(const std::filesystem::path& path) {
  // A device or pipe must not hold us up.
  const storage::File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd() >= 0) return read(file, path);
  if (errno == ENOENT) return create(path);
  return refuse(IdentityFileError::kUnreadable, path, system_error());
}

}  // namespace preconf::node
