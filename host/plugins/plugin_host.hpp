// SPDX-License-Identifier: MIT
//
// The bourse_host that one plugin is given: a table of its own, so that the host knows who speaks
// even where no call says it (a line logged by a thread of the plugin's own).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "bourse/bourse.h"
#include "host/base/result.hpp"

namespace bourse::host {

/// What host/calls gives to every plugin.
struct HostFunctions {
  bourse_host table = {};  ///< copied into each plugin's own
  /// Runs `body` in a call of its own for that plugin and returns what it returned; a failure
  /// without words gets those that the plugin recorded in the call. Null: there are no calls, and
  /// `body` gets a null.
  Result<void> (*in_call)(std::string_view plugin,
                          const std::function<Result<void>(bourse_call*)>& body) = nullptr;
};

/// Lives as long as the plugin's library; no longer known once it is gone. A plugin may pass any
/// pointer as its own table: those that are none of ours are told from the others here.
class PluginHost {
 public:
  PluginHost(const bourse_host& functions, std::string plugin);
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  [[nodiscard]] const bourse_host* table() const noexcept { return &table_; }

  /// From here on heard() keeps the last words, until take_words().
  void listen();
  /// What was heard last; empty when it was nothing. Ends listening.
  std::string take_words();

  /// The plugin whose table this is; empty for a pointer that is no plugin's. [any thread]
  static std::string plugin_of(const bourse_host* table);
  /// The plugin said this, as a warning or worse. [any thread]
  static void heard(const bourse_host* table, std::string_view words);

 private:
  struct Registry;
  static Registry& registry();

  bourse_host table_;
  std::string plugin_;
  bool listens_ = false;  // this and words_ are guarded by the registry's mutex
  std::string words_;
};

}  // namespace bourse::host
