// SPDX-License-Identifier: MIT
#include "host/routing/links.hpp"

#include <algorithm>

namespace bourse::host {
namespace {

/// Splits off the text before `separator`.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

std::string_view name_of_pair(std::string_view pair) { return pair.substr(0, pair.find('=')); }

bool has_name(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    if (name_of_pair(take_until(query, '&')) == name) return true;
  }
  return false;
}

/// The pairs of `query` whose names `own` has not, and then those of `own`.
std::string joined_query(std::string_view query, std::string_view own) {
  std::string out;
  while (!query.empty()) {
    const std::string_view pair = take_until(query, '&');
    if (pair.empty() || has_name(own, name_of_pair(pair))) continue;
    out.append(pair).append("&");
  }
  return out.append(own);
}

/// Where the link ends that `links` begins with: its comma, which is none inside of <> and of
/// quotation marks.
std::size_t end_of_link(std::string_view links) {
  bool in_target = false, in_quotes = false;
  for (std::size_t i = 0; i < links.size(); ++i) {
    const char c = links[i];
    if (in_quotes) {
      if (c == '\\') ++i;
      in_quotes = c != '"';
    } else if (in_target) {
      in_target = c != '>';
    } else if (c == ',') {
      return i;
    } else {
      in_quotes = c == '"';
      in_target = c == '<';
    }
  }
  return links.size();
}

std::string link_of_request(std::string_view link, std::string_view query) {
  const std::size_t end = link.find('>');
  if (!link.starts_with("<?") || end == std::string_view::npos) return std::string(link);
  std::string out = "<?" + joined_query(query, link.substr(2, end - 2));
  return out.append(link.substr(end));
}

}  // namespace

std::string links_of_request(std::string_view links, std::string_view query) {
  std::string out;
  while (!links.empty()) {
    const std::size_t end = end_of_link(links);
    const std::string link = link_of_request(links.substr(0, end), query);
    links.remove_prefix(std::min(end + 1, links.size()));
    links.remove_prefix(std::min(links.find_first_not_of(" \t"), links.size()));
    if (out.size() + link.size() + 2 > kLinkBytesMax) break;
    if (!out.empty()) out += ", ";
    out += link;
  }
  return out;
}

}  // namespace bourse::host
