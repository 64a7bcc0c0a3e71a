// SPDX-License-Identifier: MIT
//
// What legal names and texts of a plugin look like. Pure functions on bytes that may be anything.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace bourse::host {

/// The text up to its NUL, or nothing when there is no NUL within `bytes_max` + 1 bytes. Reads no
/// further than that. A null pointer is the empty text.
std::optional<std::string_view> bounded_text(const char* text, std::size_t bytes_max) noexcept;

/// UTF-8 without control characters: fit for a title, a log line, a header.
bool is_line(std::string_view text) noexcept;
/// UTF-8 whose only control characters are tab, line feed and carriage return.
bool is_prose(std::string_view text) noexcept;

bool is_plugin_name(std::string_view text) noexcept;   ///< [a-z][a-z0-9.-]*, "acme.trend"
bool is_version(std::string_view text) noexcept;       ///< semver.org 2.0.0: "1.2.3-rc.1+linux"
bool is_component_id(std::string_view text) noexcept;  ///< [a-z][a-z0-9-]*
bool is_snake_name(std::string_view text) noexcept;    ///< [a-z][a-z0-9_]*
bool is_suffix(std::string_view text) noexcept;        ///< [a-z0-9]+
/// RFC 9110, 8.3.1: token "/" token *( OWS ";" OWS token "=" ( token / quoted-string ) ).
bool is_media_type(std::string_view text) noexcept;

}  // namespace bourse::host
