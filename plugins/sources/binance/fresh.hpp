// SPDX-License-Identifier: MIT
//
// Fresh<Value>: answers that are good for a moment, and questions that are asked only once.
//
// An answer is kept for `age_max`. Who asks for the same while a question is under way waits for
// its answer, up to their own deadline. Nothing is locked while a question is out. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

/// The caller's own deadline passed while somebody else asked.
inline Error waited_too_long(bool stopped) {
  Error error{.kind = ErrorKind::kNetwork,
              .message = "The deadline passed while waiting for the exchange's answer.",
              .advice = "Allow more time."};
  error.deadline = !stopped;
  error.stopped = stopped;
  return error;
}

template <class Value>
class Fresh {
 public:
  /// An answer, and until when it is given to whoever asks the same.
  struct Shared : std::shared_ptr<const Value> {
    Instant good_until;
  };
  using Ask = std::function<Result<Value>(const Call& call)>;
  struct Counts {
    std::int64_t hits = 0, misses = 0;  ///< joining a question under way is a hit
  };

  /// `age_max` zero: nothing is kept, but equal questions are still asked once.
  Fresh(std::shared_ptr<const Clock> clock, std::chrono::nanoseconds age_max,
        std::size_t entries_max)
      : clock_(std::move(clock)), age_max_(age_max), entries_max_(entries_max) {}

  Result<Shared> get(const std::string& key, const Call& call, const Ask& ask) {
    while (true) {
      std::unique_lock lock(mutex_);
      if (const auto kept = kept_.find(key); kept != kept_.end() && is_fresh(kept->second)) {
        ++counts_.hits;
        return kept->second;
      }
      const auto under_way = questions_.find(key);
      if (under_way == questions_.end()) {
        ++counts_.misses;
        const auto question = std::make_shared<Question>();
        questions_.emplace(key, question);
        lock.unlock();
        return lead(key, *question, call, ask);
      }
      const auto question = under_way->second;
      if (auto failure = wait(lock, *question, call)) return *std::move(failure);
      // Who asked may have had less time than we have.
      if (question->answer && !is_personal(*question->answer)) {
        ++counts_.hits;
        return *question->answer;
      }
    }
  }

  [[nodiscard]] Counts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  struct Question {
    bool over = false;
    std::optional<Result<Shared>> answer;  ///< none: it ended by an exception
  };

  [[nodiscard]] bool is_fresh(const Shared& kept) const { return clock_->now() < kept.good_until; }
  static bool is_personal(const Result<Shared>& answer) {
    if (answer) return false;
    const Error& error = answer.error();
    return error.deadline || error.gave_up || error.stopped;
  }

  std::optional<Error> wait(std::unique_lock<std::mutex>& lock, const Question& question,
                            const Call& call) {
    constexpr std::chrono::milliseconds kBetweenLooks(20);
    while (!question.over) {
      changed_.wait_for(lock, kBetweenLooks);
      if (question.over) break;
      lock.unlock();  // the host's poll is not ours to hold up
      const bool stopped = call.stopped && call.stopped();
      if (stopped || clock_->now() >= call.deadline) return waited_too_long(stopped);
      lock.lock();
    }
    return std::nullopt;
  }

  Result<Shared> lead(const std::string& key, Question& question, const Call& call,
                      const Ask& ask) {
    // The answer is at least as young as the question.
    const Instant good_until =
        clock_->now() + std::chrono::duration_cast<Instant::duration>(age_max_);
    std::optional<Result<Shared>> answer;
    try {
      auto asked = ask(call);
      answer =
          asked
              ? Result<Shared>(Shared{std::make_shared<const Value>(*std::move(asked)), good_until})
              : Result<Shared>(std::move(asked).error());
    } catch (...) {
      finish(key, question, std::nullopt);
      throw;
    }
    finish(key, question, answer);
    return *std::move(answer);
  }

  void finish(const std::string& key, Question& question,
              const std::optional<Result<Shared>>& answer) {
    {
      const std::lock_guard lock(mutex_);
      question.answer = answer;
      question.over = true;
      questions_.erase(key);
      if (answer && *answer && age_max_.count() > 0 && entries_max_ > 0) keep(key, **answer);
    }
    changed_.notify_all();
  }

  void keep(const std::string& key, const Shared& answer) {
    std::erase_if(kept_, [&](const auto& entry) { return !is_fresh(entry.second); });
    if (kept_.size() >= entries_max_ && !kept_.contains(key)) {
      auto oldest = kept_.begin();
      for (auto entry = kept_.begin(); entry != kept_.end(); ++entry) {
        if (entry->second.good_until < oldest->second.good_until) oldest = entry;
      }
      kept_.erase(oldest);
    }
    kept_.insert_or_assign(key, answer);
  }

  const std::shared_ptr<const Clock> clock_;
  const std::chrono::nanoseconds age_max_;
  const std::size_t entries_max_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Shared> kept_;
  std::map<std::string, std::shared_ptr<Question>> questions_;
  Counts counts_;
};

}  // namespace bourse::binance
