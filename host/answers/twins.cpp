// SPDX-License-Identifier: MIT
#include "host/answers/twins.hpp"

#include <brotli/encode.h>
#include <libdeflate.h>
#include <zstd.h>

#include <cstdint>
#include <memory>
#include <new>

namespace bourse::host {
namespace {

// Chosen by tests/bench/twins_bench.cpp. Numbers as text repeat little: zstd's first level beats
// its next ones and takes a tenth of zlib's usual time; brotli's fifth takes twice its fourth's for
// 2 %.
constexpr int kGzipLevel = 6;
constexpr int kBrotliQuality = 4;
constexpr int kZstdLevel = 1;  // its window is 512 KiB; browsers take 8 MiB at most (RFC 9659)
constexpr int kBrotliWindowBits = 22;
/// Shorter ones fit a packet either way.
constexpr std::size_t kBytesMin = 256;
constexpr std::size_t kBytesMax = std::size_t{1} << 31U;

std::string gzip(std::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(kGzipLevel), libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), out.data(),
                                      out.size()));
  return out;
}

std::string brotli(std::string_view bytes) {
  std::size_t size = BrotliEncoderMaxCompressedSize(bytes.size());
  std::string out(size, '\0');
  if (BrotliEncoderCompress(kBrotliQuality, kBrotliWindowBits, BROTLI_MODE_TEXT, bytes.size(),
                            reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                            reinterpret_cast<std::uint8_t*>(out.data())) != BROTLI_TRUE) {
    throw std::bad_alloc();
  }
  out.resize(size);
  return out;
}

std::string zstd(std::string_view bytes) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                        ZSTD_freeCCtx);
  if (!context) throw std::bad_alloc();
  static_cast<void>(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kZstdLevel));
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();
  out.resize(size);
  return out;
}

std::string written(std::string_view bytes, Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return gzip(bytes);
    case Coding::kBrotli:
      return brotli(bytes);
    default:
      return zstd(bytes);
  }
}

}  // namespace

std::string_view coding_name(Coding coding) noexcept {
  return coding == Coding::kGzip ? "gzip" : coding == Coding::kBrotli ? "br" : "zstd";
}

std::string_view coding_mark(Coding coding) noexcept {
  return coding == Coding::kGzip ? "-gz" : coding == Coding::kBrotli ? "-br" : "-zs";
}

BytesPtr make_twin(std::string_view bytes, Coding coding) {
  if (bytes.size() < kBytesMin || bytes.size() > kBytesMax) return nullptr;
  std::string shorter = written(bytes, coding);
  // Nothing at all is what libdeflate says where it found no room.
  if (shorter.empty() || shorter.size() > bytes.size() - bytes.size() / 20) return nullptr;
  shorter.shrink_to_fit();
  return std::make_shared<const std::string>(std::move(shorter));
}

}  // namespace bourse::host
