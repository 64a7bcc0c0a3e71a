// SPDX-License-Identifier: MIT
//
// What names look like, and how far a foreign text is read. Pure functions on bytes that may be
// anything.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "bourse/bourse.h"

namespace bourse::host {

/// [a-z][a-z0-9_]* of at most `bytes_max` bytes: fields, tables, charts, codes, parameters. With
/// other `punctuation` than "_": "-" for components' ids, ".-" for plugins' names.
[[nodiscard]] bool is_name(std::string_view text, std::size_t bytes_max = BOURSE_MAX_NAME_BYTES,
                           std::string_view punctuation = "_") noexcept;

/// Names joined by single dots, of at most `bytes_max` bytes together: "summary.breadth".
[[nodiscard]] bool is_name_path(std::string_view text,
                                std::size_t bytes_max = BOURSE_MAX_NAME_BYTES) noexcept;

/// The text up to its NUL; nothing when it is null or has no NUL within `bytes_max` + 1 bytes.
/// Reads no further than that.
[[nodiscard]] std::optional<std::string_view> text_within(const char* text,
                                                          std::size_t bytes_max) noexcept;

/// The level that a reader of today knows: DEBUG, INFO, WARN or ERROR. One in between counts as the
/// one below; below DEBUG there is none, so that is DEBUG.
[[nodiscard]] constexpr std::int32_t known_level(std::int32_t level) noexcept {
  if (level >= BOURSE_LEVEL_ERROR) return BOURSE_LEVEL_ERROR;
  if (level >= BOURSE_LEVEL_WARN) return BOURSE_LEVEL_WARN;
  return level >= BOURSE_LEVEL_INFO ? BOURSE_LEVEL_INFO : BOURSE_LEVEL_DEBUG;
}

}  // namespace bourse::host
