// SPDX-License-Identifier: MIT
//
// Server-sent events as text. HTML, section 9.2.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bourse::host {

/// What browsers and programs are told of a version of an answer that is not sent itself.
struct VersionNews {
  std::string_view href;   ///< where it is
  std::string_view etag;   ///< with its quotation marks, as the header has it
  std::int64_t as_of = 0;  ///< time of its newest input, ns since 1970; 0: unknown
  std::int64_t now = 0;    ///< of this server's clock, ns since 1970
};

/// One event, with the empty line that ends it. `data` may have lines; what readers besides
/// browsers take for the end of one as well (U+0085, U+2028, U+2029) is written as JSON escapes,
/// so it must be JSON if it has those. `id`: without line feeds; empty: it has none.
[[nodiscard]] std::string event_text(std::string_view type, std::string_view id,
                                     std::string_view data);
/// Tells clients when to come back after the stream has ended. It stays until it is told anew.
[[nodiscard]] std::string retry_text(std::chrono::milliseconds after);
/// What nobody sees, so that proxies and clients know that the stream lives.
inline constexpr std::string_view kBeat = ":\n\n";

/// JSON objects, for `data`.
[[nodiscard]] std::string news_json(const VersionNews& news);
/// `problem`: a JSON object.
[[nodiscard]] std::string failed_json(std::string_view href, std::string_view problem);
[[nodiscard]] std::string tick_json(std::int64_t now);
[[nodiscard]] std::string bye_json(std::string_view code, std::string_view message);

}  // namespace bourse::host
