// SPDX-License-Identifier: MIT
//
// A PostgreSQL server of the test's own: Debian's, in a folder that goes with the process, on a
// socket in it and no port.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bourse::history {

class PostgresServer {
 public:
  /// `settings`: "name=value", after those that every test has. Waits until it answers.
  explicit PostgresServer(std::vector<std::string> settings = {});
  /// A hot standby of `primary`: it follows, and takes no writes.
  static PostgresServer standby_of(const PostgresServer& primary) {
    return PostgresServer({}, &primary);
  }
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// One for all tests of the program, started when the first asks for it.
  static PostgresServer& shared();

  /// "" or why there is none here, for GTEST_SKIP.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  [[nodiscard]] std::string url(const std::string& database) const;
  /// Where its socket is.
  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
  /// The address of a database that was not there before.
  [[nodiscard]] std::string new_database() const;

  /// Ends it at once, as a power cut would for those who are connected.
  void stop();
  void start();

 private:
  PostgresServer(std::vector<std::string> settings, const PostgresServer* primary);
  [[nodiscard]] bool find_user();
  [[nodiscard]] pid_t spawn(std::vector<std::string> words) const;
  [[nodiscard]] bool run(std::vector<std::string> words) const;

  std::string folder_, bin_, reason_;
  std::vector<std::string> settings_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t server_ = 0, owner_ = 0;
};

/// Statements on a connection of its own: rows of the last, columns by '|', rows by '\n'. Throws
/// std::runtime_error with what the server says.
std::string ask_postgres(const std::string& url, const std::string& sql);

}  // namespace bourse::history
