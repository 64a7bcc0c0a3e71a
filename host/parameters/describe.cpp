// SPDX-License-Identifier: MIT
//
// The words for a rule; every error message and help text says it in the same ones.
#include <algorithm>

#include "host/base/utf8.hpp"
#include "host/parameters/parse.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kChoicesShown = 12;
constexpr std::string_view kTimeForms =
    "2024-12-31, 2024-12-31T23:59:59Z, milliseconds since 1970, "
    "or relative: now, -90m, -12h, -30d, -2w";

std::string one(bourse_type type) {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return "true or false (also 1 or 0)";
    case BOURSE_TYPE_I64:
      return "a whole number";
    case BOURSE_TYPE_F64:
      return "a number";
    case BOURSE_TYPE_DECIMAL:
      return "a decimal number";
    case BOURSE_TYPE_TIME:
      return "a time (" + std::string(kTimeForms) + ")";
    default:
      return "text";
  }
}

std::string many(bourse_type item) {
  switch (item) {
    case BOURSE_TYPE_BOOL:
      return "true or false";
    case BOURSE_TYPE_I64:
      return "whole numbers";
    case BOURSE_TYPE_F64:
      return "numbers";
    case BOURSE_TYPE_DECIMAL:
      return "decimal numbers";
    case BOURSE_TYPE_TIME:
      return "times (" + std::string(kTimeForms) + ")";
    default:
      return "texts";
  }
}

std::string choices(const Parameter& parameter) {
  std::string shown;
  const std::size_t count = std::min(parameter.choices.size(), kChoicesShown);
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) shown += ", ";
    shown += printable(parameter.choices[i]);
  }
  const std::size_t rest = parameter.choices.size() - count;
  if (rest != 0) shown += " and " + std::to_string(rest) + " more";
  return shown;
}

std::string length(const LengthBounds& bounds) {
  if (bounds.min == bounds.max) return std::to_string(bounds.min);
  if (bounds.min == 0) return "at most " + std::to_string(bounds.max);
  return std::to_string(bounds.min) + " to " + std::to_string(bounds.max);
}

std::string range(const Parameter& parameter) {
  if (parameter.min && parameter.max) return " from " + *parameter.min + " to " + *parameter.max;
  if (parameter.min) return ", at least " + *parameter.min;
  if (parameter.max) return ", at most " + *parameter.max;
  return {};
}

}  // namespace

std::string expectation(const Parameter& parameter) {
  std::string words;
  if (parameter.type == BOURSE_TYPE_LIST) {
    words = length(length_bounds(parameter)) + ' ';
    words += parameter.choices.empty() ? many(parameter.item) : "of " + choices(parameter);
    words += ", separated by commas";
  } else if (!parameter.choices.empty()) {
    words = "one of " + choices(parameter);
  } else if (parameter.type == BOURSE_TYPE_TEXT) {
    words = "text of " + length(length_bounds(parameter)) + " bytes";
  } else {
    words = one(parameter.type) + range(parameter);
  }
  if (!parameter.unit.empty()) words += " (in " + printable(parameter.unit) + ")";
  return words;
}

std::string describe(const Parameter& parameter) {
  std::string words = expectation(parameter);
  const std::string value = parameter.secret ? "hidden" : printable(parameter.def.value_or(""));
  if (parameter.fixed) {
    words += ", fixed at " + value;
  } else if (parameter.required) {
    words += ", required";
  } else if (parameter.def) {
    words += ", default " + (value.empty() ? "empty" : value);
  }
  if (parameter.optional) words += ", optional";
  if (parameter.secret) words += ", secret";
  return words;
}

}  // namespace bourse::host
