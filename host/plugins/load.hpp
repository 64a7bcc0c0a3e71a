// SPDX-License-Identifier: MIT
//
// From folders of files to a catalog of what may be called. Each file passes these gates in order,
// or is refused with a sentence that names it and says what to do; nothing of it runs before
// gate 5.
//
//   1  the file and its folder are in trusted hands (host/plugins/file.hpp); its sha256 is the
//      pinned one, if any is
//   2  it is an undamaged library for this machine (elf.hpp), its manifest is for our ABI and asks
//      for no later minor than ours
//   3  it exports bourse_plugin_v1
//   4  a private copy is made of the bytes that were checked (private_copy.hpp), unless files are
//      loaded in place
//   5  all its symbols resolve, private to it; its constructors run
//   6  bourse_plugin_v1 gives a description, which agrees with the manifest
//   7  the description is legal, something of it is known here (descriptors.hpp), and it clashes
//      with no other plugin's
//   8  init succeeds
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "host/base/failure.hpp"
#include "host/plugins/catalog.hpp"
#include "host/plugins/manifest.hpp"
#include "host/plugins/plugin_host.hpp"

namespace bourse::host {

/// Plugins by path and SHA-256, each loaded and started once and then kept: files that come and go
/// cost memory once, and no thread that one of them forgot loses its code.
using KeptPlugins =
    std::map<std::pair<std::filesystem::path, std::string>, std::shared_ptr<const Plugin>>;

struct LoadRequest {
  /// Searched in this order, their "*.so" in order of name; subfolders are not. Of two files that
  /// clash the first is taken. A folder that is named twice is searched once.
  std::vector<std::filesystem::path> folders = {};
  /// File name ("trend.so") to "sha256:" and 64 hexadecimal digits. Files without a pin are loaded
  /// too; a pin without a file is a refusal.
  std::map<std::string, std::string> pins = {};
  /// What every plugin's own table is made of. Never null.
  const HostFunctions* host = nullptr;
  /// Of the folders, the file of this name alone; empty: all.
  std::string only = {};
  /// Null, or files that are refused with the failure that stands there, because it is known what
  /// loading them does.
  const std::map<std::filesystem::path, Failure>* known_bad = nullptr;
  /// Null, or plugins that stay loaded whatever catalogs they are in. A file whose path and bytes
  /// are one's of them is that one, with no second copy in memory and no second init; what is
  /// loaded here is added.
  KeptPlugins* kept = nullptr;
  /// The files themselves are loaded, not copies of them; see private_copy.hpp.
  bool in_place = false;
};

struct Refusal {
  std::filesystem::path file;  ///< or the folder that could not be searched
  Failure why;                 ///< `code` and `message`; the message begins with the path
};

struct Loaded {
  std::shared_ptr<const Catalog> catalog;  ///< never null; may be empty
  std::vector<Refusal> refusals;           ///< in the order in which the files were looked at
};

/// Never throws for what a file or a plugin does. One thread at a time. [load]
Loaded load_plugins(const LoadRequest& request);

}  // namespace bourse::host
