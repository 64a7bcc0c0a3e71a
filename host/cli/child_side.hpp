// SPDX-License-Identifier: MIT
//
// What this program does when it is a child of itself (host/base/child.hpp).
#pragma once

namespace bourse::host {

/// Is this process one?
[[nodiscard]] bool is_child(int argc, char** argv);
/// Does what it was started for. REQUIRES: is_child(). Returns an exit code.
int run_as_child(int argc, char** argv);

}  // namespace bourse::host
