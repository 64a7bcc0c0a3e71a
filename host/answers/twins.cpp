// SPDX-License-Identifier: MIT
#include "host/answers/twins.hpp"

#include <zlib.h>

#include <memory>
#include <new>

namespace bourse::host {
namespace {

constexpr int kLevel = 6;
constexpr int kWindowBits = 15 + 16;  // 16: with the header and the checksum of gzip
constexpr int kMemoryLevel = 8;
/// Shorter ones fit a packet either way.
constexpr std::size_t kBytesMin = 256;

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, deflateEnd);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::bad_alloc();
  out.resize(stream.total_out);
  out.shrink_to_fit();
  return out;
}

}  // namespace

std::string_view coding_name(Coding coding) noexcept {
  return coding == Coding::kGzip ? "gzip" : coding == Coding::kBrotli ? "br" : "zstd";
}

std::string_view coding_mark(Coding coding) noexcept {
  return coding == Coding::kGzip ? "-gz" : coding == Coding::kBrotli ? "-br" : "-zs";
}

BytesPtr make_twin(std::string_view bytes, Coding coding) {
  // Others are named, so that their tags are reserved; this build writes gzip.
  if (coding != Coding::kGzip || bytes.size() < kBytesMin || bytes.size() > (1U << 31U)) {
    return nullptr;
  }
  std::string shorter = gzip(bytes);
  if (shorter.size() > bytes.size() - bytes.size() / 20) return nullptr;
  return std::make_shared<const std::string>(std::move(shorter));
}

}  // namespace bourse::host
