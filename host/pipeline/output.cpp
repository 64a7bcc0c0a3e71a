// SPDX-License-Identifier: MIT
#include "host/pipeline/output.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace bourse::host {
namespace {

constexpr std::size_t kHeadersMax = 64;
constexpr std::size_t kHeaderBytesMax = 8 * 1024;

/// Framing, identity and caching are the host's business; a cookie has no place in a report.
constexpr std::array<std::string_view, 14> kReserved = {"connection",
                                                        "content-encoding",
                                                        "content-length",
                                                        "content-type",
                                                        "date",
                                                        "etag",
                                                        "keep-alive",
                                                        "server",
                                                        "set-cookie",
                                                        "trailer",
                                                        "transfer-encoding",
                                                        "upgrade",
                                                        "vary",
                                                        "x-request-id"};

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte < 0x7F);
  });
}

Failure refusal(std::string code, std::string message) {
  return Failure{.status = BOURSE_INTERNAL, .code = std::move(code), .message = std::move(message)};
}

}  // namespace

Result<void> Output::header(std::string_view name, std::string_view value) {
  if (!bytes_.empty()) {
    return refusal("late_header", "header: it must come before the first byte is written");
  }
  if (!is_token(name) || name.size() > 128 || !is_field_value(value) ||
      value.size() > kHeaderBytesMax || headers_.size() >= kHeadersMax) {
    return refusal("bad_header",
                   "header: a name must be a token and a value printable ASCII of at "
                   "most 8 KiB; at most 64 of them");
  }
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (std::find(kReserved.begin(), kReserved.end(), lower) != kReserved.end()) {
    return refusal("bad_header", "header " + lower + ": the host sets it");
  }
  headers_.emplace_back(name, value);
  return {};
}

Result<void> Output::write(std::string_view bytes) {
  if (bytes.size() > bytes_max_ - bytes_.size()) {
    return Failure{
        .status = BOURSE_INTERNAL,
        .code = "response_too_large",
        .message = "The answer is larger than " + std::to_string(bytes_max_) +
                   " bytes. Ask for less, or let the operator raise server.max-response."};
  }
  bytes_.append(bytes);
  return {};
}

}  // namespace bourse::host
