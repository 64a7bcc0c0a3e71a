// SPDX-License-Identifier: MIT
//
// What the C++ headers need of a compiler, said once and in a sentence. Not part of the interface.
#pragma once

#if !defined(__cpp_exceptions)
#error \
    "Bourse's C++ headers need exceptions: leave out -fno-exceptions, or write in C on bourse/bourse.h"
#include "bourse/ends here"  // no such file: nothing after this could be compiled
#elif __cplusplus < 202002L
#error "Bourse's C++ headers need C++20: compile with -std=c++20, or write in C on bourse/bourse.h"
#include "bourse/ends here"
#endif

#if !__has_attribute(retain) || !__has_attribute(used)
#error "a plugin's manifest needs the attributes used and retain: GCC 11 or Clang 13, or newer"
#endif
