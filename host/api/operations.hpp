// SPDX-License-Identifier: MIT
//
// The routes as a client sees them: one operation for each path that can be asked, with the
// parameters that it takes there. What the description for machines and the page for people share.
#pragma once

#include <string>
#include <vector>

#include "host/parameters/parameter.hpp"
#include "host/routing/generation.hpp"

namespace bourse::host {

/// A parameter that a request may give.
struct OperationParameter {
  const Parameter* parameter = nullptr;
  bool in_path = false;
  /// It is of these of the route's formats; empty: whatever format a request asks for takes it.
  std::vector<std::string> formats = {};
  std::string example = {};  ///< from the source; empty: there is none
};

/// Borrows from the generation.
struct Operation {
  std::string path;  ///< a template, in which the analysis is picked already
  std::string id;    ///< [a-z0-9_]+: of the path alone, so it is the same after a reload
  std::string title;
  const Route* route = nullptr;
  const RouteAnalysis* analysis = nullptr;
  std::vector<std::string> aliases = {};            ///< other words for the analysis in this path
  std::vector<OperationParameter> parameters = {};  ///< those of the path first, in its order
};

/// In the order of the configuration. A path that another route answers is not there. Two formats
/// that call two parameters alike have one entry, that of the first.
[[nodiscard]] std::vector<Operation> operations_of(const Generation& generation);

/// "Any of the route's formats by ?format=csv, the suffix .csv, or Accept; json if none is named."
[[nodiscard]] std::string choice_of_formats(const Route& route);

}  // namespace bourse::host
