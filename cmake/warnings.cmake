# The one list of warnings. -Wnull-dereference, -Wmaybe-uninitialized and -Warray-bounds stay
# warnings: g++ 12 is known to be wrong about them at -O2, and about the last one also in the
# standard library's strings once it comes from a precompiled header.
add_library(preconf_warnings INTERFACE)
target_compile_options(preconf_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wextra-semi -Wmissing-declarations
  -Wno-missing-field-initializers)
# clang reads the code for lint and fuzzing; its warnings inform, those of g++ stop the build.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(preconf_warnings INTERFACE -Werror
    -Wduplicated-cond -Wduplicated-branches -Wlogical-op
    -Wno-error=null-dereference -Wno-error=maybe-uninitialized
    -Wno-error=array-bounds -Wno-restrict)
else()
  target_compile_options(preconf_warnings INTERFACE -Wno-unused-lambda-capture)
endif()
