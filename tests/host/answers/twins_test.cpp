// SPDX-License-Identifier: MIT
#include "host/answers/twins.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>

namespace bourse::host::test {
namespace {

/// By another function of the library than the one that wrote it.
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

TEST(Twin, HoldsTheSameBytesInFewer) {
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes += std::to_string(i) + ",9135.25,0.5\n";
  const BytesPtr twin = make_twin(bytes, Coding::kGzip);
  ASSERT_NE(twin, nullptr);
  EXPECT_LT(twin->size(), bytes.size() / 3);
  EXPECT_EQ(unzipped(*twin, bytes.size()), bytes);
  EXPECT_EQ(*make_twin(bytes, Coding::kGzip), *twin) << "on every host, at every time";
}

TEST(Twin, IsNotMadeWhereItSavesLittle) {
  std::mt19937 random(3);
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  EXPECT_EQ(make_twin(noise, Coding::kGzip), nullptr);
  EXPECT_EQ(make_twin(std::string(255, 'x'), Coding::kGzip), nullptr) << "short as it is";
  EXPECT_NE(make_twin(std::string(256, 'x'), Coding::kGzip), nullptr);
  EXPECT_EQ(make_twin("", Coding::kGzip), nullptr);
}

TEST(Twin, HasANameAndAMark) {
  EXPECT_EQ(coding_name(Coding::kGzip), "gzip");
  EXPECT_EQ(coding_mark(Coding::kGzip), "-gz");
}

}  // namespace
}  // namespace bourse::host::test
