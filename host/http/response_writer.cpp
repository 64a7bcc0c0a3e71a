// SPDX-License-Identifier: MIT
#include "host/http/response_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "host/http/status.hpp"
#include "host/http/text.hpp"

namespace bourse::host {

namespace {

constexpr std::array<std::string_view, 10> kOwnHeaders = {
    "content-length", "transfer-encoding", "connection", "date",    "server",
    "x-request-id",   "keep-alive",        "trailer",    "upgrade", "proxy-connection"};

bool may_be_written(std::string_view name, std::string_view value) {
  const auto is_name = [&](std::string_view own) { return equal_ignoring_case(own, name); };
  return is_token(name) && is_field_value(value) &&
         std::none_of(kOwnHeaders.begin(), kOwnHeaders.end(), is_name);
}

void append_number(std::string& text, std::size_t number) {
  std::array<char, 20> digits;
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), number);
  text.append(digits.begin(), end);
}

// RFC 9110, section 5.6.7. Not strftime: that writes the names of the process's locale.
std::string date_line(std::time_t now) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  const bool has_year =
      gmtime_r(&now, &utc) != nullptr && utc.tm_year >= -1900 && utc.tm_year <= 9999 - 1900;
  // Of four digits. Who has no clock that could be right says no time (RFC 9110, section 6.6.1).
  if (!has_year) return {};
  std::array<char, 64> line;
  const int length =
      std::snprintf(line.data(), line.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                    kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                    kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                    utc.tm_min, utc.tm_sec);
  return {line.data(), static_cast<std::size_t>(std::max(length, 0))};
}

void append_lines(std::string& text,
                  const std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& [name, value] : headers) {
    if (!may_be_written(name, value)) continue;
    text += name;
    text += ": ";
    text += value;
    text += "\r\n";
  }
}

std::string status_line(int status) {
  std::string line = "HTTP/1.1 ";
  append_number(line, static_cast<std::size_t>(status));
  line += ' ';
  line += reason_phrase(status);
  line += "\r\n";
  return line;
}

}  // namespace

std::string header_lines(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string lines;
  append_lines(lines, headers);
  return lines;
}

HeadWriter::HeadWriter(std::string_view server_name) {
  if (!server_name.empty() && is_field_value(server_name)) {
    server_line_ = "Server: " + std::string(server_name) + "\r\n";
  }
}

void HeadWriter::write_fixed_lines(const HeadFacts& facts, std::time_t now, std::string& head) {
  if (now != date_) {
    date_line_ = date_line(now);
    date_ = now;
  }
  head += server_line_;
  head += date_line_;
  if (facts.close) {
    head += "Connection: close\r\n";
  } else if (facts.http10) {
    head += "Connection: keep-alive\r\n";
  }
  if (!facts.request_id.empty()) {
    head += "X-Request-Id: ";
    head += facts.request_id;
    head += "\r\n";
  }
}

std::size_t HeadWriter::write(const Response& response, const HeadFacts& facts, std::time_t now,
                              std::string& head) {
  const int status = response.status >= 200 && response.status <= 599 ? response.status : 500;
  const std::size_t body_bytes = response.body ? response.body->size() : 0;
  if (status != status_) {
    status_line_ = status_line(status);
    status_ = status;
  }
  head = status_line_;
  write_fixed_lines(facts, now, head);
  append_lines(head, response.headers);
  if (response.lines) head += *response.lines;
  if (facts.attached != nullptr) head += *facts.attached;
  if (response.stream) {
    if (!facts.http10) head += "Transfer-Encoding: chunked\r\n";
  } else if (status_has_body(status)) {
    head += "Content-Length: ";
    append_number(head, body_bytes);
    head += "\r\n";
  }
  head += "\r\n";
  if (response.stream) return 0;
  return status_has_body(status) && !facts.head_request ? body_bytes : 0;
}

}  // namespace bourse::host
