add_custom_target(check_headers COMMENT "Every header compiles alone")

# preconf_module(name [FOLDER folder] SOURCES ... [LINKS ...] [PRIVATE_LINKS ...])
#
# A folder of the source tree (the one called as the module, unless said) as a static library with
# an include root of its own: <build>/inc/<name>/<folder> is a link to <source>/<folder>, so that
# #include "io/..." only works in a module that links io. Linking nothing would not stop it: all
# folders have one parent.
function(preconf_module name)
  cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
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
  preconf_check_headers(${name} "${ARG_FOLDER}")
endfunction()

# One source per header of the module that includes nothing else: a header that leans on its
# includer does not compile. With the module's own flags and include roots; built by check_headers.
function(preconf_check_headers name folder)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
    "${PROJECT_SOURCE_DIR}/${folder}/*.hpp")
  set(sources "")
  foreach(header ${headers})
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
