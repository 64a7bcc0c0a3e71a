// SPDX-License-Identifier: MIT
#include "host/routing/target.hpp"

#include <optional>

#include "host/base/ascii.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kSegmentsMax = 64;
constexpr std::size_t kPairsMax = 256;

Failure bad(std::string message) {
  return Failure{.status = BOURSE_BAD_PARAM, .code = "bad_target", .message = std::move(message)};
}

Result<std::string> decode(std::string_view raw, bool plus_is_blank, std::string_view where) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (raw[i] != '%') {
      out += raw[i];
    } else {
      const auto byte = percent_decoded(raw.substr(i));
      if (!byte) {
        return bad("In the " + std::string(where) +
                   ", % must be followed by two hexadecimal digits: " + in_quotes(raw) + ".");
      }
      out += *byte;
      i += 2;
    }
  }
  if (!is_utf8(out))
    return bad("The " + std::string(where) + " is not UTF-8: " + in_quotes(raw) + ".");
  if (has_control(out)) {
    return bad("The " + std::string(where) + " holds a control character: " + in_quotes(raw) + ".");
  }
  return out;
}

Result<void> parse_path(std::string_view path, Target& target) {
  if (path.empty() || path.front() != '/') return bad("A path starts with /.");
  path.remove_prefix(1);
  if (path.empty()) return {};
  while (true) {
    const std::size_t slash = path.find('/');
    auto segment = decode(path.substr(0, slash), false, "path");
    if (!segment) return std::move(segment).failure();
    if (segment->empty() && slash == std::string_view::npos && !target.segments.empty()) {
      target.has_slash_behind = true;
      return {};
    }
    if (segment->empty()) return bad("A path has no empty segments: remove the extra /.");
    if (*segment == "." || *segment == "..") return bad("A path has no . or .. segments.");
    if (target.segments.size() >= kSegmentsMax) return bad("The path has too many segments.");
    target.segments.push_back(*std::move(segment));
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

Result<void> parse_query(std::string_view query, Target& target) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = decode(pair.substr(0, equals), true, "query");
    if (!name) return std::move(name).failure();
    auto value =
        decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true, "query");
    if (!value) return std::move(value).failure();
    if (target.query.size() >= kPairsMax) return bad("The query has too many parameters.");
    target.query.emplace_back(*std::move(name), *std::move(value));
  }
  return {};
}

}  // namespace

std::string percent_encoded(std::string_view text) { return percent_encoded(text, "-._~,:"); }

std::string path_text(const std::vector<std::string>& segments) {
  if (segments.empty()) return "/";
  std::string path;
  for (const std::string& segment : segments) path += '/' + percent_encoded(segment);
  return path;
}

std::string reference_to(std::string_view segment, bool slash_behind) {
  std::string text = percent_encoded(segment);
  if (slash_behind) return "../" + text;
  // Or what is before the colon would be a scheme.
  return text.find(':') == std::string::npos ? text : "./" + text;
}

std::string query_text(std::string_view raw) {
  const std::size_t question = raw.find('?');
  std::string query;
  if (question == std::string_view::npos) return query;
  for (const char c : raw.substr(question)) {
    const bool plain = c > ' ' && c <= '~';
    query += plain ? std::string(1, c) : percent_encoded(std::string_view(&c, 1));
  }
  return query;
}

Result<Target> parse_target(std::string_view raw) {
  const std::size_t question = raw.find('?');
  Target target;
  if (auto done = parse_path(raw.substr(0, question), target); !done) {
    return std::move(done).failure();
  }
  if (question != std::string_view::npos) {
    if (auto done = parse_query(raw.substr(question + 1), target); !done) {
      return std::move(done).failure();
    }
  }
  return target;
}

}  // namespace bourse::host
