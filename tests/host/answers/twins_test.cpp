// SPDX-License-Identifier: MIT
#include "host/answers/twins.hpp"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <random>
#include <string>

namespace bourse::host::test {
namespace {

/// By zlib, which did not write it.
std::string unzipped(std::string_view bytes, std::size_t size) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string read(std::string_view bytes, Coding coding, std::size_t size) {
  if (coding == Coding::kGzip) return unzipped(bytes, size);
  std::string out(size + 1, '\0');
  if (coding == Coding::kZstd) {
    const std::size_t n = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
    EXPECT_FALSE(ZSTD_isError(n)) << ZSTD_getErrorName(n);
    out.resize(n);
    return out;
  }
  std::size_t n = out.size();
  EXPECT_EQ(
      BrotliDecoderDecompress(bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()), &n,
                              reinterpret_cast<std::uint8_t*>(out.data())),
      BROTLI_DECODER_RESULT_SUCCESS);
  out.resize(n);
  return out;
}

std::string table(int rows) {
  std::string bytes;
  for (int i = 0; i < rows; ++i) bytes += std::to_string(i) + ",9135.25,0.5\n";
  return bytes;
}

class Twin : public testing::TestWithParam<Coding> {};

TEST_P(Twin, HoldsTheSameBytesInFewer) {
  const std::string bytes = table(5000);
  const BytesPtr twin = make_twin(bytes, GetParam());
  ASSERT_NE(twin, nullptr);
  EXPECT_LT(twin->size(), bytes.size() / 3);
  EXPECT_EQ(read(*twin, GetParam(), bytes.size()), bytes);
  EXPECT_EQ(*make_twin(bytes, GetParam()), *twin) << "on every host, at every time";
}

TEST_P(Twin, IsNotMadeWhereItSavesLittle) {
  std::mt19937 random(3);
  std::string noise(100'000, '\0');
  std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random()); });
  EXPECT_EQ(make_twin(noise, GetParam()), nullptr);
  EXPECT_EQ(make_twin(std::string(255, 'x'), GetParam()), nullptr) << "short as it is";
  EXPECT_NE(make_twin(std::string(256, 'x'), GetParam()), nullptr);
  EXPECT_EQ(make_twin("", GetParam()), nullptr);
}

INSTANTIATE_TEST_SUITE_P(OfEachCoding, Twin, testing::ValuesIn(kByPreference),
                         [](const auto& of) { return std::string(coding_name(of.param)); });

// RFC 9659, 3: a client need not take a larger window than 8 MiB. RFC 8878, 3.1.1.1: where bit 5 of
// the first byte behind the magic number is clear, the next one tells the window: its exponent
// above 10 in the upper five bits.
TEST(TwinOfZstd, NeedsNoLargerWindowThanBrowsersTake) {
  const std::string bytes = table(1'000'000);
  ASSERT_GT(bytes.size(), std::size_t{16} << 20U);
  const BytesPtr twin = make_twin(bytes, Coding::kZstd);
  ASSERT_NE(twin, nullptr);
  ASSERT_EQ(twin->substr(0, 4), "\x28\xB5\x2F\xFD");
  const auto descriptor = static_cast<unsigned char>((*twin)[4]);
  ASSERT_EQ(descriptor & 0x20U, 0U) << "it is not in one segment";
  EXPECT_LE(10 + (static_cast<unsigned char>((*twin)[5]) >> 3U), 22);
}

TEST(TwinNames, AreThoseOfHttp) {
  EXPECT_EQ(coding_name(Coding::kGzip), "gzip");
  EXPECT_EQ(coding_name(Coding::kBrotli), "br");
  EXPECT_EQ(coding_name(Coding::kZstd), "zstd");
  EXPECT_EQ(coding_mark(Coding::kGzip), "-gz");
  EXPECT_EQ(coding_mark(Coding::kBrotli), "-br");
  EXPECT_EQ(coding_mark(Coding::kZstd), "-zs");
}

}  // namespace
}  // namespace bourse::host::test
