// SPDX-License-Identifier: MIT
//
// The pages for people. Plain HTML without a script or a style of its own, for the policy of
// pages.hpp; links are relative, so that they hold behind a proxy that adds a prefix.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/api/operations.hpp"
#include "host/config/api.hpp"
#include "host/routing/generation.hpp"

namespace bourse::host {

/// What "/" shows: the routes, and where to read on.
[[nodiscard]] std::string index_html(const std::vector<Operation>& operations,
                                     const ApiConfig& config);
/// The same for programs: {"title", "description": "openapi.json", "documentation": "docs",
/// "routes": [{"path", "title", "analysis", "formats", "needs_token"}]}.
[[nodiscard]] std::string index_json(const std::vector<Operation>& operations,
                                     const ApiConfig& config);

/// All that openapi.json says, to be read. `base`: what leads from the page to "/": "", or "../".
/// `notice`: HTML that stands above it.
[[nodiscard]] std::string reference_html(const std::vector<Operation>& operations,
                                         const ApiConfig& config, std::string_view base,
                                         std::string_view notice);
/// The page in which swagger-ui runs.
[[nodiscard]] std::string explorer_html(const ApiConfig& config);

/// docs/pages.css and docs/explorer.js.
[[nodiscard]] std::string_view stylesheet() noexcept;
[[nodiscard]] std::string_view explorer_script() noexcept;

}  // namespace bourse::host
