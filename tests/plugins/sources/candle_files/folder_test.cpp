// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/folder.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <new>
#include <string>
#include <vector>

#include "plugins/sources/candle_files/bytes.hpp"

namespace {

/// How many allocations of the process still succeed before one fails; negative: all do.
int left = -1;

}  // namespace

void* operator new(std::size_t bytes) {
  if (left == 0) throw std::bad_alloc();
  if (left > 0) --left;
  if (void* const block = std::malloc(bytes)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace bourse::candle_files {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string made = testing::TempDir() + "bourse-folder-XXXXXX";
    ASSERT_NE(::mkdtemp(made.data()), nullptr);
    path_ = made;
  }
  void TearDown() override { fs::remove_all(path_); }

  fs::path path_;
};

std::vector<std::string> names_in(const fs::path& path) {
  Folder folder(path);
  std::vector<std::string> names;
  while (const char* const name = folder.next()) names.emplace_back(name);
  return names;
}

TEST_F(FolderTest, NamesAllThatIsInItAndNotItself) {
  const std::vector<std::string> names{".hidden", "BTCUSDT-1m-2024-01.zip", "币安人生USDT",
                                       "inner"};
  for (const std::string& name : names) std::ofstream(path_ / name).flush();
  EXPECT_THAT(names_in(path_), UnorderedElementsAreArray(names));
}

TEST_F(FolderTest, WhatIsNoneIsToldWithItsReason) {
  std::ofstream(path_ / "file").flush();
  for (const auto& [name, reason] :
       {std::pair{"file", "Not a directory"}, std::pair{"nothing", "No such file or directory"}}) {
    try {
      const Folder folder(path_ / name);
      FAIL() << name;
    } catch (const bourse::Error& error) {
      EXPECT_EQ(error.code(), "bad_recording");
      EXPECT_THAT(error.message(), HasSubstr(name));
      EXPECT_THAT(error.message(), HasSubstr(reason));
    }
  }
}

// std::filesystem's iterators end the process then: they make a path where nothing may be thrown.
TEST_F(FolderTest, WithoutMemoryItThrowsWhateverAllocationFails) {
  const std::string name(200, 'n');
  std::ofstream(path_ / name).flush();
  int failures = 0;
  for (int allowed = 0;; ++allowed) {
    left = allowed;
    try {
      const std::vector<std::string> names = names_in(path_);
      left = -1;
      ASSERT_EQ(names, std::vector<std::string>{name});
      break;
    } catch (const std::bad_alloc&) {
      left = -1;
      ++failures;
    }
  }
  EXPECT_GT(failures, 2);
}

}  // namespace
}  // namespace bourse::candle_files
