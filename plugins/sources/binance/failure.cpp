// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/failure.hpp"

#include <chrono>
#include <utility>

#include "bourse/symbols.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kBadSymbol = -1121;
constexpr std::int64_t kServerBusy = -1008;

struct Kind {
  bourse_status status;
  const char* code;
  /// When a new try makes sense, where nothing better is known.
  seconds retry_after;
};

Kind kind_of(const Error& error) noexcept {
  if (error.no_room) return {BOURSE_UNAVAILABLE, "exchange_no_room", seconds(5)};
  // Where the exchange has said what is wrong, that it does not fit the deadline is no news.
  if (error.deadline && error.kind == ErrorKind::kNetwork) {
    return {BOURSE_DEADLINE, "exchange_deadline", seconds(1)};
  }
  switch (error.kind) {
    case ErrorKind::kValidation:
      return {BOURSE_UNPROCESSABLE, "exchange_refused", seconds(0)};
    case ErrorKind::kAuthentication:
      // Without an answer there was no key to send.
      if (error.http_status == 0) return {BOURSE_UNPROCESSABLE, "not_configured", seconds(0)};
      return {BOURSE_UPSTREAM, "exchange_key_refused", seconds(60)};
    case ErrorKind::kRateLimit:
      return {BOURSE_UNAVAILABLE, "exchange_rate_limit", seconds(60)};
    case ErrorKind::kBanned:
      return {BOURSE_UNAVAILABLE, "exchange_banned", seconds(120)};
    case ErrorKind::kFirewall:
      return {BOURSE_UNAVAILABLE, "exchange_firewall", seconds(300)};
    case ErrorKind::kGeoBlock:
      return {BOURSE_UNAVAILABLE, "exchange_geo_block", seconds(3600)};
    case ErrorKind::kServer:
      if (error.code == kServerBusy || error.http_status == 503) {
        return {BOURSE_UNAVAILABLE, "exchange_busy", seconds(30)};
      }
      return {BOURSE_UPSTREAM, "exchange_failed", seconds(5)};
    case ErrorKind::kUnknownOutcome:
      return {BOURSE_UPSTREAM, "exchange_failed", seconds(5)};
    case ErrorKind::kNetwork:
      if (error.permanent) return {BOURSE_UPSTREAM, "exchange_not_trusted", seconds(60)};
      return {BOURSE_UNAVAILABLE, "exchange_unreachable", seconds(5)};
    case ErrorKind::kProtocol:
      break;
  }
  return {BOURSE_UPSTREAM, "exchange_bad_answer", seconds(5)};
}

std::string advice_of(const Error& error, Site site) {
  // The client does not know on whose behalf it asks: on the site for public data, and for signed
  // calls, there is no way around.
  if (error.kind == ErrorKind::kGeoBlock && site == Site::kData) {
    return "The site for public data is blocked as well: run the server in another country.";
  }
  if (error.deadline && error.advice.empty()) return "Allow more time: the route's `deadline`.";
  return error.advice;
}

}  // namespace

bool is_unknown_symbol(const Error& error) noexcept { return error.code == kBadSymbol; }

bourse::Error to_failure(const Error& error, Site site) {
  const Kind kind = kind_of(error);
  std::string text = error.message;
  if (const std::string advice = advice_of(error, site); !advice.empty()) text += " " + advice;
  const auto usual = std::chrono::duration_cast<milliseconds>(kind.retry_after);
  const milliseconds wait = error.retry_after.value_or(usual);
  bourse::Error failure(kind.status, kind.code, std::move(text));
  if (kind.retry_after.count() == 0) return failure;
  return std::move(failure).retry_after(std::max(wait, milliseconds(1)));
}

bourse::Error symbols_not_found(const std::vector<std::string>& asked,
                                const std::vector<std::string>& names, std::string parameter) {
  std::string text = no_such_symbol(asked.front(), names);
  if (asked.size() > 1) {
    text += " The other " + std::to_string(asked.size() - 1) + " are not known either.";
  }
  return bourse::Error(BOURSE_NOT_FOUND, "symbol_not_found", std::move(text))
      .blame(std::move(parameter));
}

}  // namespace bourse::binance
