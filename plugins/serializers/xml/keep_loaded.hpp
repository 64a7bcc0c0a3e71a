// SPDX-License-Identifier: MIT
#pragma once

namespace bourse::xml {

/// Keeps libxml2 in the process when this plugin is unloaded. It leaves state with every thread
/// that wrote a document, and a destructor of it that runs when the thread ends: which must then
/// still be there.
void keep_loaded() noexcept;

}  // namespace bourse::xml
