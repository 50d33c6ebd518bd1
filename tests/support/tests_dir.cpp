#include "tests/support/tests_dir.hpp"

namespace preconf::tests {

std::string tests_dir() {
  return PRECONF_TESTS_DIR;
}

}  // namespace preconf::tests
