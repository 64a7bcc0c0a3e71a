// SPDX-License-Identifier: MIT
#include "host/calls/sources.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <optional>
#include <utility>

#include "host/base/failures.hpp"
#include "host/base/take.hpp"
#include "host/base/utf8.hpp"
#include "host/calls/call_watch.hpp"
#include "host/calls/input.hpp"
#include "host/calls/known.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using std::chrono::milliseconds;

Failure internal(std::string code, std::string message) {
  return Failure{.status = BOURSE_INTERNAL, .code = std::move(code), .message = std::move(message)};
}

std::string_view text_of(bourse_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}

/// Said of the call that led, not of the data. A plugin's own words are about the data.
bool is_over(const Result<Answer>& result) {
  return !result.ok() && result.failure().origin != Origin::kPlugin &&
         (result.failure().status == BOURSE_CANCELLED ||
          result.failure().status == BOURSE_DEADLINE);
}

Failure over(bourse_status status) {
  return status == BOURSE_CANCELLED ? cancelled_failure() : deadline_failure();
}

/// The host's own exceptions (memory) must not leave others waiting.
template <class Body>
Result<Answer> guarded_answer(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception&) {
    return out_of_memory_failure();
  }
}

template <class List>
auto find_named(List& list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
  return found == list.end() ? nullptr : &*found;
}

/// One argument, as the texts that read_value reads.
std::vector<std::string> argument_texts(const bourse_value& given) {
  std::vector<std::string> texts;
  if (given.type == BOURSE_TYPE_NULL) return texts;
  const Value value = Value::copy(given);
  if (value.type() != BOURSE_TYPE_LIST) {
    texts.push_back(value.canonical());
    return texts;
  }
  const bourse_list items = value.view().as.list;
  for (std::size_t i = 0; i < items.len; ++i) {
    texts.push_back(Value::copy(items.ptr[i]).canonical());
  }
  return texts;
}

/// A query, and who stands on its two sides.
struct Asked {
  const Dataset& dataset;   ///< as the source declares it
  const Dataset* wanted;    ///< as the one who asks declares it, or null
  const Component* asking;  ///< or null
  std::string_view source;  ///< "Source feed (plugin/component)"
};

bool is_source(const Component* component) {
  return component != nullptr && component->kind == BOURSE_KIND_SOURCE;
}

/// Of an argument that the dataset does not have, or has as another type. Who wrote a layer cannot
/// know what it will lie over, and an analysis may meet a source that nobody checked it against:
/// then the two do not fit together, and neither is wrong by itself.
Failure unfit_argument(const Asked& asked, std::string_view name, const bourse_value& given,
                       bool known) {
  const Parameter* const declared = asked.wanted ? find_named(asked.wanted->params, name) : nullptr;
  const bool as_declared = declared != nullptr && declared->type == given.type;
  if (!is_source(asked.asking) && !as_declared) {
    return internal("plugin_misuse", "query " + asked.dataset.name + ": " +
                                         (known ? "argument " + std::string(name) +
                                                      " has another type than the dataset declares"
                                                : "it has no argument " + in_quotes(name)));
  }
  const bool is_layer = is_source(asked.asking);
  return Failure{
      .status = BOURSE_UNPROCESSABLE,
      .code = "dataset_differs",
      .message =
          (is_layer ? "Layer " : "") + asked.asking->full_name() + " gives argument " +
          in_quotes(name) + " of " + in_quotes(asked.dataset.name) + " to the source " +
          (is_layer ? "under it" : "it asks") + ". " + std::string(asked.source) +
          (known ? " takes it as another type." : " does not take it.") +
          (is_layer ? " Put the layer over a source that does." : " Use a source that does.")};
}

/// A query's arguments in declared order, each of the declared type and inside its bounds. What who
/// asks calls optional may be unknown here.
Result<Arguments> check_arguments(const Asked& asked, const bourse_query& query, std::int64_t now) {
  const Dataset& dataset = asked.dataset;
  const std::size_t n_given = query.args == nullptr ? 0 : query.n_args;
  if (n_given > BOURSE_MAX_PARAMS) {
    return internal("plugin_misuse", "query " + dataset.name + ": more arguments than any has");
  }
  std::vector<bourse_arg> given;
  for (std::size_t i = 0; i < n_given; ++i) given.push_back(foreign_item(query.args, i));
  for (const bourse_arg& arg : given) {
    const std::string_view name = text_of(arg.name);
    if (find_named(dataset.params, name) != nullptr) continue;
    const Parameter* const declared =
        asked.wanted ? find_named(asked.wanted->params, name) : nullptr;
    if (declared != nullptr && declared->optional) continue;
    return unfit_argument(asked, name, arg.value, false);
  }
  std::vector<std::string> names;
  std::vector<Value> values;
  for (const Parameter& parameter : dataset.params) {
    std::vector<std::string> texts;
    const auto arg = std::find_if(given.begin(), given.end(), [&](const bourse_arg& a) {
      return text_of(a.name) == parameter.name;
    });
    if (arg != given.end()) {
      const bourse_type type = arg->value.type;
      if (type != parameter.type && type != BOURSE_TYPE_NULL) {
        return unfit_argument(asked, parameter.name, arg->value, true);
      }
      texts = argument_texts(arg->value);
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    auto checked = read_value(parameter, views, now);
    if (!checked) {
      checked.failure().origin = Origin::kQuery;
      checked.failure().parameter = parameter.name;
      return std::move(checked).failure();
    }
    names.push_back(parameter.name);
    values.push_back(*std::move(checked));
  }
  return Arguments(std::move(names), std::move(values));
}

/// Null: the table has no such column.
const bourse_field* find_column(const bourse_table& table, std::string_view name) {
  for (std::size_t i = 0; i < table.n_fields; ++i) {
    if (table.fields[i]->name == name) return table.fields[i];
  }
  return nullptr;
}

/// The one table that was promised, with at least the promised columns, wherever they stand.
Result<void> check_delivery(const std::string& component, const Dataset& dataset,
                            const bourse_report& report) {
  const std::string who = component + " delivered " + dataset.name;
  if (report.n_tables != 1) {
    return internal("source_broke_promise",
                    who + " with " + std::to_string(report.n_tables) + " tables instead of one");
  }
  for (const Field& promised : dataset.fields) {
    const bourse_field* const column = find_column(*report.tables[0], promised.name);
    if (column == nullptr && promised.optional) continue;
    if (column == nullptr || column->type != promised.type) {
      return internal("source_broke_promise",
                      who + ", but " + (column == nullptr ? "without" : "with another type of") +
                          " the declared column " + promised.name);
    }
  }
  return {};
}

/// A source may leave out what it calls optional; who asked may need it all the same.
Result<void> check_wanted(const std::string& source, const Component& asking, const Dataset& wanted,
                          const bourse_report& report) {
  for (const Field& field : wanted.fields) {
    const bourse_field* const column = find_column(*report.tables[0], field.name);
    if (column == nullptr ? field.optional : column->type == field.type) continue;
    return Failure{
        .status = BOURSE_UNPROCESSABLE,
        .code = "dataset_differs",
        .message = asking.full_name() + " needs column " + in_quotes(field.name) + " of " +
                   in_quotes(wanted.name) + ", which source " + source +
                   (column == nullptr ? " did not deliver" : " delivered as another type") +
                   ". Use a source that always delivers it, or an analysis that goes on "
                   "without it."};
  }
  return {};
}

/// answer(i) for each i below n, in order. Helpers pay off where answering means waiting; computing
/// side by side would only take turns from other requests.
template <class Answering>
std::vector<Result<Answer>> side_by_side(std::size_t n, bool waits, Workers* workers,
                                         const Answering& answer) {
  std::vector<Result<Answer>> out;
  out.reserve(n);
  if (n == 1 || !waits || workers == nullptr) {
    for (std::size_t i = 0; i < n; ++i) out.push_back(guarded_answer([&] { return answer(i); }));
    return out;
  }
  // Shared with the helpers, which may start when all the work is done and this frame is gone.
  struct Batch {
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> done{0};
    std::size_t count = 0;
    std::vector<std::optional<Result<Answer>>> results;
    std::mutex mutex;
    std::condition_variable finished;
  };
  auto batch = std::make_shared<Batch>();
  batch->count = n;
  batch->results.resize(n);
  const auto work = [batch, &answer] {
    // A helper that finds nothing left touches nothing but the batch.
    for (std::size_t i = batch->next++; i < batch->count; i = batch->next++) {
      batch->results[i].emplace(guarded_answer([&] { return answer(i); }));
      if (++batch->done == batch->count) {
        const std::lock_guard lock(batch->mutex);
        batch->finished.notify_all();
      }
    }
  };
  try {
    for (std::size_t i = 1; i < n; ++i) {
      if (!workers->assist(work)) break;
    }
  } catch (const std::exception&) {
    // Memory. Those that came use what is in this frame, so it must not be left now.
  }
  work();
  {
    const Workers::Waiting waiting(batch->done.load() == n ? nullptr : workers);
    std::unique_lock lock(batch->mutex);
    batch->finished.wait(lock, [&] { return batch->done.load() == n; });
  }
  for (auto& result : batch->results) out.push_back(*std::move(result));
  return out;
}

}  // namespace

/// A fetch under way, and those who wait for it.
struct Source::Flight {
  explicit Flight(std::chrono::steady_clock::time_point of_leader) : until(of_leader) {}

  /// From then on it is not for newcomers: it may never return.
  const std::chrono::steady_clock::time_point until;
  std::mutex mutex;
  std::condition_variable landed;
  std::optional<Result<Answer>> outcome;
};

Source::Source(std::string name, std::shared_ptr<Instance> instance, std::shared_ptr<Source> under)
    : name_(std::move(name)),
      under_(std::move(under)),
      instance_(std::move(instance)),
      has_metrics_(instance_->has_metrics()),
      tasks_(instance_->tasks()),
      waits_((component().flags & BOURSE_COMPONENT_BLOCKING) != 0 || (under_ && under_->waits_)),
      breaker_(name_) {
  for (const Dataset& own : component().datasets) datasets_.push_back(&own);
  if (!under_) return;
  for (const Dataset* below : under_->datasets_) {
    if (own_dataset(below->name) == nullptr) datasets_.push_back(below);
  }
}

Source::~Source() = default;

const Dataset* Source::own_dataset(std::string_view name) const noexcept {
  return find_named(component().datasets, name);
}

const Dataset* Source::find_dataset(std::string_view name) const noexcept {
  const Dataset* const own = own_dataset(name);
  return own == nullptr && under_ ? under_->find_dataset(name) : own;
}

std::string Source::who() const { return "Source " + name_ + " (" + instance_->full_name() + ")"; }

/// ask(), and what came of it is counted.
Result<Answer> Source::fly(const Context& context, const Dataset& dataset,
                           const Arguments& arguments, Workers* workers) {
  const auto begun = std::chrono::steady_clock::now();
  auto outcome = guarded_answer([&] { return ask(context, dataset, arguments, workers); });
  const auto took = std::chrono::steady_clock::now() - begun;
  if (FetchesOf* const fetches = fetches_.load(std::memory_order_acquire)) {
    fetches->count(std::chrono::duration_cast<std::chrono::microseconds>(took),
                   outcome ? nullptr : &outcome.failure());
  }
  if (!outcome && outcome.failure().source.empty()) outcome.failure().source = name_;
  tell(context, dataset, outcome, took);
  return outcome;
}

// What failed because nobody waits any more says nothing of the source; nor does what the question
// is to blame for.
void Source::tell(const Context& context, const Dataset& dataset, const Result<Answer>& outcome,
                  std::chrono::nanoseconds took) {
  if (log_enabled(BOURSE_LEVEL_DEBUG)) {
    log_event(BOURSE_LEVEL_DEBUG, "fetched",
              {{"source", name_},
               {"dataset", dataset.name},
               {"request_id", context.request_id},
               {"seconds", took},
               {"code", outcome ? std::string() : outcome.failure().code}});
  }
  const auto now = std::chrono::steady_clock::now();
  if (outcome) {
    if (const auto recovery = health_.delivers(now)) {
      log_event(BOURSE_LEVEL_INFO, "source_recovered",
                {{"source", name_},
                 {"component", instance_->full_name()},
                 {"failing_seconds", recovery->after},
                 {"failures", recovery->failures}});
    }
    return;
  }
  const Failure& why = outcome.failure();
  const bool is_its_own =
      why.source == name_ && why.status >= BOURSE_UPSTREAM && context.poll() != BOURSE_CANCELLED;
  if (!is_its_own || !health_.fails(now)) return;
  log_event(BOURSE_LEVEL_WARN, "source_failing",
            {{"source", name_},
             {"component", instance_->full_name()},
             {"dataset", dataset.name},
             {"request_id", context.request_id},
             {"status", why.status},
             {"code", why.code},
             {"reason", why.message}});
}

Result<Answer> Source::ask(const Context& context, const Dataset& dataset,
                           const Arguments& arguments, Workers* workers) {
  const std::string& full_name = instance_->full_name();
  ReportBuilder builder(full_name, dataset.name);
  LayerDoor door(*this, workers);
  bourse_call call(context, full_name);
  call.report = &builder;
  call.door = &door;
  call.arguments = &arguments;
  Result<void> done;
  {
    const BlockingScope scope(component(), workers);
    const WatchedCall watched(workers, *instance_, "fetch", context);
    if (watched.refused()) return *watched.refused();
    done = instance_->fetch(&call, dataset, arguments.data(), Workers::pause_of(workers));
  }
  auto report = builder.finish(call.newest);
  const std::optional<Failure> spoilt =
      report ? std::nullopt : std::optional(std::move(report).failure());
  if (auto why = call.outcome(std::move(done), spoilt)) {
    return explained(*std::move(why), context, who());
  }
  if (auto kept = check_delivery(full_name, dataset, (*report)->wire()); !kept) {
    return std::move(kept).failure();
  }
  return Answer{*std::move(report), call.fresh_until, call.truth(component()), context.mark};
}

Result<Answer> Source::join(const Context& context, Flight& flight, Workers* workers) {
  const Workers::Waiting waiting(workers);
  std::unique_lock lock(flight.mutex);
  while (!flight.outcome) {
    // In slices, because nothing wakes this thread when its client goes away.
    const auto slice = std::min<std::chrono::nanoseconds>(context.left(), milliseconds(50));
    flight.landed.wait_for(lock, slice);
    if (const bourse_status status = context.poll(); status != BOURSE_OK && !flight.outcome) {
      return over(status);
    }
  }
  return *flight.outcome;
}

void Source::land(const std::string& key, const std::shared_ptr<Flight>& flight,
                  Result<Answer> outcome) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto slot = flights_.find(key);
    if (slot != flights_.end() && slot->second == flight) flights_.erase(slot);
  }
  {
    const std::lock_guard lock(flight->mutex);
    flight->outcome = std::move(outcome);
  }
  flight->landed.notify_all();
}

Result<Answer> Source::fetch(const Context& context, const bourse_query& query, Workers* workers,
                             const Component* asking) {
  const std::string_view name = text_of(query.dataset);
  const Dataset* const dataset = own_dataset(name);
  if (dataset == nullptr && under_ && under_->find_dataset(name) != nullptr) {
    return under_->fetch(context, query, workers, asking);
  }
  if (dataset == nullptr) {
    return Failure{
        .status = BOURSE_UNPROCESSABLE,
        .code = "dataset_not_offered",
        .message = who() + " does not deliver " + in_quotes(name) +
                   (is_source(asking) ? ", which layer " + asking->full_name() +
                                            " asks it for. Put the layer over a source that does."
                                      : ". Use a source that does.")};
  }
  if (dataset->is_private && !context.authorized) {
    return Failure{.status = BOURSE_FORBIDDEN,
                   .code = "private_data",
                   .message = in_quotes(dataset->name) +
                              " is private, and this route is for everybody; the operator adds "
                              "`access` to it."};
  }
  const Dataset* const wanted = asking ? find_named(asking->datasets, name) : nullptr;
  auto arguments =
      check_arguments({.dataset = *dataset, .wanted = wanted, .asking = asking, .source = who()},
                      query, context.now);
  if (!arguments) return std::move(arguments).failure();
  auto answer = deliver(context, *dataset, *arguments, workers);
  // What an analysis declares is what it reads; what a layer declares is what it delivers.
  if (!answer || wanted == nullptr || asking->kind != BOURSE_KIND_ANALYSIS) return answer;
  auto good = check_wanted(name_, *asking, *wanted, answer->report->wire());
  return good ? std::move(answer) : Result<Answer>(std::move(good).failure());
}

// That nobody waits any more says nothing of the source. That it was late says something only of
// one that waits for others: of one that computes, the question may be to blame.
Result<Answer> Source::try_out(const Context& context, const Dataset& dataset,
                               const Arguments& arguments, Workers* workers) {
  auto outcome = fly(context, dataset, arguments, workers);
  if (context.poll() == BOURSE_CANCELLED) return outcome;
  if (outcome || !is_of_source(outcome.failure())) {
    breaker_.delivered(system_clock().now());
  } else if (outcome.failure().status != BOURSE_DEADLINE || waits_ ||
             outcome.failure().origin == Origin::kPlugin) {
    breaker_.failed(outcome.failure(), system_clock().now());
  }
  return outcome;
}

Result<Answer> Source::deliver(const Context& context, const Dataset& dataset,
                               const Arguments& arguments, Workers* workers) {
  const bool has_secret = std::any_of(dataset.params.begin(), dataset.params.end(),
                                      [](const Parameter& p) { return p.secret; });
  if (has_secret) return try_out(context, dataset, arguments, workers);
  if (context.known != nullptr && !context.authorized && !dataset.is_private) {
    const std::string canonical = arguments.canonical();
    return context.known->dataset(
        instance_->number(), dataset.name, canonical, context, workers, [&](const Context& shared) {
          if (shared.mark) {
            shared.mark->set_input(
                std::make_shared<const Input>(instance_, dataset, arguments, canonical));
          }
          return try_out(shared, dataset, arguments, workers);
        });
  }

  // Who may see private data is given other answers by a layer over such data: the two never join.
  const std::string key =
      (context.authorized ? '+' : '-') + dataset.name + '?' + arguments.canonical();
  while (true) {
    if (const bourse_status status = context.poll(); status != BOURSE_OK) return over(status);
    std::shared_ptr<Flight> flight;
    bool leads = false;
    {
      const std::lock_guard lock(mutex_);
      auto& slot = flights_[key];
      if (!slot || std::chrono::steady_clock::now() >= slot->until) {
        slot = std::make_shared<Flight>(context.deadline);
        leads = true;
      }
      flight = slot;
    }
    if (leads) {
      auto outcome = guarded_answer([&] { return try_out(context, dataset, arguments, workers); });
      // What failed because this call is over says nothing to the others, however it was put.
      const bourse_status ended = outcome.ok() ? BOURSE_OK : context.poll();
      // It lands whatever happens: the others would wait for it until their deadlines.
      land(key, flight, guarded_answer([&] { return ended == BOURSE_OK ? outcome : over(ended); }));
      return outcome;
    }
    auto outcome = join(context, *flight, workers);
    // The one that led may have had less time, or a client that left. That is not our failure.
    if (is_over(outcome) && context.poll() == BOURSE_OK) continue;
    return outcome;
  }
}

std::optional<Collection> Source::metrics(std::chrono::steady_clock::time_point turn_until,
                                          const Context& context, Workers* workers) const {
  const WatchedCall watched(workers, *instance_, "collect", context);
  if (watched.refused()) return std::nullopt;
  return instance_->metrics(turn_until);
}

const Task* Source::find_task(std::string_view name) const noexcept {
  return find_named(tasks_.tasks, name);
}

Result<void> Source::perform(bourse_call& call, const Task& task, const Arguments& arguments,
                             const std::function<void(const TaskProgress&)>& told,
                             Workers* workers) const {
  const BlockingScope scope(component(), workers);
  const WatchedCall watched(workers, *instance_, "perform", call.context);
  if (watched.refused()) return *watched.refused();
  return instance_->perform(&call, task, arguments.data(), told, Workers::pause_of(workers));
}

// ---- probing ------------------------------------------------------------------------------------

ProbeOffer Source::probe_offer() const {
  ProbeOffer offer = instance_->probe_offer();
  if (!under_) return offer;
  ProbeOffer below = under_->probe_offer();
  offer.has_checks = offer.has_checks || below.has_checks;
  const auto own = offer.examples.size();
  for (auto& example : below.examples) {
    const auto end = offer.examples.begin() + static_cast<std::ptrdiff_t>(own);
    const bool given = std::any_of(offer.examples.begin(), end,
                                   [&](const auto& e) { return e.first == example.first; });
    if (!given) offer.examples.push_back(std::move(example));
  }
  return offer;
}

Result<void> Source::probe(const Context& context,
                           const std::function<void(Finding)>& found) const {
  if (under_) {
    auto below = under_->probe(context, [&](Finding finding) {
      finding.name.insert(0, under_->name_ + ": ");
      found(std::move(finding));
    });
    if (!below) return below;
  }
  bourse_call call(context, instance_->full_name());
  if (auto why = call.outcome(instance_->probe(&call, found))) return *std::move(why);
  return {};
}

// ---- doors --------------------------------------------------------------------------------------

Source* SourceDoor::source_for(const bourse_query& query) const {
  const std::string_view name = text_of(query.source);
  if (name.empty()) return fallback_;
  const auto found = sources_.find(name);
  return found == sources_.end() ? nullptr : found->second.get();
}

Result<Answer> SourceDoor::answer(const Context& context, const bourse_query& query) {
  const std::string_view dataset = text_of(query.dataset);
  // What is declared is what `check` holds against the source, and what access is looked at for.
  if (!asking_.datasets.empty() && find_named(asking_.datasets, dataset) == nullptr) {
    return internal("undeclared_dataset", asking_.full_name() + " asks for " + in_quotes(dataset) +
                                              ", which it does not declare among its datasets");
  }
  if (Source* const source = source_for(query)) {
    if (!text_of(query.source).empty()) source->named_by(context);
    return source->fetch(context, query, workers_, &asking_);
  }
  if (const std::string_view name = text_of(query.source); !name.empty()) {
    return internal("no_such_source", "query: the configuration has no source " + in_quotes(name));
  }
  return internal("no_source",
                  "query: this route has no source; the operator sets one by "
                  "`source:` in the route or in defaults");
}

std::vector<Result<Answer>> SourceDoor::query(const Context& context,
                                              std::span<const bourse_query> queries) {
  const Stopwatch watch(context.stages.get(), Stages::kFetch);
  const AskingScope asking;
  const bool waits = std::any_of(queries.begin(), queries.end(), [&](const bourse_query& query) {
    const Source* const source = source_for(query);
    return source != nullptr && source->waits();
  });
  return side_by_side(queries.size(), waits, workers_,
                      [&](std::size_t i) { return answer(context, queries[i]); });
}

std::vector<Result<Answer>> LayerDoor::query(const Context& context,
                                             std::span<const bourse_query> queries) {
  const AskingScope asking;
  Source* const under = layer_.under().get();
  return side_by_side(
      queries.size(), under != nullptr && under->waits(), workers_,
      [&](std::size_t i) -> Result<Answer> {
        if (under != nullptr) {
          return under->fetch(context, queries[i], workers_, &layer_.component());
        }
        return internal("no_source", "query: source " + layer_.name() +
                                         " asks the one under it, and there is none; the operator "
                                         "sets one by `over:`");
      });
}

}  // namespace bourse::host
