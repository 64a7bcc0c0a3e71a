# SPDX-License-Identifier: MIT
#
# find_package(Bourse) gives the target bourse::sdk (headers only) and bourse_add_plugin().
include("${CMAKE_CURRENT_LIST_DIR}/BourseTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BoursePlugin.cmake")
