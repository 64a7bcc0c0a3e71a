// SPDX-License-Identifier: MIT
#include "host/calls/call.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/observe/log.hpp"
#include "host/parameters/value.hpp"

#ifndef BOURSE_VERSION
#error "BOURSE_VERSION comes from the build"
#endif

namespace bourse::host {
namespace {

constexpr std::size_t kQueriesMax = 1000;
constexpr std::size_t kLogFieldsMax = 32;
constexpr std::size_t kLogBytesMax = 4096;

std::string text_of(bourse_str text, std::size_t bytes_max) {
  if (text.ptr == nullptr || text.len == 0) return {};
  return repair_utf8({text.ptr, std::min(text.len, bytes_max)});
}

/// Codes are for programs, and stand in URNs, in logs and on terminals: [a-z0-9_.-].
std::string code_of(bourse_str text) {
  if (text.ptr == nullptr) return {};
  std::string code(text.ptr, std::min<std::size_t>(text.len, 128));
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
    call->misuse =
        Failure{.status = BOURSE_INTERNAL, .code = "plugin_misuse", .message = std::move(message)};
  }
  return BOURSE_INTERNAL;
}

/// A plugin's value for a log line: bounded, whatever it is.
std::string log_text(const bourse_value& value) {
  if (value.type == BOURSE_TYPE_TEXT) return text_of(value.as.text, kLogBytesMax);
  if (value.type == BOURSE_TYPE_LIST) return std::to_string(value.as.list.len) + " items";
  return Value::copy(value).canonical();
}

const void* host_extension(const char*) { return nullptr; }

constexpr std::array<std::string_view, 6> kHostLogFields = {"time",      "level", "event",
                                                            "component", "route", "request_id"};

void host_log(bourse_call* call, std::int32_t level, bourse_str message, const bourse_arg* fields,
              std::size_t n) {
  sealed([&] {
    if (!log_enabled(level)) return BOURSE_OK;
    std::vector<LogField> extra;
    if (call != nullptr) {
      extra.push_back({"component", std::string(call->component)});
      extra.push_back({"route", call->context.route});
      extra.push_back({"request_id", call->context.request_id});
    }
    for (std::size_t i = 0; fields != nullptr && i < std::min(n, kLogFieldsMax); ++i) {
      std::string name = text_of(fields[i].name, 64);
      if (std::find(kHostLogFields.begin(), kHostLogFields.end(), name) != kHostLogFields.end()) {
        name.insert(0, "plugin_");  // nobody speaks in the host's name
      }
      extra.push_back({std::move(name), log_text(fields[i].value)});
    }
    log_event(level, text_of(message, kLogBytesMax), extra);
    return BOURSE_OK;
  });
}

bourse_status host_poll(bourse_call* call, std::int64_t* ns_left) {
  if (call == nullptr) return BOURSE_OK;
  if (ns_left != nullptr) *ns_left = call->context.left().count();
  return call->context.poll();
}

bourse_status host_fail(bourse_call* call, const bourse_failure* failure) {
  return sealed([&]() -> bourse_status {
    if (call == nullptr) return BOURSE_INTERNAL;
    if (failure == nullptr || failure->size < offsetof(bourse_failure, param)) {
      return misuse(call, "fail: the failure is null or its size is not set");
    }
    Failure why{.status = is_failure(failure->status) ? failure->status : BOURSE_INTERNAL,
                .code = code_of(failure->code),
                .message = text_of(failure->message, 4096)};
    if (failure->size >= offsetof(bourse_failure, param) + sizeof failure->param) {
      why.parameter = text_of(failure->param, 128);
    }
    if (failure->size >= offsetof(bourse_failure, retry_after) + sizeof failure->retry_after) {
      why.retry_after = std::chrono::nanoseconds(std::max<std::int64_t>(0, failure->retry_after));
    }
    if (why.code.empty()) why.code = "failed";
    const std::lock_guard lock(call->mutex);
    call->failure = std::move(why);
    return call->failure->status;
  });
}

bourse_status host_query(bourse_call* call, std::size_t n, const bourse_query* const* queries,
                         bourse_answer* answers) {
  return sealed([&]() -> bourse_status {
    if (call == nullptr) return BOURSE_INTERNAL;
    if (call->door == nullptr) return misuse(call, "query: only an analysis may ask for data");
    if (n == 0) return BOURSE_OK;
    if (queries == nullptr || answers == nullptr || n > kQueriesMax ||
        std::any_of(queries, queries + n, [](const bourse_query* q) {
          return q == nullptr || q->size < sizeof(bourse_query);
        })) {
      return misuse(call, "query: 1 to 1000 queries, none null, each with its size set");
    }
    // What a plugin finds that looks although the host ran out of memory below.
    bourse_answer none{};
    none.status = BOURSE_UNAVAILABLE;
    std::fill_n(answers, n, none);
    auto results = call->door->query(call->context, {queries, n});
    const std::lock_guard lock(call->mutex);
    bourse_status first = BOURSE_OK;
    for (std::size_t i = 0; i < n; ++i) {
      answers[i] = bourse_answer{};
      if (results[i].ok()) {
        const ReportPtr& report = call->answers.emplace_back(*std::move(results[i]));
        answers[i].report = &report->wire();
        call->newest = std::max(call->newest, report->wire().as_of);
        continue;
      }
      const Failure& why = call->refusals.emplace_back(std::move(results[i]).failure());
      answers[i].status = why.status;
      answers[i].code = {why.code.data(), why.code.size()};
      answers[i].message = {why.message.data(), why.message.size()};
      if (first == BOURSE_OK) {
        first = why.status;
        call->query_failure = why;
      }
    }
    return first;
  });
}

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

bourse_status host_meta(bourse_call* call, bourse_str key, bourse_value value) {
  return building(call, "meta", [&](ReportBuilder& r) { return r.meta(key, value); });
}
bourse_status host_note(bourse_call* call, std::int32_t level, bourse_str code, bourse_str text) {
  return building(call, "note", [&](ReportBuilder& r) { return r.note(level, code, text); });
}
bourse_status host_scalar(bourse_call* call, const bourse_field* field, bourse_value value) {
  return building(call, "scalar", [&](ReportBuilder& r) { return r.scalar(field, value); });
}
bourse_status host_table(bourse_call* call, const char* name, const char* label,
                         const bourse_field* const* fields, std::size_t n, std::uint32_t* table) {
  return building(call, "table",
                  [&](ReportBuilder& r) { return r.table(name, label, fields, n, table); });
}
bourse_status host_rows(bourse_call* call, std::uint32_t table, std::size_t n,
                        const bourse_array* columns) {
  return building(call, "rows", [&](ReportBuilder& r) { return r.rows(table, n, columns); });
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

std::string_view bytes_of(bourse_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}

bourse_status host_header(bourse_call* call, bourse_str name, bourse_str value) {
  return writing(call, "header",
                 [&](Output& out) { return out.header(bytes_of(name), bytes_of(value)); });
}
bourse_status host_write(bourse_call* call, bourse_str bytes) {
  return writing(call, "write", [&](Output& out) { return out.write(bytes_of(bytes)); });
}

constexpr bourse_host kHost = {
    sizeof(bourse_host), BOURSE_ABI_MINOR, BOURSE_VERSION, host_extension, host_log,    host_poll,
    host_fail,           host_query,       host_meta,      host_note,      host_scalar, host_table,
    host_rows,           host_chart,       host_header,    host_write};

}  // namespace

const bourse_host& plugin_host() noexcept { return kHost; }

}  // namespace bourse::host

bourse::host::Failure bourse_call::why(bourse::host::Failure told,
                                       const std::optional<bourse::host::Failure>& spoilt) const {
  // Only a status without a word has its reason elsewhere: that a plugin threw says it all.
  if (told.code != "plugin_failed") return told;
  if (failure) {
    // An analysis that passes a query's failure on in its own words has no way to say this.
    bourse::host::Failure said = *failure;
    if (said.retry_after.count() == 0 && query_failure && query_failure->status == said.status &&
        query_failure->code == said.code) {
      said.retry_after = query_failure->retry_after;
    }
    return said;
  }
  if (spoilt) return *spoilt;
  if (misuse && told.status == misuse->status) return *misuse;
  // A query that failed earlier may have been tolerated, and be no reason for this.
  if (query_failure && told.status == query_failure->status) return *query_failure;
  return told;
}

std::optional<bourse::host::Failure> bourse_call::outcome(
    bourse::host::Result<void> done, const std::optional<bourse::host::Failure>& spoilt) {
  const std::lock_guard lock(mutex);
  if (!done) return why(std::move(done).failure(), spoilt);
  return spoilt ? spoilt : misuse;
}
