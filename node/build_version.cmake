# Run at every build: writes OUTPUT with the program's version and the commit it is built from, and
# touches it only when one of them changed.
execute_process(COMMAND git rev-parse --short=12 HEAD WORKING_DIRECTORY "${SOURCE}"
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[
// Written by node/build_version.cmake.
#pragma once

namespace preconf::node {

inline constexpr const char* kBuildVersion = "@VERSION@";
inline constexpr const char* kBuildCommit = "@commit@";

}  // namespace preconf::node
]] @ONLY)
