// SPDX-License-Identifier: MIT
//
// The way to a PostgreSQL server, with what happens on it: a socket in a folder of its own that
// passes everything on, until it is told to cut.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "tests/plugins/sources/history/store_place.hpp"

namespace bourse::history {

class PostgresWay {
 public:
  /// When the next COMMIT comes by.
  enum class Cut {
    kNever,
    kBefore,        ///< the server never sees it
    kAfter,         ///< it is committed, and nobody is told
    kAfterAndAway,  ///< and no way leads there any more, until is_open is set again
  };

  /// `folder`: where the server's socket is.
  explicit PostgresWay(std::string folder);
  ~PostgresWay();
  PostgresWay(const PostgresWay&) = delete;
  PostgresWay& operator=(const PostgresWay&) = delete;

  [[nodiscard]] std::string url(const std::string& database) const {
    return "postgresql://tester@/" + database + "?host=" + folder_.path();
  }

  std::atomic<Cut> cut = Cut::kNever;  ///< kNever again once it has cut
  std::atomic<bool> is_open = true;    ///< false: who connects is sent away
  /// As a pooler does, it tells clients of another backend than the one that serves them.
  std::atomic<bool> is_pooler = false;

 private:
  void serve();
  void pass(int client);

  Folder folder_;
  std::string server_;
  int listener_ = -1;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace bourse::history
