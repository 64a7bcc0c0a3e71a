// SPDX-License-Identifier: MIT
#include "plugins/serializers/png/keep_loaded.hpp"

#include <cairo.h>
#include <dlfcn.h>

namespace bourse::png {

void keep_loaded() noexcept {
  Dl_info library{};
  if (::dladdr(reinterpret_cast<const void*>(&cairo_version), &library) == 0) return;
  // One reference that nobody gives back; if it cannot be had, all is as it was.
  (void)::dlopen(library.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

}  // namespace bourse::png
