// SPDX-License-Identifier: MIT
//
// Packed recordings, made by make_packed.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/sources/candle_files/bytes.hpp"
#include "plugins/sources/replay/recording.hpp"
#include "tests/plugins/sources/replay/folder.hpp"

namespace bourse::replay {
namespace {

using test::Folder;
using testing::HasSubstr;

/// What comes of one packed file under the name of a recording.
Recording read(const char* packed, const std::string& name, const Limits& limits = {}) {
  Folder folder;
  std::filesystem::copy_file(std::filesystem::path(BOURSE_PACKED) / packed, folder.path() / name);
  return load(folder.path(), std::nullopt, limits);
}
std::string refusal(const char* packed, const std::string& name, const Limits& limits = {}) {
  try {
    (void)read(packed, name, limits);
  } catch (const Error& e) {
    return e.message();
  }
  return "accepted";
}

TEST(Packed, CandlesAreReadAsTheExchangePublishesThem) {
  for (const auto& [packed, name] :
       {std::pair("good.zip", "A-1h-2025-01.zip"), std::pair("stored.zip", "A-1h-2025-01.zip"),
        std::pair("good.csv.gz", "A-1h-2025-01.csv.gz"),
        std::pair("joined.csv.gz", "A-1h-2025-01.csv.gz")}) {
    const Recording recording = read(packed, name);
    EXPECT_TRUE(recording.remarks.empty()) << packed;
    const Series& s = recording.markets.at("A").series.begin()->second;
    ASSERT_EQ(s.size(), 2u) << packed;
    EXPECT_EQ(s.open[0].text(), "10.50000000");
    EXPECT_EQ(s.quote_volume[1].text(), "540.12500000");
  }
}

TEST(Packed, AnswersAreReadToo) {
  const Recording recording = read("good.json.gz", "ticker_24h.json.gz");
  EXPECT_EQ(recording.markets.at("ETHBTC").ticker->last, Decimal::of(2));
}

TEST(Packed, FilesThatAreNotWhatTheyAreCalledAreLeftOutWhole) {
  const auto gz = [](const char* packed) { return refusal(packed, "A-1h.csv.gz"); };
  EXPECT_THAT(gz("cut.csv.gz"), HasSubstr("A-1h.csv.gz: cannot be unpacked: "));
  EXPECT_THAT(gz("damaged.csv.gz"), HasSubstr("A-1h.csv.gz: cannot be unpacked: "));
  EXPECT_THAT(gz("plain.csv.gz"), HasSubstr("A-1h.csv.gz: is not gzip, as its name says"));
  const auto zip = [](const char* packed) { return refusal(packed, "A-1h.zip"); };
  EXPECT_THAT(zip("damaged.zip"), HasSubstr("A-1h.zip: cannot be unpacked: CRC"));
  EXPECT_THAT(zip("plain.zip"), HasSubstr("A-1h.zip: cannot be unpacked: Not a zip archive"));
  EXPECT_THAT(zip("two.zip"), HasSubstr("is an archive of 2 files; expected one"));
  EXPECT_THAT(zip("none.zip"), HasSubstr("is an archive of 0 files; expected one"));
}

TEST(Packed, ALittleFileThatUnpacksToALotIsGivenUp) {
  EXPECT_THAT(refusal("bomb.csv.gz", "A-1h.csv.gz"), HasSubstr("holds more bytes, unpacked"));
  EXPECT_THAT(refusal("bomb.zip", "A-1h.zip"), HasSubstr("holds more bytes, unpacked"));
}

TEST(Packed, LimitsAreOfWhatIsUnpacked) {
  const Limits file{.csv_bytes = 120};  // there are 127
  EXPECT_THAT(refusal("good.csv.gz", "A-1h.csv.gz", file), HasSubstr("holds more bytes, unpacked"));
  Folder folder;
  for (const char* name : {"A-1h.csv.gz", "B-1h.csv.gz"}) {
    std::filesystem::copy_file(std::filesystem::path(BOURSE_PACKED) / "good.csv.gz",
                               folder.path() / name);
  }
  const Recording recording = load(folder.path(), std::nullopt, {.total_bytes = 250});
  EXPECT_EQ(recording.markets.at("A").series.size(), 1u);
  EXPECT_THAT(recording.markets.at("B").bad_candles.first_file,
              HasSubstr("more than what is left of the bytes that a folder may have"));
}

}  // namespace
}  // namespace bourse::replay
