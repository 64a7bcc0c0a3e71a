// SPDX-License-Identifier: MIT
//
// Answers that are too long to be kept: on their way to the client while they are written.
#include <exception>
#include <utility>

#include "host/base/failures.hpp"
#include "host/calls/call_watch.hpp"
#include "host/observe/log.hpp"
#include "host/service/pipe.hpp"
#include "host/service/work.hpp"

namespace bourse::host {
namespace {

using std::chrono::steady_clock;

/// What has begun goes on as long as its reader reads.
constexpr std::chrono::hours kLongest{1};

/// For what is written to be kept: that it is too long is found out, and nothing is sent.
constexpr const char* kTooLong = "too_long_to_keep";

Failure slow_failure() {
  return {.status = BOURSE_CANCELLED,
          .code = "reader_too_slow",
          .message = "The client took nothing of a long answer for ten seconds, and was cut off."};
}

}  // namespace

bool is_too_long_to_keep(const Failure& failure) noexcept { return failure.code == kTooLong; }

Result<void> KeepBound::take(std::string, const Output&) {
  return Failure{.status = BOURSE_UNPROCESSABLE,
                 .code = kTooLong,
                 .message = "The answer is too long to be kept."};
}

/// The way out of one of them: to the client of a request.
class Service::LongAnswer final : public Outlet, public Party {
 public:
  LongAnswer(Service& service, std::shared_ptr<Work> work, std::size_t hold,
             steady_clock::time_point deadline)
      : service_(service), work_(std::move(work)), hold_(hold), deadline_(deadline) {}
  ~LongAnswer() override {
    if (has_place_) --service_.long_answers_;
  }
  LongAnswer(const LongAnswer&) = delete;
  LongAnswer& operator=(const LongAnswer&) = delete;

  [[nodiscard]] std::size_t hold() const noexcept override { return hold_; }
  Result<void> take(std::string bytes, const Output& output) override {
    if (!begun_) {
      if (auto begun = begin(output); !begun) return begun;
    }
    const AskingScope asking;  // that its reader takes its time is no fault of who writes
    switch (pipe_->put(std::move(bytes), &service_.workers_)) {
      case Pipe::Put::kTaken:
        return {};
      case Pipe::Put::kGone:
        return cancelled_failure();
      case Pipe::Put::kSlow:
        break;
    }
    return slow_failure();
  }

  // What has begun has no deadline but its reader's patience.
  [[nodiscard]] bourse_status poll() const noexcept override {
    return steady_clock::now() < deadline() ? BOURSE_OK : BOURSE_DEADLINE;
  }
  [[nodiscard]] steady_clock::time_point deadline() const noexcept override {
    return begun_ ? deadline_ + kLongest : deadline_;
  }

  [[nodiscard]] bool begun() const noexcept { return begun_; }
  /// All of it is there, or not and why. REQUIRES: begun().
  void end(const Failure* why) {
    // Who asked for the header alone has it.
    if (work_->method() == "HEAD") return work_->end_long(0, nullptr);
    pipe_->close(why == nullptr);
    work_->end_long(pipe_->bytes(), why);
  }

 private:
  Result<void> begin(const Output& output) {
    // As many may wait for slow readers as leave half of the threads to others.
    if (service_.long_answers_.fetch_add(1) >= service_.long_answers_max_) {
      --service_.long_answers_;
      return overloaded_failure();
    }
    has_place_ = true;
    if (!work_->begin_long(output.headers(), pipe_->out())) return deadline_failure();
    begun_ = true;
    return {};
  }

  Service& service_;
  const std::shared_ptr<Work> work_;
  const std::size_t hold_;
  const steady_clock::time_point deadline_;
  const std::shared_ptr<Pipe> pipe_ = std::make_shared<Pipe>();
  std::atomic<bool> begun_{false};
  bool has_place_ = false;
};

bool Service::Work::begin_long(const std::vector<std::pair<std::string, std::string>>& headers,
                               std::shared_ptr<BodyStream> body) {
  if (!pending_.claim()) return false;
  if (deadlines_ != nullptr) deadlines_->forget(ticket_);
  Response response = long_response(planned_, headers);
  response.stream = std::move(body);
  admission_.add_fields(response);
  pending_.send(std::move(response));
  return true;
}

void Service::Work::end_long(std::uint64_t bytes, const Failure* why) {
  admission_.leave();
  RequestFacts facts{.status = 200, .bytes = bytes, .outcome = "streamed", .failure = why};
  describe(facts);
  facts.client_left = why != nullptr && why->status == BOURSE_CANCELLED;
  if (facts.client_left) facts.status = Traffic::kClientClosed;
  serving_->counter_of(*planned_.route)
      .count(asked_of(planned_), facts.status,
             std::chrono::duration_cast<std::chrono::microseconds>(facts.total), bytes);
  serving_->log->write(request_, facts);
}

bool Service::is_known_long(const QuestionKey& key) const {
  const std::lock_guard lock(long_mutex_);
  return known_long_.contains(key.hash());
}

void Service::remember_long(const QuestionKey& key) {
  constexpr std::size_t kKnownMax = 4096;
  const std::lock_guard lock(long_mutex_);
  if (known_long_.size() >= kKnownMax) known_long_.clear();
  known_long_.insert(key.hash());
}

/// Of what is kept nowhere: because its route keeps nothing, or because it is too long. On a
/// worker.
Result<Rendered> Service::perform_long(const std::shared_ptr<Work>& work, const Question& question,
                                       const Context& context,
                                       const std::shared_ptr<LongAnswer>& outlet) {
  try {
    const Job& job = question.planned.job;
    Context of_reader = context;
    of_reader.party = outlet;
    of_reader.deadline = steady_clock::time_point::max();  // the outlet's counts
    if (!question.report) {
      const auto answer = analyse(job, context, &workers_);
      if (!answer) return answer.failure();
      return render(job, *answer->report, answer->truth, of_reader, &workers_, outlet.get());
    }
    const auto known = report_of(question, work->demand(), question.tolerance.fresh, context);
    if (!known) return known.failure();
    return render(job, *(*known)->report, as_old_as((*known)->life), of_reader, &workers_,
                  outlet.get());
  } catch (const std::exception&) {
    return out_of_memory_failure();
  }
}

std::shared_ptr<Service::LongAnswer> Service::way_out(const std::shared_ptr<Work>& work,
                                                      const Context& context) {
  return std::make_shared<LongAnswer>(*this, work, kHoldBytes, context.deadline);
}

bool Service::end_long(const std::shared_ptr<LongAnswer>& outlet, const Result<Rendered>& outcome) {
  if (!outlet->begun()) return false;
  outlet->end(outcome ? nullptr : &outcome.failure());
  return true;
}

}  // namespace bourse::host
