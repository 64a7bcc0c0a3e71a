// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/block_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "plugins/sources/binance/client/time_text.hpp"
#include "tests/plugins/sources/binance/client/scratch.hpp"

namespace bourse::binance {
namespace {

constexpr std::int64_t kNowMs = 1'753'000'000'000;

TEST(BlockFile, SurvivesARestart) {
  const Scratch scratch;
  for (const ErrorKind kind : {ErrorKind::kBanned, ErrorKind::kFirewall, ErrorKind::kGeoBlock}) {
    ASSERT_FALSE(BlockFile(scratch.path("block"), "api.binance.com")
                     .save({kind, from_ms(kNowMs + 120'000)}));
    const auto block = BlockFile(scratch.path("block"), "api.binance.com").load(from_ms(kNowMs));
    ASSERT_TRUE(block.has_value());
    EXPECT_EQ(block->kind, kind);
    EXPECT_EQ(to_ms(block->until), kNowMs + 120'000);
  }
}

TEST(BlockFile, IsPrivateAndLeavesNoDraft) {
  const Scratch scratch;
  ASSERT_FALSE(BlockFile(scratch.path("block"), "h").save({ErrorKind::kBanned, from_ms(1)}));
  struct stat status {};
  ASSERT_EQ(::stat(scratch.path("block").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path("")), {}), 1);
}

TEST(BlockFile, OfAnotherHostOrThePastDoesNotCount) {
  const Scratch scratch;
  const BlockFile file(scratch.path("block"), "api.binance.com");
  ASSERT_FALSE(file.save({ErrorKind::kBanned, from_ms(kNowMs + 1000)}));
  EXPECT_TRUE(file.load(from_ms(kNowMs + 999)).has_value());
  EXPECT_FALSE(file.load(from_ms(kNowMs + 1000)).has_value());
  EXPECT_FALSE(BlockFile(scratch.path("block"), "testnet").load(from_ms(kNowMs)).has_value());
}

TEST(BlockFile, ToleratesAnyContent) {
  const Scratch scratch;
  const BlockFile file(scratch.path("block"), "h");
  const std::string good = "bourse-binance-block 1 h banned " + std::to_string(kNowMs + 1) + "\n";
  const auto loads = [&](const std::string& text) {
    static_cast<void>(scratch.write("block", text));
    return file.load(from_ms(kNowMs)).has_value();
  };
  EXPECT_TRUE(loads(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(loads(good.substr(0, size))) << size;
  }
  for (const std::string& text : {
           std::string("\0\0\0\0", 4),
           std::string(100'000, 'x'),
           good + good,
           good + "x",
           std::string("bourse-binance-block 2 h banned 1753000000001\n"),
           std::string("bourse-binance-block 1 h server 1753000000001\n"),
           std::string("bourse-binance-block 1 h banned 99999999999999999999\n"),
           std::string("bourse-binance-block 1 h banned 9223372036854775807\n"),
           std::string("bourse-binance-block 1 h banned -1\n"),
           std::string("bourse-binance-block 1 h banned 1753000000001x\n"),
           std::string("bourse-binance-block 1 h banned  1753000000001\n"),
           "bourse-binance-block 1 h banned " + std::to_string(kNowMs + 8LL * 86'400'000) + "\n",
       }) {
    EXPECT_FALSE(loads(text)) << text.substr(0, 80);
  }
}

TEST(BlockFile, ThatIsNoFileIsNoBlockAndNoHang) {
  const Scratch scratch;
  const auto load = [&](const std::string& name) {
    return BlockFile(scratch.path(name), "h").load(from_ms(kNowMs)).has_value();
  };
  EXPECT_FALSE(load("missing"));
  EXPECT_FALSE(load(""));
  ASSERT_EQ(::mkfifo(scratch.path("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(load("fifo"));
  std::filesystem::create_symlink("/dev/zero", scratch.path("link"));
  EXPECT_FALSE(load("link"));
}

TEST(BlockFile, SaysWhyItCannotBeWritten) {
  const auto save = [](const std::string& path) {
    const BlockFile file(path, "h");
    EXPECT_EQ(file.try_out(), file.save({ErrorKind::kBanned, from_ms(1)})) << path;
    return file.save({ErrorKind::kBanned, from_ms(1)});
  };
  EXPECT_EQ(save("/nonexistent/folder/block"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(save("/proc/block"), std::errc::no_such_file_or_directory);
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("folder"));
  EXPECT_EQ(save(scratch.path("folder")), std::errc::is_a_directory);
  EXPECT_EQ(save(scratch.write("file", "x") + "/block"), std::errc::not_a_directory);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path("")), {}), 2)
      << "a draft was left";
}

TEST(BlockFile, ThatIsTriedOutIsLeftAsItWas) {
  const Scratch scratch;
  const BlockFile file(scratch.path("block"), "h");
  EXPECT_FALSE(file.try_out());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path("")), {}), 0);
  ASSERT_FALSE(file.save({ErrorKind::kBanned, from_ms(kNowMs + 1)}));
  EXPECT_FALSE(file.try_out());
  EXPECT_TRUE(file.load(from_ms(kNowMs)).has_value());
}

}  // namespace
}  // namespace bourse::binance
