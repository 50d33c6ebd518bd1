#include "replay/evidence/bundle.hpp"

#include <fstream>
#include <optional>

#include "core/base/hex.hpp"
#include "core/crypto/hash.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay::evidence {
namespace {

namespace fs = std::filesystem;
using core::Unexpected;

std::string digest_of(const core::Bytes& bytes) {
  return core::to_hex(core::crypto::sha256(bytes).view());
}

bool is_seal(const std::string& name) { return name == kManifestFile || name == kSumsFile; }

/// Canonical: the same files give the same text.
std::string manifest_of(const Files& files) {
  std::string out = "{\"files\":{";
  bool is_first = true;
  for (const auto& [name, bytes] : files) {
    if (is_seal(name)) continue;
    if (!is_first) out += ",";
    is_first = false;
    out += "\n";
    append_quoted(out, name);
    out +=
        ":{\"sha256\":\"" + digest_of(bytes) + "\",\"size\":" + std::to_string(bytes.size()) + "}";
  }
  return out + "},\n\"format\":1}\n";
}

std::string sums_of(const Files& files) {
  std::string out;
  for (const auto& [name, bytes] : files) {
    if (name != kSumsFile) out += digest_of(bytes) + "  " + name + "\n";
  }
  return out;
}

/// Lines "digest  name"; nothing when a line is none.
std::optional<std::map<std::string, std::string>> read_sums(std::string_view text) {
  std::map<std::string, std::string> sums;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == text.npos || end < 67 || text.substr(64, 2) != "  ") return std::nullopt;
    sums[std::string(text.substr(66, end - 66))] = std::string(text.substr(0, 64));
    text.remove_prefix(end + 1);
  }
  return sums;
}

}  // namespace

core::Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }
std::string_view text_of(const core::Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void seal(Files& files) {
  files[kManifestFile] = bytes_of(manifest_of(files));
  files[kSumsFile] = bytes_of(sums_of(files));
}

core::Hash32 seal_of(const Files& files) {
  const auto sums = files.find(kSumsFile);
  return sums == files.end() ? core::Hash32{} : core::crypto::sha256(sums->second);
}

std::vector<std::string> broken_files(const Files& files) {
  std::vector<std::string> broken;
  const auto found = files.find(kSumsFile);
  if (found == files.end()) return {std::string(kSumsFile) + ": missing"};
  const auto sums = read_sums(text_of(found->second));
  if (!sums) return {std::string(kSumsFile) + ": not a list of digests"};
  for (const auto& [name, digest] : *sums) {
    const auto file = files.find(name);
    if (file == files.end()) {
      broken.push_back(name + ": missing");
    } else if (digest_of(file->second) != digest) {
      broken.push_back(name + ": not the bytes that " + kSumsFile + " names");
    }
  }
  for (const auto& [name, bytes] : files) {
    if (name != kSumsFile && !sums->contains(name)) {
      broken.push_back(name + ": not named by " + kSumsFile);
    }
  }
  const auto manifest = files.find(kManifestFile);
  if (broken.empty() && manifest != files.end() &&
      text_of(manifest->second) != manifest_of(files)) {
    broken.push_back(std::string(kManifestFile) + ": not the manifest of these files");
  }
  if (broken.empty() && text_of(found->second) != sums_of(files)) {
    broken.push_back(std::string(kSumsFile) + ": not in the order of the names");
  }
  return broken;
}

core::Result<core::Ok, std::string> write_files(const fs::path& directory, const Files& files) {
  std::error_code error;
  if (fs::exists(directory, error) && !fs::is_empty(directory, error)) {
    return Unexpected{directory.string() + " is not empty"};
  }
  for (const auto& [name, bytes] : files) {
    const fs::path path = directory / name;
    fs::create_directories(path.parent_path(), error);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    const std::string_view text = text_of(bytes);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) return Unexpected{path.string() + " can not be written"};
  }
  return core::Ok{};
}

core::Result<Files, std::string> read_files(const fs::path& directory) {
  Files files;
  std::size_t room = kBundleBytesMax;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  if (error) return Unexpected{directory.string() + ": " + error.message()};
  for (; entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (error) return Unexpected{directory.string() + ": " + error.message()};
    const std::string name = fs::relative(entry->path(), directory, error).generic_string();
    const fs::file_status status = entry->symlink_status(error);
    if (fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status)) return Unexpected{name + " is no regular file"};
    const std::uintmax_t size = entry->file_size(error);
    if (error || size > room) return Unexpected{name + ": the bundle is larger than it may be"};
    if (files.size() == kBundleFilesMax) return Unexpected{directory.string() + ": too many files"};
    core::Bytes bytes(static_cast<std::size_t>(size));
    std::ifstream file(entry->path(), std::ios::binary);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file) return Unexpected{name + " can not be read"};
    room -= bytes.size();
    files.emplace(name, std::move(bytes));
  }
  return files;
}

}  // namespace preconf::replay::evidence
