// SPDX-License-Identifier: MIT
//
// Standard output of the commands.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

/// Whether they could be written is told by finish_output().
void write_bytes(std::string_view bytes);
/// One line.
void print(std::string_view line);

/// Writes out what waits. `code`, or kFailed with a line on standard error when anything of what
/// was printed could not be written; without that line when whoever read it has left (`| head`).
[[nodiscard]] int finish_output(int code);

[[nodiscard]] bool output_is_terminal();
/// Of the terminal behind that descriptor; 80 where it does not say, or is none.
[[nodiscard]] std::size_t terminal_columns(int descriptor);

/// Writes a report into a file, or, of an empty name, to standard output, if that is no terminal
/// that would not show it. The exit code; what went wrong is on standard error.
int write_report(const std::string& bytes, std::string_view media_type, const std::string& file);

/// Puts these bytes into a file, instead of what it holds.
Result<void> write_file(const std::string& file, std::string_view bytes);

/// Blanks behind, up to so many columns.
[[nodiscard]] std::string padded(std::string text, std::size_t width);

/// Words with `separator` between, in lines of at most `width` columns, each after `margin`.
void print_wrapped(std::string_view margin, const std::string& separator, std::size_t width,
                   const std::vector<std::string>& words);

}  // namespace bourse::host
