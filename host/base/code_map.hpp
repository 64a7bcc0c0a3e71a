// SPDX-License-Identifier: MIT
//
// Whose code is at an address: the libraries of this process, kept where a handler of signals can
// look, which may ask neither the loader nor malloc. Plugins are told from other libraries, so that
// a thread that a plugin made has a name even where nothing else is known of it.
#pragma once

#include <cstdint>
#include <string_view>

namespace bourse::host {

/// A place in the code.
struct CodePlace {
  std::string_view library = {};  ///< the name of its file; empty: none that is known
  std::uint64_t offset = 0;       ///< from where the file is loaded, as addr2line takes it
  bool is_plugin = false;
};

/// Takes down what is loaded now and is not known yet, up to a limit that no program reaches; what
/// is beyond it has no name. `plugin`: what a library loaded at that address is called. [load]
void name_code(std::uintptr_t plugin_base = 0, std::string_view plugin = {}) noexcept;
/// It is loaded no more. [load]
void forget_code(std::uintptr_t plugin_base) noexcept;
/// [any thread, signal handlers]
[[nodiscard]] CodePlace code_at(std::uintptr_t address) noexcept;
/// The first place in a plugin's code that this stack names, from `stack_pointer` on: whoever
/// called what is being done, in all likelihood. Reads memory that need not be there.
/// [any thread, signal handlers; one at a time]
[[nodiscard]] CodePlace plugin_on_stack(std::uintptr_t stack_pointer) noexcept;

}  // namespace bourse::host
