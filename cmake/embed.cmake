# preconf_embed(target symbol path): the file's bytes as `extern const std::string_view symbol` in
# namespace preconf::assets, part of `target`.
function(preconf_embed target symbol path)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/assets/${symbol}.cpp")
  set(in "${PROJECT_SOURCE_DIR}/${path}")
  set(script "${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake")
  add_custom_command(OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" "-DIN=${in}" "-DOUT=${out}" "-DSYMBOL=${symbol}" -P "${script}"
    DEPENDS "${in}" "${script}"
    COMMENT "Embedding ${path}")
  target_sources(${target} PRIVATE "${out}")
endfunction()
