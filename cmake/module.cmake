# preconf_module(name SOURCES ... [LINKS ...] [PRIVATE_LINKS ...])
#
# A folder of the source tree as a static library with an include root of its own:
# <build>/inc/<name>/<name> is a link to <source>/<name>, so that #include "io/..." only works in a
# module that links io. Linking nothing would not stop it: all folders have one parent.
#
# The target all_verify_interface_header_sets compiles every header alone, with nothing but what the
# module exports: a header that leans on its includer, or on a private dependency, fails there.
function(preconf_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(root "${CMAKE_BINARY_DIR}/inc/${name}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${name}" "${root}/${name}" SYMBOLIC)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/${name}"
    "${PROJECT_SOURCE_DIR}/${name}/*.hpp")
  list(TRANSFORM headers PREPEND "${root}/${name}/")
  list(TRANSFORM ARG_SOURCES PREPEND "${PROJECT_SOURCE_DIR}/${name}/")
  add_library(${name} STATIC ${ARG_SOURCES})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${root}" FILES ${headers})
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_include_directories(${name} PUBLIC "${root}")
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS} preconf_warnings)
endfunction()
