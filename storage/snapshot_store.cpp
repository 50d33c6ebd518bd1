#include "storage/snapshot_store.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "storage/posix_file.hpp"
#include "storage/snapshot_codec.hpp"

namespace preconf::storage {

using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

constexpr std::size_t kSnapshotBytesMax = std::size_t{1} << 30;
constexpr std::size_t kNameDigits = 20;
constexpr std::string_view kSuffix = ".snap";

std::string file_name(Seq seq) {
  std::array<char, kNameDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%020llu",
                static_cast<unsigned long long>(seq.value));
  return digits.data() + std::string(kSuffix);
}

std::optional<Seq> parse_name(const std::string& name) {
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  Seq seq;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kNameDigits, seq.value);
  if (error != std::errc() || end != name.data() + kNameDigits) return std::nullopt;
  return seq;
}

}  // namespace

SnapshotStore::SnapshotStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

core::Result<Ok, StorageFailure> SnapshotStore::save(const Snapshot& snapshot) {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) {
    return Unexpected{
        StorageFailure{StorageError::kIo, {}, directory_.string() + ": " + error.message()}};
  }
  return write_file_atomically(directory_ / file_name(snapshot.position.seq),
                               encode_snapshot(snapshot));
}

std::vector<Seq> SnapshotStore::list() const {
  std::vector<Seq> out;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory_, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (const auto seq = parse_name(entry->path().filename().string())) out.push_back(*seq);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<Snapshot> SnapshotStore::load(Seq seq) const {
  const auto bytes = read_file(directory_ / file_name(seq), kSnapshotBytesMax);
  if (!bytes || !bytes->has_value()) return std::nullopt;
  return decode_snapshot(**bytes, seq);
}

void SnapshotStore::prune(std::size_t keep) {
  const std::vector<Seq> seqs = list();
  if (seqs.size() <= keep) return;
  for (std::size_t i = 0; i < seqs.size() - keep; ++i) {
    std::error_code error;  // a file that stays costs space, nothing else
    std::filesystem::remove(directory_ / file_name(seqs[i]), error);
  }
}

}  // namespace preconf::storage
