// SPDX-License-Identifier: MIT
#include "host/service/responses.hpp"

#include <string>
#include <utility>

#include "host/http/accept.hpp"

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::steady_clock;

constexpr const char* kNoSniff = "nosniff";

std::size_t size_of(const Response& response) { return response.body ? response.body->size() : 0; }

/// Its words are those of an exception or a panic that nobody meant for clients: there may be paths
/// in them, or a URL with a key. The log has them.
bool is_accident(const Failure& failure) {
  return failure.code == "plugin_exception" || failure.code == "plugin_panicked" ||
         failure.code == "plugin_threw";
}

Failure encoding_failure() {
  return Failure{.status = 406,
                 .code = "encoding_not_acceptable",
                 .message =
                     "Accept-Encoding refuses the bytes as they are, and all else that there "
                     "is for this format.",
                 .offer = {"identity"}};
}

}  // namespace

std::chrono::nanoseconds since(steady_clock::time_point then) { return steady_clock::now() - then; }

std::string_view name_of(Way way) { return kWayNames[static_cast<std::size_t>(way)]; }

std::int64_t nanoseconds_of(std::chrono::system_clock::time_point time) {
  return duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

Traffic::Asked asked_of(const Planned& planned) noexcept {
  return {.analysis = planned.analysis, .format = planned.format};
}

std::size_t sent_bytes(const Request& request, const Response& response) {
  return request.method == "HEAD" ? 0 : size_of(response);
}

void add_timing(Response& response, ServerTiming timing, const RequestFacts& facts) {
  if (timing == ServerTiming::kOff) return;
  const bool is_public = facts.route == nullptr || facts.route->access.is_public();
  if (timing == ServerTiming::kAccess && is_public) return;
  response.headers.emplace_back("Server-Timing", server_timing(facts));
  if (is_public) response.headers.emplace_back("Timing-Allow-Origin", "*");
}

Response hardened(Response response) {
  response.headers.emplace_back("X-Content-Type-Options", kNoSniff);
  return response;
}

Response problem(const Failure& failure, const ProblemContext& context) {
  if (!is_accident(failure)) return problem_response(failure, context);
  Failure shown = failure;
  shown.message = "A plugin failed in a way that it had not foreseen; the log says more.";
  return problem_response(shown, context);
}

bool wants_page(const Request& request) { return prefers_html(request.header("Accept")); }

Failure precondition_failure() {
  return Failure{.status = 412,
                 .code = "precondition_failed",
                 .message = "The answer is another one than If-Match names."};
}

Provenance provenance_of(const Look& look, Way way, steady_clock::time_point received) {
  const char* const detail = way == Way::kForError ? "error"
                             : !look.serves        ? ""
                             : look.by_floor       ? "floor"
                             : look.despite        ? "backoff"
                                                   : "";
  return {.way = way,
          .was_fresh = look.standing == Standing::kFresh,
          .detail = detail,
          .since_asked = since(received)};
}

Response response_of(const Planned& planned, const Conditions& conditions,
                     const Rendition& rendition, const Life* life, Instant now,
                     const Provenance& provenance, const ProblemContext& context) {
  Response response = answer_response(planned, conditions, rendition, life, now, provenance);
  if (response.status == 412) {
    return problem(precondition_failure(), context);
  }
  if (response.status == 406) return problem(encoding_failure(), context);
  return hardened(std::move(response));
}

}  // namespace bourse::host
