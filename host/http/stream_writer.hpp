// SPDX-License-Identifier: MIT
//
// Writes a BodyStream to a socket: one piece after another, each with what marks it, and no copy of
// its bytes. Of one I/O thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "host/http/message.hpp"

namespace bourse::host {

class StreamWriter {
 public:
  /// `head`: of the answer, which goes out with the first piece. `chunked`: false for HTTP/1.0.
  StreamWriter(std::string head, bool chunked) : head_(std::move(head)), chunked_(chunked) {}

  enum class Step : std::uint8_t {
    kAll,      ///< the last byte is with the kernel
    kWaits,    ///< all that there is now is; the stream wakes
    kBlocked,  ///< the socket is full
    kBroken    ///< the socket failed, or the stream: the connection is to be cut
  };
  /// At most `most` bytes and a piece; then kBlocked, so that others get their turn.
  Step write(int descriptor, BodyStream& stream, std::chrono::steady_clock::time_point now,
             std::size_t most);

  /// Of head and piece.
  [[nodiscard]] std::size_t bytes_left() const noexcept { return size() - sent_; }
  /// Since the start, head and marks included.
  [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return total_; }
  /// Pieces that are completely with the kernel.
  [[nodiscard]] std::uint64_t pieces() const noexcept { return pieces_; }
  /// What failed was the stream: the client must learn of it (see cut()).
  [[nodiscard]] bool stream_broke() const noexcept { return broken_; }

 private:
  [[nodiscard]] std::size_t size() const noexcept {
    return head_.size() + (piece_ ? piece_->size() : 0) + tail_.size();
  }
  void load(BodyStream::Piece piece);
  [[nodiscard]] long send_rest(int descriptor) const noexcept;

  std::string head_;  ///< of the answer, of the chunk
  std::shared_ptr<const std::string> piece_;
  std::string_view tail_;
  std::size_t sent_ = 0;  ///< of the three together
  const bool chunked_;
  bool last_ = false;
  bool broken_ = false;
  std::uint64_t total_ = 0;
  std::uint64_t pieces_ = 0;
};

/// What the kernel holds for the reader of such a stream becomes as little as it can be: what it
/// has is what is old when it is read.
void hold_little(int descriptor) noexcept;
/// Is something that was written still unsent? Of a socket that does not tell, false.
[[nodiscard]] bool has_unsent(int descriptor) noexcept;
/// From now on closing resets the connection: to HTTP/1.0 the end of the connection would say that
/// the body is complete.
void reset_on_close(int descriptor) noexcept;

}  // namespace bourse::host
