# SPDX-License-Identifier: MIT
#
# Makes templates.cpp of the files in sdk/templates.
set(template_folder ${PROJECT_SOURCE_DIR}/sdk/templates)
file(GLOB_RECURSE template_files CONFIGURE_DEPENDS RELATIVE ${template_folder} ${template_folder}/*)
list(SORT template_files)
set(template_rows "")
foreach(file ${template_files})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${template_folder}/${file})
  file(READ ${template_folder}/${file} text)
  string(APPEND template_rows "    {\"${file}\", R\"template(${text})template\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/templates.cpp @ONLY CONTENT
"// SPDX-License-Identifier: MIT
//
// Made of sdk/templates by CMake.
#include \"host/cli/templates.hpp\"

namespace bourse::host {
namespace {
constexpr Template kTemplates[] = {
@template_rows@};
}  // namespace

std::span<const Template> templates() noexcept { return kTemplates; }

}  // namespace bourse::host
")
