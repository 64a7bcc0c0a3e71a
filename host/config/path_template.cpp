// SPDX-License-Identifier: MIT
#include "host/config/path_template.hpp"

#include <algorithm>

#include "host/base/ascii.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kBytesMax = 1024;
constexpr std::size_t kSegmentsMax = 32;
constexpr std::size_t kNameBytesMax = 64;

// RFC 3986: pchar without percent escapes.
bool is_path_character(char c) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@";
  return is_alphanumeric(c) || kMarks.find(c) != kMarks.npos;
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && is_lower(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { parsed_.path.text = text; }

  ParsedPath parse() && {
    if (text_.size() > kBytesMax) {
      problem("is longer than " + std::to_string(kBytesMax) + " bytes", "", 0, text_.size());
    } else if (!text_.starts_with('/')) {
      problem("does not start with \"/\"",
              "paths are written from the root: \"/" + std::string(text_) + "\"", 0, text_.size());
    } else if (text_ != "/") {
      parse_segments();
    }
    return std::move(parsed_);
  }

 private:
  void parse_segments() {
    for (std::size_t at = 1; at <= text_.size();) {
      const std::size_t end = std::min(text_.find('/', at), text_.size());
      parse_segment(text_.substr(at, end - at), at);
      at = end + 1;
    }
    if (parsed_.path.segments.size() > kSegmentsMax) {
      problem("has more than " + std::to_string(kSegmentsMax) + " segments", "", 0, text_.size());
    }
  }

  void parse_segment(std::string_view segment, std::size_t at) {
    if (segment.empty()) {
      const bool last = at == text_.size();
      problem(last ? "ends with \"/\"" : "has an empty segment",
              last ? "leave out the last \"/\"" : "write one \"/\", not two", at - 1, 1);
    } else if (segment == "." || segment == "..") {
      problem("has a segment " + in_quotes(segment), "clients remove such segments; leave it out",
              at, segment.size());
    } else if (segment.find_first_of("{}") != segment.npos) {
      parse_variable(segment, at);
    } else if (check_literal(segment, at)) {
      parsed_.path.segments.push_back({.variable = false, .text = std::string(segment)});
    }
  }

  void parse_variable(std::string_view segment, std::size_t at) {
    const bool whole = segment.front() == '{' && segment.back() == '}' && segment.size() >= 2;
    const std::string_view name = whole ? segment.substr(1, segment.size() - 2) : "";
    if (!whole || name.find_first_of("{}") != name.npos) {
      problem("mixes text and a variable in the segment " + in_quotes(segment),
              "a variable takes a whole segment: \"/{name}/\"", at, segment.size());
    } else if (!is_variable_name(name)) {
      problem(
          "has a variable named " + in_quotes(name),
          "names are a-z, then a-z, 0-9 and _, at most " + std::to_string(kNameBytesMax) + " bytes",
          at, segment.size());
    } else if (parsed_.path.has_variable(name)) {
      problem("has the variable " + in_quotes(name) + " twice", "give one of them another name", at,
              segment.size());
    } else {
      parsed_.path.segments.push_back({.variable = true, .text = std::string(name)});
    }
  }

  bool check_literal(std::string_view segment, std::size_t at) {
    const auto* const bad = std::find_if_not(segment.begin(), segment.end(), is_path_character);
    if (bad == segment.end()) return true;
    const auto offset = static_cast<std::size_t>(bad - segment.begin());
    const std::size_t bytes = utf8_step(segment.substr(offset)).bytes;
    std::string hint = "letters, digits and -._~!$&'()*+,;=:@ stand for themselves";
    if (*bad == '?') hint = "a query is no part of a route; name its parameters in \"params\"";
    if (*bad == '#') hint = "a fragment never reaches a server";
    problem("holds the character " + in_quotes(segment.substr(offset, bytes)), hint, at + offset,
            bytes);
    return false;
  }

  void problem(std::string message, std::string hint, std::size_t offset, std::size_t bytes) {
    parsed_.problems.push_back({std::move(message), std::move(hint), offset, bytes});
  }

  std::string_view text_;
  ParsedPath parsed_;
};

}  // namespace

bool PathTemplate::has_variable(std::string_view name) const {
  return std::any_of(segments.begin(), segments.end(), [&](const PathSegment& segment) {
    return segment.variable && segment.text == name;
  });
}

std::vector<std::string> PathTemplate::variables() const {
  std::vector<std::string> names;
  for (const PathSegment& segment : segments) {
    if (segment.variable) names.push_back(segment.text);
  }
  return names;
}

std::string PathTemplate::shape() const {
  std::string joined;
  for (const PathSegment& segment : segments) {
    joined += '/' + (segment.variable ? "{}" : segment.text);
  }
  return joined.empty() ? "/" : joined;
}

ParsedPath parse_path_template(std::string_view text) { return Parser(text).parse(); }

}  // namespace bourse::host
