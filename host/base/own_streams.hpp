// SPDX-License-Identifier: MIT
//
// Standard output and standard error as the program was given them, out of reach of plugins. A
// plugin prints to 1 and 2, and may close them; the next connection of a client would then have
// that number, and whoever writes to it would write to the client. So the program keeps descriptors
// of its own, far above the numbers that are in use, and looks before it writes whether they still
// are what they were. What plugins print is on standard error, because standard output is a
// command's answer.
#pragma once

#include <sys/types.h>

#include <cstdio>

namespace bourse::host {

/// A descriptor, and what it was when it was taken.
class HeldDescriptor {
 public:
  HeldDescriptor() = default;
  /// A negative one is nothing. Does not own it.
  explicit HeldDescriptor(int descriptor) noexcept;

  [[nodiscard]] int number() const noexcept { return number_; }
  /// It is open, and the same as it was.
  [[nodiscard]] bool is_intact() const noexcept { return is_at(number_); }
  /// What was taken is what that number is.
  [[nodiscard]] bool is_at(int number) const noexcept;

 private:
  int number_ = -1;
  dev_t device_ = 0;
  ino_t node_ = 0;
};

/// A descriptor of the same, with a number that nobody comes by, closed in programs that are
/// started; or the same one, where there is none. Takes `descriptor` over.
[[nodiscard]] int out_of_reach(int descriptor) noexcept;

/// From main, before anything is printed. From here on 1 is standard error, too.
void keep_own_streams() noexcept;
/// What the program prints to, as an answer. stdout, where keep_own_streams() was not called.
[[nodiscard]] std::FILE* own_output() noexcept;
/// The descriptor of standard error for the log, or a negative number: it is lost, and nothing may
/// be written anywhere. [any thread]
[[nodiscard]] int own_error() noexcept;
/// Opens those of 1 and 2 again that are closed. False: there were none. [any thread]
bool mend_standard_streams() noexcept;

}  // namespace bourse::host
