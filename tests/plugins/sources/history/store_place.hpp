// SPDX-License-Identifier: MIT
//
// Where a test keeps a history: a database of its own, in either kind of store, which it opens as
// often as it likes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "plugins/sources/history/store/store.hpp"

namespace bourse::history {

enum class Kind { kSqlite, kPostgres };
inline std::string name_of(Kind kind) { return kind == Kind::kSqlite ? "Sqlite" : "Postgres"; }

class Place {
 public:
  virtual ~Place() = default;
  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// "" or why there is none here, for GTEST_SKIP.
  [[nodiscard]] virtual std::string reason_to_skip() const { return {}; }
  [[nodiscard]] virtual Options options(Role role) const = 0;
  /// Runs a statement as a stranger does, and gives its rows: columns by '|', rows by '\n'.
  virtual std::string query(const std::string& sql) = 0;

  [[nodiscard]] Result<std::unique_ptr<Store>> try_open(Role role = Role::kServer) const {
    return open_store(options(role));
  }
  /// Opened, or the test is over.
  [[nodiscard]] std::unique_ptr<Store> open(Role role = Role::kServer) const {
    auto store = try_open(role);
    if (!store) throw std::runtime_error(store.error().text());
    return std::move(*store);
  }
};

std::unique_ptr<Place> make_place(Kind kind);
std::unique_ptr<Place> make_postgres_place();

/// The folder of a SQLite place, removed with it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace bourse::history
