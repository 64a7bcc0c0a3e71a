// SPDX-License-Identifier: MIT
#pragma once

namespace bourse::png {

/// Keeps cairo, and with it pixman and fontconfig, in the process when this plugin is unloaded.
/// They hold memory for its life (how to compute on this processor, what fonts there are) and have
/// no way to give it back: unloaded and loaded again with every new version of the plugin, they
/// would lose it each time.
void keep_loaded() noexcept;

}  // namespace bourse::png
