// SPDX-License-Identifier: MIT
//
// Requests for events: what they are about is planned as for any other request, and answered again
// whenever it changes.
#include <algorithm>
#include <exception>
#include <utility>

#include "host/base/failures.hpp"
#include "host/http/accept.hpp"
#include "host/http/problem.hpp"
#include "host/live/event.hpp"
#include "host/observe/log.hpp"
#include "host/service/fields.hpp"
#include "host/service/work.hpp"

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Where one stream tells of several questions, unless a route is there.
constexpr std::string_view kManyPath = "/events";
constexpr std::size_t kManyMax = 64;
/// What browsers send in the header Last-Event-ID they cannot send with the first request of a
/// page, which has an answer already.
constexpr std::string_view kLastEventId = "last-event-id";
constexpr std::size_t kEtagBytesMax = 100;

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

/// Takes the parameter of that name out of a target, and gives what it says.
std::optional<std::string> take_parameter(std::string& target, std::string_view name) {
  std::size_t begin = target.find('?');
  while (begin != std::string::npos && begin + 1 < target.size()) {
    const std::size_t end = std::min(target.find('&', begin + 1), target.size());
    const std::string pair = target.substr(begin + 1, end - begin - 1);
    if (pair.substr(0, pair.find('=')) != name) {
      begin = end == target.size() ? std::string::npos : end;
      continue;
    }
    // With the separator behind it, or the one before it where it is the last.
    if (end < target.size()) {
      target.erase(begin + 1, end - begin);
    } else {
      target.erase(begin);
    }
    const auto read = parse_target("/?" + pair);
    return read && !read->query.empty() ? std::optional(read->query.front().second) : std::nullopt;
  }
  return std::nullopt;
}

/// The entity tag of the bytes as they are; a client may have that of a twin.
std::string plain_etag(std::string_view etag) {
  constexpr std::size_t kPlain = 24;  // 22 characters between quotation marks
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() > kEtagBytesMax) return {};
  if (etag.size() > kPlain && etag[kPlain - 1] == '-') {
    return std::string(etag.substr(0, kPlain - 1)) + '"';
  }
  return std::string(etag);
}

bool is_json(std::string_view media_type) {
  const std::string_view type = media_type.substr(0, media_type.find(';'));
  return type == "application/json" || type.ends_with("+json");
}

Response events_response() {
  Response response;
  response.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                      {"Cache-Control", "no-store, no-transform"},
                      {"X-Accel-Buffering", "no"}};
  return hardened(std::move(response));
}

Failure not_live_failure() {
  return {.status = 406,
          .code = "not_live",
          .message =
              "This route tells nobody when its answers change (live: off). Ask for the "
              "answer itself."};
}

/// The problem as a client would be answered it.
std::string problem_text(const Failure& failure, std::string_view request_id,
                         std::string_view target) {
  const Response response = problem(failure, {.request_id = request_id, .instance = target});
  std::string text = response.body ? *response.body : "{}";
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Of a request that goes on for hours, what the log tells of it.
Request for_log(const Request& request) {
  Request kept = request;
  std::erase_if(kept.headers, [](const auto& header) {
    return header.first != "User-Agent" && header.first != "user-agent" &&
           header.first != "traceparent";
  });
  kept.headers.shrink_to_fit();
  kept.body.clear();
  return kept;
}

}  // namespace

/// A question of one generation, answered again and again.
class Service::Followed final : public LiveQuestion, public std::enable_shared_from_this<Followed> {
 public:
  Followed(Service& service, std::shared_ptr<const Serving> serving, QuestionPtr question,
           const Wish& wish)
      : service_(service),
        serving_(std::move(serving)),
        question_(std::move(question)),
        target_(wish.target),
        accept_(wish.accept),
        authorization_(wish.authorization) {}

  void answer(std::function<void(LiveAnswer)> done) override {
    const auto question = now();
    if (!question) return done(failed(question.failure()));
    ask(*question, done);
  }

  [[nodiscard]] Context context() const override {
    const Route& route = *question_->planned.route;
    Context context{.request_id = "live",
                    .route = route.path,
                    .deadline = steady_clock::now() + route.deadline,
                    .authorized = !route.access.is_public()};
    if (question_->planned.may_keep) context.known = &service_.answers_;
    return context;
  }
  [[nodiscard]] std::chrono::nanoseconds every() const noexcept override {
    return question_->planned.route->live.every;
  }
  [[nodiscard]] bool is_sent_whole() const noexcept override {
    return is_json(question_->planned.job.serializer->component().media_type);
  }

 private:
  using Done = std::function<void(LiveAnswer)>;

  /// What its words ask now.
  [[nodiscard]] Result<QuestionPtr> now() const {
    const auto& until = question_->planned.same_until;
    if (!until || wall_clock() < *until) return question_;
    auto planned = plan(serving_->generation,
                        {.target = target_, .accept = accept_, .authorization = authorization_});
    if (!planned) return std::move(planned).failure();
    return std::make_shared<const Question>(*std::move(planned));
  }

  void ask(const QuestionPtr& question, const Done& done) {
    if (question->spare &&
        question->planned.job.source->breaker().pass_over(service_.answers_.now())) {
      return ask(question->spare, done);
    }
    if (!question->planned.may_keep) return compute(question, done);
    const KeptPtr kept = service_.answers_.find(*question->rendering);
    if (kept && is_good(*kept, *question)) return done(of_kept(*kept, *question));
    const Context asks = context();
    service_.answers_.ask(
        {.key = *question->rendering,
         .tolerance = question->tolerance,
         .context = asks,
         .may_resort = false},
        service_.maker(serving_, question, {}, std::chrono::nanoseconds(0), {}), service_.submit(),
        {.kept = kept, .way = kept ? Way::kRenewed : Way::kMade},
        [self = shared_from_this(), question, done](const Answers::Told& told) {
          if (told.answer)
            return done(of_kept(self->service_.answers_.now(), **told.answer, *question));
          self->go_on(question, told.answer.failure(), done);
        });
  }

  void compute(const QuestionPtr& question, const Done& done) {
    const bool taken = service_.workers_.submit([self = shared_from_this(), question, done] {
      auto rendered = perform(question->planned.job, self->context(), &self->service_.workers_);
      if (!rendered) return self->go_on(question, rendered.failure(), done);
      LiveAnswer answer;
      answer.as_of = rendered->as_of;
      const auto until = question->bounded(rendered->truth).until;
      if (until != kTrueForEver) {
        answer.lasts = std::chrono::nanoseconds(
            until == kTrueForTheMoment ? 0 : std::max<std::int64_t>(until - wall_clock(), 0));
      }
      answer.rendition = std::make_shared<const Rendition>(
          Rendition::Parts{.bytes = std::move(rendered->bytes),
                           .media_type = std::move(rendered->media_type),
                           .headers = std::move(rendered->headers)});
      done(std::move(answer));
    });
    if (!taken) done(failed(overloaded_failure()));
  }

  void go_on(const QuestionPtr& question, const Failure& why, const Done& done) {
    if (is_too_long_to_keep(why)) return compute(question, done);
    if (question->spare && is_of_source(why)) return ask(question->spare, done);
    done(failed(why));
  }

  /// What is told to have changed is not good, however old an answer may be.
  [[nodiscard]] bool is_good(const Kept& kept, const Question& question) const {
    const bool changed = kept.life.mark && kept.life.mark->is_changed();
    return !changed &&
           left(kept.life, question.tolerance, service_.answers_.now()) > milliseconds(0);
  }
  [[nodiscard]] LiveAnswer of_kept(const Kept& kept, const Question& question) const {
    return of_kept(service_.answers_.now(), kept, question);
  }
  [[nodiscard]] static LiveAnswer of_kept(Instant at, const Kept& kept, const Question& question) {
    LiveAnswer answer{
        .rendition = kept.rendition, .as_of = kept.rendition->as_of(), .mark = kept.mark};
    const auto rest = left(kept.life, question.tolerance, at);
    if (rest != kEndless) answer.lasts = rest;
    return answer;
  }
  [[nodiscard]] LiveAnswer failed(const Failure& why) const {
    return {.problem = problem_text(why, "live", question_->planned.shown_target),
            .cause = why.code + ' ' + why.message};
  }

  Service& service_;
  const std::shared_ptr<const Serving> serving_;
  const QuestionPtr question_;
  const std::string target_;
  const std::string accept_;
  const std::string authorization_;
};

RoomPtr Service::room_of(const QuestionPtr& question, const Wish& wish,
                         const std::shared_ptr<const Serving>& serving) {
  const Planned& planned = question->planned;
  // What has no key of its own, or another one each second, is known by its words.
  std::string key;
  if (question->rendering && !planned.same_until) {
    key = 'k' + question->rendering->text();
  } else {
    key =
        "w" + std::string(planned.token_key) + '\n' + std::string(wish.target) + '\n' + wish.accept;
  }
  return live_->room(key, serving.get(),
                     [&] { return std::make_shared<Followed>(*this, serving, question, wish); });
}

void Service::send_events(std::shared_ptr<BodyStream> stream, Responder& responder) {
  Response response = events_response();
  response.stream = std::move(stream);
  responder.send(std::move(response));
}

void Service::answer_events(Request& request, Responder& responder,
                            const std::shared_ptr<const Serving>& serving) {
  const Generation& generation = *serving->generation;
  std::string target = request.target;
  std::string known = take_parameter(target, kLastEventId).value_or("");
  if (const std::string_view id = request.only("Last-Event-ID"); !id.empty()) known = id;
  auto reached = reach(generation, target);
  const Route* const route = reached ? reached->route : nullptr;
  attach(generation.fields(route), request, responder);
  if (!reached) return refuse_stray(reached.failure(), request, responder, *serving, nullptr);
  // A folder at "/" has all paths that nothing else has, but not this one.
  if ((route == nullptr || reached->match.beyond) && path_of(target) == kManyPath) {
    return answer_many(request, responder, serving);
  }
  if (route != nullptr && route->fixed) return answer_fixed(*reached, request, responder, *serving);
  if (route != nullptr && route->live.off) {
    return refuse(not_live_failure(), request, responder, *serving, route);
  }
  const std::string authorization = request.header("Authorization");
  const Wish wish{.target = target,
                  .accept = without_events(request.header("Accept")),
                  .authorization = authorization,
                  .now = nanoseconds_of(request.arrived)};
  auto planned = plan(serving->generation, *reached, wish);
  if (!planned) {
    return refuse_stray(std::move(planned).failure(), request, responder, *serving, route);
  }
  const auto question = std::make_shared<const Question>(*std::move(planned));
  const Planned& of = question->planned;
  request.token = of.token_name;
  Admission admission;
  const Asker asker{
      .client = request.client.bucket(), .token_key = of.token_key, .request_id = request.id};
  auto why = quotas_.admit(*route, asker, request.received, admission);
  if (!why) why = quotas_.admit_work(*route, asker, request.received, admission);
  admission.leave();
  serving->counter_of(*route).count(asked_of(of), 200,
                                    duration_cast<microseconds>(since(request.received)), 0);
  if (why) {
    // Any other status would end an EventSource for good.
    const auto retry = std::max(kRetry, duration_cast<milliseconds>(why->retry_after));
    return send_events(
        std::make_shared<LiveStream>(
            *live_, Farewell{.code = why->code, .message = why->message, .retry = retry}),
        responder);
  }
  if (request.method == "HEAD") {
    return send_events(std::make_shared<LiveStream>(*live_, Farewell{}), responder);
  }
  // Not the plan, which takes more than all else that a client costs.
  auto on_end = [serving, route, analysis = of.analysis, format = of.format,
                 asked = for_log(request)](std::uint64_t bytes) {
    serving->log->write(asked, {.status = 200,
                                .bytes = bytes,
                                .total = since(asked.received),
                                .route = route,
                                .analysis = route->analyses[analysis].instance->component().id,
                                .format = route->offers[format].id,
                                .outcome = "live"});
  };
  std::vector<LiveStream::Seat> seats;
  seats.push_back({.room = room_of(question, wish, serving),
                   .href = shown_target(generation, target),
                   .known = plain_etag(known)});
  send_events(
      live_->open(std::move(seats), {.client = request.client, .on_end = std::move(on_end)}),
      responder);
}

/// "/events?url=/a&etag="..."&url=/b": one stream for what several tabs of a browser show, which
/// has six connections to one server.
void Service::answer_many(Request& request, Responder& responder,
                          const std::shared_ptr<const Serving>& serving) {
  const auto asked = parse_target(request.target);
  if (!asked) return refuse_stray(asked.failure(), request, responder, *serving, nullptr);
  const std::string authorization = request.header("Authorization");
  std::vector<LiveStream::Seat> seats;
  std::string failed;
  bool has_seat = false;  // of the url before
  for (const auto& [name, value] : asked->query) {
    if (name == "etag" && has_seat) seats.back().known = plain_etag(value);
    if (name != "url") continue;
    if (seats.size() == kManyMax) {
      return refuse(Failure{.status = BOURSE_BAD_PARAM,
                            .code = "too_many_questions",
                            .message = "One stream tells of at most " + std::to_string(kManyMax) +
                                       " addresses (url)."},
                    request, responder, *serving, nullptr);
    }
    const Wish wish{
        .target = value, .authorization = authorization, .now = nanoseconds_of(request.arrived)};
    auto planned = plan(serving->generation, wish);
    has_seat = false;
    std::optional<Failure> why;
    if (!planned) {
      why = planned.failure();
    } else if (planned->route->live.off) {
      why = not_live_failure();
    } else {
      Admission admission;
      const Asker asker{.client = request.client.bucket(),
                        .token_key = planned->token_key,
                        .request_id = request.id};
      why = quotas_.admit(*planned->route, asker, request.received, admission);
    }
    if (why) {
      failed += event_text(
          "failed", {},
          failed_json(value,
                      problem_text(*why, request.id, shown_target(*serving->generation, value))));
      continue;
    }
    const auto question = std::make_shared<const Question>(*std::move(planned));
    has_seat = true;
    seats.push_back({.room = room_of(question, wish, serving), .href = value});
  }
  if (seats.empty() && failed.empty()) {
    return refuse(Failure{.status = BOURSE_BAD_PARAM,
                          .code = "no_questions",
                          .message = "Say what the stream is about: "
                                     "/events?url=/path/of/an/answer&url=..., each percent-"
                                     "encoded."},
                  request, responder, *serving, nullptr);
  }
  if (request.method == "HEAD") {
    return send_events(std::make_shared<LiveStream>(*live_, Farewell{}), responder);
  }
  auto on_end = [serving, kept = for_log(request)](std::uint64_t bytes) {
    serving->log->write(
        kept, {.status = 200, .bytes = bytes, .total = since(kept.received), .outcome = "live"});
  };
  send_events(live_->open(std::move(seats), {.is_shared = true,
                                             .client = request.client,
                                             .prelude = std::move(failed),
                                             .on_end = std::move(on_end)}),
              responder);
}

}  // namespace bourse::host
