# SPDX-License-Identifier: MIT
#
# What the header of a plugin costs, in preprocessed lines, as a ratio to <string> and <vector> of the same
# standard library: seconds depend on the machine, lines do not. COMPILER, FLAGS, INCLUDE, LIMIT (percent).
# Before it was cut: 280 % (libstdc++ 12).
cmake_minimum_required(VERSION 3.25)
function(lines_of text out)
  file(WRITE ${WORK}/budget.cpp "${text}")
  execute_process(COMMAND ${COMPILER} ${FLAGS} -I ${INCLUDE} -E -P ${WORK}/budget.cpp
                  RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE problem)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "cannot preprocess '${text}':\n${problem}")
  endif()
  string(REGEX MATCHALL "\n" ends "${output}")
  list(LENGTH ends n)
  set(${out} ${n} PARENT_SCOPE)
endfunction()
lines_of("#include <string>\n#include <vector>\n" least)
lines_of("#include \"bourse/plugin.hpp\"\n" ours)
math(EXPR percent "100 * ${ours} / ${least}")
message(STATUS "bourse/plugin.hpp: ${ours} lines, <string> and <vector> ${least}: ${percent} %")
if(percent GREATER LIMIT)
  message(FATAL_ERROR "bourse/plugin.hpp has grown to ${percent} % of <string> and <vector>, at most ${LIMIT} % are "
                      "allowed: which header did it take in? (${COMPILER} -H shows them)")
endif()
