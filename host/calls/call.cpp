// SPDX-License-Identifier: MIT
#include "host/calls/call.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <utility>

#include "bourse/ext/request.h"
#include "host/base/names.hpp"
#include "host/base/take.hpp"
#include "host/base/utf8.hpp"
#include "host/calls/source_breaker.hpp"
#include "host/observe/log.hpp"
#include "host/parameters/value.hpp"
#include "host/plugins/foreign_call.hpp"

#ifndef BOURSE_VERSION
#error "BOURSE_VERSION comes from the build"
#endif

namespace bourse::host {
namespace {

constexpr std::size_t kLogBytesMax = 4096;
constexpr std::size_t kMessageBytesMax = 4096;

std::string text_of(bourse_str text, std::size_t bytes_max) {
  if (text.ptr == nullptr || text.len == 0) return {};
  return repair_utf8({text.ptr, std::min(text.len, bytes_max)});
}

/// Codes are for programs, and stand in URNs, in logs and on terminals: [a-z0-9_.-].
std::string code_of(bourse_str text) {
  if (text.ptr == nullptr) return {};
  std::string code(text.ptr, std::min<std::size_t>(text.len, BOURSE_MAX_NAME_BYTES));
  for (char& c : code) {
    const bool legal =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (!legal) c = '_';
  }
  return code;
}

bool is_failure(bourse_status status) { return status >= 400 && status <= 599; }

/// Nothing of the host may throw into a plugin either.
template <class Body>
bourse_status sealed(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception&) {
    return BOURSE_UNAVAILABLE;  // memory, in all likelihood; the call fails, the host goes on
  }
}

bourse_status misuse(bourse_call* call, std::string message) {
  const std::lock_guard lock(call->mutex);
  if (!call->misuse) {
    call->misuse = Failure{.status = BOURSE_INTERNAL,
                           .code = "plugin_misuse",
                           .message = std::move(message),
                           .origin = Origin::kMisuse};
  }
  return BOURSE_INTERNAL;
}

/// A plugin's value for a log line: bounded, whatever it is. Of numbers, what JSON can say exactly
/// is one; decimals and times are texts.
LogField log_field(std::string name, const bourse_value& value) {
  if (value.type == BOURSE_TYPE_TEXT)
    return {std::move(name), text_of(value.as.text, kLogBytesMax)};
  if (value.type == BOURSE_TYPE_LIST) {
    return {std::move(name), std::to_string(value.as.list.len) + " items"};
  }
  LogField field(std::move(name), Value::copy(value).canonical());
  field.is_literal = value.type == BOURSE_TYPE_BOOL || value.type == BOURSE_TYPE_I64 ||
                     (value.type == BOURSE_TYPE_F64 && std::isfinite(value.as.f64));
  return field;
}

// ---- bourse.request/1 ---------------------------------------------------------------------------

bourse_str borrowed(std::string_view text) { return {text.data(), text.size()}; }

bourse_str request_id(bourse_call* call) {
  return call == nullptr ? bourse_str{} : borrowed(call->context.request_id);
}
bourse_str request_trace(bourse_call* call) {
  if (call == nullptr || !is_traceparent(call->context.trace)) return {};
  return borrowed(call->context.trace);
}
bourse_str request_language(bourse_call* call) {
  if (call == nullptr) return {};
  call->asked_language.store(true, std::memory_order_relaxed);
  return borrowed(call->context.language);
}

constexpr bourse_request kRequest = {sizeof(bourse_request), 0, request_id, request_trace,
                                     request_language};

const void* host_extension(const bourse_host*, const char* id) {
  const auto name = text_within(id, BOURSE_MAX_NAME_BYTES);
  return name == std::string_view(BOURSE_REQUEST_ID) ? &kRequest : nullptr;
}

// ---- telling ------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 7> kHostLogFields = {
    "time", "level", "event", "plugin", "component", "route", "request_id"};

std::vector<LogField> log_fields(const bourse_host* host, bourse_call* call,
                                 const bourse_arg* fields, std::size_t n) {
  std::vector<LogField> out;
  if (call != nullptr) {
    out.push_back({"component", std::string(call->component)});
    out.push_back({"route", call->context.route});
    out.push_back({"request_id", call->context.request_id});
  } else if (std::string plugin = PluginHost::plugin_of(host); !plugin.empty()) {
    out.push_back({"plugin", std::move(plugin)});
  }
  const auto count = fields == nullptr ? 0 : std::min<std::size_t>(n, BOURSE_MAX_LOG_FIELDS);
  for (std::size_t i = 0; i < count; ++i) {
    const auto field = foreign_item(fields, i);
    std::string name = text_of(field.name, BOURSE_MAX_ID_BYTES);
    if (std::find(kHostLogFields.begin(), kHostLogFields.end(), name) != kHostLogFields.end()) {
      name.insert(0, "plugin_");  // nobody speaks in the host's name
    }
    out.push_back(log_field(std::move(name), field.value));
  }
  return out;
}

void host_log(const bourse_host* host, bourse_call* call, std::int32_t level, bourse_str message,
              const bourse_arg* fields, std::size_t n) {
  sealed([&] {
    const std::int32_t known = known_level(level);
    if (known >= BOURSE_LEVEL_WARN) PluginHost::heard(host, text_of(message, kLogBytesMax));
    if (!log_enabled(known)) return BOURSE_OK;
    log_event(known, text_of(message, kLogBytesMax), log_fields(host, call, fields, n));
    return BOURSE_OK;
  });
}

bourse_status host_poll(bourse_call* call, std::int64_t* ns_left) {
  if (call == nullptr) return BOURSE_OK;
  if (ns_left != nullptr) *ns_left = call->context.left().count();
  return call->context.poll();
}

std::int64_t host_now(bourse_call* call) {
  if (call == nullptr) return wall_clock();
  call->asked_now.store(true, std::memory_order_relaxed);
  return call->context.now;
}

bourse_status host_fail(bourse_call* call, const bourse_failure* failure) {
  return sealed([&]() -> bourse_status {
    if (call == nullptr) return BOURSE_INTERNAL;
    const auto said = take(failure, "plugin_misuse");
    if (!said) return misuse(call, "fail: " + said.failure().message);
    Failure why{
        .status = is_failure(said->status) ? said->status : BOURSE_INTERNAL,
        .code = code_of(said->code),
        .message = text_of(said->message, kMessageBytesMax),
        .parameter = text_of(said->param, BOURSE_MAX_NAME_BYTES),
        .retry_after = std::chrono::nanoseconds(std::max<std::int64_t>(0, said->retry_after)),
        .origin = Origin::kPlugin};
    if (why.code.empty()) why.code = "failed";
    const std::lock_guard lock(call->mutex);
    call->failure = std::move(why);
    return call->failure->status;
  });
}

bourse_status host_fresh_until(bourse_call* call, std::int64_t time) {
  return sealed([&]() -> bourse_status {
    if (call == nullptr) return BOURSE_INTERNAL;
    const std::lock_guard lock(call->mutex);
    call->fresh_until = std::min(time, call->fresh_until.value_or(time));
    return BOURSE_OK;
  });
}

std::string_view bytes_of(bourse_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}

// ---- asking -------------------------------------------------------------------------------------

constexpr bourse_str literal(std::string_view text) { return {text.data(), text.size()}; }

// What is found in answers that nobody could make: these need no memory.
constexpr bourse_failure kNoMemory = {sizeof(bourse_failure),
                                      BOURSE_UNAVAILABLE,
                                      literal("out_of_memory"),
                                      literal("The server has not enough memory for this answer."),
                                      {},
                                      0};
constexpr bourse_failure kIllegal = {sizeof(bourse_failure),
                                     BOURSE_INTERNAL,
                                     literal("plugin_misuse"),
                                     literal("The query is not legal; the log says why."),
                                     {},
                                     0};

void fill(bourse_answer* answers, std::size_t n, const bourse_failure& with) {
  if (answers != nullptr) std::fill_n(answers, n, bourse_answer{nullptr, &with});
}

Failure too_much_kept(std::size_t bytes_max) {
  return Failure{.status = BOURSE_UNPROCESSABLE,
                 .code = "too_much_kept",
                 .message = "The answers that this call keeps are more than " +
                            std::to_string(bytes_max) +
                            " bytes together. Ask for less; an analysis that needs more releases "
                            "each answer that it is done with."};
}

/// The queries as this host knows them, or what is wrong with them.
Result<std::vector<bourse_query>> take_queries(const QueryDoor& door, std::size_t n,
                                               const bourse_query* const* queries,
                                               const bourse_answer* answers) {
  const auto wrong = [](std::string why) {
    return Failure{.status = BOURSE_INTERNAL, .code = "plugin_misuse", .message = std::move(why)};
  };
  if (n > BOURSE_MAX_QUERIES) return wrong("at most 1000 queries at once");
  if (queries == nullptr || answers == nullptr) return wrong("queries and answers must be given");
  std::vector<bourse_query> taken;
  taken.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    auto query = take(foreign_item(queries, i), "plugin_misuse");
    if (!query) return std::move(query).failure();
    if (!door.takes_names() && query->source.ptr != nullptr && query->source.len != 0) {
      return wrong("in fetch only the source under this one can be asked: leave `source` empty");
    }
    taken.push_back(*query);
  }
  return taken;
}

/// What the answer of a call is worth, because it was made of this one. REQUIRES: call->mutex is
/// held.
void count_input(bourse_call* call, const Result<Answer>& result) {
  // That the configuration has no such dataset stays so. Any other failure may be over at once.
  if (!result) {
    const std::string& code = result.failure().code;
    // What nobody has, and what may not be asked, stays so.
    const bool stays = code == "dataset_not_offered" || code == "undeclared_dataset";
    if (!stays) call->of_answers.until = kTrueForTheMoment;
    return;
  }
  call->of_answers = call->of_answers.with(result->truth);
  if (result->mark) result->mark->feeds(call->context.mark);
}

/// A value and the items of a list, each as a text.
void add_texts(const bourse_value& value, std::vector<std::string>& texts) {
  if (value.type == BOURSE_TYPE_NULL) return;
  if (value.type != BOURSE_TYPE_LIST) return texts.push_back(Value::copy(value).canonical());
  const Value whole = Value::copy(value);
  const bourse_list items = whole.view().as.list;
  for (std::size_t i = 0; i < items.len; ++i) add_texts(items.ptr[i], texts);
}

/// Is what the query says of that argument, or does not say, something that its plugin was called
/// with? Then whoever called is to be told; else it is the plugin's own.
bool is_passed_on(const Arguments& called_with, const bourse_query& query,
                  const std::string& argument) {
  std::vector<std::string> said;
  const std::size_t n = query.args == nullptr ? 0 : query.n_args;
  for (std::size_t i = 0; i < n; ++i) {
    const bourse_arg one = foreign_item(query.args, i);
    if (bytes_of(one.name) == argument) add_texts(one.value, said);
  }
  std::vector<std::string> known;
  for (std::size_t i = 0; i < called_with.size(); ++i) {
    const bourse_value value = called_with[i].view();
    // Nothing was said, where nothing was said to it.
    if (said.empty() && called_with.name(i) == argument && value.type == BOURSE_TYPE_NULL) {
      return true;
    }
    add_texts(value, known);
  }
  return !said.empty() && std::all_of(said.begin(), said.end(), [&](const std::string& text) {
    return std::find(known.begin(), known.end(), text) != known.end();
  });
}

/// A client can do nothing about a value that it did not give.
void blame_plugin(const bourse_call& call, const bourse_query& query, Result<Answer>& result) {
  if (result || result.failure().origin != Origin::kQuery || call.arguments == nullptr) return;
  Failure& why = result.failure();
  if (is_passed_on(*call.arguments, query, why.parameter)) return;
  why = Failure{.status = BOURSE_INTERNAL,
                .code = "wrong_query",
                .message = std::string(call.component) + " asks for " +
                           in_quotes(bytes_of(query.dataset)) +
                           " with an argument of its own making that is not legal: " + why.message,
                .origin = Origin::kHost};
}

/// Puts one result where the plugin finds it. REQUIRES: call->mutex is held.
bourse_answer give(bourse_call* call, Result<Answer> result, bourse_status& first) {
  if (result && call->kept.keep(result->report)) {
    const bourse_report& report = result->report->wire();
    call->newest = std::max(call->newest, report.as_of);
    return {&report, nullptr};
  }
  Failure why = result ? too_much_kept(call->kept.bytes_max()) : std::move(result).failure();
  if (first == BOURSE_OK) {
    first = why.status;
    call->query_failure = why;
  }
  const bourse_failure* const kept = call->kept.keep(std::move(why));
  return {nullptr, kept == nullptr ? &kNoMemory : kept};
}

bourse_status host_query(bourse_call* call, std::size_t n, const bourse_query* const* queries,
                         bourse_answer* answers) {
  return sealed([&]() -> bourse_status {
    fill(answers, n, kIllegal);
    if (call == nullptr) return BOURSE_INTERNAL;
    if (call->door == nullptr) return misuse(call, "query: only in run and fetch");
    if (n == 0) return BOURSE_OK;
    const auto taken = take_queries(*call->door, n, queries, answers);
    if (!taken) return misuse(call, "query: " + taken.failure().message);
    fill(answers, n, kNoMemory);
    const HostRounding rounding;
    auto results = call->door->query(call->context, *taken);
    const std::lock_guard lock(call->mutex);
    bourse_status first = BOURSE_OK;
    for (std::size_t i = 0; i < n; ++i) {
      blame_plugin(*call, (*taken)[i], results[i]);
      count_input(call, results[i]);
      const bool names_none = bytes_of((*taken)[i].source).empty();
      if (!results[i] && names_none && !call->source_failure &&
          is_of_source(results[i].failure())) {
        call->source_failure = results[i].failure();
      }
      answers[i] = give(call, std::move(results[i]), first);
    }
    return first;
  });
}

bourse_status host_release(bourse_call* call, const bourse_report* answer) {
  return sealed([&]() -> bourse_status {
    if (call == nullptr) return BOURSE_INTERNAL;
    {
      const std::lock_guard lock(call->mutex);
      if (call->kept.release(answer)) return BOURSE_OK;
    }
    return misuse(call, "release: this is no answer of this call, or it was given back before");
  });
}

// ---- building and writing -----------------------------------------------------------------------

/// For the functions that build a report.
template <class Body>
bourse_status building(bourse_call* call, const char* function, Body&& body) noexcept {
  return sealed([&]() -> bourse_status {
    if (call == nullptr) return BOURSE_INTERNAL;
    if (call->report == nullptr) {
      return misuse(call, std::string(function) + ": this call builds no report");
    }
    try {
      return body(*call->report);
    } catch (const std::exception&) {
      call->report->give_up();  // half of what was said may be in it
      throw;
    }
  });
}

bourse_status host_meta(bourse_call* call, const bourse_meta* meta) {
  return building(call, "meta", [&](ReportBuilder& r) { return r.meta(meta); });
}
bourse_status host_note(bourse_call* call, const bourse_note* note) {
  return building(call, "note", [&](ReportBuilder& r) { return r.note(note); });
}
bourse_status host_scalar(bourse_call* call, const bourse_scalar* scalar) {
  return building(call, "scalar", [&](ReportBuilder& r) { return r.scalar(scalar); });
}
bourse_status host_table(bourse_call* call, const bourse_table* table, std::uint32_t* number) {
  return building(call, "table", [&](ReportBuilder& r) { return r.table(table, number); });
}
bourse_status host_rows(bourse_call* call, const bourse_rows* rows) {
  return building(call, "rows", [&](ReportBuilder& r) { return r.rows(rows); });
}
bourse_status host_chart(bourse_call* call, const bourse_chart* chart) {
  return building(call, "chart", [&](ReportBuilder& r) { return r.chart(chart); });
}

/// For the functions that write an answer.
template <class Body>
bourse_status writing(bourse_call* call, const char* function, Body&& body) noexcept {
  return sealed([&]() -> bourse_status {
    if (call == nullptr) return BOURSE_INTERNAL;
    if (call->output == nullptr) {
      return misuse(call, std::string(function) + ": only a serializer writes");
    }
    const bourse_status over = call->context.poll();
    const std::lock_guard lock(call->mutex);
    if (over != BOURSE_OK) {
      call->output->cut_off(over);
      return over;
    }
    try {
      const Result<void> done = body(*call->output);
      return done.ok() ? BOURSE_OK : done.failure().status;
    } catch (const std::exception&) {
      call->output->cut_off(BOURSE_UNAVAILABLE);
      throw;
    }
  });
}

bool is_nowhere(bourse_str text) { return text.ptr == nullptr && text.len != 0; }

bourse_status host_header(bourse_call* call, bourse_str name, bourse_str value) {
  return writing(call, "header", [&](Output& out) {
    if (is_nowhere(name)) return out.nowhere("header", name.len);
    if (is_nowhere(value)) return out.nowhere("header", value.len);
    return out.header(bytes_of(name), bytes_of(value));
  });
}
bourse_status host_write(bourse_call* call, bourse_str bytes) {
  return writing(call, "write", [&](Output& out) {
    return is_nowhere(bytes) ? out.nowhere("write", bytes.len) : out.write(bytes_of(bytes));
  });
}

constexpr bourse_host kHost = {.size = sizeof(bourse_host),
                               .abi_minor = BOURSE_ABI_MINOR,
                               .version = BOURSE_VERSION,
                               .extension = host_extension,
                               .log = host_log,
                               .poll = host_poll,
                               .now = host_now,
                               .fail = host_fail,
                               .query = host_query,
                               .release = host_release,
                               .fresh_until = host_fresh_until,
                               .meta = host_meta,
                               .note = host_note,
                               .scalar = host_scalar,
                               .table = host_table,
                               .rows = host_rows,
                               .chart = host_chart,
                               .header = host_header,
                               .write = host_write};

Result<void> in_call(std::string_view plugin,
                     const std::function<Result<void>(bourse_call*)>& body) {
  const Context context{.request_id = "", .route = "start"};
  bourse_call call(context, plugin);
  auto done = body(&call);
  if (auto why = call.outcome(std::move(done))) return *std::move(why);
  return {};
}

}  // namespace

const HostFunctions& plugin_host() noexcept {
  static constexpr HostFunctions kFunctions = {.table = kHost, .in_call = in_call};
  return kFunctions;
}

bool KeptAnswers::keep(const ReportPtr& report) {
  const auto [place, added] = reports_.try_emplace(&report->wire());
  if (added) {
    if (report->bytes() > bytes_max_ - bytes_) {
      reports_.erase(place);
      return false;
    }
    bytes_ += report->bytes();
    place->second.report = report;
  }
  ++place->second.times;
  return true;
}

const bourse_failure* KeptAnswers::keep(Failure why) {
  const std::size_t bytes =
      sizeof(Refusal) + why.code.size() + why.message.size() + why.parameter.size();
  if (bytes > bytes_max_ - bytes_) return nullptr;
  bytes_ += bytes;
  Refusal& kept = refusals_.emplace_back(Refusal{.why = std::move(why)});
  kept.wire = {.size = sizeof(bourse_failure),
               .status = kept.why.status,
               .code = borrowed(kept.why.code),
               .message = borrowed(kept.why.message),
               .param = borrowed(kept.why.parameter),
               .retry_after = kept.why.retry_after.count()};
  return &kept.wire;
}

bool KeptAnswers::release(const bourse_report* answer) {
  const auto found = reports_.find(answer);
  if (found == reports_.end()) return false;
  if (--found->second.times == 0) {
    bytes_ -= found->second.report->bytes();
    reports_.erase(found);
  }
  return true;
}

}  // namespace bourse::host

bourse::host::Truth bourse_call::truth(const bourse::host::Component& of) {
  const std::lock_guard lock(mutex);
  bourse::host::Truth truth = of_answers;
  const bool depends_on_the_moment =
      (of.flags & BOURSE_COMPONENT_PURE) == 0 || asked_now.load(std::memory_order_relaxed);
  if (asked_language.load(std::memory_order_relaxed) || (!fresh_until && depends_on_the_moment)) {
    truth.until = bourse::host::kTrueForTheMoment;
  } else if (fresh_until) {
    truth.until = std::min(*fresh_until, truth.until);
  }
  return truth;
}

bourse::host::Failure bourse_call::why(bourse::host::Failure told,
                                       const std::optional<bourse::host::Failure>& spoilt) const {
  // Only a status without a word has its reason elsewhere: that a plugin threw says it all.
  if (told.origin != bourse::host::Origin::kSilent) return told;
  // A failed query is recorded as by fail: of the two, the one that agrees with the status.
  const bool query_agrees = query_failure && query_failure->status == told.status;
  if (query_agrees && failure && failure->status != told.status) return *query_failure;
  if (failure) return *failure;
  if (spoilt) return *spoilt;
  if (misuse && told.status == misuse->status) return *misuse;
  // One that failed earlier may have been tolerated, and be no reason for this.
  return query_agrees ? *query_failure : told;
}

std::optional<bourse::host::Failure> bourse_call::outcome(
    bourse::host::Result<void> done, const std::optional<bourse::host::Failure>& spoilt) {
  const std::lock_guard lock(mutex);
  auto told =
      done ? (spoilt ? spoilt : misuse) : std::optional(why(std::move(done).failure(), spoilt));
  // Whoever tells the failure of a query in words of his own tells it of the same source.
  if (told && query_failure && told->status == query_failure->status && told->source.empty()) {
    told->source = query_failure->source;
  }
  // A mistake is for the plugin's author, also where the client is told something else.
  for (const auto& mistake : {spoilt, misuse}) {
    if (!mistake || mistake->origin != bourse::host::Origin::kMisuse) continue;
    if (told && told->code == mistake->code && told->message == mistake->message) continue;
    bourse::host::log_event(BOURSE_LEVEL_ERROR, "plugin_misuse",
                            {{"component", std::string(component)},
                             {"route", context.route},
                             {"request_id", context.request_id},
                             {"code", mistake->code},
                             {"message", mistake->message}});
  }
  return told;
}
