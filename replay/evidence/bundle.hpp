// A bundle: a folder of files that can be checked without us, and its seal.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace preconf::replay::evidence {

inline constexpr std::size_t kBundleFilesMax = 1'024;
inline constexpr std::size_t kBundleBytesMax = 256u << 20;

inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kSumsFile = "SHA256SUMS";

/// Contents by path inside the folder ("records/17.bin"), in the order of their names.
using Files = std::map<std::string, core::Bytes>;

[[nodiscard]] core::Bytes bytes_of(std::string_view text);
[[nodiscard]] std::string_view text_of(const core::Bytes& bytes);

/// Adds manifest.json (size and SHA-256 of every file) and SHA256SUMS (for `sha256sum -c`).
void seal(Files& files);
/// What fixes every byte of a sealed bundle: SHA-256 of SHA256SUMS.
[[nodiscard]] core::Hash32 seal_of(const Files& files);
/// The files that are missing, too many or not what the seal says, by name; empty: whole.
[[nodiscard]] std::vector<std::string> broken_files(const Files& files);

/// Makes `directory`, which must not exist or be empty.
[[nodiscard]] core::Result<core::Ok, std::string> write_files(
    const std::filesystem::path& directory, const Files& files);
/// Regular files only; refuses links, more than kBundleFilesMax files, more than kBundleBytesMax.
[[nodiscard]] core::Result<Files, std::string> read_files(const std::filesystem::path& directory);

}  // namespace preconf::replay::evidence
