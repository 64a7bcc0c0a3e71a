// SPDX-License-Identifier: MIT
//
// A loaded shared library. Everything that points into it (components, instances) holds a
// shared_ptr to it, so it is unloaded after the last of them is gone, and not before.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/plugins/plugin_host.hpp"
#include "host/plugins/private_copy.hpp"

namespace bourse::host {

/// The entry, init and deinit run one at a time in the whole process: two plugins may share a
/// library whose own start is not safe on two threads.
class Library {
 public:
  /// Loads what `copy` holds, all symbols resolved now and visible to nobody else, makes the table
  /// that the plugin is given, and asks it for its description. Runs the library's constructors:
  /// check everything else first. `file` is for messages only, which do not begin with it.
  /// Failures: "cannot_load", "loaded_already" (in place, and the loader would give back the code
  /// that it has), "no_entry", "refuses" (bourse_plugin_v1 returned NULL; the sentence quotes what
  /// it logged last at warn or above), "plugin_threw". [load]
  static Result<std::shared_ptr<Library>> open(PrivateCopy copy, const std::filesystem::path& file,
                                               const HostFunctions& host,
                                               const std::string& plugin);

  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  /// Calls deinit if start succeeded, then unloads: on the thread that lets go last. Whatever held
  /// on to the library, instances above all, is gone by then. [load]
  ~Library();

  /// As the plugin returned it: never null, nothing about it checked. Lives as long as this object.
  [[nodiscard]] const bourse_plugin* declared() const noexcept { return declared_; }
  /// The plugin's own table. Lives as long as this object.
  [[nodiscard]] const bourse_host* host() const noexcept;

  /// Calls init, which may be null, once; from then on deinit, which may be null, is due. Failures:
  /// "init_failed", whose sentence quotes what init said by fail, or else what it logged last at
  /// warn or above; "plugin_threw". [load]
  Result<void> start(const HostFunctions& host, const std::string& plugin,
                     decltype(bourse_plugin::init) init, decltype(bourse_plugin::deinit) deinit);

 private:
  class Handle;
  template <class Call>
  auto enter_plugin(const char* verb, Call&& body) const noexcept;
  explicit Library(std::unique_ptr<Handle> handle);
  Result<void> enter();
  Result<void> begin(const HostFunctions& host, const std::string& plugin,
                     decltype(bourse_plugin::init) init);

  std::unique_ptr<Handle> handle_;  // first: everything below points into it
  const bourse_plugin* declared_ = nullptr;
  decltype(bourse_plugin::deinit) deinit_ = nullptr;
};

}  // namespace bourse::host
