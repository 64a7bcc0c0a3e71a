// SPDX-License-Identifier: MIT
#include "host/service/request_log.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <optional>
#include <random>

#include "host/answers/tally.hpp"
#include "host/base/ascii.hpp"
#include "host/base/utf8.hpp"
#include "host/http/text.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kTargetBytes = 2048;
constexpr std::size_t kAgentCharacters = 300;
constexpr std::string_view kRedacted = "REDACTED";

/// In lower case. The first ones are those of OpenTelemetry's conventions for url.query.
constexpr std::array<std::string_view, 18> kSecretNames = {"awsaccesskeyid",
                                                           "signature",
                                                           "sig",
                                                           "x-goog-signature",
                                                           "x-amz-signature",
                                                           "x-amz-credential",
                                                           "x-amz-security-token",
                                                           "token",
                                                           "access_token",
                                                           "refresh_token",
                                                           "key",
                                                           "api_key",
                                                           "apikey",
                                                           "api-key",
                                                           "secret",
                                                           "password",
                                                           "passwd",
                                                           "authorization"};

/// As a parameter's name is read; what is broken stays as it is.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const auto byte = percent_decoded(text.substr(i))) {
      out += *byte;
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

bool is_secret(const Generation& generation, std::string_view raw_name) {
  std::string name =
      raw_name.find_first_of("%+") == raw_name.npos ? std::string(raw_name) : decoded(raw_name);
  if (generation.has_secrets() && generation.has_secret(name)) return true;
  return std::find(kSecretNames.begin(), kSecretNames.end(), lower_case(name)) !=
         kSecretNames.end();
}

/// "a=1&key=2" with its secrets.
void append_query(std::string& out, const Generation& generation, std::string_view query) {
  while (true) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != pair.npos && equals + 1 < pair.size() &&
        is_secret(generation, pair.substr(0, equals))) {
      out += pair.substr(0, equals + 1);
      out += kRedacted;
    } else {
      out += pair;
    }
    if (end == query.size()) return;
    out += '&';
    query.remove_prefix(end + 1);
  }
}

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = utf8_step(text);
    if (step.valid) {
      out += text.substr(0, step.bytes);
    } else {
      append_percent_encoded(out, text[0]);
    }
    text.remove_prefix(step.bytes);
  }
}

std::int32_t level_of(const RequestFacts& facts) {
  // 504 by the client's own wish (only-if-cached): nothing was tried, so nothing is wrong here.
  const bool is_wish = facts.outcome == kWayNames[static_cast<std::size_t>(Way::kRefused)];
  return facts.status >= 500 && facts.status < 600 && !is_wish ? BOURSE_LEVEL_ERROR
         : facts.status >= 400                                 ? BOURSE_LEVEL_WARN
                                                               : BOURSE_LEVEL_INFO;
}

/// Not every tenth: clients that come in turn would be the same ones each time.
bool is_chosen(double share) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::generate_canonical<double, 24>(random) < share;
}

std::string_view trace_id_of(std::string_view traceparent) {
  return traceparent.size() < 35 ? std::string_view() : traceparent.substr(3, 32);
}

void add_stages(LogLine& line, const RequestFacts& facts) {
  const auto add = [&](std::string_view name, std::chrono::nanoseconds time) {
    if (time.count() > 0) line.seconds(name, time);
  };
  add("queue_seconds", facts.queued);
  if (facts.stages == nullptr) return;
  add("analysis_seconds", facts.stages->of(Stages::kAnalysis));
  add("fetch_seconds", facts.stages->of(Stages::kFetch));
  add("render_seconds", facts.stages->of(Stages::kRender));
  if (const auto leader = facts.stages->joined(); !leader.empty()) line.text("joined", leader);
  if (const auto waiters = facts.stages->waiters(); waiters > 0) {
    line.number("waiters", std::uint64_t{waiters});
  }
}

/// What the client was told in words it has; the log keeps why the server is to blame.
void add_failure(LogLine& line, const Failure& failure) {
  line.text("code", failure.code);
  if (!failure.parameter.empty()) line.text("parameter", failure.parameter);
  if (!failure.source.empty()) line.text("source", failure.source);
  if (failure.status >= 500) line.text("reason", failure.message);
}

/// The client was given an old answer: what it was spared.
void add_despite(LogLine& line, const Failure& failure) {
  line.text("cause", failure.code);
  if (!failure.source.empty()) line.text("source", failure.source);
  line.text("reason", failure.message);
}

}  // namespace

RequestLog::RequestLog(const Generation& generation)
    : generation_(generation), kinds_(generation.routes().size() + 1) {}

bool RequestLog::is_first_of_its_kind(const RequestFacts& facts) {
  const auto at = facts.route == nullptr
                      ? generation_.routes().size()
                      : static_cast<std::size_t>(facts.route - generation_.routes().data());
  // A kind is how it was come by, with 304 apart.
  const auto way = std::find(kWayNames.begin(), kWayNames.end(), facts.outcome) - kWayNames.begin();
  const std::uint32_t mask = 1U << (2 * static_cast<unsigned>(way) + (facts.status == 304 ? 1 : 0));
  if ((kinds_[at].load(std::memory_order_relaxed) & mask) != 0) return false;
  return (kinds_[at].fetch_or(mask, std::memory_order_relaxed) & mask) == 0;
}

void RequestLog::write(const Request& request, const RequestFacts& facts) noexcept {
  if (!log_runs()) return;
  const AccessLog& rule = facts.route != nullptr ? facts.route->log : generation_.access_log();
  if (rule.off || level_of(facts) < rule.level) return;
  try {
    const bool sampled = rule.sample < 1 && facts.status < 400 && facts.total < rule.slow &&
                         !is_first_of_its_kind(facts);
    if (sampled && !is_chosen(rule.sample)) return;
    write_line_of(request, facts, sampled ? rule.sample : 1);
  } catch (const std::exception&) {
    // Memory: the line is lost, what it is about goes on.
  }
}

void RequestLog::write_line_of(const Request& request, const RequestFacts& facts, double sample) {
  LogLine line = begin_line(level_of(facts), "request");
  line.text("request_id", request.id)
      .text("client", request.client.text())
      .text("method", request.method)
      .text("target", logged_target(generation_, request.target), kTargetBytes + 8)
      .text("route", facts.route == nullptr ? std::string_view() : facts.route->path)
      .number("status", static_cast<std::uint64_t>(facts.status))
      .number("bytes", std::uint64_t{facts.bytes})
      .seconds("seconds", facts.total);
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) line.text(name, text);
  };
  add("outcome", facts.outcome);
  add("analysis", facts.analysis);
  add("format", facts.format);
  if (facts.failure != nullptr) add_failure(line, *facts.failure);
  if (facts.despite != nullptr) add_despite(line, *facts.despite);
  if (facts.client_left) line.flag("client_left", true);
  add_stages(line, facts);
  add("token", request.token);
  if (request.client != request.peer) add("peer", request.peer.text());
  for (const auto& [name, value] : request.headers) {
    if (!equal_ignoring_case(name, "User-Agent")) continue;
    line.text("user_agent", value, kAgentCharacters);
    break;
  }
  add("trace_id", trace_id_of(facts.trace));
  if (sample < 1) line.number("sample", sample);
  write_line(std::move(line));
}

std::string logged_target(const Generation& generation, std::string_view raw) {
  const std::size_t mark = raw.find('?');
  std::string out;
  out.reserve(raw.size() + 16);
  out += raw.substr(0, mark);  // no route takes a secret from its path
  if (mark != raw.npos) {
    out += '?';
    append_query(out, generation, raw.substr(mark + 1));
  }
  if (!is_utf8(out)) {
    std::string shown;
    append_printable(shown, out);
    out = std::move(shown);
  }
  if (out.size() > kTargetBytes) {
    std::size_t end = kTargetBytes;
    while (end > 0 && (out[end] & 0xC0) == 0x80) --end;
    out.resize(end);
    out += "...";
  }
  return out;
}

std::string server_timing(const RequestFacts& facts) {
  std::string out;
  const auto add = [&](std::string_view name, std::chrono::nanoseconds time) {
    std::array<char, 32> digits{};
    const double ms = std::chrono::duration<double, std::milli>(time).count();
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), ms, std::chars_format::fixed, 3)
            .ptr;
    if (!out.empty()) out += ", ";
    out += name;
    out += ";dur=";
    out.append(digits.data(), end);
  };
  if (!facts.outcome.empty()) (out += "cache;desc=") += facts.outcome;
  if (facts.queued.count() > 0) add("queue", facts.queued);
  if (facts.stages != nullptr) {
    for (const auto& [part, name] : {std::pair{Stages::kAnalysis, "analysis"},
                                     {Stages::kFetch, "fetch"},
                                     {Stages::kRender, "render"}}) {
      if (facts.stages->of(part).count() > 0) add(name, facts.stages->of(part));
    }
  }
  add("total", facts.total);
  return out;
}

}  // namespace bourse::host
