// SPDX-License-Identifier: MIT
//
// Real files, and what people and programs do with them.
#include "host/cli/watch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "tests/host/support/gate.hpp"

namespace bourse::host::test {
namespace {

namespace fs = std::filesystem;

class Watched : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "watch-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    fs::create_directory(folder / "plugins");
    write("bourse.yaml", "one");
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
  }
  Watch::Where these(std::vector<fs::path> files) const {
    return [=, plugins = folder / "plugins"] { return Inputs{files, {plugins}}; };
  }
  Watch::Changed count() {
    return [this](const fs::path& what) {
      const std::lock_guard lock(mutex);
      changes.push_back(what.filename().string());
      happened.notify_all();
    };
  }
  /// Waits for so many changes; then there are no more of those that came before them.
  std::vector<std::string> wait_for(std::size_t number) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(happened.wait_for(lock, kHardLimit, [&] { return changes.size() >= number; }));
    return changes;
  }
  using Names = std::vector<std::string>;

  fs::path folder;
  std::mutex mutex;
  std::condition_variable happened;
  Names changes;
};

TEST_F(Watched, AFileThatIsWrittenOrReplacedIsOneChangeEach) {
  const Watch watch(these({folder / "bourse.yaml"}), count());
  write("bourse.yaml", "two");
  EXPECT_EQ(wait_for(1), Names{"bourse.yaml"});
  // As editors do: another file takes the name.
  write("bourse.yaml~", "three");
  fs::rename(folder / "bourse.yaml~", folder / "bourse.yaml");
  EXPECT_EQ(wait_for(2), (Names{"bourse.yaml", "bourse.yaml"}));
  fs::remove(folder / "bourse.yaml");
  EXPECT_EQ(wait_for(3).size(), 3U);
  write("bourse.yaml", "four");
  EXPECT_EQ(wait_for(4).size(), 4U);
}

// As Kubernetes replaces what it mounts: bourse.yaml -> ..data/bourse.yaml, ..data -> ..1.
TEST_F(Watched, ALinkAboveAFileThatIsTurnedIsOneChange) {
  for (const char* const version : {"..1", "..2"}) {
    fs::create_directory(folder / version);
    write(std::string(version) + "/bourse.yaml", version);
  }
  fs::create_directory_symlink("..1", folder / "..data");
  fs::remove(folder / "bourse.yaml");
  fs::create_symlink("..data/bourse.yaml", folder / "bourse.yaml");
  const Watch watch(these({folder / "bourse.yaml"}), count());
  fs::create_directory_symlink("..2", folder / "..tmp");
  fs::rename(folder / "..tmp", folder / "..data");
  EXPECT_EQ(wait_for(1), Names{"bourse.yaml"});
  write("plugins/a.so", "");
  EXPECT_EQ(wait_for(2), (Names{"bourse.yaml", "a.so"})) << "it was one";
}

TEST_F(Watched, AFileThatSomebodyStillWritesIsNotThereYet) {
  const Watch watch(these({folder / "bourse.yaml"}), count());
  std::ofstream half(folder / "bourse.yaml");
  half << "half" << std::flush;
  // Long enough for a reload of the half, were it not for the writer.
  {
    std::unique_lock lock(mutex);
    EXPECT_FALSE(
        happened.wait_for(lock, std::chrono::milliseconds(600), [&] { return !changes.empty(); }));
  }
  half << "whole";
  half.close();
  EXPECT_EQ(wait_for(1), Names{"bourse.yaml"});
  write("plugins/a.so", "");
  EXPECT_EQ(wait_for(2), (Names{"bourse.yaml", "a.so"})) << "it was one";
}

TEST_F(Watched, PluginsThatComeChangeAndGoAreChangesAndOtherFilesAreNone) {
  const Watch watch(these({folder / "bourse.yaml"}), count());
  write("notes.txt", "nothing");
  write("plugins/readme.txt", "nothing");
  write("plugins/a.so", "1");
  EXPECT_EQ(wait_for(1), Names{"a.so"});
  write("plugins/a.so", "2");
  EXPECT_EQ(wait_for(2).size(), 2U);
  fs::remove(folder / "plugins/a.so");
  EXPECT_EQ(wait_for(3), (Names{"a.so", "a.so", "a.so"}));
}

TEST_F(Watched, WhatIsNewAmongTheFilesIsNoChangeButChangesFromThenOn) {
  std::mutex of_files;
  std::vector<fs::path> files = {folder / "bourse.yaml"};
  fs::create_directory(folder / "secrets");
  write("secrets/token", "old");
  const Watch watch(
      [&] {
        const std::lock_guard lock(of_files);
        return Inputs{files, {}};
      },
      count());
  {
    const std::lock_guard lock(of_files);
    files.push_back(folder / "secrets/token");
  }
  write("bourse.yaml", "two");
  EXPECT_EQ(wait_for(1), Names{"bourse.yaml"});
  write("secrets/token", "new");
  EXPECT_EQ(wait_for(2), (Names{"bourse.yaml", "token"}));
}

}  // namespace
}  // namespace bourse::host::test
