// SPDX-License-Identifier: MIT
//
// What LeakSanitizer reports though nothing is wrong, with reasons; only in programs of a build
// with that sanitizer, which looks for this function.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();

const char* __lsan_default_suppressions() {
  // fontconfig keeps its configuration and its caches of fonts for the life of the process. FcFini
  // would free them, but not while another plugin, or another thread's cairo, holds a font of them.
  return "leak:libfontconfig\n";
}

// That some were used is no news, and stands in the way of who reads standard error.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_options();

const char* __lsan_default_options() { return "print_suppressions=0"; }
