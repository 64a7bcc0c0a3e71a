// SPDX-License-Identifier: MIT
#include "host/calls/input.hpp"

#include <algorithm>

#include "host/calls/call.hpp"
#include "host/calls/call_watch.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {

std::unique_ptr<InputWatch> InputWatch::begin(const Input& input, const Context& context,
                                              Workers* workers, void* sink,
                                              void (*changed)(void* sink)) {
  auto instance = input.instance_.lock();
  if (!instance || !instance->has_watch()) return nullptr;
  const auto& datasets = instance->component().datasets;
  const auto dataset = std::find_if(datasets.begin(), datasets.end(),
                                    [&](const Dataset& of) { return of.index == input.index_; });
  if (dataset == datasets.end()) return nullptr;
  bourse_call call(context, instance->full_name());
  const WatchedCall watched(workers, *instance, "watch", context);
  if (watched.refused()) return nullptr;
  auto token = instance->watch(&call, *dataset, input.arguments_.data(), sink, changed);
  if (token) return std::unique_ptr<InputWatch>(new InputWatch(std::move(instance), *token));
  if (log_enabled(BOURSE_LEVEL_DEBUG)) {
    log_event(BOURSE_LEVEL_DEBUG, "not_watched",
              {{"component", instance->full_name()},
               {"dataset", input.dataset_},
               {"reason", call.outcome(token.failure()).value_or(token.failure()).message}});
  }
  return nullptr;
}

bool InputWatch::is_offered(const Input& input) {
  const auto instance = input.instance_.lock();
  return instance && instance->has_watch();
}

InputWatch::~InputWatch() { instance_->unwatch(token_); }

}  // namespace bourse::host
