// SPDX-License-Identifier: MIT
//
// What can go wrong between this client and the exchange, and Result<T>: a value or that.
//
// The kinds form a small hierarchy, by what the caller should do:
//   the caller's fault       kValidation, kAuthentication   change the request or the key
//   the exchange shuts us out kRateLimit, kBanned, kFirewall, kGeoBlock   stay away until `until`
//   the exchange's trouble   kServer, kProtocol             later, perhaps
//   the way there            kNetwork                       later, perhaps
//   nobody knows             kUnknownOutcome                ask what became of it, do not repeat
//
// No text in an Error holds a secret, an API key or a signature.
#pragma once

#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "bourse/report.hpp"

namespace bourse::binance {

enum class ErrorKind : std::uint8_t {
  kAuthentication,  ///< key, signature or timestamp
  kRateLimit,       ///< too many requests; also when the wait would exceed the deadline
  kBanned,          ///< HTTP 418: this IP went on after rate limits
  kFirewall,        ///< HTTP 403
  kGeoBlock,        ///< HTTP 451: no service in this country
  kValidation,      ///< the request is wrong: unknown symbol, bad interval, missing key...
  kServer,          ///< the exchange failed, or is overloaded
  kUnknownOutcome,  ///< the request may or may not have been carried out
  kNetwork,         ///< names, connections, TLS, time-outs
  kProtocol,        ///< an answer that makes no sense
};
inline constexpr std::size_t kErrorKinds = 10;
std::string_view name_of(ErrorKind kind) noexcept;

/// Rate limit, ban, firewall or country: the exchange answers nothing until Error::until.
constexpr bool is_shut_out(ErrorKind kind) noexcept {
  return kind == ErrorKind::kRateLimit || kind == ErrorKind::kBanned ||
         kind == ErrorKind::kFirewall || kind == ErrorKind::kGeoBlock;
}

/// How far the request came.
enum class Reach : std::uint8_t {
  kNotSent,   ///< certainly not one byte of it
  kMaybe,     ///< written, in part or whole; no complete answer
  kAnswered,  ///< the exchange answered
};

struct Error {
  ErrorKind kind = ErrorKind::kProtocol;
  std::string message = {};  ///< what happened, a sentence
  std::string advice = {};   ///< what to do about it, a sentence; may be empty
  /// The exchange's own code and its name: -1121, "BAD_SYMBOL". 0 and "" when it sent none.
  std::int64_t code = 0;
  std::string_view code_name = {};
  /// 0: there was no answer.
  int http_status = 0;
  /// How long to stay away, seen from when the error was made.
  std::optional<std::chrono::milliseconds> retry_after = {};
  /// When the exchange answers again; kinds of is_shut_out().
  std::optional<Time> until = {};
  /// The exchange's name for the request (x-mbx-uuid); for its support.
  std::string request_id = {};
  /// The first 512 bytes of an answer that was not the documented JSON, made printable.
  std::string body_start = {};
  Reach reach = Reach::kNotSent;
  /// The connection had been used before and closed without one byte of answer.
  bool stale_connection = false;
  /// Trying again cannot help: a certificate that is not trusted.
  bool permanent = false;
  /// This process has no room for the answer beside others; see AnswerBudget.
  bool no_room = false;
  /// The call's deadline passed, or would have passed while waiting for a rate limit.
  bool deadline = false;
  /// Worth another try, for which the deadline left no time.
  bool gave_up = false;
  /// The caller asked to stop.
  bool stopped = false;
  int attempts = 0;

  /// Everything, in one line, for logs.
  [[nodiscard]] std::string text() const;
};

/// Control characters become blanks, broken UTF-8 becomes '?', at most `bytes_max` bytes.
std::string printable(std::string_view text, std::size_t bytes_max);

/// A request that is refused here, before anything is sent.
Error invalid(std::string message, std::string advice = {});

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// REQUIRES: ok().
  [[nodiscard]] T& operator*() & noexcept { return *value(); }
  [[nodiscard]] const T& operator*() const& noexcept { return *value(); }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(*value()); }
  [[nodiscard]] T* operator->() noexcept { return value(); }
  [[nodiscard]] const T* operator->() const noexcept { return value(); }

  /// REQUIRES: !ok().
  [[nodiscard]] Error& error() & noexcept { return *failure(); }
  [[nodiscard]] const Error& error() const& noexcept { return *failure(); }
  [[nodiscard]] Error&& error() && noexcept { return std::move(*failure()); }

 private:
  T* value() noexcept {
    assert(ok());
    return std::get_if<0>(&state_);
  }
  const T* value() const noexcept {
    assert(ok());
    return std::get_if<0>(&state_);
  }
  Error* failure() noexcept {
    assert(!ok());
    return std::get_if<1>(&state_);
  }
  const Error* failure() const noexcept {
    assert(!ok());
    return std::get_if<1>(&state_);
  }

  std::variant<T, Error> state_;
};

/// Nothing to return, but it may have failed.
struct Done {};
using Status = Result<Done>;

}  // namespace bourse::binance
