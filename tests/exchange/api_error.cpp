// SPDX-License-Identifier: MIT
#include "tests/exchange/api_error.hpp"

#include "tests/exchange/json_text.hpp"

namespace bourse::fake_exchange {
namespace {

int status_of(int code) {
  switch (code) {
    case -1002:
    case -2014:
    case -2015:
      return 401;
    case -1003:
    case -1015:
      return 429;
    default:
      return 400;
  }
}

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

}  // namespace

ApiError::ApiError(int code, std::string message)
    : ApiError(status_of(code), code, std::move(message)) {}

std::string ApiError::body(int code, std::string_view message) {
  return JsonText().object().member("code", code).member("msg", message).end_object().take();
}

ApiError missing(std::string_view parameter) {
  return {-1102, "Mandatory parameter " + quoted(parameter) +
                     " was not sent, was empty/null, or malformed."};
}

ApiError missing_both(std::string_view one, std::string_view other) {
  return {-1102, "Param " + quoted(one) + " or " + quoted(other) +
                     " must be sent, but both were empty/null!"};
}

ApiError illegal(std::string_view parameter, std::string_view range) {
  return {-1100, "Illegal characters found in parameter " + quoted(parameter) +
                     "; legal range is " + quoted(range) + "."};
}

ApiError not_valid(std::string_view parameter) {
  return {-1130, "Data sent for parameter " + quoted(parameter) + " is not valid."};
}

ApiError too_precise(std::string_view parameter) {
  return {-1111, "Parameter " + quoted(parameter) + " has too much precision."};
}

ApiError not_required(std::string_view parameter) {
  return {-1106, "Parameter " + quoted(parameter) + " sent when not required."};
}

ApiError bad_combination() { return {-1128, "Combination of optional parameters invalid."}; }

ApiError invalid_symbol() { return {-1121, "Invalid symbol."}; }

ApiError filter_failure(std::string_view filter) {
  return {-1013, "Filter failure: " + std::string(filter)};
}

ApiError too_many_orders(std::int64_t limit, std::string_view interval) {
  return {-1015, "Too many new orders; current limit is " + std::to_string(limit) + " orders per " +
                     std::string(interval) + "."};
}

}  // namespace bourse::fake_exchange
