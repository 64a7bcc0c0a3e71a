// SPDX-License-Identifier: MIT
//
// The exchange's refusals: {"code":-1121,"msg":"Invalid symbol."}, with the texts that it sends.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace bourse::fake_exchange {

/// Thrown by whatever handles a request; becomes the answer.
class ApiError : public std::exception {
 public:
  /// The HTTP status follows from the code: 401 for keys, 429 for limits, else 400.
  ApiError(int code, std::string message);
  ApiError(int status, int code, std::string message)
      : status_(status), code_(code), message_(std::move(message)) {}

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] int code() const noexcept { return code_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] std::string body() const { return body(code_, message_); }
  [[nodiscard]] static std::string body(int code, std::string_view message);

 private:
  int status_, code_;
  std::string message_;
};

[[nodiscard]] ApiError missing(std::string_view parameter);                             ///< -1102
[[nodiscard]] ApiError missing_both(std::string_view one, std::string_view other);      ///< -1102
[[nodiscard]] ApiError illegal(std::string_view parameter, std::string_view range);     ///< -1100
[[nodiscard]] ApiError not_valid(std::string_view parameter);                           ///< -1130
[[nodiscard]] ApiError too_precise(std::string_view parameter);                         ///< -1111
[[nodiscard]] ApiError not_required(std::string_view parameter);                        ///< -1106
[[nodiscard]] ApiError bad_combination();                                               ///< -1128
[[nodiscard]] ApiError invalid_symbol();                                                ///< -1121
[[nodiscard]] ApiError filter_failure(std::string_view filter);                         ///< -1013
[[nodiscard]] ApiError too_many_orders(std::int64_t limit, std::string_view interval);  ///< -1015

inline constexpr std::string_view kServerBusyText =
    "Server is currently overloaded with other requests. Please try again in a few minutes.";
inline constexpr std::string_view kTimeoutText =
    "Timeout waiting for response from backend server. Send status unknown; execution status "
    "unknown.";
/// The legal ranges that the exchange prints in -1100.
inline constexpr std::string_view kSymbolRange = "^[A-Z0-9-_.]{1,20}$";
inline constexpr std::string_view kDecimalRange = R"(^([0-9]{1,20})(\.[0-9]{1,20})?$)";
inline constexpr std::string_view kIntegerRange = "^[0-9]{1,20}$";
inline constexpr std::string_view kClientIdRange = "^[a-zA-Z0-9-_]{1,36}$";
inline constexpr std::string_view kSymbolsRange =
    R"(^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$)";

}  // namespace bourse::fake_exchange
