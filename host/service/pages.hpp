// SPDX-License-Identifier: MIT
//
// The pages that a listener of the host answers by itself, as a table: path, method, who answers.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "host/http/message.hpp"

namespace bourse::host {

/// One row. What GET answers HEAD answers, too: the front leaves the body out.
template <class Owner>
struct Page {
  std::string_view path;
  std::string_view method;
  void (Owner::*answer)(const Request& request, Responder& responder);

  [[nodiscard]] bool takes(std::string_view asked) const noexcept {
    return asked == method || (asked == "HEAD" && method == "GET");
  }
};

[[nodiscard]] inline bool is_reading(const Request& request) noexcept {
  return request.method == "GET" || request.method == "HEAD";
}

/// The row for a path and a method, or null.
template <class Owner>
[[nodiscard]] const Page<Owner>* find_page(std::span<const Page<Owner>> pages,
                                           std::string_view path,
                                           std::string_view method) noexcept {
  for (const Page<Owner>& page : pages) {
    if (page.path == path && page.takes(method)) return &page;
  }
  return nullptr;
}

/// What the header Allow says of a path: "GET, HEAD"; empty when no row has it.
template <class Owner>
[[nodiscard]] std::string allowed_methods(std::span<const Page<Owner>> pages,
                                          std::string_view path) {
  std::string allowed;
  for (const Page<Owner>& page : pages) {
    if (page.path != path) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(page.method);
    if (page.method == "GET") allowed += ", HEAD";
  }
  return allowed;
}

}  // namespace bourse::host
