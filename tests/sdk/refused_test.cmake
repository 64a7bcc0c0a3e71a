# SPDX-License-Identifier: MIT
#
# A program that must not compile, and its good twin. FILE is both: -D BAD=N takes the bad branch N, BAD=0
# none. A comment `// BAD N: SENTENCE` in it says in which words N must be refused.
#   BAD = 0: it compiles without a warning.
#   BAD > 0: it does not; SENTENCE is in the first error, and there is little else to read.
cmake_minimum_required(VERSION 3.25)
execute_process(
  COMMAND ${COMPILER} -fsyntax-only -D BAD=${BAD} -Wall -Wextra -Wpedantic -Wshadow -Wconversion
          -Wno-sign-conversion -Werror -fdiagnostics-color=never ${FLAGS} -I ${INCLUDE} ${FILE}
  RESULT_VARIABLE code ERROR_VARIABLE said OUTPUT_VARIABLE said)
if(BAD EQUAL 0)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${FILE}: the good twin does not compile:\n${said}")
  endif()
  return()
endif()
if(code EQUAL 0)
  message(FATAL_ERROR "${FILE}: branch ${BAD} compiles, and must not")
endif()
string(REPLACE ";" "," said "${said}")
string(REPLACE "\n" ";" lines "${said}")
set(errors ${lines})
list(FILTER errors INCLUDE REGEX "error: ")
list(GET errors 0 first)
string(FIND "${first}" "${SENTENCE}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${FILE}: branch ${BAD} is refused, but not first of all with\n  ${SENTENCE}\nbut with\n${said}")
endif()
list(LENGTH errors n_errors)
list(LENGTH lines n_lines)
if(n_errors GREATER 2 OR n_lines GREATER 30)
  message(FATAL_ERROR "${FILE}: branch ${BAD} is refused in ${n_lines} lines, ${n_errors} errors:\n${said}")
endif()
