# SPDX-License-Identifier: MIT
#
# bourse_add_plugin(NAME SOURCES file... [LIBRARIES target...])
#
# A shared library that the Bourse host can load: it exports one symbol, resolves all others at link
# time, and links nothing of Bourse but the headers. The same function serves this tree and yours.
#   NAME       target and file name: NAME.so, no "lib" in front
#   SOURCES    one of them must contain BOURSE_PLUGIN(...) or define bourse_plugin_v1
#   LIBRARIES  what else it links (static libraries need position-independent code)
# The global property BOURSE_PLUGINS lists the plugins made so far.
# BOURSE_PLUGIN_OUTPUT_DIRECTORY, if set, is where the file is written.

function(bourse_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "bourse_add_plugin(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}; "
                        "it takes SOURCES and LIBRARIES")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "bourse_add_plugin(${name}): needs SOURCES, the files to compile")
  endif()
  set(map "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/bourse_plugin.map")
  add_library(${name} MODULE ${arg_SOURCES})
  set_property(GLOBAL APPEND PROPERTY BOURSE_PLUGINS ${name})
  target_link_libraries(${name} PRIVATE bourse::sdk ${arg_LIBRARIES})
  # -fno-gnu-unique: a unique symbol pins the library in memory for ever and is shared between
  # plugins that happen to have the same template, whatever its version script says.
  target_compile_options(${name} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE
    "LINKER:--version-script=${map}" "LINKER:--exclude-libs,ALL")
  if(NOT BOURSE_SANITIZE)  # a sanitizer's symbols come from the program that loads the plugin
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS "${map}")
  if(BOURSE_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY "${BOURSE_PLUGIN_OUTPUT_DIRECTORY}")
  endif()
endfunction()
