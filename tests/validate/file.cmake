# SPDX-License-Identifier: MIT
bourse_bad_plugin(chatty file.one-name chatty.c RAW)
bourse_bad_plugin(search_path file.no-search-path plain.c LINK LINKER:-rpath,/opt/plain/lib)
# A library that has no name of its own is found by the path that it had when it was linked.
add_library(bad_nameless SHARED bad/nameless.c)
set_target_properties(bad_nameless PROPERTIES NO_SONAME ON LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/nameless)
bourse_bad_plugin(needs_by_path file.needs-by-name plain.c LINK LINKER:--no-as-needed $<TARGET_FILE:bad_nameless>)
add_dependencies(bad_needs_by_path bad_nameless)
bourse_bad_plugin(text_relocation file.no-text-relocations text_relocation.c LINK LINKER:-z,notext)
bourse_bad_plugin(executable_stack file.no-executable-stack plain.c LINK LINKER:-z,execstack)
bourse_bad_plugin(writable_code file.no-writable-code writable_code.c LINK LINKER:--no-warn-rwx-segments)
bourse_bad_plugin(static_tls file.no-static-tls static_tls.c OUTCOME warning)
bourse_bad_plugin(nodelete file.can-be-unloaded plain.c OUTCOME warning LINK LINKER:-z,nodelete)
bourse_bad_plugin(unique file.can-be-unloaded unique.cpp OUTCOME warning RAW COMPILE -fvisibility=hidden)
# pthread_key_create is of GLIBC_2.34 where this is built, and Debian 11 has 2.31.
bourse_bad_plugin(newer_libc file.base newer_libc.c OPTIONS --base debian11)
bourse_bad_plugin(old_enough none plain.c OPTIONS --base debian12)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64 AND CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_C_COMPILER_VERSION VERSION_LESS 13)
  bourse_bad_plugin(fast_math file.no-fast-math plain.c LINK -Ofast)  # later ones link no such start
endif()

# One byte of a table after the other: what the loader would follow to somewhere else is refused, and by that rule alone.
add_test(NAME validate.tables COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tables_test.py $<TARGET_FILE:bad_good>)
set_tests_properties(validate.tables PROPERTIES TIMEOUT 300 ENVIRONMENT "${environment}" LABELS validate)
