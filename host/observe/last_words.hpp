// SPDX-License-Identifier: MIT
//
// What a process says when it ends where it should not: in a fault (SIGSEGV, SIGABRT, SIGFPE,
// SIGBUS, SIGILL, a stack that overflows), or because a plugin ended it (exit). One line of the
// log, `crashed` or `exited`, with the component and the request; then whatever would have happened
// without it: the signal's own action, with the registers of the fault, so that a core and the
// status are as ever. An exit becomes status 70.
//
// The line of a fault is put together without a lock and without memory, because the fault may be
// inside malloc. Where somebody else has a handler (a sanitizer, a debugger's library), that one is
// left alone.
#pragma once

#include "host/observe/log_line.hpp"

namespace bourse::host {

/// Of a process that a plugin ended (EX_SOFTWARE).
inline constexpr int kEndedByPlugin = 70;

/// From main, once; this thread is one of those that can tell of a stack that overflows.
void prepare_last_words() noexcept;
/// The same for this thread, as long as it lives. Does nothing a second time, nor before
/// prepare_last_words(). [any thread]
void prepare_thread_for_last_words() noexcept;
/// Where the line goes, and how it is written; the log says it. A negative descriptor: to standard
/// error. [any thread]
void set_last_words_place(int descriptor, LineFormat format) noexcept;

/// The end of the process is meant from here on, by whatever way. [any thread]
void mean_to_leave() noexcept;
/// After a library was loaded: its own handlers of the end, which run backwards, must not come
/// before this. Nothing before prepare_last_words(). [load]
void watch_for_exit() noexcept;

}  // namespace bourse::host
