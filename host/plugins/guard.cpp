// SPDX-License-Identifier: MIT
#include "host/plugins/guard.hpp"

#include <exception>
#include <string>

#include "host/base/utf8.hpp"
#include "host/plugins/text.hpp"

namespace bourse::host {
namespace {

std::string what_was_thrown() {
  try {
    throw;
  } catch (const std::exception& error) {
    const auto words = bounded_text(error.what(), BOURSE_MAX_LINE_BYTES);
    return words && !words->empty() ? in_quotes(*words) : "an exception";
  } catch (...) {
    return "something that is not a std::exception";
  }
}

}  // namespace

Failure describe_current_exception() noexcept {
  return {.status = BOURSE_INTERNAL,
          .code = "plugin_threw",
          .message = "threw " + what_was_thrown() +
                     " across the boundary, which rule 2 of bourse.h forbids; catch everything "
                     "inside the plugin, or write it with bourse/plugin.hpp",
          .origin = Origin::kThrew};
}

}  // namespace bourse::host
