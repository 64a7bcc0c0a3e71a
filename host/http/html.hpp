// SPDX-License-Identifier: MIT
//
// Texts in pages that the server makes itself.
#pragma once

#include <string>
#include <string_view>

namespace bourse::host {

/// Adds the text so that it stands as it is between tags and in the value of an attribute.
inline void append_html(std::string& page, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        page += "&amp;";
        break;
      case '<':
        page += "&lt;";
        break;
      case '>':
        page += "&gt;";
        break;
      case '"':
        page += "&quot;";
        break;
      case '\'':
        page += "&#39;";
        break;
      default:
        page += c;
    }
  }
}

[[nodiscard]] inline std::string html_of(std::string_view text) {
  std::string page;
  append_html(page, text);
  return page;
}

}  // namespace bourse::host
