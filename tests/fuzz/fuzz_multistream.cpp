// multistream-select, both sides: no cut changes the outcome, output stays bounded, and the bytes
// behind the negotiation are left.
#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/multistream.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::io::wire;  // NOLINT: one translation unit
using preconf::core::Bytes;
using preconf::core::BytesView;

namespace {

const std::vector<std::string> kProtocols{"/meshsub/1.2.0", "/meshsub/1.1.0", "/noise"};
/// A list of the three names for each question.
constexpr std::size_t kOutputBytesMax = 100 * (limits::kMultistreamProposalsMax + 2);

struct Outcome {
  MultistreamStatus status = MultistreamStatus::kNegotiating;
  std::size_t taken = 0;
  Bytes output;
  std::optional<MultistreamError> error;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

template <class Machine>
Outcome run(Machine& machine, BytesView stream, std::size_t step) {
  Outcome out;
  while (out.taken < stream.size() && out.status == MultistreamStatus::kNegotiating) {
    const BytesView piece =
        stream.subspan(out.taken).first(std::min(step, stream.size() - out.taken));
    BytesView in = piece;
    out.status = machine.on_bytes(in);
    PRECONF_ASSERT(out.status != MultistreamStatus::kNegotiating || in.empty());
    out.taken += piece.size() - in.size();
  }
  machine.take_output(out.output);
  PRECONF_ASSERT(out.output.size() <= kOutputBytesMax);
  out.error = machine.error();
  PRECONF_ASSERT(out.error.has_value() == (out.status == MultistreamStatus::kFailed));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in = BytesView(data, size).subspan(1);
  const std::size_t step = 1 + data[0] % 16;
  MultistreamDialer dialers[] = {MultistreamDialer(kProtocols), MultistreamDialer(kProtocols)};
  PRECONF_ASSERT(run(dialers[0], in, size) == run(dialers[1], in, step));
  MultistreamListener listeners[] = {MultistreamListener(kProtocols),
                                     MultistreamListener(kProtocols)};
  PRECONF_ASSERT(run(listeners[0], in, size) == run(listeners[1], in, step));
  return 0;
}
