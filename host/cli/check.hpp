// SPDX-License-Identifier: MIT
#pragma once

#include "host/cli/setup.hpp"

namespace bourse::host {

struct CheckOptions {
  SetupOptions setup = {};
  bool bind = false;    ///< try whether the server could listen, too
  bool json = false;    ///< one object on standard output instead of lines on standard error
  bool strict = false;  ///< warnings fail as errors do
};

/// Everything that serve would find wrong. The object of `json`:
///
///   {"good", "errors", "warnings",                      how many, also of those that are not shown
///    "routes", "sources", "plugins",                    how many; not there when it is not good
///    "not_tried": ["systemd:web"],                      with `bind`
///    "diagnostics": [{"severity": "error" or "warning", "code", "message", "remedy",
///                     "file", "line", "column", "length"}]}     in the order of their places
///
/// Lines and columns count from 1 and in characters; they and `length` are null where a file as a
/// whole is meant, `file` where there is none, and `remedy` where there is none. Returns an exit
/// code.
int check(const CheckOptions& options);

}  // namespace bourse::host
