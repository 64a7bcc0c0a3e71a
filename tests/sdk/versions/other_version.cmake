# SPDX-License-Identifier: MIT
#
# Copies the headers FROM here TO there as those of another version: its namespace is another one, and
# Decimal has other words for the same.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${TO})
file(COPY ${FROM}/bourse DESTINATION ${TO})
file(GLOB_RECURSE headers ${TO}/*.hpp)
foreach(header ${headers})
  file(READ ${header} text)
  if(NOT text MATCHES "namespace bourse::inline sdk_0_1" AND text MATCHES "namespace bourse")
    message(FATAL_ERROR "${header} opens namespace bourse without the inline namespace of its version")
  endif()
  string(REPLACE "sdk_0_1" "sdk_0_2" text "${text}")
  string(REPLACE " is not a decimal number" " is no decimal number at all" text "${text}")
  file(WRITE ${header} "${text}")
endforeach()
file(WRITE ${TO}/made "")
