// SPDX-License-Identifier: MIT
#include "tests/plugins/sources/history/store_place.hpp"

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

namespace bourse::history {

namespace {

class SqlitePlace final : public Place {
 public:
  [[nodiscard]] Options options(Role role) const override {
    Options options;
    options.database = "sqlite:" + file();
    options.role = role;
    options.name = "a test";
    return options;
  }
  std::string query(const std::string& sql) override {
    sqlite3* db = nullptr;
    if (sqlite3_open(file().c_str(), &db) != SQLITE_OK) throw std::runtime_error("cannot open");
    std::string out;
    char* message = nullptr;
    const auto row = [](void* text, int columns, char** values, char**) {
      auto& lines = *static_cast<std::string*>(text);
      if (!lines.empty()) lines += '\n';
      for (int i = 0; i < columns; ++i) {
        if (i > 0) lines += '|';
        if (values[i] != nullptr) lines += values[i];
      }
      return 0;
    };
    const int code = sqlite3_exec(db, sql.c_str(), row, &out, &message);
    const std::string error = message != nullptr ? message : "";
    sqlite3_free(message);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_close(db);
    if (code != SQLITE_OK) throw std::runtime_error(sql + ": " + error);
    return out;
  }

 private:
  [[nodiscard]] std::string file() const { return folder_.path() + "/history.db"; }
  Folder folder_;
};

}  // namespace

Folder::Folder() {
  std::string name = std::filesystem::temp_directory_path() / "bourse-history-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<Place> make_place(Kind kind) {
  if (kind == Kind::kPostgres) return make_postgres_place();
  return std::make_unique<SqlitePlace>();
}

}  // namespace bourse::history
