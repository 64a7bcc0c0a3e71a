// SPDX-License-Identifier: MIT
#include "host/calls/output.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/http/text.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kHeaderNameBytesMax = 128;
constexpr std::size_t kPieceBytes = std::size_t{64} * 1024;
constexpr std::size_t kHeaderBytesMax = 8 * 1024;

/// Framing, identity and caching are the host's business; a cookie has no place in a report.
constexpr std::array<std::string_view, 19> kReserved = {"age",
                                                        "cache-control",
                                                        "connection",
                                                        "content-encoding",
                                                        "content-length",
                                                        "content-type",
                                                        "date",
                                                        "etag",
                                                        "expires",
                                                        "keep-alive",
                                                        "last-modified",
                                                        "server",
                                                        "set-cookie",
                                                        "trailer",
                                                        "transfer-encoding",
                                                        "upgrade",
                                                        "vary",
                                                        "x-content-type-options",
                                                        "x-request-id"};

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte < 0x7F);
  });
}

bool is_reserved(std::string_view name) {
  return std::any_of(kReserved.begin(), kReserved.end(), [&](std::string_view reserved) {
    return equal_ignoring_case(name, reserved);
  });
}

}  // namespace

Result<void> Output::refuse(bourse_status status, std::string code, std::string message) {
  failure_ = Failure{.status = status, .code = std::move(code), .message = std::move(message)};
  return *failure_;
}

Result<void> Output::header(std::string_view name, std::string_view value) {
  if (failure_) return *failure_;
  if (!bytes_.empty() || passed_on_) {
    return refuse(BOURSE_INTERNAL, "late_header",
                  "header: it must come before the first byte is written");
  }
  if (!is_token(name) || name.size() > kHeaderNameBytesMax) {
    return refuse(BOURSE_INTERNAL, "bad_header",
                  "header " + in_quotes(name) +
                      ": a name is a token (letters, digits and -) of at most 128 bytes");
  }
  if (!is_printable_ascii(value) || value.size() > kHeaderBytesMax) {
    return refuse(BOURSE_INTERNAL, "bad_header",
                  "header " + std::string(name) + ": a value is printable ASCII of at most 8 KiB");
  }
  if (headers_.size() >= BOURSE_MAX_HEADERS) {
    return refuse(BOURSE_INTERNAL, "too_many_headers",
                  "header " + std::string(name) + ": too many headers, at most " +
                      std::to_string(BOURSE_MAX_HEADERS) + " are taken");
  }
  if (is_reserved(name)) {
    return refuse(BOURSE_INTERNAL, "bad_header",
                  "header " + std::string(name) + ": the host sets it");
  }
  headers_.emplace_back(name, value);
  return {};
}

Result<void> Output::write(std::string_view bytes) {
  if (failure_) return *failure_;
  if (bytes.size() > bytes_max_ - total_) {
    // Neither the host nor the plugin is at fault: who asked wanted more than is given.
    return refuse(BOURSE_UNPROCESSABLE, "response_too_large",
                  "The answer is larger than " + std::to_string(bytes_max_) +
                      " bytes. Ask for less (fewer rows, or a format that needs less), or let the "
                      "operator raise server.max-response.");
  }
  total_ += bytes.size();
  if (outlet_ != nullptr) return pass_on(bytes);
  bytes_.append(bytes);
  return {};
}

// A serializer writes a cell at a time: what goes on its way goes in larger pieces.
Result<void> Output::pass_on(std::string_view bytes) {
  const std::size_t most = passed_on_ ? kPieceBytes : outlet_->hold();
  const std::size_t room = most - std::min(most, bytes_.size());
  if (bytes.size() <= room) {
    bytes_.append(bytes);
    return {};
  }
  bytes_.append(bytes.substr(0, room));
  if (auto taken = hand_over(); !taken) return taken;
  bytes_.assign(bytes.substr(room));
  return bytes_.size() > kPieceBytes ? hand_over() : Result<void>();
}

Result<void> Output::hand_over() {
  passed_on_ = true;
  auto taken = outlet_->take(std::exchange(bytes_, {}), *this);
  if (!taken) failure_ = taken.failure();
  return taken;
}

Result<void> Output::finish() {
  if (failure_) return *failure_;
  return passed_on_ && !bytes_.empty() ? hand_over() : Result<void>();
}

Result<void> Output::nowhere(std::string_view function, std::size_t bytes) {
  if (failure_) return *failure_;
  return refuse(BOURSE_INTERNAL, "bad_text",
                std::string(function) + ": the text is null, but said to have " +
                    std::to_string(bytes) +
                    " bytes; the serializer must give where they are, or say 0");
}

void Output::cut_off(bourse_status status) {
  if (failure_) return;
  // Short enough to need no memory, which may be what there is none of.
  const bool is_memory = status == BOURSE_UNAVAILABLE;
  failure_ = Failure{.status = status,
                     .code = is_memory ? "out_of_memory" : "cut_off",
                     .message = "cut off",
                     .origin = is_memory ? Origin::kHost : Origin::kCutOff};
}

}  // namespace bourse::host
