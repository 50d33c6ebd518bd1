// Capture files: as they are, and with container checksums made good so that what is behind them is
// reached. First byte 0: the rest is a file. Else: the rest is frames, each of type u8, first u64,
// count u16, size u16 (little-endian), raw bytes.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "core/crypto/hash.hpp"
#include "storage/capture_file.hpp"
#include "storage/capture_format.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace {

using namespace preconf;
namespace capture = storage::capture;

constexpr std::size_t kFrameStart = 13;

/// A file in memory with a name.
class MemoryFile {
 public:
  explicit MemoryFile(core::BytesView bytes) : fd_(::memfd_create("capture", MFD_CLOEXEC)) {
    if (fd_ < 0 || ::write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      std::abort();
    }
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

core::Bytes sealed(core::BytesView in) {
  core::Bytes file;
  capture::put_bytes(file, capture::kMagic);
  capture::put_u32(file, capture::kFormatVersion);
  capture::put_u32(file, 0);
  core::Bytes index;
  std::uint64_t frames = 0;
  while (in.size() > kFrameStart) {
    capture::FrameHeader header;
    header.type = static_cast<capture::FrameType>(in[0]);
    header.first = capture::get_u64(in, 1);
    header.count = std::uint64_t{in[9]} | std::uint64_t{in[10]} << 8;
    const std::size_t wanted = std::size_t{in[11]} | std::size_t{in[12]} << 8;
    in = in.subspan(kFrameStart);
    const std::size_t size = std::min(wanted, in.size());
    if (size > capture::raw_size_max(header.type)) return file;
    const capture::PackedFrame frame = capture::pack(header, in.first(size));
    in = in.subspan(size);
    append_header(frame.header, index);
    append_header(frame.header, file);
    capture::put_bytes(file, frame.stored);
    ++frames;
  }
  capture::FrameHeader header;
  header.type = capture::FrameType::kIndex;
  header.count = frames;
  const capture::PackedFrame packed = capture::pack(header, index);
  const std::uint64_t index_at = file.size();
  append_header(packed.header, file);
  capture::put_bytes(file, packed.stored);
  const std::size_t trailer_at = file.size();
  capture::put_u64(file, index_at);
  capture::put_u64(file, trailer_at + capture::kTrailerBytes);
  capture::put_bytes(file, capture::kEndMagic);
  core::crypto::Sha256 hash;
  hash.update(core::BytesView(file).first(capture::kHeaderBytes));
  hash.update(packed.header.checksum.view());
  hash.update(core::BytesView(file).subspan(trailer_at));
  capture::put_bytes(file, hash.finish().view());
  return file;
}

void read(const storage::CaptureFile& file) {
  const auto reader = file.read(core::Seq{1});
  storage::LoggedEvent event;
  core::Seq last = file.base().seq;
  for (;;) {
    const auto more = reader->next_into(event);
    if (!more || !*more) break;
    if (event.event.seq <= last) std::abort();
    last = event.event.seq;
    if (!file.record(last)) std::abort();
    for (const core::ContentRef& ref : core::content_refs(event.event.body)) {
      const auto bytes = file.content(ref.hash);
      if (bytes != nullptr && core::crypto::keccak256(*bytes) != ref.hash) std::abort();
    }
  }
  for (const core::Seq seq : file.snapshots()->list()) {
    const auto snapshot = file.snapshots()->load(seq);
    if (snapshot && snapshot->position.seq != seq) std::abort();
  }
  const auto middle = file.read(core::Seq{last.value / 2 + 1})->next();
  static_cast<void>(middle.has_value());
  static_cast<void>(file.check_container().has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const core::BytesView rest{data + 1, size - 1};
  const MemoryFile memory(data[0] == 0 ? core::Bytes(rest.begin(), rest.end()) : sealed(rest));
  const auto file = storage::CaptureFile::open(memory.path());
  if (file) read(**file);
  return 0;
}
