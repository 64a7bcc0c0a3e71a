// SPDX-License-Identifier: MIT
//
// From the file as it is now to a new generation beside the one that serves: whole, or not at all.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/cli/setup.hpp"
#include "host/service/generations.hpp"
#include "host/service/reloads.hpp"
#include "host/service/service.hpp"

namespace bourse::host {

std::int32_t level_of(LogLevel level);

/// Paths of keys that a process reads once, and their values as texts.
using RestartValues = std::vector<std::pair<std::string_view, std::string>>;

class Reloader {
 public:
  /// `started`: what the process was started with. `fixed_listen`: the command line said where to
  /// listen, whatever the file says. Borrows the service and the generations.
  Reloader(SetupOptions options, const Setup& started, bool fixed_listen, KeptPlugins& kept,
           Service& service, Generations& generations);

  /// Reads and wires everything anew, then switches. One thread at a time. Never throws.
  ReloadVerdict reload() noexcept;
  // [any thread]
  [[nodiscard]] Served served() const;
  [[nodiscard]] ShutdownConfig shutdown() const;  ///< of what is served
  [[nodiscard]] Inputs inputs() const;            ///< of the last one that was tried

 private:
  ReloadVerdict try_reload();
  /// The keys whose values are not those that the process was started with, and count only then.
  [[nodiscard]] std::vector<std::string> what_needs_restart(const Config& config) const;

  const SetupOptions options_;
  const RestartValues started_;
  const bool fixed_listen_;
  KeptPlugins& kept_;
  Service& service_;
  Generations& generations_;
  mutable std::mutex mutex_;  ///< of what follows
  Served served_;
  ShutdownConfig shutdown_;
  Inputs inputs_;
};

}  // namespace bourse::host
