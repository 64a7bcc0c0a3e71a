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
#include "tests/host/support/temp_folder.hpp"

namespace bourse::host::test {
namespace {

namespace fs = std::filesystem;

class Watched : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder / "plugins");
    write("bourse.yaml", "one");
    read();
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
  }
  /// Reads the file, the plugins and, when it is there, the secret.
  void read() {
    Inputs now;
    now.add_file(folder / "bourse.yaml");
    now.add_folder(folder / "plugins", "*.so");
    if (fs::exists(folder / "secrets/token")) now.add_file(folder / "secrets/token");
    const std::lock_guard lock(mutex);
    inputs = std::move(now);
  }
  Watch::Read what_was_read() {
    return [this] {
      const std::lock_guard lock(mutex);
      return inputs;
    };
  }
  /// Reads again, as a reload does, before the test learns of it.
  Watch::Changed reading() {
    return [this](const fs::path& what) {
      read();
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

  TempFolder temporary;
  const fs::path folder = temporary.path();
  Inputs inputs;
  std::mutex mutex;
  std::condition_variable happened;
  Names changes;
};

TEST_F(Watched, ANewFileThatFitsAPatternIsAChange) {
  fs::create_directory(folder / "routes");
  Inputs now;
  now.add_file(folder / "bourse.yaml");
  now.add_folder(folder / "routes", "*.yaml");
  {
    const std::lock_guard lock(mutex);
    inputs = now;
  }
  const Inputs before = now.again();
  EXPECT_FALSE(difference(before, now.again()));
  write("routes/.new.yaml.swp", "an editor's");
  write("routes/notes.txt", "no route");
  EXPECT_FALSE(difference(before, now.again()));
  Watch watch(what_was_read(), reading());
  write("routes/new.yaml", "one");
  EXPECT_EQ(wait_for(1), std::vector<std::string>{"new.yaml"});
}

TEST_F(Watched, AFileThatIsWrittenOrReplacedIsOneChangeEach) {
  const Watch watch(what_was_read(), reading());
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
  read();
  const Watch watch(what_was_read(), reading());
  fs::create_directory_symlink("..2", folder / "..tmp");
  fs::rename(folder / "..tmp", folder / "..data");
  EXPECT_EQ(wait_for(1), Names{"bourse.yaml"});
  write("plugins/a.so", "");
  EXPECT_EQ(wait_for(2), (Names{"bourse.yaml", "a.so"})) << "it was one";
}

TEST_F(Watched, AFileThatSomebodyStillWritesIsNotThereYet) {
  const Watch watch(what_was_read(), reading());
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
  const Watch watch(what_was_read(), reading());
  write("notes.txt", "nothing");
  write("plugins/readme.txt", "nothing");
  write("plugins/a.so", "1");
  EXPECT_EQ(wait_for(1), Names{"a.so"});
  write("plugins/a.so", "2");
  EXPECT_EQ(wait_for(2).size(), 2U);
  fs::remove(folder / "plugins/a.so");
  EXPECT_EQ(wait_for(3), (Names{"a.so", "a.so", "a.so"}));
}

TEST_F(Watched, WhatTheNextReadingReadsIsLookedAfterFromThen) {
  const Watch watch(what_was_read(), reading());
  fs::create_directory(folder / "secrets");
  write("secrets/token", "old");
  write("bourse.yaml", "two");
  EXPECT_EQ(wait_for(1), Names{"bourse.yaml"});
  write("secrets/token", "new");
  EXPECT_EQ(wait_for(2), (Names{"bourse.yaml", "token"}));
}

TEST_F(Watched, WhatChangedBetweenTheReadingAndTheWatchIsSeen) {
  write("bourse.yaml", "two");
  const Watch watch(what_was_read(), reading());
  EXPECT_EQ(wait_for(1), Names{"bourse.yaml"});
}

TEST_F(Watched, WhatIsNotReadAgainIsToldOnce) {
  const Watch watch(what_was_read(), [this](const fs::path& what) {
    const std::lock_guard lock(mutex);
    changes.push_back(what.filename().string());
    happened.notify_all();
  });
  write("bourse.yaml", "two");
  EXPECT_EQ(wait_for(1), Names{"bourse.yaml"});
  write("plugins/a.so", "");
  EXPECT_EQ(wait_for(2), (Names{"bourse.yaml", "a.so"}));
}

}  // namespace
}  // namespace bourse::host::test
