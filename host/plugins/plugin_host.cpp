// SPDX-License-Identifier: MIT
#include "host/plugins/plugin_host.hpp"

#include <unordered_map>
#include <utility>

namespace bourse::host {

struct PluginHost::Registry {
  std::mutex mutex;
  std::unordered_map<const bourse_host*, PluginHost*> hosts;
};

// Never destroyed: a library that refuses to be unloaded may log when the process ends.
PluginHost::Registry& PluginHost::registry() {
  static Registry* const kRegistry = new Registry;
  return *kRegistry;
}

PluginHost::PluginHost(const bourse_host& functions, std::string plugin)
    : table_(functions), plugin_(std::move(plugin)) {
  const std::lock_guard lock(registry().mutex);
  registry().hosts.emplace(&table_, this);
}

PluginHost::~PluginHost() {
  const std::lock_guard lock(registry().mutex);
  registry().hosts.erase(&table_);
}

void PluginHost::listen() {
  const std::lock_guard lock(registry().mutex);
  listens_ = true;
  words_.clear();
}

std::string PluginHost::take_words() {
  const std::lock_guard lock(registry().mutex);
  listens_ = false;
  return std::exchange(words_, {});
}

std::string PluginHost::plugin_of(const bourse_host* table) {
  const std::lock_guard lock(registry().mutex);
  const auto found = registry().hosts.find(table);
  return found == registry().hosts.end() ? std::string() : found->second->plugin_;
}

void PluginHost::heard(const bourse_host* table, std::string_view words) {
  const std::lock_guard lock(registry().mutex);
  const auto found = registry().hosts.find(table);
  if (found != registry().hosts.end() && found->second->listens_) found->second->words_ = words;
}

}  // namespace bourse::host
