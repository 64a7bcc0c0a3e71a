// SPDX-License-Identifier: MIT
//
// From the client's errors to what a request for a report is answered.
//
//   what happened                    status  code
//   ------------------------------------------------------------------
//   no such market (-1121)           404     symbol_not_found
//   other refusals of a request      422     exchange_refused
//   key, signature, timestamp        502     exchange_key_refused
//   no key                           422     not_configured
//   rate limit; 418; 403; 451        503     exchange_rate_limit, exchange_banned,
//                                            exchange_firewall, exchange_geo_block
//   5xx, overload                    502     exchange_failed; exchange_busy is 503
//   an answer that cannot be read    502     exchange_bad_answer
//   no way there                     503     exchange_unreachable
//   a certificate                    502     exchange_not_trusted
//   no answer before the deadline    504     exchange_deadline
//
// 502 and 503 say when a new try makes sense, as far as is known. No text holds a secret: the
// client has taken them out, and what the exchange's firewall pages say is not passed on.
#pragma once

#include <string>
#include <vector>

#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/site.hpp"

namespace bourse::binance {

/// The exchange's code for a market that it does not have.
bool is_unknown_symbol(const Error& error) noexcept;

bourse::Error to_failure(const Error& error, Site site);

/// NOT_FOUND for markets none of which exists. `names`: all there are, for advice; may be empty.
bourse::Error symbols_not_found(const std::vector<std::string>& asked,
                                const std::vector<std::string>& names, std::string parameter);

}  // namespace bourse::binance
