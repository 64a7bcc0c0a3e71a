// SPDX-License-Identifier: MIT
//
// What a request asks, worked out: its plan, and what its answer is known by. What was asked often
// is remembered by the request's own words, so that a kept answer costs no second plan.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host/answers/freshness.hpp"
#include "host/answers/key.hpp"
#include "host/routing/plan.hpp"
#include "host/service/ready.hpp"

namespace bourse::host {

/// Immutable, shared by the requests that ask it.
struct Question {
  explicit Question(Planned of);

  const Planned planned;
  const Tolerance tolerance;
  std::optional<QuestionKey> report = {};     ///< where answers are kept, and no secret was given
  std::optional<QuestionKey> rendering = {};  ///< likewise
  /// `truth`, but no longer than the same words ask the same.
  [[nodiscard]] Truth bounded(Truth truth) const noexcept;

  /// The same of the source that is asked where this one's fails; null: there is none.
  std::shared_ptr<const Question> spare = {};

  mutable Ready ready = {};  ///< what was answered last, beside all that is asked
};
using QuestionPtr = std::shared_ptr<const Question>;

/// Questions of one generation by the two parts of a request that decide about them where everybody
/// may ask: its target and its Accept, as they came. Bounded; strangers who ask once cost it
/// nothing, because it learns only of what a kept answer was given for. Those with relative times
/// are worked out anew each time. [any thread]
class Remembered {
 public:
  [[nodiscard]] QuestionPtr find(std::string_view target, std::string_view accept) const;
  void add(std::string_view target, std::string_view accept, QuestionPtr question);

 private:
  static const std::string& words(std::string_view target, std::string_view accept);
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return keyed_hash(text); }
  };

  mutable std::mutex mutex_;
  std::unordered_map<std::string, QuestionPtr, Hash, std::equal_to<>> questions_;
};

}  // namespace bourse::host
