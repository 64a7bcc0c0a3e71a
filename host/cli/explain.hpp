// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "host/cli/setup.hpp"

namespace bourse::host {

struct ExplainOptions {
  SetupOptions setup = {};
  std::vector<std::string> words = {};  ///< a code; or "GET /a?b", in one word or two
  std::string accept = {};              ///< header Accept of the request; empty: none
};

/// What a code means; or, of a request: which route answers it and why no other one, who may, what
/// each parameter is and where that comes from, which format and why, what of the answer is kept;
/// or which problem is the answer, with the place in the configuration that says so. Nothing is
/// run. A route with `access` is explained to who may use it, and that others get 401 is said.
/// kDone: it was explained, whatever the answer would be.
int explain(const ExplainOptions& options);

/// Prints what a code means. False: it is none of the host's.
bool explain_code(const std::string& code);

}  // namespace bourse::host
