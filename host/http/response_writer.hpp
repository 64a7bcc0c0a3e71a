// SPDX-License-Identifier: MIT
//
// The head of an answer: status line, header, empty line. The body is never copied here.
#pragma once

#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/http/message.hpp"

namespace bourse::host {

/// What the front knows of the exchange beyond the Response.
struct HeadFacts {
  std::string_view request_id = {};
  bool head_request = false;  ///< answer to HEAD: the length of the body, but no body
  bool http10 = false;
  bool close = false;                     ///< the connection closes after this answer
  const std::string* attached = nullptr;  ///< lines behind all others, see Attached
};

/// The lines of `headers` that may be written, each with its end; see HeadWriter::write().
[[nodiscard]] std::string header_lines(
    const std::vector<std::pair<std::string, std::string>>& headers);

/// One for each I/O thread: it keeps the Date of the current second, and the last status line.
class HeadWriter {
 public:
  explicit HeadWriter(std::string_view server_name);

  /// Replaces `head` and returns how many bytes of the body follow it (0 for HEAD, 204, 304, and
  /// where a stream follows, for which HTTP/1.0 must be told that the connection closes).
  /// Left out: headers that this writer itself is responsible for, and headers that are not a token
  /// followed by a value without control characters. A status outside 200..599 becomes 500.
  std::size_t write(const Response& response, const HeadFacts& facts, std::time_t now,
                    std::string& head);

 private:
  void write_fixed_lines(const HeadFacts& facts, std::time_t now, std::string& head);

  std::string status_line_;
  int status_ = 0;  ///< of that line
  std::string server_line_;
  std::string date_line_;
  std::time_t date_ = -1;
};

}  // namespace bourse::host
