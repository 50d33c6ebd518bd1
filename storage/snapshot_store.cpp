#include "storage/snapshot_store.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>

#include "storage/data_directory.hpp"
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

core::Result<Ok, StorageFailure> save_in(const std::filesystem::path& directory,
                                         const Snapshot& snapshot) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(directory, error);
  if (error) {
    return Unexpected{
        StorageFailure{StorageError::kIo, {}, directory.string() + ": " + error.message()}};
  }
  if (is_new) {
    const auto synced = sync_directory(std::filesystem::absolute(directory).parent_path());
    if (!synced) return synced;
  }
  return write_file_atomically(directory / file_name(snapshot.position.seq),
                               encode_snapshot(snapshot));
}

std::vector<Seq> list_in(const std::filesystem::path& directory) {
  std::vector<Seq> out;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (const auto seq = parse_name(entry->path().filename().string())) out.push_back(*seq);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<Snapshot> load_in(const std::filesystem::path& directory, Seq seq) {
  const auto bytes = read_file(directory / file_name(seq), kSnapshotBytesMax);
  if (!bytes || !bytes->has_value()) return std::nullopt;
  return decode_snapshot(**bytes, seq);
}

/// A file that stays costs space, nothing else.
void remove_in(const std::filesystem::path& directory, Seq seq) {
  std::error_code error;
  std::filesystem::remove(directory / file_name(seq), error);
}

}  // namespace

std::vector<Seq> superfluous(const std::vector<Seq>& seqs, const SnapshotPolicy& policy) {
  std::vector<Seq> out;
  if (seqs.size() <= policy.newest) return out;
  std::optional<std::uint64_t> kept_run;
  for (std::size_t i = 0; i < seqs.size() - policy.newest; ++i) {
    const std::uint64_t run = seqs[i].value / std::max<std::uint64_t>(policy.every, 1);
    if (kept_run == run) {
      out.push_back(seqs[i]);
    } else {
      kept_run = run;
    }
  }
  return out;
}

SnapshotStore::SnapshotStore(std::filesystem::path directory)
    : directory_(std::move(directory)),
      base_directory_(directory_.parent_path() / kBaseDirectory) {}

core::Result<Ok, StorageFailure> SnapshotStore::save(const Snapshot& snapshot) {
  return save_in(directory_, snapshot);
}

core::Result<Ok, StorageFailure> SnapshotStore::save_base(const Snapshot& snapshot) {
  return save_in(base_directory_, snapshot);
}

std::vector<Seq> SnapshotStore::list_base() const { return list_in(base_directory_); }

std::vector<Seq> SnapshotStore::list() const {
  const std::vector<Seq> cached = list_in(directory_);
  const std::vector<Seq> base = list_in(base_directory_);
  std::vector<Seq> out;
  std::set_union(cached.begin(), cached.end(), base.begin(), base.end(), std::back_inserter(out));
  return out;
}

std::optional<Snapshot> SnapshotStore::load(Seq seq) const {
  if (auto cached = load_in(directory_, seq)) return cached;
  return load_in(base_directory_, seq);
}

void SnapshotStore::prune(std::size_t keep) {
  const std::vector<Seq> seqs = list_in(directory_);
  for (std::size_t i = 0; i + keep < seqs.size(); ++i) remove_in(directory_, seqs[i]);
}

void SnapshotStore::thin(const SnapshotPolicy& policy) {
  for (const Seq seq : superfluous(list_in(directory_), policy)) remove_in(directory_, seq);
}

void SnapshotStore::drop_before_base(Seq seq) {
  for (const Seq other : list_in(directory_)) {
    if (other < seq) remove_in(directory_, other);
  }
  for (const Seq other : list_in(base_directory_)) {
    if (other != seq) remove_in(base_directory_, other);
  }
}

}  // namespace preconf::storage
