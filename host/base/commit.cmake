# SPDX-License-Identifier: MIT
#
# Writes FILE, which says of what commit SOURCE is; it is left as it is when it says so already, or everything would be
# linked again at each build. GIVEN, where there is no repository (an image, an archive), is believed.
cmake_minimum_required(VERSION 3.25)
set(commit "${GIVEN}")
if(NOT commit)
  execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=* WORKING_DIRECTORY "${SOURCE}"
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed OR NOT commit MATCHES "^[0-9a-f]+(-dirty)?$")
    set(commit unknown)
  endif()
endif()
file(CONFIGURE OUTPUT "${FILE}" @ONLY CONTENT
  "#pragma once\n#include <string_view>\nnamespace bourse::host {\ninline constexpr std::string_view kCommit = \"@commit@\";\n}\n")
