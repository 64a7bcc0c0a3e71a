// SPDX-License-Identifier: MIT
#include "tests/plugins/sources/history/postgres_server.hpp"
#include "tests/plugins/sources/history/store_place.hpp"

namespace bourse::history {

namespace {

/// A database of its own for each place, on the program's one server.
class PostgresPlace final : public Place {
 public:
  [[nodiscard]] std::string reason_to_skip() const override {
    return PostgresServer::shared().reason();
  }
  [[nodiscard]] Options options(Role role) const override {
    Options options;
    options.database = url_;
    options.role = role;
    options.name = "a test";
    return options;
  }
  std::string query(const std::string& sql) override {
    return ask_postgres(url_, "SET search_path = bourse; SET timezone = 'UTC'; " + sql);
  }

 private:
  std::string url_ = PostgresServer::shared().reason().empty()
                         ? PostgresServer::shared().new_database()
                         : std::string();
};

}  // namespace

std::unique_ptr<Place> make_postgres_place() { return std::make_unique<PostgresPlace>(); }

}  // namespace bourse::history
