// Writes captures of events of every kind, and what `preconf log show --raw --json` says about each
// event: what an independent reader must find. Usage: capture_sample DIRECTORY SEED
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "core/base/hex.hpp"
#include "replay/json_printer.hpp"
#include "tests/storage/capture_fixture.hpp"

namespace preconf::tests {
namespace {

struct Shown {
  core::Event event;
  core::Hash32 chain;
  std::optional<core::Hash32> recorded_digest;
  PRECONF_FIELDS(Shown, event, chain, recorded_digest);
};

void write(const std::filesystem::path& directory, const std::string& name, std::uint64_t seed,
           storage::LogPosition base, bool is_noted = false) {
  EventGenerator random(seed);
  CaptureMaker maker(directory / (name + ".pccap"), base);
  std::uint64_t seq = base.seq.value;
  for (std::size_t i = 0; i < 598; ++i) {
    core::Event event = random.event(core::Seq{++seq}, i % EventGenerator::kShapes);
    if (i == 250) {
      const core::Seq lost{seq};
      seq += 5;
      event.seq = core::Seq{seq};
      event.body =
          core::events::LogGapRecorded{lost, core::Seq{seq - 1}, random.fixed<32>(), "torn", true};
    }
    if (i == 350) event.body = core::events::ReducerActivated{1, 2, random.fixed<32>()};
    maker.add(std::move(event), i % 7 != 3);
    if (i % 5 == 0) maker.add_content(random.bytes(random.below(200)));
    if (i == 300) maker.add_snapshot();
  }
  maker.finish(is_noted);
  const CaptureSample& sample = maker.sample;
  std::FILE* lines = std::fopen((directory / (name + ".jsonl")).c_str(), "w");
  if (lines == nullptr) throw std::runtime_error("can not write");
  for (const storage::LoggedEvent& logged : sample.events) {
    const std::string line =
        replay::to_json(Shown{logged.event, logged.chain, logged.effects_digest});
    std::fprintf(lines, "%s\n", line.c_str());
  }
  std::fclose(lines);
}

}  // namespace
}  // namespace preconf::tests

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  const std::filesystem::path directory(argv[1]);
  const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  preconf::tests::write(directory, "whole", seed, {});
  preconf::tests::write(directory, "tail", seed + 1,
                        {preconf::core::Seq{77}, preconf::core::crypto::sha256({})});
  preconf::tests::write(directory, "noted", seed + 2, {}, true);
  return 0;
}
