# Precompiled headers: the standard library (and, for tests, googletest), parsed once instead of in
# every source. They save a good part of a build's time and change nothing else: sources go
# on including what they use. What a source forgot to include shows in builds without them
# (-DPRECONF_PRECOMPILE=OFF: presets tidy and fuzz) and, for headers, in check_headers.
option(PRECONF_PRECOMPILE "Precompile the standard library's headers" ON)

# Nothing here that core may not use.
set(PRECONF_PURE_HEADERS
  <algorithm> <array> <cstdint> <cstring> <map> <optional> <set> <span> <string> <string_view>
  <utility> <variant> <vector>)
set(PRECONF_STANDARD_HEADERS
  ${PRECONF_PURE_HEADERS} <chrono> <filesystem> <functional> <memory> <sstream>)

# ccache would key every object with the bytes of the precompiled header, which differ each time one
# is made. It takes the first line of a .sum file beside it instead: here the hash of the text that
# was precompiled, the same in every checkout on every machine with the same packages.
function(preconf_write_precompiled_sum name)
  set(text "")
  foreach(header ${ARGN})
    string(APPEND text "#include ${header}\n")
  endforeach()
  set(source "${CMAKE_BINARY_DIR}/precompiled/${name}_sum.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "${text}")
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
  execute_process(
    COMMAND "${CMAKE_CXX_COMPILER}" ${flags} -std=c++20 -E -P "${source}"
    OUTPUT_VARIABLE preprocessed COMMAND_ERROR_IS_FATAL ANY)
  string(SHA256 sum "${preprocessed}")
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.gch.sum"
    CONTENT "${sum}\n")
endfunction()

# A compiler takes a precompiled header only with the options it was made with: one holder for each
# set of them.
function(preconf_precompiled_holder name)
  cmake_parse_arguments(ARG "" "" "HEADERS;OPTIONS" ${ARGN})
  if(PRECONF_PRECOMPILE)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled/${name}.cpp" CONTENT "")
    add_library(${name} OBJECT "${CMAKE_BINARY_DIR}/precompiled/${name}.cpp")
    target_compile_options(${name} PRIVATE ${ARG_OPTIONS} -fpch-preprocess)
    target_link_libraries(${name} PRIVATE preconf_warnings)
    target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
    preconf_write_precompiled_sum(${name} ${ARG_HEADERS})
  endif()
endfunction()

# preconf_precompile(target holder)
function(preconf_precompile target holder)
  if(PRECONF_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${holder})
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()

preconf_precompiled_holder(precompiled HEADERS ${PRECONF_STANDARD_HEADERS})
preconf_precompiled_holder(precompiled_no_exceptions
  HEADERS ${PRECONF_PURE_HEADERS} OPTIONS -fno-exceptions)
