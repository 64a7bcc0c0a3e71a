// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/classify.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "plugins/sources/binance/client/error_codes.hpp"
#include "plugins/sources/binance/client/parse.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

constexpr std::size_t kBodyStartBytes = 512;
constexpr std::size_t kRequestIdBytes = 64;

/// The digits at the start of `text`; nullopt: none, or too many.
std::optional<std::int64_t> leading_number(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() || value < 0) return std::nullopt;
  return value;
}

/// Retry-After in whole seconds; dates are not understood, the exchange sends none.
std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& response) noexcept {
  const auto seconds = leading_number(response.header("retry-after"));
  if (!seconds) return std::nullopt;
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(kPauseMax).count();
  return std::chrono::seconds(std::min<std::int64_t>(*seconds, limit));
}

/// "...; IP banned until 1659146400000. ...": the wording around it changes.
std::optional<Time> banned_until(std::string_view message) noexcept {
  constexpr std::string_view kBannedUntil = "banned until ";
  const std::size_t at = message.find(kBannedUntil);
  if (at == std::string_view::npos) return std::nullopt;
  const auto ms = leading_number(message.substr(at + kBannedUntil.size()));
  return ms ? std::optional(from_ms(*ms)) : std::nullopt;
}

ErrorKind kind_of(int status, const ErrorCode* code) noexcept {
  switch (status) {  // these mean the same whatever the body says
    case 403:
      return ErrorKind::kFirewall;
    case 418:
      return ErrorKind::kBanned;
    case 429:
      return ErrorKind::kRateLimit;
    case 451:
      return ErrorKind::kGeoBlock;
    default:
      break;
  }
  if (code != nullptr) return code->kind;
  if (status == 401) return ErrorKind::kAuthentication;
  if (status == 408 || status >= 500) return ErrorKind::kServer;
  if (status >= 400) return ErrorKind::kValidation;
  return ErrorKind::kProtocol;  // a redirection, or 204
}

std::string message_of(ErrorKind kind, int status, const ErrorBody& body) {
  const std::string said = body.message.empty() ? "" : " It said: " + body.message;
  switch (kind) {
    case ErrorKind::kAuthentication:
      return "The exchange did not accept the key." + said;
    case ErrorKind::kRateLimit:
      return "Too many requests from this IP address or account." + said;
    case ErrorKind::kBanned:
      return "The exchange has banned this IP address for going on after rate limits." + said;
    case ErrorKind::kFirewall:
      return "The firewall in front of the exchange blocks this IP address.";
    case ErrorKind::kGeoBlock:
      return "The exchange does not serve the country this request came from.";
    case ErrorKind::kValidation:
      return "The exchange refused the request." + said;
    case ErrorKind::kServer:
      return "The exchange failed." + said;
    case ErrorKind::kUnknownOutcome:
      return "The exchange lost track of the request." + said;
    case ErrorKind::kNetwork:
    case ErrorKind::kProtocol:
      break;
  }
  return "The exchange answered with the unexpected status " + std::to_string(status) + "." + said;
}

std::string_view advice_for_code(std::int64_t code) noexcept {
  static constexpr std::array<std::pair<std::int64_t, std::string_view>, 9> kAdvice = {{
      {-2015,
       "One of four: the key belongs to the other exchange (testnet keys work on testnet only, "
       "live "
       "keys on live only); this machine's IP address is not on the key's list; the key lacks the "
       "permission for this call; or the key was deleted, or mistyped."},
      {-2014, "The key has the wrong format: perhaps key and secret are swapped."},
      {-2008, "The exchange does not know this key: testnet keys work on testnet only."},
      {-1022, "The secret or private key does not belong to this API key."},
      {-1021, "This machine's clock and the exchange's disagree, or the way there is too slow."},
      {-1121, "Check the symbol's spelling; testnet does not have every market."},
      {-1120, "Intervals are case-sensitive: 1m is a minute, 1M a month."},
      {-1008, "The exchange is overloaded; try again in some minutes."},
      {-1003, "Ask less often; other programs on this IP address count as well."},
  }};
  const auto found =
      std::ranges::find(kAdvice, code, &std::pair<std::int64_t, std::string_view>::first);
  return found == kAdvice.end() ? std::string_view() : found->second;
}

std::string_view advice_for_kind(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::kAuthentication:
      return "Check the key, its permissions and its list of IPs.";
    case ErrorKind::kRateLimit:
      return "Ask less often; other programs on this IP count as well.";
    case ErrorKind::kBanned:
      return "Nothing is sent until the ban ends; a restart does not help.";
    case ErrorKind::kFirewall:
      return "Nothing is sent for some minutes. It triggers on too many requests in five minutes.";
    case ErrorKind::kGeoBlock:
      return "Public data may still be had from data-api.binance.vision (site: data).";
    case ErrorKind::kServer:
      return "Try again later.";
    case ErrorKind::kUnknownOutcome:
      return "Ask for its state before sending it again.";
    default:
      return {};
  }
}

std::optional<std::chrono::milliseconds> pause_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::kBanned:
      return kBanPause;
    case ErrorKind::kFirewall:
      return kFirewallPause;
    case ErrorKind::kGeoBlock:
      return kGeoBlockPause;
    default:
      return std::nullopt;  // of a rate limit: the rest of the window, see RateLimiter
  }
}

/// The later of what header and text say; how long it usually is when they say nothing.
void set_end(Error& error, const HttpResponse& response, std::string_view message, Time now) {
  auto pause = retry_after(response);
  if (const auto until = banned_until(message)) {
    const auto left = std::chrono::milliseconds(to_ms(*until) - to_ms(now));
    pause = std::max(pause.value_or(std::chrono::milliseconds(0)), left);
  }
  const auto usual = pause_of(error.kind);
  if (usual && (!pause || *pause <= std::chrono::milliseconds(0))) pause = usual;
  if (error.kind == ErrorKind::kFirewall || error.kind == ErrorKind::kGeoBlock) {
    pause = std::max(*pause, *usual);
  }
  if (!pause) return;
  pause = std::min<std::chrono::milliseconds>(*pause, kPauseMax);
  error.retry_after = pause;
  if (is_shut_out(error.kind)) error.until = Time{now.ns + pause->count() * kNsPerMs};
}

}  // namespace

Error classify(const HttpResponse& response, Time now) {
  const ErrorBody body = parse_error(response.body);
  const ErrorCode* const code = find_error_code(body.code);
  Error error;
  error.kind = kind_of(response.status, code);
  error.code = body.code;
  error.code_name = code == nullptr ? std::string_view() : code->name;
  error.http_status = response.status;
  error.message = message_of(error.kind, response.status, body);
  error.advice = advice_for_code(body.code);
  if (error.advice.empty() || error.kind == ErrorKind::kBanned) {
    error.advice = advice_for_kind(error.kind);
  }
  error.request_id = printable(response.header("x-mbx-uuid"), kRequestIdBytes);
  if (!body.found) error.body_start = printable(response.body, kBodyStartBytes);
  error.reach = Reach::kAnswered;
  set_end(error, response, body.message, now);
  return error;
}

bool says_enough(int status) noexcept {
  const ErrorKind kind = kind_of(status, nullptr);
  return is_shut_out(kind) || kind == ErrorKind::kServer;
}

std::vector<UsedWeight> used_weights(const HttpResponse& response) {
  constexpr std::string_view kPrefix = "x-mbx-used-weight-";
  std::vector<UsedWeight> found;
  for (const auto& [name, value] : response.headers) {
    if (name.compare(0, kPrefix.size(), kPrefix) != 0 || name.size() < kPrefix.size() + 2) continue;
    const std::string_view window = std::string_view(name).substr(kPrefix.size());
    const auto count = leading_number(window.substr(0, window.size() - 1));
    const std::int64_t unit = window.back() == 's'   ? 1'000
                              : window.back() == 'm' ? 60'000
                              : window.back() == 'h' ? 3'600'000
                              : window.back() == 'd' ? 86'400'000
                                                     : 0;
    const auto used = leading_number(value);
    if (count && *count > 0 && *count <= 1000 && unit > 0 && used) {
      found.push_back({*count * unit, std::min(*used, kUsedWeightMax)});
    }
  }
  return found;
}

}  // namespace bourse::binance
