#include "storage/snapshot_store.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "core/crypto/hash.hpp"
#include "storage/posix_file.hpp"

namespace preconf::storage {

using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

// docs/log_format.md, section 7.
constexpr std::array<std::uint8_t, 8> kMagic = {'P', 'C', 'S', 'N', 'A', 'P', '1', '\n'};
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kHeaderBytes = 96;
constexpr std::size_t kTrailerBytes = 32;
constexpr std::size_t kSnapshotBytesMax = std::size_t{1} << 30;
constexpr std::size_t kNameDigits = 20;
constexpr std::string_view kSuffix = ".snap";

template <class Integer>
void put(core::Bytes& out, Integer value) {
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}
template <class Integer>
Integer get(core::BytesView in) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) value |= Integer{in[i]} << (8 * i);
  return value;
}
void put_bytes(core::Bytes& out, core::BytesView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

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

core::Bytes encode(const Snapshot& snapshot) {
  core::Bytes out;
  out.reserve(kHeaderBytes + snapshot.state.size() + kTrailerBytes);
  put_bytes(out, kMagic);
  put(out, kFormatVersion);
  put(out, snapshot.reducer_version);
  put(out, snapshot.position.seq.value);
  put_bytes(out, snapshot.position.chain.view());
  put_bytes(out, snapshot.state_hash.view());
  put(out, std::uint64_t{snapshot.state.size()});
  put_bytes(out, snapshot.state);
  const core::Hash32 checksum = core::crypto::sha256(out);
  put_bytes(out, checksum.view());
  return out;
}

std::optional<Snapshot> decode(core::BytesView in, Seq seq) {
  if (in.size() < kHeaderBytes + kTrailerBytes) return std::nullopt;
  const core::BytesView checked = in.first(in.size() - kTrailerBytes);
  if (!std::equal(kMagic.begin(), kMagic.end(), in.begin())) return std::nullopt;
  if (get<std::uint32_t>(in.subspan(8)) != kFormatVersion) return std::nullopt;
  if (get<std::uint64_t>(in.subspan(16)) != seq.value) return std::nullopt;
  if (get<std::uint64_t>(in.subspan(88)) != checked.size() - kHeaderBytes) return std::nullopt;
  if (core::crypto::sha256(checked) != core::Hash32::from(in.last(kTrailerBytes))) {
    return std::nullopt;
  }
  Snapshot out;
  out.reducer_version = get<std::uint32_t>(in.subspan(12));
  out.position.seq = seq;
  out.position.chain = core::Hash32::from(in.subspan(24));
  out.state_hash = core::Hash32::from(in.subspan(56));
  out.state.assign(checked.begin() + kHeaderBytes, checked.end());
  return out;
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
  return write_file_atomically(directory_ / file_name(snapshot.position.seq), encode(snapshot));
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
  return decode(**bytes, seq);
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
