// SPDX-License-Identifier: MIT
#include "host/config/clients.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "host/base/ascii.hpp"
#include "host/base/utf8.hpp"
#include "host/config/reader.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kHeadersMax = 32;
constexpr std::size_t kHeaderBytesMax = 4096;  // of a value

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || kMarks.find(c) != kMarks.npos;
  });
}

constexpr char kHeaderRule[] = "the name of a header: letters, digits and -";

// ---- cors ---------------------------------------------------------------------------------------

/// What is wrong with it as a browser would write it, which is compared byte by byte; nothing: it
/// is one.
std::optional<std::string> origin_fault(std::string_view text) {
  if (text == "null") return std::nullopt;
  if (text == "*") return "write origins: \"*\" for every origin";
  const std::size_t mark = text.find("://");
  if (mark == text.npos || mark == 0) return "such as \"https://app.example\"";
  if (lower_case(text) != text)
    return "browsers write it in small letters: " + in_quotes(lower_case(text));
  const std::string_view scheme = text.substr(0, mark);
  std::string_view host = text.substr(mark + 3);
  if (host.find('/') != host.npos) return "it has no path, and no \"/\" at its end";
  if (host.find('*') != host.npos) return "name each one; patterns are not offered";
  const bool plain = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_lower(c) || is_digit(c) ||
           std::string_view("-._[]:").find(c) != std::string_view::npos;
  });
  const bool known = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  if (!plain || !known) return "such as \"https://app.example\" or \"http://localhost:3000\"";
  if ((scheme == "https" && host.ends_with(":443")) ||
      (scheme == "http" && host.ends_with(":80"))) {
    return "browsers leave the usual port out: " + in_quotes(text.substr(0, text.rfind(':')));
  }
  return std::nullopt;
}

void read_origins(Reader& reader, const Node& node, CorsConfig& cors) {
  if (node.kind == Node::Kind::kScalar) {
    const auto is_any = [](std::string_view text) { return text == "*"; };
    cors.any = reader.text(node, "\"origins\"", is_any, "\"*\" or a list of origins").has_value();
    return;
  }
  const auto any_text = [](std::string_view) { return true; };
  const auto texts = reader.list(node, "\"origins\"", "an origin", any_text, "an origin");
  if (!texts) return;
  for (const LocatedText& text : *texts) {
    if (auto fault = origin_fault(text.value)) {
      const std::string shown =
          text.from_environment ? "what the environment gives" : in_quotes(text.value);
      reader.error(text.mark, "bad_value", shown + " is no origin",
                   text.from_environment ? "such as \"https://app.example\"" : *std::move(fault));
    } else {
      cors.origins.push_back(text.value);
    }
  }
}

std::optional<CorsConfig> read_cors(Reader& reader, const Node& node) {
  CorsConfig cors{.mark = node.mark};
  if (node.kind != Node::Kind::kMap) {
    const auto is_off = [](std::string_view text) { return text == "off"; };
    if (!reader.text(node, "\"cors\"", is_off,
                     "\"off\", or a map such as {origins: [\"https://app.example\"]}")) {
      return std::nullopt;
    }
    cors.off = true;
    return cors;
  }
  MapReader map(reader, node, "\"cors\"", "cors");
  if (const Node* const origins = map.require("origins", "name them, or write \"*\" for all")) {
    read_origins(reader, *origins, cors);
  }
  if (const Node* const headers = map.find("headers")) {
    // "*" would not mean Authorization, and nothing where there are credentials.
    if (auto names = reader.list(*headers, "\"headers\"", "a header", is_token, kHeaderRule)) {
      cors.headers.emplace();
      for (const LocatedText& name : *names) {
        if (name.value == "*") {
          reader.error(name.mark, "bad_value", "\"*\" does not allow Authorization to browsers",
                       "name the headers, or leave \"headers\" out");
        }
        cors.headers->push_back(name.value);
      }
    }
  }
  LocatedDuration max_age{cors.max_age};
  map.read("max-age", max_age);
  cors.max_age = max_age.value;
  enum class Credentials { kRefuse, kAllow };
  Located<Credentials> credentials;
  map.read_choice("credentials", credentials);
  cors.credentials = credentials.value == Credentials::kAllow;
  if (cors.any && cors.credentials) {
    reader.error(credentials.mark, "conflicting_keys",
                 "\"credentials\" with origins \"*\": browsers refuse such answers",
                 "name the origins that may send cookies and tokens of their own");
  }
  return cors;
}

// ---- headers ------------------------------------------------------------------------------------

/// Those that the host or a format makes, that frame a message, or that would make shared answers
/// somebody's own.
bool is_of_the_host(std::string_view lower_name) {
  constexpr std::array<std::string_view, 38> kOwn = {"accept-ranges",
                                                     "age",
                                                     "allow",
                                                     "cache-control",
                                                     "cache-status",
                                                     "connection",
                                                     "content-disposition",
                                                     "content-encoding",
                                                     "content-language",
                                                     "content-length",
                                                     "content-location",
                                                     "content-range",
                                                     "content-type",
                                                     "date",
                                                     "etag",
                                                     "expires",
                                                     "keep-alive",
                                                     "last-modified",
                                                     "link",
                                                     "location",
                                                     "pragma",
                                                     "proxy-authenticate",
                                                     "proxy-connection",
                                                     "ratelimit",
                                                     "ratelimit-policy",
                                                     "retry-after",
                                                     "server",
                                                     "server-timing",
                                                     "set-cookie",
                                                     "te",
                                                     "traceparent",
                                                     "tracestate",
                                                     "trailer",
                                                     "transfer-encoding",
                                                     "upgrade",
                                                     "vary",
                                                     "www-authenticate",
                                                     "x-content-type-options"};
  return std::find(kOwn.begin(), kOwn.end(), lower_name) != kOwn.end() ||
         lower_name == "x-request-id" || lower_name.starts_with("access-control-");
}

bool is_header_value(std::string_view text) {
  return !text.empty() && text.size() <= kHeaderBytesMax && text.front() != ' ' &&
         text.back() != ' ';
}

void read_header(Reader& reader, const Node::Entry& entry, std::vector<HeaderConfig>& headers) {
  const std::string name = lower_case(entry.key);
  if (!is_token(entry.key)) {
    reader.error(entry.mark, "bad_key", in_quotes(entry.key) + " is not " + kHeaderRule);
  } else if (is_of_the_host(name)) {
    reader.error(entry.mark, "bad_key",
                 "the header " + in_quotes(entry.key) + " is the server's own to write",
                 name.starts_with("access-control-") ? "\"cors\" says who may read answers"
                 : name == "cache-control"           ? "\"cache\" says how long answers are good"
                                                     : "leave it out");
  }
  const bool twice = std::any_of(headers.begin(), headers.end(), [&](const HeaderConfig& other) {
    return lower_case(other.name) == name;
  });
  if (twice) {
    reader.error(entry.mark, "duplicate_key",
                 "the header " + in_quotes(entry.key) + " stands here twice",
                 "the case of letters makes no difference");
  }
  const auto value = reader.text(*entry.value, "the header " + in_quotes(entry.key),
                                 is_header_value, "a text of 1 to 4096 bytes, no blanks around it");
  if (value) headers.push_back({.name = entry.key, .value = value->value});
}

std::optional<std::vector<HeaderConfig>> read_headers(Reader& reader, const Node& node) {
  if (!reader.expect(node, Node::Kind::kMap, "\"headers\"")) return std::nullopt;
  std::vector<HeaderConfig> headers;
  if (node.entries.size() > kHeadersMax) {
    reader.error(node.mark, "too_large", "more than 32 headers");
    return std::nullopt;
  }
  for (const Node::Entry& entry : node.entries) read_header(reader, entry, headers);
  return headers;
}

// ---- lenient reading ----------------------------------------------------------------------------

bool is_ignored_name(std::string_view text) {
  if (text.ends_with('*')) text.remove_suffix(1);
  return !text.empty() && text.size() <= 64 && text.find('*') == text.npos &&
         text.find('=') == text.npos && text.find('&') == text.npos;
}

std::optional<std::vector<IgnoreConfig>> read_ignore(Reader& reader, const Node& node) {
  // All of them would be every slip of the pen.
  const auto names = reader.list(node, "\"ignore\"", "a name in \"ignore\"", is_ignored_name,
                                 "the name of a parameter, or the beginning of names and \"*\", "
                                 "such as \"utm_*\"");
  if (!names) return std::nullopt;
  std::vector<IgnoreConfig> ignore;
  for (const LocatedText& name : *names) ignore.push_back({.text = name.value, .mark = name.mark});
  return ignore;
}

std::optional<std::vector<CaseConfig>> read_case(Reader& reader, const Node& node) {
  if (!reader.expect(node, Node::Kind::kMap, "\"case\"")) return std::nullopt;
  std::vector<CaseConfig> cases;
  for (const Node::Entry& entry : node.entries) {
    if (!is_parameter_name(entry.key)) {
      reader.error(entry.mark, "bad_key",
                   in_quotes(entry.key) + " is not " + std::string(kParameterNameRule));
    }
    const auto letters =
        reader.choice(*entry.value, "the case of " + in_quotes(entry.key), {"upper", "lower"});
    if (!letters) continue;
    cases.push_back({.parameter = entry.key,
                     .letters = static_cast<LetterCase>(letters->value),
                     .mark = entry.mark});
  }
  return cases;
}

template <class T>
std::optional<T> first_of(const std::optional<T>& one, const std::optional<T>& other) {
  return one ? one : other;
}

}  // namespace

bool IgnoreConfig::matches(std::string_view name) const noexcept {
  return text.ends_with('*') ? name.starts_with(std::string_view(text).substr(0, text.size() - 1))
                             : name == text;
}

ClientsConfig ClientsConfig::over(const ClientsConfig& defaults) const {
  return {.cors = first_of(cors, defaults.cors),
          .headers = first_of(headers, defaults.headers),
          .ignore = first_of(ignore, defaults.ignore),
          .trailing_slash = first_of(trailing_slash, defaults.trailing_slash),
          .letter_case = first_of(letter_case, defaults.letter_case)};
}

void read_clients(Reader& reader, const std::function<const Node*(std::string_view)>& find,
                  ClientsConfig& clients) {
  if (const Node* const cors = find("cors")) clients.cors = read_cors(reader, *cors);
  if (const Node* const headers = find("headers")) clients.headers = read_headers(reader, *headers);
  if (const Node* const ignore = find("ignore")) clients.ignore = read_ignore(reader, *ignore);
  if (const Node* const slash = find("trailing-slash")) {
    if (auto index = reader.choice(*slash, "\"trailing-slash\"", {"refuse", "redirect", "same"})) {
      clients.trailing_slash = static_cast<TrailingSlash>(index->value);
    }
  }
  if (const Node* const letters = find("case")) clients.letter_case = read_case(reader, *letters);
}

}  // namespace bourse::host
