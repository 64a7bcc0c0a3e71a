// SPDX-License-Identifier: MIT
//
// Bytes of one connection in, complete Requests out, or the reason why not. Knows no sockets.
//
// Boost.Beast's parser does the reading (RFC 9112). What it lets pass is refused here: two
// Content-Lengths, any Transfer-Encoding but "chunked", a Transfer-Encoding in HTTP/1.0, folded
// lines, a missing or second Host, chunks that chunk_scanner.hpp refuses. After a refusal nothing
// more can be read: what follows must never be taken for a new request.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/failure.hpp"
#include "host/http/message.hpp"
#include "host/http/options.hpp"

namespace bourse::host {

class RequestReader {
 public:
  enum class Outcome {
    need_more,  ///< all input is taken; no request is complete
    request,    ///< take() it; more may follow in the input
    refused,    ///< see refusal()
  };

  /// `limits` outlives the reader.
  explicit RequestReader(const Limits& limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Reads on, first from what is held, then from `input`, and removes from `input` what it took.
  /// REQUIRES: not refused before; the last request was taken.
  Outcome next(std::string_view& input);
  /// Keeps `input` for a later next().
  void hold(std::string_view input);
  /// Whether next() has bytes to read without new input.
  [[nodiscard]] bool holds_input() const noexcept;

  /// The complete request; `id` is what the client sent, if that is acceptable, `peer` and
  /// `received` are left to the caller.
  [[nodiscard]] Request take();
  /// What was read of the request that is being read, or was refused: nothing perhaps.
  [[nodiscard]] const Request& incomplete() const noexcept;
  /// Of the request to be taken, or that was taken last.
  [[nodiscard]] bool keep_alive() const noexcept;
  [[nodiscard]] bool http10() const noexcept;
  [[nodiscard]] bool is_head() const noexcept;

  /// Memory that is held for what has come and was not taken.
  [[nodiscard]] std::size_t held_bytes() const noexcept;

  /// Some bytes of a request have come, not all.
  [[nodiscard]] bool in_request() const noexcept;
  /// Its header is complete, its body is not.
  [[nodiscard]] bool in_body() const noexcept;
  /// The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool wants_continue() const noexcept;
  void continue_sent() noexcept;

  /// REQUIRES: refused. `status` is the HTTP status.
  [[nodiscard]] const Failure& refusal() const noexcept;

 private:
  class Parser;

  Outcome parse(std::string_view& bytes);
  Outcome parse_held();

  const Limits& limits_;
  std::unique_ptr<Parser> parser_;
  std::string held_;           // came before, not read yet
  std::size_t held_read_ = 0;  // of held_, read already
};

}  // namespace bourse::host
