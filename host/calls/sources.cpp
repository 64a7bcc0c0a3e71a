// SPDX-License-Identifier: MIT
#include "host/calls/sources.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <optional>
#include <utility>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

using std::chrono::milliseconds;

Failure internal(std::string code, std::string message) {
  return Failure{.status = BOURSE_INTERNAL, .code = std::move(code), .message = std::move(message)};
}

std::string_view text_of(bourse_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}

bool is_over(const Result<ReportPtr>& result) {
  return !result.ok() && (result.failure().status == BOURSE_CANCELLED ||
                          result.failure().status == BOURSE_DEADLINE);
}

Failure over(bourse_status status) {
  if (status == BOURSE_CANCELLED) {
    return Failure{.status = status, .code = "cancelled", .message = "The client went away."};
  }
  return Failure{.status = BOURSE_DEADLINE,
                 .code = "deadline_exceeded",
                 .message =
                     "The answer took longer than this route allows. Ask for less, or try "
                     "again later."};
}

/// The host's own exceptions (memory) must not leave others waiting.
template <class Body>
Result<ReportPtr> sealed(Body&& body) {
  try {
    return body();
  } catch (const std::exception& e) {
    return Failure{.status = BOURSE_UNAVAILABLE, .code = "out_of_memory", .message = e.what()};
  }
}

/// A query's arguments in declared order, each of the declared type and inside its bounds.
Result<Arguments> check_arguments(const Dataset& dataset, const bourse_query& query) {
  std::vector<std::string> names;
  std::vector<Value> values;
  const std::span<const bourse_arg> given(query.args, query.args == nullptr ? 0 : query.n_args);
  for (const Parameter& parameter : dataset.params) {
    const auto arg = std::find_if(given.begin(), given.end(), [&](const bourse_arg& a) {
      return text_of(a.name) == parameter.name;
    });
    std::vector<std::string> texts;
    if (arg != given.end() && arg->value.type != BOURSE_TYPE_NULL) {
      const Value value = Value::copy(arg->value);
      if (value.type() != parameter.type) {
        return internal("plugin_misuse", "query " + dataset.name + ": argument " + parameter.name +
                                             " has another type than the dataset declares");
      }
      if (value.type() == BOURSE_TYPE_LIST) {
        const bourse_list items = value.view().as.list;
        for (std::size_t i = 0; i < items.len; ++i) {
          texts.push_back(Value::copy(items.ptr[i]).canonical());
        }
      } else {
        texts.push_back(value.canonical());
      }
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    auto checked = read_value(parameter, views);
    if (!checked) return std::move(checked).failure();
    names.push_back(parameter.name);
    values.push_back(*std::move(checked));
  }
  for (const bourse_arg& a : given) {
    if (std::find(names.begin(), names.end(), text_of(a.name)) == names.end()) {
      return internal("plugin_misuse", "query " + dataset.name + ": it has no argument " +
                                           in_quotes(text_of(a.name)));
    }
  }
  return Arguments(std::move(names), std::move(values));
}

/// The one table that was promised, with at least the promised columns.
Result<void> check_delivery(const Component& component, const Dataset& dataset,
                            const bourse_report& report) {
  const std::string who = component.full_name() + " delivered " + dataset.name;
  if (report.n_tables != 1) {
    return internal("source_broke_promise",
                    who + " with " + std::to_string(report.n_tables) + " tables instead of one");
  }
  const bourse_table& table = *report.tables[0];
  for (std::size_t i = 0; i < dataset.fields.size(); ++i) {
    const Field& promised = dataset.fields[i];
    if (i >= table.n_fields || promised.name != table.fields[i]->name ||
        promised.type != table.fields[i]->type) {
      return internal("source_broke_promise", who + ", but column " + std::to_string(i + 1) +
                                                  " is not " + promised.name +
                                                  " of the declared type");
    }
  }
  return {};
}

}  // namespace

/// A fetch under way, and those who wait for it.
struct Source::Flight {
  std::mutex mutex;
  std::condition_variable landed;
  std::optional<Result<ReportPtr>> outcome;
};

Source::Source(std::string name, std::shared_ptr<Instance> instance)
    : name_(std::move(name)),
      instance_(std::move(instance)),
      has_metrics_(instance_->has_metrics()) {}

Source::~Source() = default;

Result<ReportPtr> Source::fly(const Context& context, std::size_t dataset,
                              const Arguments& arguments, Workers* workers) {
  const Component& what = component();
  const std::string full_name = what.full_name();
  ReportBuilder builder(full_name, what.datasets[dataset].name);
  bourse_call call(context, full_name);
  call.report = &builder;
  Result<void> done;
  {
    const BlockingScope scope(what, workers);
    done = instance_->fetch(&call, dataset, arguments.data(), Workers::pause_of(workers));
  }
  auto report = builder.finish(0);
  const std::optional<Failure> spoilt =
      report ? std::nullopt : std::optional(std::move(report).failure());
  if (auto why = call.outcome(std::move(done), spoilt)) return *std::move(why);
  if (auto kept = check_delivery(what, what.datasets[dataset], (*report)->wire()); !kept) {
    return std::move(kept).failure();
  }
  return report;
}

Result<void> Source::probe(const Context& context,
                           const std::function<void(Finding)>& found) const {
  const std::string full_name = component().full_name();
  bourse_call call(context, full_name);
  if (auto why = call.outcome(instance_->probe(&call, found))) return *std::move(why);
  return {};
}

Result<ReportPtr> Source::join(const Context& context, Flight& flight, Workers* workers) {
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
                  Result<ReportPtr> outcome) {
  {
    const std::lock_guard lock(mutex_);
    flights_.erase(key);
  }
  {
    const std::lock_guard lock(flight->mutex);
    flight->outcome = std::move(outcome);
  }
  flight->landed.notify_all();
}

Result<ReportPtr> Source::fetch(const Context& context, const bourse_query& query,
                                Workers* workers) {
  const auto& datasets = component().datasets;
  const auto found = std::find_if(datasets.begin(), datasets.end(), [&](const Dataset& d) {
    return d.name == text_of(query.dataset);
  });
  if (found == datasets.end()) {
    return Failure{.status = BOURSE_UNPROCESSABLE,
                   .code = "dataset_not_offered",
                   .message = "Source " + name_ + " (" + component().full_name() +
                              ") does not deliver " + in_quotes(text_of(query.dataset)) + "."};
  }
  if (found->is_private && !context.authorized) {
    return Failure{.status = BOURSE_FORBIDDEN,
                   .code = "private_data",
                   .message = in_quotes(found->name) +
                              " is private, and this route is for everybody; the operator adds "
                              "`access` to it."};
  }
  const auto dataset = static_cast<std::size_t>(found - datasets.begin());
  auto arguments = check_arguments(*found, query);
  if (!arguments) return std::move(arguments).failure();
  const bool has_secret = std::any_of(found->params.begin(), found->params.end(),
                                      [](const Parameter& p) { return p.secret; });
  if (has_secret) return fly(context, dataset, *arguments, workers);

  const std::string key = found->name + '?' + arguments->canonical();
  while (true) {
    if (const bourse_status status = context.poll(); status != BOURSE_OK) return over(status);
    std::shared_ptr<Flight> flight;
    bool leads = false;
    {
      const std::lock_guard lock(mutex_);
      auto& slot = flights_[key];
      if (!slot) {
        slot = std::make_shared<Flight>();
        leads = true;
      }
      flight = slot;
    }
    if (leads) {
      auto outcome = sealed([&] { return fly(context, dataset, *arguments, workers); });
      // What failed because this call is over says nothing to the others, however it was put.
      const bourse_status ended = outcome.ok() ? BOURSE_OK : context.poll();
      land(key, flight, ended == BOURSE_OK ? outcome : over(ended));
      return outcome;
    }
    auto outcome = join(context, *flight, workers);
    // The one that led may have had less time, or a client that left. That is not our failure.
    if (is_over(outcome) && context.poll() == BOURSE_OK) continue;
    return outcome;
  }
}

Result<ReportPtr> SourceDoor::answer(const Context& context, const bourse_query& query) {
  Source* source = fallback_;
  if (const std::string_view name = text_of(query.source); !name.empty()) {
    const auto found = sources_.find(name);
    if (found == sources_.end()) {
      return internal("no_such_source",
                      "query: the configuration has no source " + in_quotes(name));
    }
    source = found->second.get();
  }
  if (source == nullptr) {
    return internal("no_source",
                    "query: this route has no source; the operator sets one by "
                    "`source:` in the route or in defaults");
  }
  return source->fetch(context, query, workers_);
}

std::vector<Result<ReportPtr>> SourceDoor::query(const Context& context,
                                                 std::span<const bourse_query* const> queries) {
  // Shared with the helpers, which may start when all the work is done and this frame is gone.
  struct Batch {
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> done{0};
    std::size_t size = 0;
    std::vector<std::optional<Result<ReportPtr>>> results;
    std::mutex mutex;
    std::condition_variable finished;
  };
  auto batch = std::make_shared<Batch>();
  batch->size = queries.size();
  batch->results.resize(queries.size());
  const auto work = [this, batch, &context, queries] {
    // A helper that finds nothing left touches nothing but the batch.
    for (std::size_t i = batch->next++; i < batch->size; i = batch->next++) {
      batch->results[i].emplace(sealed([&] { return answer(context, *queries[i]); }));
      if (++batch->done == batch->size) {
        const std::lock_guard lock(batch->mutex);
        batch->finished.notify_all();
      }
    }
  };
  // Helpers pay off where answering means waiting; computing side by side would only take turns
  // from other requests.
  const bool waits = std::any_of(queries.begin(), queries.end(), [&](const bourse_query* q) {
    const auto found = sources_.find(text_of(q->source));
    const Source* source = found == sources_.end() ? fallback_ : found->second.get();
    return source != nullptr && (source->component().flags & BOURSE_COMPONENT_BLOCKING) != 0;
  });
  if (waits && workers_ != nullptr) {
    try {
      for (std::size_t i = 1; i < queries.size(); ++i) {
        if (!workers_->assist(work)) break;
      }
    } catch (const std::exception&) {
      // Memory. Those that came use what is in this frame, so it must not be left now.
    }
  }
  work();
  {
    const Workers::Waiting waiting(batch->done.load() == batch->size ? nullptr : workers_);
    std::unique_lock lock(batch->mutex);
    batch->finished.wait(lock, [&] { return batch->done.load() == batch->size; });
  }
  std::vector<Result<ReportPtr>> out;
  out.reserve(queries.size());
  for (auto& result : batch->results) out.push_back(*std::move(result));
  return out;
}

}  // namespace bourse::host
