// SPDX-License-Identifier: MIT
//
// What a history keeps, and for how long: its part of the configuration.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bourse/plugin.hpp"
#include "plugins/sources/history/store/types.hpp"

namespace bourse::history {

inline constexpr const char* kKinds[] = {"candles", "trades", "books", nullptr};

inline constexpr Param kKeep =
    Param("keep", BOURSE_TYPE_LIST,
          "What is kept of all that passes: candles, trades, books. The rest only passes.")
        .list_of(BOURSE_TYPE_TEXT)
        .one_of(kKinds)
        .with_default("candles")
        .bounds("1", "3");
inline constexpr Param kCandlesFor =
    Param("candles_for", BOURSE_TYPE_TEXT,
          "How long candles are kept, such as 3650d: the task prune takes away what is older. "
          "Without it, for ever.")
        .bounds("2", "20");
inline constexpr Param kTradesFor =
    Param("trades_for", BOURSE_TYPE_TEXT, "The same of trades, such as 30d.").bounds("2", "20");
inline constexpr Param kBooksFor =
    Param("books_for", BOURSE_TYPE_TEXT, "The same of snapshots of books, such as 7d.")
        .bounds("2", "20");
inline constexpr Param kBooksEvery =
    Param("books_every", BOURSE_TYPE_TEXT,
          "Of each market at most one snapshot in so long is kept, such as 1m.")
        .with_default("1m")
        .bounds("2", "20");
inline constexpr Param kBooksIfError =
    Param("books_if_error", BOURSE_TYPE_TEXT,
          "Where the source below fails, the last kept snapshot is shown, with a note, if it is no "
          "older than this, such as 5m. Without it, a book is never shown from the past.")
        .bounds("2", "20");

struct Keeping {
  bool candles = false, trades = false, books = false;
  std::optional<Millis> candles_for, trades_for, books_for;
  Millis books_every = 0;
  std::optional<Millis> books_if_error;
};

/// "30d", "12h", "90m", "10s", "4w": a whole number from 1 and a unit, up to a hundred years.
std::optional<Millis> parse_length(std::string_view text) noexcept;

/// Throws bourse::Error `bad_setting` that names the setting.
Keeping read_keeping(const Values& values);

}  // namespace bourse::history
