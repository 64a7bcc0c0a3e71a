// SPDX-License-Identifier: MIT
#include "plugins/serializers/png/encode.hpp"

#include <libdeflate.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace bourse::png {
namespace {

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const noexcept {
    libdeflate_free_compressor(compressor);
  }
};

/// What STBIW_ZLIB_COMPRESS asks for: a zlib stream in memory from malloc, or null.
unsigned char* compress(unsigned char* data, int data_length, int* out_length, int level) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
      libdeflate_alloc_compressor(level));
  if (!compressor) return nullptr;
  const auto length = static_cast<std::size_t>(data_length);
  const std::size_t most = libdeflate_zlib_compress_bound(compressor.get(), length);
  auto* const out = static_cast<unsigned char*>(std::malloc(most));
  if (out == nullptr) return nullptr;
  *out_length =
      static_cast<int>(libdeflate_zlib_compress(compressor.get(), data, length, out, most));
  return out;
}

}  // namespace
}  // namespace bourse::png

#define STBIW_ZLIB_COMPRESS bourse::png::compress
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC  // its settings are variables: these are ours alone
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace bourse::png {
namespace {

struct FreeMemory {
  void operator()(unsigned char* memory) const noexcept { std::free(memory); }
};

/// Charts are flat areas and repeated rows, which deflate finds by itself: without PNG's filters
/// files are a third smaller and made in a sixth of the time. Level 6: measured in tests/bench.
void set_up_once() {
  static const bool done = [] {
    stbi_write_force_png_filter = 0;
    stbi_write_png_compression_level = 6;
    return true;
  }();
  static_cast<void>(done);
}

void append_32(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

/// At most `most` bytes, not ending within a character.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

/// An iTXt chunk (PNG 1.2, 4.2.3.3): international text, not compressed.
void append_text(std::string& out, std::string_view keyword, std::string_view text) {
  constexpr std::size_t kTextMax = 4096;
  if (text.empty()) return;
  std::string chunk = "iTXt";
  chunk += keyword;
  chunk.append(5, '\0');  // end of keyword, two flags, no language, no translated keyword
  chunk += cut(text, kTextMax);
  append_32(out, chunk.size() - 4);
  out += chunk;
  append_32(out, libdeflate_crc32(0, chunk.data(), chunk.size()));
}

}  // namespace

std::string encode(const Image& image, const Texts& texts) {
  constexpr std::size_t kHeaderBytes = 8 + 25;  // signature and IHDR: other chunks come after it
  set_up_once();
  int length = 0;
  const std::unique_ptr<unsigned char, FreeMemory> file(stbi_write_png_to_mem(
      image.bytes.data(), 3 * image.width, image.width, image.height, 3, &length));
  if (!file) throw std::bad_alloc();
  const std::string_view bytes(reinterpret_cast<const char*>(file.get()),
                               static_cast<std::size_t>(length));
  std::string out(bytes.substr(0, kHeaderBytes));
  append_text(out, "Title", texts.title);
  append_text(out, "Description", texts.description);
  out += bytes.substr(kHeaderBytes);
  return out;
}

}  // namespace bourse::png
