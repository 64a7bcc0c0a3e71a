// SPDX-License-Identifier: MIT
//
// The switches of streams below /_fake/: part of admin.cpp's table.
#pragma once

#include <string>

#include "tests/exchange/clock.hpp"
#include "tests/exchange/request.hpp"

namespace bourse::fake_exchange {

class Exchange;

/// A parameter such as 250ms. Throws std::invalid_argument, in words for whoever typed it.
[[nodiscard]] microseconds read_duration(Parameters& parameters, std::string_view name,
                                         microseconds otherwise = {});

// Commands: each returns JSON, or throws as read_duration() and Parameters do.
[[nodiscard]] std::string list_streams(Exchange&, Parameters&);
[[nodiscard]] std::string list_heard(Exchange&, Parameters&);
[[nodiscard]] std::string set_streams(Exchange&, Parameters&);
[[nodiscard]] std::string shut_streams_down(Exchange&, Parameters&);
[[nodiscard]] std::string close_streams(Exchange&, Parameters&);

}  // namespace bourse::fake_exchange
