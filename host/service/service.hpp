// SPDX-License-Identifier: MIT
//
// What the HTTP front calls: plans each request on the I/O thread, hands the work to the workers,
// and answers. Holds the current generation.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "host/answers/answers.hpp"
#include "host/api/pages.hpp"
#include "host/calls/call_watch.hpp"
#include "host/calls/workers.hpp"
#include "host/http/message.hpp"
#include "host/live/live.hpp"
#include "host/routing/generation.hpp"
#include "host/routing/plan.hpp"
#include "host/service/answering.hpp"
#include "host/service/pages.hpp"
#include "host/service/pending.hpp"
#include "host/service/question.hpp"
#include "host/service/quotas.hpp"
#include "host/service/refusals.hpp"
#include "host/service/request_log.hpp"
#include "host/service/traffic.hpp"

namespace bourse::host {

/// So much of an answer that is kept nowhere is held before it is sent while it is written.
inline constexpr std::size_t kHoldBytes = std::size_t{1} << 20U;

class Service : public Handler {
 public:
  /// What probes ask for; see ServerOptions::probe_target.
  static constexpr const char* kProbe = "/health";

  /// `cache`: how much of what is known is kept, and what time it is.
  Service(std::shared_ptr<const Generation> generation, Workers::Options workers,
          const Answers::Options& cache = {});
  ~Service() override;

  void handle(Request request, Responder responder) noexcept override;
  void refused(Request& request, const Failure& why) noexcept override;
  [[nodiscard]] Attached attached_to_refusal(const Request& request) noexcept override;

  /// From now on requests are planned with this generation; those that run keep theirs. The counts
  /// of a route go on by the template of its path. One thread at a time, others may call handle().
  void serve(std::shared_ptr<const Generation> generation);
  /// From now on /health says 503, so that load balancers send no more. Requests are still
  /// answered.
  void set_unready() noexcept { ready_.store(false); }
  /// Waits until the workers have nothing to do. False: after `limit` they still had, such as a
  /// plugin that does not listen and whose client was told 504 long ago.
  [[nodiscard]] bool drain(std::chrono::nanoseconds limit);
  /// Finishes what the workers hold, however long it takes. After it every request is answered 503.
  void stop();
  /// stop(), and lets go of the generation: its plugins' destroy and deinit are called, if nobody
  /// else holds it. Nothing but the destructor may be called after it.
  void end();

  [[nodiscard]] bool is_ready() const noexcept { return ready_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::shared_ptr<const Generation> generation() const {
    return serving_.load()->generation;
  }
  [[nodiscard]] const Answers& answers() const noexcept { return answers_; }
  [[nodiscard]] const Quotas& quotas() const noexcept { return quotas_; }
  [[nodiscard]] const Traffic& traffic() const noexcept { return traffic_; }
  [[nodiscard]] const Fetches& fetches() const noexcept { return fetches_; }
  [[nodiscard]] Live::Figures live() const { return live_->figures(); }
  /// One of the pages that describe the routes, if that listener has it.
  [[nodiscard]] std::optional<Response> api_page(const Request& request, ApiPlace listener) const {
    return serving_.load()->pages->answer(request, listener);
  }
  /// Requests that wait for a thread.
  [[nodiscard]] std::size_t queued() const { return workers_.queued(); }
  /// See Workers.
  [[nodiscard]] std::uint64_t steps() const { return workers_.steps(); }
  /// Why nothing can be answered now: all turns or all threads are held by calls that do not return
  /// and for which no substitute is left. Empty: something can.
  [[nodiscard]] std::string exhausted() const;
  /// See Workers.
  [[nodiscard]] Workers::Lost lost() const { return workers_.lost(); }
  [[nodiscard]] const CallWatch& calls() const noexcept { return workers_.calls(); }
  /// Requests refused since the start because no more could wait.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(); }
  /// What the front refused before it was a request.
  [[nodiscard]] const Refusals& refusals() const noexcept { return refusals_; }

 private:
  class Work;
  class Try;
  class RefreshPlace;
  class Followed;
  class LongAnswer;
  /// A generation, and where the requests of each of its routes are counted.
  struct Serving {
    std::shared_ptr<const Generation> generation;
    std::vector<Traffic::Counter> counters;  ///< one for each route
    std::unique_ptr<RequestLog> log;
    std::shared_ptr<const ApiPages> pages;
    /// As this generation calls the cache.
    [[nodiscard]] Provenance named(Provenance of) const {
      of.name = generation->cache_name();
      return of;
    }
    [[nodiscard]] const Traffic::Counter& counter_of(const Route& route) const {
      return counters[static_cast<std::size_t>(&route - generation->routes().data())];
    }
    mutable Remembered remembered;  ///< questions of this generation
  };
  static const std::array<Page<Service>, 1> kPages;

  void answer(Request& request, Responder& responder);
  void answer(QuestionPtr question, Request& request, Responder& responder,
              std::shared_ptr<const Serving> serving);
  void serve_kept(const Question& question, const Conditions& conditions, const Look& look,
                  const Request& request, Responder& responder, const Serving& serving,
                  const Admission& admission);
  void refuse_stray(Failure failure, const Request& request, Responder& responder,
                    const Serving& serving, const Route* matched);
  void refuse_limited(const Failure& failure, const Question& question, const Request& request,
                      Responder& responder, const Serving& serving, const Admission& admission);
  /// Of a route that has no analysis. REQUIRES: the path leads to it.
  void answer_fixed(const Reached& reached, Request& request, Responder& responder,
                    const Serving& serving);
  void answer_health(const Request& request, Responder& responder);
  void reply(Response response, const Request& request, Responder& responder,
             const Serving& serving, const Route* route, const Failure* failure);
  /// `route`: that the path leads to; null where it leads to none.
  void refuse(const Failure& failure, const Request& request, Responder& responder,
              const Serving& serving, const Route* route, const Admission& admission = {});
  void answer_page(Response page, const Request& request, Responder& responder,
                   const Serving& serving);
  // live.cpp: who is told when an answer changes.
  void answer_events(Request& request, Responder& responder,
                     const std::shared_ptr<const Serving>& serving);
  void answer_many(Request& request, Responder& responder,
                   const std::shared_ptr<const Serving>& serving);
  [[nodiscard]] RoomPtr room_of(const QuestionPtr& question, const Wish& wish,
                                const std::shared_ptr<const Serving>& serving);
  void send_events(std::shared_ptr<BodyStream> stream, Responder& responder);

  void proceed(const std::shared_ptr<Work>& work);
  void start(const std::shared_ptr<Work>& work);
  void ask(const std::shared_ptr<Work>& work);
  [[nodiscard]] std::shared_ptr<Try> first_try(QuestionPtr question, Look look);
  void go_on(const std::shared_ptr<Work>& work, Try& from);
  void refresh(const Work& work);
  void make_twin_for(const Question& question, const Conditions& conditions,
                     std::string_view method, const KeptPtr& kept);
  void complete(const std::shared_ptr<Work>& work, const std::shared_ptr<Try>& tried,
                const Answers::Told& told);
  void resign(Work& work, const Failure& why);
  [[nodiscard]] Flights::Submit submit();
  /// Its report: known, or under way, or made on this thread. `fresh`: so old it may be as if it
  /// were new. REQUIRES: it has a key.
  [[nodiscard]] Result<KeptPtr> report_of(const Question& question, const Demand& demand,
                                          std::chrono::nanoseconds fresh, const Context& context);
  /// `fresh`: as report_of().
  [[nodiscard]] Maker maker(std::shared_ptr<const Serving> serving, QuestionPtr question,
                            Demand demand, std::chrono::nanoseconds fresh,
                            std::weak_ptr<Work> leader);
  void run(const std::shared_ptr<Work>& work, const std::shared_ptr<Try>& tried);
  // long.cpp: what is sent while it is written.
  [[nodiscard]] bool is_known_long(const QuestionKey& key) const;
  void remember_long(const QuestionKey& key);
  [[nodiscard]] std::shared_ptr<LongAnswer> way_out(const std::shared_ptr<Work>& work,
                                                    const Context& context);
  [[nodiscard]] Result<Rendered> perform_long(const std::shared_ptr<Work>& work,
                                              const Question& question, const Context& context,
                                              const std::shared_ptr<LongAnswer>& outlet);
  /// False: nothing of it was sent.
  [[nodiscard]] static bool end_long(const std::shared_ptr<LongAnswer>& outlet,
                                     const Result<Rendered>& outcome);

  std::atomic<bool> ready_{true};
  std::shared_ptr<const std::string> health_body_;
  Traffic traffic_;
  Fetches fetches_;  ///< before what holds sources, which count here
  Refusals refusals_;
  std::atomic<std::shared_ptr<const Serving>> serving_;
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<unsigned> refreshes_{0};  ///< under way, for nobody who waits
  const unsigned refreshes_max_;
  std::atomic<unsigned> long_answers_{0};  ///< under way
  const unsigned long_answers_max_;
  const std::size_t keep_bytes_max_;  ///< of one answer
  mutable std::mutex long_mutex_;
  std::unordered_set<std::uint64_t> known_long_;  ///< questions by their hash: a hint
  Quotas quotas_;                                 ///< before all that holds an Admission
  Answers answers_;
  Deadlines deadlines_;         ///< before the workers, whose tasks use it to their end
  std::unique_ptr<Live> live_;  ///< likewise
  Workers workers_;
};

}  // namespace bourse::host
