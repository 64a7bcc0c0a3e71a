# SPDX-License-Identifier: MIT
#
# What a package or an image takes: the program and its plugins, which it finds by their place beside it.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGV} failed (${code}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(prefix ${WORK}/runtime)
file(REMOVE_RECURSE ${prefix})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} --component runtime)
file(GLOB_RECURSE installed RELATIVE ${prefix} ${prefix}/*)
file(GLOB built RELATIVE ${BUILD}/plugins ${BUILD}/plugins/*.so)
list(FILTER installed EXCLUDE REGEX "^share/bourse/docs/")  # there where ./dev docs-page was run
list(TRANSFORM built PREPEND lib/bourse/plugins/)
list(APPEND built bin/bourse share/bourse/bourse.schema.json)
list(SORT built)
list(SORT installed)
if(NOT installed STREQUAL built)
  message(FATAL_ERROR "installed is\n  ${installed}\nbut built was\n  ${built}")
endif()
run(${prefix}/bin/bourse plugins)
if(NOT output MATCHES "${prefix}/lib/bourse/plugins/technical.so" OR output MATCHES "refused")
  message(FATAL_ERROR "the installed program does not find its plugins:\n${output}")
endif()

# An administrator's own folder is looked at when it is there.
file(MAKE_DIRECTORY ${prefix}/local/lib/bourse/plugins)
file(RENAME ${prefix}/lib/bourse/plugins/csv.so ${prefix}/local/lib/bourse/plugins/csv.so)
run(${prefix}/bin/bourse plugins)
if(NOT output MATCHES "${prefix}/local/lib/bourse/plugins/csv.so")
  message(FATAL_ERROR "a plugin in local/lib/bourse/plugins is not found:\n${output}")
endif()
