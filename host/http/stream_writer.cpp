// SPDX-License-Identifier: MIT
#include "host/http/stream_writer.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace bourse::host {
namespace {

constexpr std::string_view kChunkEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::string_view kChunkEndAndLast = "\r\n0\r\n\r\n";

bool may_go_on(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

void append_hex(std::string& text, std::size_t number) {
  std::array<char, 16> digits;
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), number, 16);
  text.append(digits.begin(), end);
}

}  // namespace

void StreamWriter::load(BodyStream::Piece piece) {
  last_ = piece.last || piece.broken;
  broken_ = piece.broken;
  piece_ = std::move(piece.bytes);
  const bool has_bytes = piece_ && !piece_->empty();
  if (!chunked_) return;
  if (has_bytes) {
    append_hex(head_, piece_->size());
    head_ += kChunkEnd;
    tail_ = kChunkEnd;
  }
  if (last_ && !broken_) tail_ = has_bytes ? kChunkEndAndLast : kLastChunk;
}

long StreamWriter::send_rest(int descriptor) const noexcept {
  std::array<iovec, 3> parts{};
  std::size_t count = 0;
  std::size_t skip = sent_;
  const auto add = [&](std::string_view bytes) {
    if (skip >= bytes.size()) {
      skip -= bytes.size();
      return;
    }
    bytes.remove_prefix(skip);
    skip = 0;
    parts[count++] = {const_cast<char*>(bytes.data()), bytes.size()};
  };
  add(head_);
  if (piece_) add(*piece_);
  add(tail_);
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

StreamWriter::Step StreamWriter::write(int descriptor, BodyStream& stream,
                                       std::chrono::steady_clock::time_point now,
                                       std::size_t most) {
  std::size_t written = 0;
  while (true) {
    // The head, which is there from the beginning, takes the first piece with it.
    const bool is_first = total_ == 0 && sent_ == 0 && !piece_ && !last_;
    if (is_first || bytes_left() == 0) {
      if (last_) return broken_ ? Step::kBroken : Step::kAll;
      if (written >= most) return Step::kBlocked;
      if (!is_first) {
        if (stream.tells_newest() && has_unsent(descriptor)) return Step::kBlocked;
        head_.clear();
        piece_ = nullptr;
        tail_ = {};
        sent_ = 0;
      }
      load(stream.next(now));
      if (bytes_left() == 0 && !last_) return Step::kWaits;
      if (bytes_left() == 0) continue;
    }
    const long count = send_rest(descriptor);
    if (count < 0) return may_go_on(errno) ? Step::kBlocked : Step::kBroken;
    sent_ += static_cast<std::size_t>(count);
    written += static_cast<std::size_t>(count);
    total_ += static_cast<std::uint64_t>(count);
    if (bytes_left() > 0) return Step::kBlocked;
    if (piece_) ++pieces_;
  }
}

// Less than one byte unsent: then the socket is writable when, and only when, all is with the other
// end's kernel or on its way there, and has_unsent() says the same.
void hold_little(int descriptor) noexcept {
  const int least = 1;
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &least, sizeof least);
  // Who vanished without a word, behind a dropped route say, is gone after this time.
  const unsigned gone_ms = 30'000;
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof gone_ms);
}

bool has_unsent(int descriptor) noexcept {
  int bytes = 0;
  return ::ioctl(descriptor, SIOCOUTQNSD, &bytes) == 0 && bytes > 0;
}

void reset_on_close(int descriptor) noexcept {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace bourse::host
