#include "storage/high_water_mark.hpp"

#include <fcntl.h>

#include "core/crypto/hash.hpp"

namespace preconf::storage {

using core::Ok;
using core::Unexpected;

namespace {

constexpr std::size_t kSlotDistance = 4096;
constexpr std::size_t kSlotBytes = 88;
constexpr std::size_t kCheckedBytes = 56;
constexpr std::size_t kFileBytes = kSlotDistance + kSlotBytes;
constexpr std::array<std::uint8_t, 8> kMagic = {'P', 'C', 'H', 'W', 'M', '0', '1', '\n'};

using Slot = std::array<std::uint8_t, kSlotBytes>;

void put_u64(std::uint8_t* out, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}
std::uint64_t get_u64(const std::uint8_t* in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{in[i]} << (8 * i);
  return value;
}

Slot encode(const Mark& mark) {
  Slot slot{};
  std::copy(kMagic.begin(), kMagic.end(), slot.begin());
  put_u64(slot.data() + 8, mark.generation);
  put_u64(slot.data() + 16, mark.position.seq.value);
  std::copy_n(mark.position.chain.data(), 32, slot.data() + 24);
  const core::Hash32 checksum = core::crypto::sha256({slot.data(), kCheckedBytes});
  std::copy_n(checksum.data(), 32, slot.data() + kCheckedBytes);
  return slot;
}

std::optional<Mark> decode(core::BytesView slot) {
  if (!std::equal(kMagic.begin(), kMagic.end(), slot.begin())) return std::nullopt;
  const core::Hash32 checksum = core::crypto::sha256(slot.first(kCheckedBytes));
  if (checksum != core::Hash32::from(slot.subspan(kCheckedBytes))) return std::nullopt;
  Mark mark;
  mark.generation = get_u64(slot.data() + 8);
  mark.position.seq.value = get_u64(slot.data() + 16);
  mark.position.chain = core::Hash32::from(slot.subspan(24));
  return mark;
}

std::uint64_t offset_of(std::uint64_t generation) { return (generation % 2) * kSlotDistance; }

}  // namespace

std::optional<Mark> read_mark(const std::filesystem::path& path) {
  const auto bytes = read_file(path, kFileBytes);
  if (!bytes || !bytes->has_value()) return std::nullopt;
  std::optional<Mark> best;
  for (const std::size_t offset : {std::size_t{0}, kSlotDistance}) {
    if ((*bytes)->size() < offset + kSlotBytes) continue;
    const auto mark = decode(core::BytesView(**bytes).subspan(offset, kSlotBytes));
    if (mark && (!best || mark->generation > best->generation)) best = mark;
  }
  return best;
}

IoResult<Ok> MarkWriter::create(const std::filesystem::path& path, const LogPosition& position) {
  core::Bytes bytes(kFileBytes);
  const Mark first{1, position};
  const Slot slot = encode(first);
  std::copy(slot.begin(), slot.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(offset_of(first.generation)));
  return write_file_atomically(path, bytes);
}

IoResult<MarkWriter> MarkWriter::open(const std::filesystem::path& path, const Mark& mark) {
  auto file = open_file(path, O_WRONLY);
  if (!file) return Unexpected{file.error()};
  MarkWriter writer;
  writer.file_ = std::move(file).value();
  writer.last_ = mark;
  return writer;
}

IoResult<Ok> MarkWriter::write(const LogPosition& position) {
  if (position.seq <= last_.position.seq) return Ok{};
  const Mark mark{last_.generation + 1, position};
  auto written = write_at(file_, offset_of(mark.generation), encode(mark));
  if (!written) return written;
  if (auto synced = sync_data(file_); !synced) return synced;
  last_ = mark;
  return Ok{};
}

}  // namespace preconf::storage
