// Where the tests find their files.
#pragma once

#include <string>

namespace preconf::tests {

/// The absolute path of this project's tests/ folder, where vectors, scenarios and golden logs are.
///
/// A function, so that one source knows the path: a definition for every compilation would keep
/// the compiler's cache from serving a second checkout.
std::string tests_dir();

}  // namespace preconf::tests
