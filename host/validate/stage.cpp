// SPDX-License-Identifier: MIT
#include "host/validate/stage.hpp"

#include <algorithm>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "host/base/take.hpp"
#include "host/calls/call.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::array<std::string_view, kHostFunctions> kNames = {
    "log",  "poll",   "now",   "fail", "query", "release", "fresh_until", "meta",
    "note", "scalar", "table", "rows", "chart", "header",  "write"};
constexpr std::chrono::seconds kDeadline{30};  // as of a route that is in no hurry
constexpr std::size_t kAskedMax = 10'000;
constexpr std::size_t kRefusedMax = 20;

// A call is known by its context, which nested calls share: what is done for it by others has
// another name.
struct Stages {
  std::shared_mutex mutex;
  std::unordered_map<const Context*, Stage*> of;
};

Stages& stages() {
  static Stages kStages;
  return kStages;
}

std::int64_t ns_of(std::chrono::steady_clock::time_point time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

std::chrono::steady_clock::time_point time_of(std::int64_t ns) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(ns));
}

const bourse_host& server() { return plugin_host().table; }

/// What the server does where it has no memory for what was said, or nobody wants it any more.
void spoil(bourse_call* call, HostFunction function, bourse_status status) {
  if (function == HostFunction::kHeader || function == HostFunction::kWrite) {
    const std::lock_guard lock(call->mutex);
    if (call->output != nullptr) call->output->cut_off(status);
  } else if (call->report != nullptr) {
    call->report->give_up();
  }
}

constexpr bool makes_answer(HostFunction function) {
  return function >= HostFunction::kMeta && function <= HostFunction::kWrite;
}

/// `body`: the server's own function; not called where this use shall fail.
template <class Body>
bourse_status through(HostFunction function, bourse_call* call, Body&& body) {
  const AllocationScope mine(nullptr);
  Stage* const stage = Stage::of(call);
  if (stage == nullptr) return body();
  if (const bourse_status fault = stage->use(function); fault != BOURSE_OK) {
    if (makes_answer(function)) spoil(call, function, fault);
    return fault;
  }
  const bourse_status done = body();
  if (done != BOURSE_OK) stage->refused(function, done);
  return done;
}

// ---- the table ----------------------------------------------------------------------------------

const void* staged_extension(const bourse_host* host, const char* id) {
  const AllocationScope mine(nullptr);
  return server().extension(host, id);
}
void staged_log(const bourse_host* host, bourse_call* call, std::int32_t level, bourse_str message,
                const bourse_arg* fields, std::size_t n) {
  const AllocationScope mine(nullptr);
  if (Stage* const stage = Stage::of(call)) (void)stage->use(HostFunction::kLog);
  server().log(host, call, level, message, fields, n);
}
bourse_status staged_poll(bourse_call* call, std::int64_t* left) {
  const AllocationScope mine(nullptr);
  if (Stage* const stage = Stage::of(call)) (void)stage->use(HostFunction::kPoll);
  return server().poll(call, left);
}
std::int64_t staged_now(bourse_call* call) {
  const AllocationScope mine(nullptr);
  if (Stage* const stage = Stage::of(call)) (void)stage->use(HostFunction::kNow);
  return server().now(call);
}
// It gives the status of what it is told, so nothing that it gives was refused.
bourse_status staged_fail(bourse_call* call, const bourse_failure* failure) {
  const AllocationScope mine(nullptr);
  if (Stage* const stage = Stage::of(call)) {
    if (const bourse_status fault = stage->use(HostFunction::kFail); fault != BOURSE_OK) {
      return fault;
    }
  }
  return server().fail(call, failure);
}
bourse_status staged_query(bourse_call* call, std::size_t n, const bourse_query* const* queries,
                           bourse_answer* answers) {
  const AllocationScope mine(nullptr);
  if (Stage* const stage = Stage::of(call)) {
    (void)stage->use(HostFunction::kQuery);
    stage->asked(n, queries);
  }
  return server().query(call, n, queries, answers);
}
bourse_status staged_release(bourse_call* call, const bourse_report* answer) {
  return through(HostFunction::kRelease, call, [&] { return server().release(call, answer); });
}
bourse_status staged_fresh_until(bourse_call* call, std::int64_t time) {
  return through(HostFunction::kFreshUntil, call, [&] { return server().fresh_until(call, time); });
}
bourse_status staged_meta(bourse_call* call, const bourse_meta* meta) {
  return through(HostFunction::kMeta, call, [&] { return server().meta(call, meta); });
}
bourse_status staged_note(bourse_call* call, const bourse_note* note) {
  return through(HostFunction::kNote, call, [&] { return server().note(call, note); });
}
bourse_status staged_scalar(bourse_call* call, const bourse_scalar* scalar) {
  return through(HostFunction::kScalar, call, [&] { return server().scalar(call, scalar); });
}
bourse_status staged_table(bourse_call* call, const bourse_table* table, std::uint32_t* number) {
  return through(HostFunction::kTable, call, [&] { return server().table(call, table, number); });
}
bourse_status staged_rows(bourse_call* call, const bourse_rows* rows) {
  return through(HostFunction::kRows, call, [&] { return server().rows(call, rows); });
}
bourse_status staged_chart(bourse_call* call, const bourse_chart* chart) {
  return through(HostFunction::kChart, call, [&] { return server().chart(call, chart); });
}
bourse_status staged_header(bourse_call* call, bourse_str name, bourse_str value) {
  return through(HostFunction::kHeader, call, [&] { return server().header(call, name, value); });
}
bourse_status staged_write(bourse_call* call, bourse_str bytes) {
  return through(HostFunction::kWrite, call, [&] { return server().write(call, bytes); });
}

// ---- the component ------------------------------------------------------------------------------

/// Calls the component's own function, which may throw: Instance expects that.
template <class Body>
bourse_status entered(bourse_call* call, Body&& body) {
  Stage* const stage = Stage::of(call);
  if (stage == nullptr) return BOURSE_INTERNAL;  // nothing but a Stage calls what staged() gave
  stage->enter();
  struct Left {
    ~Left() { stage->leave(status); }
    Stage* stage;
    std::optional<bourse_status> status;
  } left{stage, std::nullopt};
  const AllocationScope foreign(stage->allocations());
  left.status = body(stage->component());
  return *left.status;
}

bourse_status entered_create(const bourse_host* host, bourse_call* call, const bourse_value* config,
                             void** self) {
  return entered(call, [&](const Component& c) { return c.create(host, call, config, self); });
}
bourse_status entered_run(void* self, bourse_call* call, const bourse_value* params) {
  return entered(call, [&](const Component& c) { return c.run(self, call, params); });
}
bourse_status entered_fetch(void* self, bourse_call* call, std::size_t dataset,
                            const bourse_value* params) {
  return entered(call, [&](const Component& c) { return c.fetch(self, call, dataset, params); });
}
bourse_status entered_render(void* self, bourse_call* call, const bourse_value* params,
                             const bourse_report* report) {
  return entered(call, [&](const Component& c) { return c.render(self, call, params, report); });
}

bourse_type item_of(const bourse_value& value) {
  if (value.type != BOURSE_TYPE_LIST) return BOURSE_TYPE_NULL;
  if (value.as.list.len == 0 || value.as.list.ptr == nullptr) return BOURSE_TYPE_TEXT;
  return foreign_item(value.as.list.ptr, 0).type;
}

std::string copied(bourse_str text) {
  if (text.ptr == nullptr) return {};
  return std::string(text.ptr, std::min<std::size_t>(text.len, BOURSE_MAX_ID_BYTES));
}

}  // namespace

std::string_view name_of(HostFunction function) noexcept {
  return kNames[static_cast<std::size_t>(function)];
}

const HostFunctions& staged_host() noexcept {
  static const HostFunctions kFunctions = [] {
    HostFunctions functions = plugin_host();
    bourse_host& table = functions.table;
    table.extension = staged_extension;
    table.log = staged_log;
    table.poll = staged_poll;
    table.now = staged_now;
    table.fail = staged_fail;
    table.query = staged_query;
    table.release = staged_release;
    table.fresh_until = staged_fresh_until;
    table.meta = staged_meta;
    table.note = staged_note;
    table.scalar = staged_scalar;
    table.table = staged_table;
    table.rows = staged_rows;
    table.chart = staged_chart;
    table.header = staged_header;
    table.write = staged_write;
    return functions;
  }();
  return kFunctions;
}

std::shared_ptr<const Component> staged(const std::shared_ptr<const Component>& component) {
  auto copy = std::make_shared<Component>(*component);
  if (copy->create != nullptr) copy->create = entered_create;
  if (copy->run != nullptr) copy->run = entered_run;
  if (copy->fetch != nullptr) copy->fetch = entered_fetch;
  if (copy->render != nullptr) copy->render = entered_render;
  return copy;
}

Stage::Stage(const Component& component, Script script, std::int64_t now)
    : component_(component),
      name_(component.full_name()),
      script_(std::move(script)),
      context_{.request_id = "validate",
               .route = "validate",
               .deadline = Clock::now() + kDeadline,
               .authorized = true,
               .now = now} {
  allocations_.fails_at = script_.allocation.value_or(0);
  // Not owned: the call ends before this does.
  context_.party = std::shared_ptr<const Party>(std::shared_ptr<void>(), this);
  if (script_.stop && script_.stop->at_use == 0) stopped_ns_ = ns_of(Clock::now());
  const std::unique_lock lock(stages().mutex);
  stages().of.emplace(&context_, this);
}

Stage::~Stage() {
  const std::unique_lock lock(stages().mutex);
  stages().of.erase(&context_);
}

Stage* Stage::of(bourse_call* call) noexcept {
  if (call == nullptr) return nullptr;
  const std::shared_lock lock(stages().mutex);
  const auto found = stages().of.find(&call->context);
  return found == stages().of.end() || found->second->name_ != call->component ? nullptr
                                                                               : found->second;
}

Observed Stage::observed() const {
  const std::lock_guard lock(mutex_);
  Observed observed = observed_;
  observed.allocations = allocations_.count;
  observed.allocation_failed = allocations_.failed;
  return observed;
}

bourse_status Stage::use(HostFunction function) {
  const std::lock_guard lock(mutex_);
  const std::size_t nth = ++observed_.uses[static_cast<std::size_t>(function)];
  ++observed_.all_uses;
  if (stopped_ns_ != 0) ++observed_.uses_after_stop;
  if (script_.stop && script_.stop->at_use == observed_.all_uses) {
    stopped_ns_ = ns_of(Clock::now());
  }
  if (!script_.fault || script_.fault->function != function || nth < script_.fault->nth) {
    return BOURSE_OK;
  }
  if (observed_.fault_happened) ++observed_.uses_after;
  observed_.fault_happened = true;
  return script_.fault->status;
}

void Stage::refused(HostFunction function, bourse_status status) {
  const bool is_over = poll() != BOURSE_OK;
  const std::lock_guard lock(mutex_);
  if (is_over || observed_.refused.size() >= kRefusedMax) return;
  observed_.refused.push_back(std::string(name_of(function)) + " gave " + std::to_string(status));
}

void Stage::asked(std::size_t n, const bourse_query* const* queries) {
  if (queries == nullptr) return;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < std::min<std::size_t>(n, BOURSE_MAX_QUERIES); ++i) {
    const auto query = take(foreign_item(queries, i), "plugin_misuse");
    if (!query || observed_.asked.size() >= kAskedMax) return;
    const std::string dataset = copied(query->dataset);
    observed_.asked.push_back({.dataset = dataset, .name = {}});
    const std::size_t n_args = query->args == nullptr ? 0 : query->n_args;
    for (std::size_t a = 0; a < std::min<std::size_t>(n_args, BOURSE_MAX_PARAMS); ++a) {
      const auto arg = foreign_item(query->args, a);
      if (arg.value.type == BOURSE_TYPE_NULL) continue;
      observed_.asked.push_back({.dataset = dataset,
                                 .name = copied(arg.name),
                                 .type = arg.value.type,
                                 .item = item_of(arg.value)});
    }
  }
}

void Stage::enter() { entered_ns_ = ns_of(Clock::now()); }

void Stage::leave(std::optional<bourse_status> status) {
  const auto now = Clock::now();
  const auto stopped = stopped_at();
  const std::lock_guard lock(mutex_);
  observed_.returned = status;
  observed_.computing = now - time_of(entered_ns_);
  if (stopped) observed_.after_stop = now - std::max(*stopped, time_of(entered_ns_));
}

std::optional<Stage::Clock::time_point> Stage::stopped_at() const noexcept {
  const auto now = Clock::now();
  std::optional<Clock::time_point> stopped;
  if (const std::int64_t by_use = stopped_ns_) stopped = time_of(by_use);
  if (script_.stop && script_.stop->after && entered_ns_ != 0) {
    const auto by_time = time_of(entered_ns_) + *script_.stop->after;
    if (by_time <= now && (!stopped || by_time < *stopped)) stopped = by_time;
  }
  return stopped;
}

bourse_status Stage::poll() const noexcept {
  return stopped_at() ? script_.stop->status : BOURSE_OK;
}

std::chrono::steady_clock::time_point Stage::deadline() const noexcept {
  const bool is_known = script_.stop && script_.stop->status == BOURSE_DEADLINE;
  if (!is_known) return Clock::time_point::max();
  if (const auto stopped = stopped_at()) return *stopped;
  if (script_.stop->after && entered_ns_ != 0) return time_of(entered_ns_) + *script_.stop->after;
  return Clock::time_point::max();
}

}  // namespace bourse::host::validate
