// A yamux session on any bytes, with answers: it stays within its bounds, and how the bytes are
// cut changes nothing. First byte: role and how eagerly the application reads, answers, resets.
#include <algorithm>
#include <string>

#include "core/base/assert.hpp"
#include "io/wire/yamux.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;            // NOLINT: one translation unit
using namespace preconf::io::wire;  // NOLINT

namespace {

constexpr core::Millis kNow{1};

struct Run {
  std::string events;  ///< without the cuts of data
  core::Bytes output;
};

/// `out_every`: output is taken after so many pieces; it must not depend on cuts, so the caller
/// compares only events.
class Application {
 public:
  Application(std::uint8_t choice, Run& run)
      : choice_(choice),
        run_(run),
        session_((choice & 1) != 0 ? YamuxRole::kDialer : YamuxRole::kListener, config(), kNow) {
    if ((choice & 2) != 0) (void)session_.open_stream();
  }

  void feed(core::BytesView in, std::size_t piece) {
    while (!in.empty()) {
      core::BytesView part = in.first(std::min(piece, in.size()));
      in = in.subspan(part.size());
      while (const auto event = session_.read(part, kNow)) on_event(*event);
      PRECONF_ASSERT(part.empty());
      PRECONF_ASSERT(session_.stream_count() <= config().inbound_streams_max + 1);
    }
    for (int i = 0; session_.has_output(); ++i) {
      PRECONF_ASSERT(i < 10'000);
      const std::size_t before = run_.output.size();
      session_.take_output(run_.output, limits::kYamuxOutputBytesMin);
      PRECONF_ASSERT(run_.output.size() - before <= limits::kYamuxOutputBytesMin);
    }
  }

 private:
  static YamuxConfig config() {
    YamuxConfig config;
    config.inbound_streams_max = 8;
    return config;
  }
  void note(char what, StreamId id) { run_.events += what + std::to_string(id.value) + " "; }
  void on_event(const YamuxEvent& event) {
    if (const auto* opened = std::get_if<yamux::StreamOpened>(&event)) {
      note('o', opened->stream);
      if ((choice_ & 4) != 0) (void)session_.write(opened->stream, share(core::Bytes(300, 7)));
      if ((choice_ & 8) != 0) session_.finish(opened->stream);
    } else if (const auto* data = std::get_if<yamux::StreamData>(&event)) {
      PRECONF_ASSERT(!data->data.empty());
      for (const std::uint8_t byte : data->data) {
        note('d', data->stream);
        run_.events += static_cast<char>(byte);
      }
      if ((choice_ & 16) != 0) session_.consumed(data->stream, data->data.size());
    } else if (const auto* ended = std::get_if<yamux::StreamEnded>(&event)) {
      note('e', ended->stream);
      if ((choice_ & 32) != 0) session_.reset(ended->stream);
    } else if (const auto* reset = std::get_if<yamux::StreamReset>(&event)) {
      note('r', reset->stream);
      PRECONF_ASSERT(!session_.has_stream(reset->stream));
    } else if (const auto* failed = std::get_if<yamux::Failed>(&event)) {
      run_.events += name_of(failed->error);
    }
  }

  std::uint8_t choice_;
  Run& run_;
  YamuxSession session_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const core::BytesView in(data + 1, size - 1);
  Run whole;
  Application(data[0], whole).feed(in, SIZE_MAX);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}}) {
    Run cut;
    Application(data[0], cut).feed(in, piece);
    PRECONF_ASSERT(cut.events == whole.events);
    PRECONF_ASSERT(cut.output == whole.output);
  }
  return 0;
}
