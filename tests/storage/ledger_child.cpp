// A process that signs until it is killed: it writes each number to a pipe after record() has
// returned. Usage: ledger_child DIRECTORY DESCRIPTOR
#include <unistd.h>

#include <cstdlib>

#include "tests/storage/ledger_entries.hpp"

int main(int argc, char** argv) {
  using namespace preconf;
  if (argc != 3) return 4;
  const int pipe = static_cast<int>(std::strtol(argv[2], nullptr, 10));
  auto ledger = storage::SignOnceLedger::open(argv[1]);
  if (!ledger) return 1;
  for (std::uint64_t number = (*ledger)->end().seq.value + 1;; ++number) {
    const auto done =
        (*ledger)->record(tests::slot(number), tests::content(static_cast<std::uint8_t>(number)));
    if (!done) return 2;
    if (::write(pipe, &number, sizeof(number)) != ssize_t{sizeof(number)}) return 3;
  }
}
