// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "plugins/sources/binance/client/network.hpp"

namespace bourse::binance {
namespace {

constexpr std::size_t kStep = 64 * 1024;
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

}  // namespace

Result<std::string> unpacked(std::string body, std::size_t bytes_max) {
  if (body.size() < 2 || body[0] != '\x1f' || body[1] != '\x8b') return body;
  Inflater inflater;
  if (!inflater.ok()) return network_error("No memory to unpack the answer.");
  z_stream& stream = *inflater;
  stream.next_in = reinterpret_cast<Bytef*>(body.data());
  stream.avail_in = static_cast<uInt>(body.size());
  std::string out;
  std::size_t size = 0;  // of what is unpacked; the rest of `out` waits for the next members
  while (true) {
    if (size > bytes_max) return network_error("The answer is too long when unpacked.");
    if (size == out.size()) out.resize(size + std::max(kStep, size / 2));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = static_cast<uInt>(out.size() - size);
    const int result = inflate(&stream, Z_NO_FLUSH);
    size = out.size() - stream.avail_out;
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) return network_error("The answer cannot be unpacked.");
    } else if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
      return network_error("The compressed answer is damaged or cut off.");
    }
  }
  if (size > bytes_max) return network_error("The answer is too long when unpacked.");
  out.resize(size);
  return out;
}

}  // namespace bourse::binance
