# -DSANITIZE=address,undefined or -DSANITIZE=thread instruments everything of ours.
set(SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined | thread")
if(SANITIZE)
  add_compile_options(-fsanitize=${SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # clang 14 can not compile coroutines under this one check of UBSan.
    add_compile_options(-fno-sanitize=function)
  endif()
  # Instrumented code makes g++ 12 see uninitialized members in every std::variant: pages of them.
  add_compile_options(-Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${SANITIZE})
  if(SANITIZE MATCHES "thread")
    # Asio's fences are invisible to TSan.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    add_compile_options(-Wno-error=tsan)
  endif()
endif()

# clang only: coverage counters everywhere, so that libFuzzer sees which way an input took.
option(PRECONF_FUZZ "Link fuzz targets with libFuzzer (clang)" OFF)
if(PRECONF_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
