// SPDX-License-Identifier: MIT
//
// From what a plugin declares (any bytes at all) to what the host keeps
// (host/plugins/component.hpp).
//
// A declared pointer can be checked for null, for alignment and for bounds of what it leads to, but
// not for leading nowhere: that is the one lie that still kills the process. Structs longer than
// ours are read as far as we know them; in shorter ones the missing fields count as not offered.
//
// What is legal but unknown (a number above all that this host has a name for) is of a newer
// contract. What carries it is left out, with a note, and the rest is taken: a component of such a
// kind, a parameter or a column of such a type. With a REQUIRED parameter goes what requires it.
//
// Failures are BOURSE_INTERNAL: "bad_descriptor", "bad_parameter", "manifest_mismatch", or
// "needs_newer_host" when nothing is left; the sentence says which component, dataset and field,
// not which file.
#pragma once

#include <string>
#include <vector>

#include "host/base/result.hpp"
#include "host/plugins/component.hpp"
#include "host/plugins/manifest.hpp"

namespace bourse::host {

/// A bourse_plugin, checked and copied. Components lack library, host, plugin, version and file
/// yet.
struct Declaration {
  std::string name;
  std::string version;
  std::string vendor;
  std::string license;
  std::string url;
  std::string built_with;
  std::uint32_t abi_minor = 0;
  std::vector<Component> components;
  std::vector<std::string> notes;  ///< which components were left out, and why
  decltype(bourse_plugin::init) init = nullptr;
  decltype(bourse_plugin::deinit) deinit = nullptr;
};

/// `declared` may be null.
Result<Declaration> check_plugin(const bourse_plugin* declared, const Manifest& manifest);

}  // namespace bourse::host
