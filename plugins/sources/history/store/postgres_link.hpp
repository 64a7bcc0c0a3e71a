// SPDX-License-Identifier: MIT
//
// postgres_link.hpp - libpq as values: a connection, results in the binary format, times as
// literals.
//
// Internal to the store: not seen by the layer.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/sources/history/store/result.hpp"
#include "plugins/sources/history/store/store.hpp"

struct pg_conn;  // PGconn and PGresult of libpq-fe.h, which is included where they are used
struct pg_result;

namespace bourse::history {

/// YYYY-MM-DD HH:MM:SS.mmm+00: never in the zone of a session.
std::string timestamp_text(Millis time);
/// The same, quoted.
std::string time_literal(Millis time);
/// The quoted text of a value that is not ours.
std::string text_literal(std::string_view text);

/// Rows of an answer; binary.
class PgRows {
 public:
  explicit PgRows(pg_result* result);
  [[nodiscard]] int count() const noexcept;
  [[nodiscard]] bool is_null(int row, int column) const;
  /// Of int2, int4, int8.
  [[nodiscard]] std::int64_t integer(int row, int column) const;
  /// Of timestamptz, which is microseconds since 2000.
  [[nodiscard]] Millis millis(int row, int column) const;
  [[nodiscard]] std::string text(int row, int column) const;
  /// Rows that a statement changed.
  [[nodiscard]] std::uint64_t changed() const;

 private:
  std::unique_ptr<pg_result, void (*)(pg_result*)> result_;
};

/// Where a database is, checked before anything is sent.
struct PgPlace {
  std::string url, password, name;
  std::string shown;  ///< "PostgreSQL database NAME on HOST", without a password
  std::chrono::milliseconds wait{};
};
Result<PgPlace> pg_place(const Options& options);

/// One connection. Nobody waits for ever: a server that says nothing for as long as a statement may
/// take, and a little more, is as good as gone.
class PgLink {
 public:
  /// kGone, kRefused. Writers: of a server that takes writes. `limit`: how long a statement may
  /// take.
  static Result<std::unique_ptr<PgLink>> open(const PgPlace& place, bool is_writer,
                                              std::chrono::milliseconds limit);
  ~PgLink();
  PgLink(const PgLink&) = delete;
  PgLink& operator=(const PgLink&) = delete;

  /// One statement; its rows in the binary format.
  Result<PgRows> ask(const std::string& sql);
  /// One or several, without rows.
  Status run(const std::string& sql);
  /// COPY ... FROM STDIN, of any format: `bytes` are all of it.
  Status copy_in(const std::string& sql, std::string_view bytes);

  /// False: nothing can be asked any more, and whatever was locked or begun is over.
  [[nodiscard]] bool is_alive() const noexcept;
  /// It is not alive because the server said nothing.
  [[nodiscard]] bool is_silent() const noexcept { return is_silent_; }
  [[nodiscard]] bool is_in_transaction() const noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  PgLink(pg_conn* connection, std::string shown, std::chrono::milliseconds limit)
      : connection_(connection), shown_(std::move(shown)), limit_(limit) {}
  bool wait(bool is_sending, Clock::time_point until) const;
  /// The next result of what was sent; null: there is no more, or it says nothing.
  pg_result* next(Clock::time_point until);
  /// The last result of what was sent.
  Result<PgRows> answer(bool is_sent);
  Error error(const pg_result* result);

  pg_conn* connection_;
  std::string shown_;
  std::chrono::milliseconds limit_;
  bool is_silent_ = false, is_lost_ = false;
};

/// `head`, then the text of each value, separated by commas, then `tail`; in pieces of
/// kStatementRows values, since it would be too long as one statement.
inline constexpr std::size_t kStatementRows = 500;
template <class Values, class Text>
Status in_pieces(PgLink& link, const std::string& head, const Values& values,
                 const std::string& tail, const Text& text) {
  std::string sql;
  std::size_t n = 0;
  for (const auto& value : values) {
    sql += (n == 0 ? head : std::string(",")) + text(value);
    if (++n < kStatementRows) continue;
    if (auto done = link.run(sql + tail); !done) return done;
    sql.clear();
    n = 0;
  }
  return n == 0 ? Status(Done{}) : link.run(sql + tail);
}

}  // namespace bourse::history
