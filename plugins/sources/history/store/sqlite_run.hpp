// SPDX-License-Identifier: MIT
//
// sqlite_run.hpp - a statement of SQLite in use, and what SQLite says when it fails.
//
// Internal to the store: not seen by the layer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "plugins/sources/history/store/result.hpp"

struct sqlite3;  // its header is included where it is used
struct sqlite3_stmt;

namespace bourse::history {

/// What SQLite said, as an Error: "reading history.db: database disk image is malformed".
Error sqlite_error(sqlite3* db, const std::string& file, std::string_view doing);
/// The same of a code, without a connection.
Error sqlite_error(int code, int system_error, std::string_view text, const std::string& file,
                   std::string_view doing);

/// A prepared statement in use: bound, stepped, and reset when it goes, so that no reader holds the
/// log.
class SqliteRun {
 public:
  explicit SqliteRun(sqlite3_stmt* statement) : statement_(statement) {}
  ~SqliteRun();
  SqliteRun(const SqliteRun&) = delete;
  SqliteRun& operator=(const SqliteRun&) = delete;

  /// Texts must live until the next step().
  void bind(int at, std::int64_t value);
  void bind(int at, double value);
  void bind(int at, std::string_view text);
  void bind(int at, std::optional<std::int64_t> value);
  void bind_all(int) {}
  template <class First, class... Rest>
  void bind_all(int at, const First& first, const Rest&... rest) {
    if constexpr (std::is_integral_v<First>) {
      bind(at, static_cast<std::int64_t>(first));
    } else {
      bind(at, first);
    }
    bind_all(at + 1, rest...);
  }

  /// SQLITE_ROW, SQLITE_DONE, or an error.
  int step();
  /// To run again with other values.
  void reset();

  [[nodiscard]] std::int64_t integer(int at) const;
  [[nodiscard]] bool is_null(int at) const;
  [[nodiscard]] bool is_text(int at) const;
  [[nodiscard]] std::string text(int at) const;
  [[nodiscard]] explicit operator bool() const noexcept { return statement_ != nullptr; }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace bourse::history
