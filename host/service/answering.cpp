// SPDX-License-Identifier: MIT
#include "host/service/answering.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "host/answers/twins.hpp"
#include "host/http/conditional.hpp"
#include "host/http/text.hpp"
#include "host/routing/links.hpp"

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;

std::string cache_status(const Provenance& provenance, const Life* life, const Tolerance& tolerance,
                         Instant now) {
  std::string text(provenance.name);
  const bool is_hit = provenance.way == Way::kHit || provenance.way == Way::kStale ||
                      provenance.way == Way::kForError;
  if (!provenance.kept) {
    text += "; fwd=bypass";
  } else if (is_hit) {
    text += "; hit";
  } else if (provenance.way == Way::kJoined) {
    text += "; fwd=uri-miss; collapsed";
  } else if (provenance.way == Way::kRenewed) {
    text += provenance.was_fresh ? "; fwd=request; fwd-status=200" : "; fwd=stale; fwd-status=200";
  } else {
    text += "; fwd=uri-miss";
  }
  if (life != nullptr) {
    const nanoseconds rest = left(*life, tolerance, now);
    const bool lasts = lifetime(*life, tolerance) > nanoseconds(0);
    if (!is_hit && provenance.way != Way::kJoined && lasts) text += "; stored";
    if (lasts && rest != kEndless) text += "; ttl=" + ttl_text(rest);
  }
  if (!provenance.detail.empty()) text += "; detail=" + std::string(provenance.detail);
  return text;
}

/// What was computed before it was asked for is older than a receiver can know. Of what was
/// computed for it, the time that it took is added by the receiver (RFC 9111, 4.2.3:
/// response_delay).
std::optional<nanoseconds> told_age(const Life& life, Instant now, const Provenance& provenance) {
  const nanoseconds old = age(life, now);
  if (provenance.way == Way::kHit || provenance.way == Way::kStale ||
      provenance.way == Way::kForError) {
    return old;
  }
  const nanoseconds before = old - provenance.since_asked;
  return before > std::chrono::milliseconds(1) ? std::optional(before) : std::nullopt;
}

void add_freshness(Response& response, const Planned& planned, const Life* life, Instant now,
                   const Provenance& provenance) {
  const Tolerance tolerance = tolerance_of(*planned.route);
  if (life != nullptr) {
    response.headers.emplace_back("Cache-Control",
                                  cache_control({.lifetime = lifetime(*life, tolerance),
                                                 .stale_while_revalidate = tolerance.stale,
                                                 .stale_if_error = tolerance.if_error}));
    if (const auto old = told_age(*life, now, provenance)) {
      response.headers.emplace_back("Age", age_text(*old));
    }
  } else {
    // What needs a token or holds a secret is for one person: no cache on the way may keep it.
    const bool is_for_all = !planned.route->cache && planned.route->access.is_public();
    response.headers.emplace_back("Cache-Control", is_for_all ? "no-cache" : "private, no-store");
  }
  if (provenance.name.empty()) return;
  response.headers.emplace_back("Cache-Status", cache_status(provenance, life, tolerance, now));
}

std::string vary(const Planned& planned, bool by_encoding) {
  std::string text = planned.by_accept ? "Accept" : "";
  if (by_encoding) text += text.empty() ? "Accept-Encoding" : ", Accept-Encoding";
  // Here, because what is sent again as it was is not looked at (see add_vary()).
  const AnswerFields* const fields = planned.route->fields.get();
  if (fields != nullptr && fields->is_by_origin()) text += text.empty() ? "Origin" : ", Origin";
  return text;
}

/// One way of writing the answer.
struct Written {
  std::string etag;
  std::string_view coding = {};  ///< empty: as the bytes are
  BytesPtr bytes = {};           ///< null: a twin that is not there
};

Written written_as(std::size_t way, const Rendition& rendition) {
  if (way == CodingRanking::kAsTheyAre) {
    return {.etag = '"' + rendition.version() + '"', .bytes = rendition.bytes()};
  }
  const Coding coding = kByPreference[way];
  return {.etag = '"' + rendition.version() + std::string(coding_mark(coding)) + '"',
          .coding = coding_name(coding),
          .bytes = rendition.twin(coding)};
}

/// What the client likes best of what is there; but the one that it has, if it has one that it
/// still takes: then nothing need be sent, though another twin was made in the meantime, or this
/// one not yet, after a restart say.
Written choose(const CodingRanking& writing, const Conditions& conditions,
               const Rendition& rendition) {
  const bool names_some =
      !conditions.if_none_match.empty() && trimmed(conditions.if_none_match) != "*";
  for (const std::size_t way : writing) {
    if (!names_some) break;
    Written has = written_as(way, rendition);
    if (names_weakly(conditions.if_none_match, has.etag)) return has;
  }
  for (const std::size_t way : writing) {
    Written there = written_as(way, rendition);
    if (there.bytes) return there;
  }
  // It refuses them as they are, and the twin that it takes is not made yet, or was not worth it:
  // better than a 406 that depends on the moment.
  return written_as(CodingRanking::kAsTheyAre, rendition);
}

/// The 200 that is sent where nothing is the matter. REQUIRES: `written` is there.
void add_body(Response& response, const Planned& planned, const Rendition& rendition,
              const Written& written) {
  response.headers.emplace_back("Content-Type", rendition.media_type());
  if (!written.coding.empty()) response.headers.emplace_back("Content-Encoding", written.coding);
  response.body = written.bytes;
  if (!planned.alternates.empty()) response.headers.emplace_back("Link", planned.alternates);
  for (const auto& [name, value] : rendition.headers()) {
    const bool is_link = equal_ignoring_case(name, "Link");
    response.headers.emplace_back(name, is_link ? links_of_request(value, planned.query) : value);
  }
}

}  // namespace

Conditions conditions_of(const Request& request) {
  // Most requests have few of them or none: one pass over the header says which.
  Conditions conditions;
  for (const auto& [name, value] : request.headers) {
    const auto is = [&field = name](std::string_view known) {
      return equal_ignoring_case(field, known);
    };
    if (is("If-None-Match")) {
      conditions.if_none_match = request.header("If-None-Match");
    } else if (is("If-Match")) {
      conditions.if_match = request.header("If-Match");
    } else if (is("Cache-Control")) {
      conditions.wish = parse_cache_wish(request.header("Cache-Control"));
    } else if (is("Accept-Encoding")) {
      // An empty field says something else than none.
      conditions.accept_encoding = request.header("Accept-Encoding");
    }
  }
  return conditions;
}

Demand demand_of(const CacheWish& wish) {
  Demand demand{.age_max = wish.max_age,
                .left_min = wish.min_fresh,
                .stale_max = wish.max_stale,
                .only_if_known = wish.only_if_cached,
                .may_keep = !wish.no_store};
  if (wish.no_cache) demand.age_max = nanoseconds(0);
  return demand;
}

Tolerance tolerance_of(const Route& route) {
  if (!route.cache) return {};
  return {
      .fresh = route.cache->fresh, .stale = route.cache->stale, .if_error = route.cache->if_error};
}

CodingRanking writing_for(const Conditions& conditions, std::string_view media_type) {
  static const std::array<std::string_view, kCodings> kOffered = [] {
    std::array<std::string_view, kCodings> names;
    std::transform(kByPreference.begin(), kByPreference.end(), names.begin(), coding_name);
    return names;
  }();
  const bool may = is_compressible(media_type) && !conditions.wish.no_transform;
  return rank_codings(conditions.accept_encoding.has_value(),
                      conditions.accept_encoding.value_or(""),
                      may ? std::span(kOffered) : std::span<const std::string_view>());
}

std::optional<Coding> wanted_twin(const Conditions& conditions, std::string_view media_type) {
  const CodingRanking writing = writing_for(conditions, media_type);
  if (writing.empty() || *writing.begin() == CodingRanking::kAsTheyAre) return std::nullopt;
  return kByPreference[*writing.begin()];
}

Response long_response(const Planned& planned,
                       const std::vector<std::pair<std::string, std::string>>& headers) {
  Response response;
  response.headers.reserve(6 + headers.size());
  response.headers.emplace_back("Content-Type", planned.job.serializer->component().media_type);
  if (!planned.alternates.empty()) response.headers.emplace_back("Link", planned.alternates);
  for (const auto& header : headers) response.headers.push_back(header);
  if (auto varies = vary(planned, false); !varies.empty()) {
    response.headers.emplace_back("Vary", std::move(varies));
  }
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

Response answer_response(const Planned& planned, const Conditions& conditions,
                         const Rendition& rendition, const Life* life, Instant now,
                         const Provenance& provenance) {
  Response response;
  response.headers.reserve(8 + rendition.headers().size());
  const CodingRanking writing = writing_for(conditions, rendition.media_type());
  if (writing.empty()) {
    response.status = 406;
    return response;
  }
  const Written written = choose(writing, conditions, rendition);
  switch (evaluate(conditions.if_match, conditions.if_none_match, written.etag)) {
    case Condition::kFailed:
      response.status = 412;
      return response;
    case Condition::kNotModified:
      response.status = 304;
      break;
    case Condition::kSend:
      add_body(response, planned, rendition, written);
      break;
  }
  response.headers.emplace_back("ETag", written.etag);
  if (auto varies = vary(planned, is_compressible(rendition.media_type())); !varies.empty()) {
    response.headers.emplace_back("Vary", std::move(varies));
  }
  add_freshness(response, planned, life, now, provenance);
  return response;
}

}  // namespace bourse::host
