// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "plugins/sources/binance/client/network.hpp"

namespace bourse::binance {
namespace {

constexpr std::size_t kStep = 64 * 1024;
/// Deflate makes nothing smaller than that (zlib's technical notes: 1032 to 1).
constexpr std::size_t kRatioMax = 1032;
constexpr int kGzipOnly = 15 + 16;  // zlib's way to say: largest window, gzip wrapping

class Inflater {
 public:
  Inflater() { ok_ = inflateInit2(&stream_, kGzipOnly) == Z_OK; }
  ~Inflater() {
    if (ok_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  z_stream& operator*() noexcept { return stream_; }

 private:
  z_stream stream_{};
  bool ok_ = false;
};

/// How long the last member says that it is unpacked, which is all of it as a rule (RFC 1952,
/// section 2.3.1: four bytes, the least first). Believed as far as it is possible: whose answer is
/// as long as it says is unpacked into one buffer.
std::size_t stated_size(std::string_view body, std::size_t bytes_max) noexcept {
  std::size_t stated = 0;
  for (std::size_t i = 0; i < 4 && i < body.size(); ++i) {
    stated = stated << 8U | static_cast<unsigned char>(body[body.size() - 1 - i]);
  }
  return std::clamp(std::min(stated, body.size() * kRatioMax), kStep, bytes_max + kStep);
}

}  // namespace

Result<std::string> unpacked(std::string body, std::size_t bytes_max, AnswerShare& share) {
  if (body.size() < 2 || body[0] != '\x1f' || body[1] != '\x8b') return body;
  Inflater inflater;
  if (!inflater.ok()) return network_error("No memory to unpack the answer.");
  z_stream& stream = *inflater;
  stream.next_in = reinterpret_cast<Bytef*>(body.data());
  stream.avail_in = static_cast<uInt>(body.size());
  std::string out;
  std::size_t size = 0;  // of what is unpacked; the rest of `out` waits for the next members
  std::size_t room = stated_size(body, bytes_max);
  while (true) {
    if (size > bytes_max) return spoilt_answer("The answer is too long when unpacked.");
    if (size == out.size()) {
      if (!make_room(out, room, body.capacity(), share)) return no_room_for_answer(share);
      out.resize(room);
      // One byte more than there may be tells that it is too long.
      room = room < bytes_max ? grown(room, bytes_max + kStep) : room + kStep;
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = static_cast<uInt>(out.size() - size);
    const int result = inflate(&stream, Z_NO_FLUSH);
    size = out.size() - stream.avail_out;
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) return spoilt_answer("The answer cannot be unpacked.");
    } else if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
      return spoilt_answer("The compressed answer is damaged or cut off.");
    }
  }
  if (size > bytes_max) return spoilt_answer("The answer is too long when unpacked.");
  out.resize(size);
  static_cast<void>(share.become(out.capacity()));  // the body is no more; less is always possible
  return out;
}

}  // namespace bourse::binance
