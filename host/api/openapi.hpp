// SPDX-License-Identifier: MIT
//
// The description of all routes for programs: OpenAPI 3.1, as JSON.
#pragma once

#include <string>
#include <vector>

#include "host/api/operations.hpp"
#include "host/config/api.hpp"

namespace bourse::host {

/// Asks serializers what they write (host/calls/schema.hpp), so not for a thread that must not
/// wait. Nothing secret is in it: no token, no value of the environment, no default of a secret
/// parameter. `operations`: of one generation. Equal ones give equal bytes.
[[nodiscard]] std::string openapi_json(const std::vector<Operation>& operations,
                                       const ApiConfig& config);

/// What can go wrong, by status: the rows of docs/reference/http.md.
struct ProblemKind {
  int status;
  const char* name;   ///< "BadRequest"
  const char* words;  ///< for people, one sentence
  const char* codes;  ///< "missing_parameter, bad_parameter"
};
/// Those that a request for this operation may meet.
[[nodiscard]] std::vector<const ProblemKind*> problems_of(const Operation& operation);

}  // namespace bourse::host
