// SPDX-License-Identifier: MIT
#include "host/cli/output.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "host/base/own_streams.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/setup.hpp"

namespace bourse::host {
namespace {

int write_error = 0;  ///< of the first write that failed, because stdio forgets it

/// What was not written by write_bytes() left no error; a pipe without a reader can still be asked.
bool reader_has_left() {
  pollfd standard_output{fileno(own_output()), 0, 0};
  return ::poll(&standard_output, 1, 0) == 1 && (standard_output.revents & POLLERR) != 0;
}

/// How many bytes of `text`, which begins with ESC, only choose colours and weights (ECMA-48,
/// 8.3.117); 0: a terminal would do something else.
std::size_t style_bytes(std::string_view text) {
  if (!text.starts_with("\x1B[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end == text.npos || text[end] != 'm' ? 0 : end + 1;
}

/// Whether a terminal would show it: text, and nothing that the terminal would obey.
bool is_for_terminals(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte == 0x1b) {
      const std::size_t style = style_bytes(bytes.substr(i));
      if (style == 0) return false;
      i += style - 1;
    } else if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7f) {
      return false;
    }
  }
  return is_utf8(bytes);
}

int not_written(const std::string& why) {
  std::fprintf(stderr, "error: %s\n", printable(why, 8000).c_str());
  return kFailed;
}

}  // namespace

bool output_is_terminal() { return ::isatty(fileno(own_output())) == 1; }

std::size_t terminal_columns(int descriptor) {
  winsize size{};
  const bool known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

Result<void> write_file(const std::string& file, std::string_view bytes) {
  errno = 0;
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (stream) return {};
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "not_written",
                 .message = file + " could not be written: " +
                            (errno != 0 ? std::strerror(errno) : "it failed")};
}

int write_report(const std::string& bytes, std::string_view media_type, const std::string& file) {
  if (!file.empty()) {
    const auto written = write_file(file, bytes);
    return written ? kDone : not_written(written.failure().message);
  }
  if (output_is_terminal() && !is_for_terminals(bytes)) {
    return not_written(std::string(media_type) +
                       " is not for a terminal: name a file by --output FILE, or send it on (| or "
                       ">)");
  }
  write_bytes(bytes);
  return kDone;
}

void write_bytes(std::string_view bytes) {
  errno = 0;
  if (std::fwrite(bytes.data(), 1, bytes.size(), own_output()) != bytes.size() &&
      write_error == 0) {
    write_error = errno;
  }
}

void print(std::string_view line) {
  write_bytes(line);
  write_bytes("\n");
}

int finish_output(int code) {
  const bool failed_before = std::ferror(own_output()) != 0;
  errno = 0;
  if (std::fflush(own_output()) == 0 && !failed_before) return code;
  const int why = write_error != 0 ? write_error : failed_before ? 0 : errno;
  if (why != EPIPE && !reader_has_left()) {
    std::fprintf(stderr, "error: standard output could not be written: %s\n",
                 why != 0 ? std::strerror(why) : "a part of it is missing; is the disk full?");
  }
  return code == kDone ? kFailed : code;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

void print_wrapped(std::string_view margin, const std::string& separator, std::size_t width,
                   const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (line.empty()) {
      line = word;
    } else if (margin.size() + line.size() + separator.size() + word.size() < width) {
      line += separator + word;
    } else {
      print(std::string(margin) + line + separator.substr(0, separator.find_last_not_of(' ') + 1));
      line = word;
    }
  }
  if (!line.empty()) print(std::string(margin) + line);
}

}  // namespace bourse::host
