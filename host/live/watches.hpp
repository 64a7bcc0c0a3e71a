// SPDX-License-Identifier: MIT
//
// What sources are asked to tell of, for all questions that are watched: each input once, however
// many answers are made of it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "host/answers/key.hpp"
#include "host/calls/input.hpp"

namespace bourse::host {

class Watches;

/// One input that is watched, or that is being found out whether it can be. It ends when nobody
/// holds it any more. [any thread]
class WatchedInput : public std::enable_shared_from_this<WatchedInput> {
 public:
  WatchedInput(Watches& all, std::shared_ptr<const Input> input, QuestionKey key)
      : all_(all), input_(std::move(input)), key_(std::move(key)) {}
  ~WatchedInput();
  WatchedInput(const WatchedInput&) = delete;
  WatchedInput& operator=(const WatchedInput&) = delete;

  [[nodiscard]] const Input& input() const noexcept { return *input_; }
  /// The question that it is.
  [[nodiscard]] const QuestionKey& key() const noexcept { return key_; }
  /// Asks the source to tell. Once; may wait. True: it does.
  bool begin(const Context& context, Workers* workers);
  /// Whoever was told looks again from here on.
  void rearm() noexcept { is_told_.store(false); }

 private:
  static void changed(void* sink) noexcept;

  Watches& all_;  ///< outlives this
  const std::shared_ptr<const Input> input_;
  const QuestionKey key_;
  std::atomic<bool> is_told_{false};
  std::unique_ptr<InputWatch> watch_;
};
using WatchedInputPtr = std::shared_ptr<WatchedInput>;

class Watches {
 public:
  /// `told`: called for the first change after rearm(), on any thread: must return at once and call
  /// nothing here back.
  explicit Watches(std::function<void(WatchedInputPtr)> told) : told_(std::move(told)) {}

  /// Those that are there for these inputs, and new ones, for which `fresh` gets what the caller
  /// must begin().
  [[nodiscard]] std::vector<WatchedInputPtr> hold(
      const std::vector<std::shared_ptr<const Input>>& inputs, std::vector<WatchedInputPtr>& fresh);
  [[nodiscard]] std::size_t size() const;

 private:
  friend class WatchedInput;
  struct Hash {
    std::size_t operator()(const QuestionKey& key) const noexcept { return key.hash(); }
  };
  [[nodiscard]] WatchedInputPtr find(const QuestionKey& key) const;
  void forget(const QuestionKey& key) noexcept;

  const std::function<void(WatchedInputPtr)> told_;
  mutable std::mutex mutex_;
  std::unordered_map<QuestionKey, std::weak_ptr<WatchedInput>, Hash> watches_;
};

}  // namespace bourse::host
