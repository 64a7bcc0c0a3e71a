// SPDX-License-Identifier: MIT
#include "host/service/question.hpp"

#include <algorithm>
#include <utility>

#include "host/service/answering.hpp"

namespace bourse::host {
namespace {

/// A plan takes some kilobytes; a page and all its pictures are a dozen questions.
constexpr std::size_t kQuestionsMax = 512;
constexpr std::size_t kWordsMax = 512;

}  // namespace

Question::Question(Planned of) : planned(std::move(of)), tolerance(tolerance_of(*planned.route)) {
  if (!planned.spares.empty()) {
    Planned other = planned;
    if (other.job.instead_of.empty()) other.job.instead_of = other.job.source->name();
    other.job.source = std::move(other.spares.front());
    other.spares.erase(other.spares.begin());
    other.job.has_spare = !other.spares.empty();
    spare = std::make_shared<const Question>(std::move(other));
  }
  if (!planned.may_keep) return;
  const Job& job = planned.job;
  // They would spell secrets, too; but then nothing is kept.
  report = QuestionKey::of_report(job.analysis->number(), job.source ? job.source->number() : 0,
                                  job.analysis_arguments.asked());
  rendering = QuestionKey::of_rendering(*report, job.serializer->number(),
                                        job.serializer_arguments.asked());
}

Truth Question::bounded(Truth truth) const noexcept {
  if (planned.same_until) truth.until = std::min(truth.until, *planned.same_until);
  return truth;
}

// No target holds a space. One text for each thread: looking up allocates nothing.
const std::string& Remembered::words(std::string_view target, std::string_view accept) {
  thread_local std::string text;
  return text.assign(target).append(1, ' ').append(accept);
}

QuestionPtr Remembered::find(std::string_view target, std::string_view accept) const {
  if (target.size() + accept.size() > kWordsMax) return nullptr;
  const std::string& text = words(target, accept);
  const std::lock_guard lock(mutex_);
  const auto found = questions_.find(text);
  return found == questions_.end() ? nullptr : found->second;
}

void Remembered::add(std::string_view target, std::string_view accept, QuestionPtr question) {
  if (target.size() + accept.size() > kWordsMax || question->planned.same_until) return;
  std::string text = words(target, accept);
  decltype(questions_) forgotten;  // destroyed when the lock is not held
  const std::lock_guard lock(mutex_);
  if (questions_.size() >= kQuestionsMax) questions_.swap(forgotten);
  questions_.emplace(std::move(text), std::move(question));
}

}  // namespace bourse::host
