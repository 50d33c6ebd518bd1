// main of the fuzz targets under g++: replays a corpus, then seeded mutations of it.
//
//     fuzz_<name> CORPUS_FOLDER [RUNS [SEED]]
//
// Prints the seed first. When an input kills the process, it is left behind in a file.
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "tests/fuzz/fuzz_target.hpp"

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::uint64_t kRunsDefault = 20'000;
constexpr std::size_t kInputBytesMax = 64 * 1024;

std::uint64_t number_or(int argc, char** argv, int index, std::uint64_t fallback) {
  if (argc <= index) return fallback;
  const std::string_view text = argv[index];
  std::uint64_t value = fallback;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// All files below `folder`, sorted by path so that a seed means the same run everywhere.
std::vector<Input> read_corpus(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Input> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutator {
 public:
  Mutator(const std::vector<Input>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

  Input next() {
    Input input = corpus_[below(corpus_.size())];
    for (std::uint64_t steps = 1 + below(4); steps > 0; --steps) mutate(input);
    if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
    return input;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::uint8_t byte() {
    constexpr std::uint8_t kEdges[] = {0x00, 0x01, 0x7f, 0x80, 0xb7, 0xb8, 0xc0, 0xf7, 0xf8, 0xff};
    return below(3) == 0 ? kEdges[below(std::size(kEdges))] : static_cast<std::uint8_t>(random_());
  }

  void mutate(Input& input) {
    if (input.empty()) {
      input.push_back(byte());
      return;
    }
    const auto at = input.begin() + static_cast<std::ptrdiff_t>(below(input.size()));
    switch (below(6)) {
      case 0:
        *at = byte();
        break;
      case 1:
        *at = static_cast<std::uint8_t>(*at ^ (1U << below(8)));
        break;
      case 2:
        input.insert(at, byte());
        break;
      case 3:
        input.erase(at);
        break;
      case 4:
        input.erase(at, input.end());
        break;
      default: {
        const Input& other = corpus_[below(corpus_.size())];
        const auto from = static_cast<std::ptrdiff_t>(below(other.size() + 1));
        input.insert(at, other.begin() + from, other.end());
        break;
      }
    }
  }

  const std::vector<Input>& corpus_;
  std::mt19937_64 random_;
};

// What the process was doing when it died, for a signal handler.
const Input* g_input = nullptr;
std::string g_input_path;  // NOLINT: set once, before the handler

void leave_input_behind() {
  if (g_input == nullptr) return;
  const int file = open(g_input_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return;
  if (write(file, g_input->data(), g_input->size()) < 0) _exit(3);
  close(file);
}

extern "C" void on_signal(int number) {
  leave_input_behind();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void try_one(const Input& input) {
  g_input = &input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
  g_input = nullptr;
}

}  // namespace

/// Of the sanitizers' runtime, when it is linked: they do not die by a signal.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER [RUNS [SEED]]\n", argv[0]);
    return 2;
  }
  const std::uint64_t runs = number_or(argc, argv, 2, kRunsDefault);
  const std::uint64_t seed = number_or(argc, argv, 3, 1);
  std::vector<Input> corpus = read_corpus(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: no corpus\n", argv[1]);
    return 2;
  }
  corpus.emplace_back();
  g_input_path = std::string(argv[0]) + ".input";
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(number, on_signal);
  }
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(leave_input_behind);
  }
  std::printf("%zu inputs, %llu mutations, seed %llu; a fatal input is left in %s\n", corpus.size(),
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seed),
              g_input_path.c_str());
  std::fflush(stdout);
  for (const Input& input : corpus) try_one(input);
  Mutator mutator(corpus, seed);
  for (std::uint64_t run = 0; run < runs; ++run) try_one(mutator.next());
  return 0;
}
