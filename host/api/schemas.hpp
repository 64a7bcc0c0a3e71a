// SPDX-License-Identifier: MIT
//
// JSON Schemas: of parameters, and those that several operations share under components/schemas.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "host/api/operations.hpp"

namespace bourse::host {

/// Named schemas. Equal ones of one name are one; others of that name get a number.
class Schemas {
 public:
  /// `text`: a JSON object. Returns the name that it has now.
  std::string add(const std::string& wanted, std::string text);
  /// What a plugin wrote. Its "$defs" become schemas of their own, named PREFIX.NAME, and what
  /// refers to them is changed. Nothing: it is no JSON object, or refers to something else, and
  /// nothing was added.
  std::optional<std::string> add_foreign(const std::string& wanted, const std::string& prefix,
                                         const std::string& text);

  /// By name, each as JSON.
  [[nodiscard]] const std::map<std::string, std::string>& all() const noexcept { return all_; }

 private:
  std::map<std::string, std::string> all_;
};

/// The schema of a parameter as JSON, with its default only where a request that repeats it is
/// legal: not of a parameter that only some of a route's formats take.
[[nodiscard]] std::string parameter_schema(const OperationParameter& of);
/// Its example as JSON, of the parameter's type; empty: there is none.
[[nodiscard]] std::string parameter_example(const OperationParameter& of);
/// For people: what it is, and what is legal.
[[nodiscard]] std::string parameter_words(const OperationParameter& of);

}  // namespace bourse::host
