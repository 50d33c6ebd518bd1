add_custom_target(check_headers COMMENT "Every header compiles alone")

# preconf_module(name [FOLDER folder] [NO_EXCEPTIONS] SOURCES ... [LINKS ...] [PRIVATE_LINKS ...])
#
# A folder of the source tree (the one called as the module, unless said) as a static library with
# an include root of its own: <build>/inc/<name>/<folder> is a link to <source>/<folder>, so that
# #include "io/..." only works in a module that links io. Linking nothing would not stop it: all
# folders have one parent. NO_EXCEPTIONS: compiled with -fno-exceptions.
function(preconf_module name)
  cmake_parse_arguments(ARG "NO_EXCEPTIONS" "FOLDER" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER "${name}")
  endif()
  set(root "${CMAKE_BINARY_DIR}/inc/${name}")
  get_filename_component(parent "${root}/${ARG_FOLDER}" DIRECTORY)
  file(MAKE_DIRECTORY "${parent}")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${ARG_FOLDER}" "${root}/${ARG_FOLDER}" SYMBOLIC)
  list(TRANSFORM ARG_SOURCES PREPEND "${PROJECT_SOURCE_DIR}/${ARG_FOLDER}/")
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC "${root}")
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS} preconf_warnings)
  if(ARG_NO_EXCEPTIONS)
    target_compile_options(${name} PRIVATE -fno-exceptions)
    preconf_precompile(${name} precompiled_no_exceptions)
  else()
    preconf_precompile(${name} precompiled)
  endif()
  # At the end of the directory, when all its targets have their sources.
  cmake_language(EVAL CODE
    "cmake_language(DEFER CALL preconf_check_headers [[${name}]] [[${ARG_FOLDER}]])")
endfunction()

# One source per header of the module that includes nothing else: a header that leans on its
# includer does not compile. With the module's own flags and include roots; built by check_headers.
# A header whose own source this directory compiles needs none: tools/check_style.py sees to it that
# x.cpp includes x.hpp before anything else, so that compiling x.cpp says the same.
function(preconf_check_headers name folder)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
    "${PROJECT_SOURCE_DIR}/${folder}/*.hpp")
  # Folders inside this one that are modules of their own have checked theirs.
  get_property(checked GLOBAL PROPERTY PRECONF_CHECKED_HEADERS)
  set_property(GLOBAL APPEND PROPERTY PRECONF_CHECKED_HEADERS ${headers})
  list(REMOVE_ITEM headers ${checked})
  get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  set(compiled "")
  foreach(target ${targets})
    get_target_property(of_target ${target} SOURCES)
    list(APPEND compiled ${of_target})
  endforeach()
  set(sources "")
  foreach(header ${headers})
    string(REGEX REPLACE "\\.hpp$" ".cpp" own "${PROJECT_SOURCE_DIR}/${header}")
    if(own IN_LIST compiled)
      continue()
    endif()
    set(source "${CMAKE_BINARY_DIR}/headers/${name}/${header}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${header}\"\n" @ONLY)
    list(APPEND sources "${source}")
  endforeach()
  add_library(${name}_headers OBJECT EXCLUDE_FROM_ALL ${sources})
  foreach(property INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS)
    set_property(TARGET ${name}_headers PROPERTY ${property} $<TARGET_PROPERTY:${name},${property}>)
  endforeach()
  target_compile_options(${name}_headers PRIVATE -O0 -g0)
  target_link_libraries(${name}_headers PRIVATE
    $<TARGET_PROPERTY:${name},LINK_LIBRARIES> preconf_warnings)
  add_dependencies(${name}_headers ${name})
  add_dependencies(check_headers ${name}_headers)
endfunction()
