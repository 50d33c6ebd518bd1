include(GoogleTest)

# What only tests is compiled fast rather than made fast: the module under test keeps the preset's
# level. It takes a third off the time to compile a test.
function(preconf_cheap_tests name)
  if(SANITIZE)
    target_compile_options(${name} PRIVATE -O0)
  else()
    target_compile_options(${name} PRIVATE -O1)
  endif()
endfunction()

preconf_precompiled_holder(precompiled_gtest HEADERS ${PRECONF_STANDARD_HEADERS} <gtest/gtest.h>)
if(TARGET precompiled_gtest)
  target_link_libraries(precompiled_gtest PRIVATE GTest::gtest)
  preconf_cheap_tests(precompiled_gtest)
endif()

# preconf_test(name SOURCES ... LINKS ... [LABELS ...]): one test executable, sources relative to
# tests/. The gtest cases are listed at test time, so that building does not run them.
function(preconf_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  list(TRANSFORM ARG_SOURCES PREPEND "${PROJECT_SOURCE_DIR}/tests/")
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE
    ${ARG_LINKS} tests_dir GTest::gtest GTest::gtest_main preconf_warnings)
  preconf_cheap_tests(${name})
  preconf_precompile(${name} precompiled_gtest)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

# main of the fuzz targets where the compiler brings no libFuzzer.
add_library(fuzz_main OBJECT EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus_main.cpp")
target_include_directories(fuzz_main PRIVATE "${PROJECT_SOURCE_DIR}")
target_link_libraries(fuzz_main PRIVATE preconf_warnings)

add_custom_target(fuzz_all COMMENT "All fuzz targets")
add_custom_target(fuzz_core COMMENT "Fuzz targets that need neither io nor replay")

# preconf_fuzz(name [RUNS mutations] LINKS ...): tests/fuzz/fuzz_<name>.cpp, which defines
# LLVMFuzzerTestOneInput.
#
# In every build it is also a test: under g++ a main of our own replays tests/fuzz/corpus/<name>/
# and a bounded number of mutations of it, so that targets do not rot. With -DPRECONF_FUZZ=ON
# (clang) libFuzzer provides main; `./dev fuzz` runs those.
function(preconf_fuzz name)
  cmake_parse_arguments(ARG "CANARY" "RUNS" "LINKS" ${ARGN})
  if(NOT ARG_RUNS)
    set(ARG_RUNS 20000)
  endif()
  set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  add_executable(fuzz_${name} "${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_${name}.cpp")
  target_include_directories(fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_LINKS} preconf_warnings)
  preconf_precompile(fuzz_${name} precompiled)
  add_dependencies(fuzz_all fuzz_${name})
  if(PRECONF_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set(command fuzz_${name} -runs=${ARG_RUNS} -seed=1 "${corpus}")
  else()
    target_link_libraries(fuzz_${name} PRIVATE fuzz_main)
    set(command fuzz_${name} "${corpus}" ${ARG_RUNS})
  endif()
  if(ARG_CANARY)
    set(command "${PROJECT_SOURCE_DIR}/tests/fuzz/must_alarm.sh" ${command})
    list(TRANSFORM command REPLACE "^fuzz_${name}$" "$<TARGET_FILE:fuzz_${name}>")
  endif()
  add_test(NAME fuzz.${name} COMMAND ${command})
  set(labels fuzz)
  if("io" IN_LIST ARG_LINKS)
    list(APPEND labels io)  # slow to build under sanitizers; see ./dev test
  elseif("replay" IN_LIST ARG_LINKS)
    list(APPEND labels io)  # the same
  else()
    add_dependencies(fuzz_core fuzz_${name})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES LABELS "${labels}" TIMEOUT 120)
endfunction()
