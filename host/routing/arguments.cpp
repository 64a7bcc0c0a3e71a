// SPDX-License-Identifier: MIT
#include "host/routing/arguments.hpp"

#include <algorithm>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {

Result<Arguments> read_arguments(std::span<const Parameter> declared, const NamedTexts& texts,
                                 std::int64_t now) {
  std::vector<std::string> names;
  std::vector<Value> values;
  names.reserve(declared.size());
  values.reserve(declared.size());
  for (const Parameter& parameter : declared) {
    std::vector<std::string_view> given;
    for (const auto& [name, text] : texts) {
      if (name == parameter.name) given.emplace_back(text);
    }
    auto value = read_value(parameter, given, now);
    if (!value) return std::move(value).failure();
    names.push_back(parameter.name);
    values.push_back(*std::move(value));
  }
  return Arguments(std::move(names), std::move(values));
}

Result<void> check_names(const NamedTexts& texts,
                         std::span<const std::span<const Parameter>> declared,
                         std::span<const std::string_view> also_known) {
  if (texts.empty()) return {};
  std::vector<std::string_view> known(also_known.begin(), also_known.end());
  for (const auto& list : declared) {
    for (const Parameter& parameter : list) {
      if (!parameter.fixed) known.emplace_back(parameter.name);
    }
  }
  for (const auto& [name, text] : texts) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    // A fixed one is known, but not for the client to set: read_value says so.
    const bool is_fixed = std::any_of(declared.begin(), declared.end(), [&](const auto& list) {
      return std::any_of(list.begin(), list.end(),
                         [&](const Parameter& p) { return p.fixed && p.name == name; });
    });
    if (is_fixed) continue;
    Failure failure{.status = BOURSE_BAD_PARAM,
                    .code = "unknown_parameter",
                    .message = "There is no parameter " + in_quotes(name) + " here.",
                    .parameter = printable(name)};
    if (const auto near = suggest(name, known)) {
      failure.message += " Did you mean " + *near + "?";
    }
    for (const std::string_view k : known) failure.offer.emplace_back(k);
    return failure;
  }
  return {};
}

}  // namespace bourse::host
