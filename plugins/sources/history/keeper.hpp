// SPDX-License-Identifier: MIT
//
// Keeper: holds the database of a history, and opens it again where that failed. While there is
// none, questions are answered from below; nothing waits for a database that does not answer.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "bourse/host.hpp"
#include "plugins/sources/history/store/store.hpp"

namespace bourse::history {

/// Any function: [any thread].
class Keeper {
 public:
  /// How long after a failure nobody tries to open it again.
  static constexpr std::chrono::seconds kRetry{60};

  /// Opens it; that it cannot be opened is no failure of this. Throws bourse::Error `bad_setting`
  /// for an address that is none.
  Keeper(Options options, Host host);

  struct Held {
    std::shared_ptr<Store> store;  ///< null: there is none now
    std::optional<Error> why = {};
  };
  /// Tries to open it where there is none, once in kRetry, one caller at a time; the others go on
  /// without.
  Held get();

  /// What became of keeping, for the log: a failure is an event when it begins, is of another kind,
  /// and when it is over.
  void saw(const std::optional<Error>& failure);

  /// Nothing failed since it last worked.
  [[nodiscard]] bool keeps() const noexcept { return state_.load() == kWell; }
  [[nodiscard]] const Options& options() const noexcept { return options_; }

 private:
  static constexpr int kWell = -1;

  void open();

  const Options options_;
  const Host host_;
  std::mutex mutex_;  ///< of the rest
  std::shared_ptr<Store> store_;
  std::optional<Error> why_;
  std::chrono::steady_clock::time_point tried_;
  bool is_opening_ = false;
  std::atomic<int> state_{kWell};  ///< or the ErrorKind
};

}  // namespace bourse::history
