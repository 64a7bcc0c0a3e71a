// SPDX-License-Identifier: MIT
#include "host/http/conditional.hpp"

#include "host/http/text.hpp"

namespace bourse::host {
namespace {

constexpr bool is_etag_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

/// Reads one tag off the front of `rest`. False: there is none; what stands there is passed over.
bool take_tag(std::string_view& rest, std::string_view& tag, bool& weak) noexcept {
  weak = rest.starts_with("W/");  // only so: "w/" and "W\" are not it
  std::size_t at = weak ? 2 : 0;
  if (at < rest.size() && rest[at] == '"') {
    const std::size_t begin = at++;
    while (at < rest.size() && is_etag_character(rest[at])) ++at;
    if (at < rest.size() && rest[at] == '"') {
      tag = rest.substr(begin, at + 1 - begin);
      rest.remove_prefix(at + 1);
      return true;
    }
  }
  const std::size_t comma = rest.find(',');
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma);
  return false;
}

bool names(std::string_view list, std::string_view etag, bool weakly) noexcept {
  list = trimmed(list);
  if (list == "*") return true;
  while (!list.empty()) {
    std::string_view tag;
    bool weak = false;
    const bool is_tag = take_tag(list, tag, weak);
    list = trimmed(list);
    // What follows a tag without a comma makes it something else.
    const bool ends = list.empty() || list.front() == ',';
    if (is_tag && ends && tag == etag && (weakly || !weak)) return true;
    if (!ends) {
      const std::size_t comma = list.find(',');
      list.remove_prefix(comma == std::string_view::npos ? list.size() : comma);
    }
    while (!list.empty() && (list.front() == ',' || list.front() == ' ' || list.front() == '\t')) {
      list.remove_prefix(1);
    }
  }
  return false;
}

}  // namespace

bool names_weakly(std::string_view list, std::string_view etag) noexcept {
  return names(list, etag, true);
}

bool names_strongly(std::string_view list, std::string_view etag) noexcept {
  return names(list, etag, false);
}

Condition evaluate(std::string_view if_match, std::string_view if_none_match,
                   std::string_view etag) noexcept {
  if (!if_match.empty() && !names_strongly(if_match, etag)) return Condition::kFailed;
  if (!if_none_match.empty() && names_weakly(if_none_match, etag)) return Condition::kNotModified;
  return Condition::kSend;
}

}  // namespace bourse::host
