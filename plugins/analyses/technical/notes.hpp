// SPDX-License-Identifier: MIT
//
// What a report has to say of its candles: how old, how whole and how odd they are.
#pragma once

#include "bourse/call.hpp"
#include "plugins/analyses/technical/reading.hpp"
#include "plugins/analyses/technical/request.hpp"
#include "plugins/analyses/technical/series.hpp"

namespace bourse::technical {

/// Time of the newest input: the newest candle's close time, or its source's clock while it forms.
Time newest_input(const Reading& reading, Interval interval);

/// Passes on the source's notes and adds those of README.md. `candles` and `series` are those of
/// the reading, row by row.
void say_notes(const Call& call, const Request& request, const Reading& reading,
               const Candles& candles, const Series& series);

}  // namespace bourse::technical
