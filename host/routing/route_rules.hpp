// SPDX-License-Identifier: MIT
//
// What must hold for a route, once its parts are known. Each function adds an error, at its place
// in the file, for everything that does not.
#pragma once

#include <string>

#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/routing/route.hpp"

namespace bourse::host {

/// Applies the route's `params` to its analyses and formats; each must be a parameter of one of
/// them and narrower than the plugin's own.
void narrow_parameters(Route& route, const RouteConfig& from, Diagnostics& diagnostics);
/// A variable of the path is a parameter of every analysis, and no secret.
void check_path(const Route& route, const RouteConfig& from, Diagnostics& diagnostics);
/// The source delivers what the analyses ask for (dataset_rules.hpp). `source_name`: what the
/// configuration calls the source of this route, or null; it may be one that could not be made.
void check_datasets(const Route& route, const RouteConfig& from, const LocatedText* source_name,
                    Diagnostics& diagnostics);
/// Each format can show something of each analysis.
void check_parts(const Route& route, const RouteConfig& from, Diagnostics& diagnostics);
/// Only what is kept can be tolerated. `access`: what counts for the route, or null.
void check_cache(const RouteConfig& from, const AccessConfig* access, Diagnostics& diagnostics);
/// What the route ignores is no parameter of it; what it reads in one case of letters is one, a
/// text or a list of texts, and none of its choices would be read as something else. Of what only
/// the defaults say, the latter counts where there is such a parameter.
void check_leniency(const Route& route, const RouteConfig& from, Diagnostics& diagnostics);
/// No name of a parameter means two things.
void check_clashes(const Route& route, const RouteConfig& from, Diagnostics& diagnostics);

}  // namespace bourse::host
