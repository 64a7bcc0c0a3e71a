// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "host/plugins/digest.hpp"
#include "host/plugins/elf.hpp"
#include "host/plugins/foreign_call.hpp"
#include "host/plugins/instance.hpp"
#include "host/plugins/load.hpp"
#include "tests/host/plugins/sandbox.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

int answer_of(const Catalog& catalog) {
  const auto component = catalog.find_analysis("echo");
  if (component == nullptr) return -1;
  const auto instance =
      Instance::create(component, nullptr, Arguments({"limit"}, {Value::integer(1)}));
  return instance ? *static_cast<const int*>((*instance)->extension("answer")) : -2;
}

// The one refusal, when there is exactly one and nothing was accepted.
Failure sole_refusal(const Loaded& loaded) {
  EXPECT_TRUE(loaded.catalog->plugins().empty());
  EXPECT_EQ(loaded.refusals.size(), 1u);
  return loaded.refusals.empty() ? Failure{} : loaded.refusals[0].why;
}

void expect_refused(const std::string& name, const std::string& code, const std::string& words) {
  SCOPED_TRACE(name);
  const Sandbox sandbox;
  const auto file = sandbox.add(name);
  const auto loaded = load_from(sandbox.plugins());
  const auto why = sole_refusal(loaded);
  EXPECT_EQ(why.code, code);
  EXPECT_THAT(why.message, StartsWith(file.string() + ": "));
  EXPECT_THAT(why.message, HasSubstr(words));
  if (!loaded.refusals.empty()) {
    EXPECT_EQ(loaded.refusals[0].file, file);
  }
}

TEST(Loader, AGoodPluginIsInTheCatalogWithAllItsFacts) {
  const Sandbox sandbox;
  const auto file = sandbox.add("good");
  const auto loaded = load_from(sandbox.plugins());
  ASSERT_TRUE(loaded.refusals.empty()) << loaded.refusals[0].why.message;
  ASSERT_EQ(loaded.catalog->plugins().size(), 1u);
  const auto& plugin = *loaded.catalog->plugins()[0];
  EXPECT_EQ(plugin.name, "fixture.good");
  EXPECT_EQ(plugin.version, "1.2.3");
  EXPECT_EQ(plugin.vendor, "The test authors");
  EXPECT_EQ(plugin.license, "MIT");
  EXPECT_EQ(plugin.url, "");
  EXPECT_EQ(plugin.file, file);
  EXPECT_EQ(plugin.sha256, sha256_hex(read_bytes(file)));
  ASSERT_EQ(plugin.components.size(), 3u);

  const auto analysis = loaded.catalog->find_analysis("echo");
  ASSERT_NE(analysis, nullptr);
  EXPECT_EQ(analysis->full_name(), "fixture.good/echo");
  EXPECT_EQ(analysis->version, "1.2.3");
  EXPECT_EQ(analysis->flags, BOURSE_COMPONENT_PURE);
  EXPECT_EQ(analysis->file, file);
  EXPECT_EQ(analysis->doc, "Says\nnothing.");
  const auto serializer = loaded.catalog->find_serializer("echo-text");
  ASSERT_NE(serializer, nullptr);
  EXPECT_EQ(serializer->media_type, "text/plain; charset=utf-8");
  EXPECT_EQ(serializer->suffix, "txt");
  const auto source = loaded.catalog->find_source("echo-source");
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->datasets[0].fields[0].name, "price");
  EXPECT_EQ(loaded.catalog->find_source("echo"), nullptr) << "kinds have names of their own";
  EXPECT_EQ(loaded.catalog->find_analysis("ech"), nullptr);
  EXPECT_EQ(loaded.catalog->analyses().size(), 1u);
  EXPECT_EQ(loaded.catalog->sources().size(), 1u);
  EXPECT_EQ(loaded.catalog->serializers().size(), 1u);
}

TEST(Loader, OtherExportsAndAStrippedSymbolTableAreFine) {
  for (const auto* name : {"chatty", "stripped"}) {
    const Sandbox sandbox;
    sandbox.add(name);
    const auto loaded = load_from(sandbox.plugins());
    EXPECT_TRUE(loaded.refusals.empty()) << loaded.refusals[0].why.message;
    EXPECT_EQ(answer_of(*loaded.catalog), 1);
  }
}

TEST(Loader, EachBrokenPluginIsRefusedWithItsReason) {
  expect_refused("no_entry", "no_entry", "does not export bourse_plugin_v1");
  expect_refused("no_manifest", "no_manifest", "BOURSE_MANIFEST");
  expect_refused("misnamed", "manifest_mismatch", "\"fixture.impostor\"");
  expect_refused("next_abi", "wrong_abi", "is built for ABI 2, this host speaks ABI 1");
  expect_refused("lying_minor", "manifest_mismatch", "asks for ABI minor 1");
  expect_refused("refuses", "refuses", "returned NULL");
  expect_refused("null_components", "bad_descriptor", "3 components in a null array");
  expect_refused("unresolved", "cannot_load", "fixture_function_that_nobody_defines");
  expect_refused("executable_stack", "executable_stack", "-z noexecstack");
  expect_refused("failing_init", "init_failed", "status 503");
  expect_refused("throwing_entry", "plugin_threw", "no entry for hosts");
  expect_refused("throwing_init", "plugin_threw", "init has a bad day");
  expect_refused("throwing_int", "plugin_threw", "not a std::exception");
}

TEST(Loader, APluginThatNeedsALaterMinorIsRefusedBeforeAnyOfItsCodeRuns) {
  // Its constructors and its entry would end the process.
  expect_refused("newer_minor", "needs_newer_host",
                 "needs ABI 1.4000000000, this host has 1." + std::to_string(BOURSE_ABI_MINOR));
}

TEST(Loader, EveryComponentIsGivenTheTableOfItsPlugin) {
  const Sandbox sandbox;
  sandbox.add("good");
  sandbox.add("throwing");
  const auto loaded = load_from(sandbox.plugins());
  const auto echo = loaded.catalog->find_analysis("echo");
  const auto text = loaded.catalog->find_serializer("echo-text");
  const auto other = loaded.catalog->find_analysis("throw-analysis");
  ASSERT_TRUE(echo != nullptr && text != nullptr && other != nullptr);
  EXPECT_EQ(echo->host, text->host);
  EXPECT_NE(echo->host, other->host);
  EXPECT_STREQ(echo->host->version, "0.0.0-test");
  EXPECT_EQ(PluginHost::plugin_of(echo->host), "fixture.good");
  EXPECT_EQ(PluginHost::plugin_of(other->host), "fixture.throwing");
  EXPECT_EQ(PluginHost::plugin_of(&test_host()), "") << "of none";
  EXPECT_EQ(PluginHost::plugin_of(nullptr), "");
}

TEST(Loader, ATableIsForgottenWithItsLibrary) {
  const Sandbox sandbox;
  sandbox.add("good");
  auto loaded = load_from(sandbox.plugins());
  const bourse_host* const table = loaded.catalog->find_analysis("echo")->host;
  loaded.catalog.reset();
  EXPECT_EQ(PluginHost::plugin_of(table), "");
}

TEST(Loader, TheDynamicLoadersWordsNameTheFileNotTheCopy) {
  const Sandbox sandbox;
  sandbox.add("unresolved");
  const auto why = sole_refusal(load_from(sandbox.plugins()));
  EXPECT_EQ(why.message.find("/proc/self"), std::string::npos) << why.message;
  EXPECT_EQ(why.message.find("boost"), std::string::npos) << why.message;
}

TEST(Loader, OneBadFileDoesNotKeepTheOthersOut) {
  const Sandbox sandbox;
  sandbox.add("misnamed", "a.so");
  sandbox.add("good", "b.so");
  fs::create_directory(sandbox.plugins() / "c.so");
  ASSERT_EQ(mkfifo((sandbox.plugins() / "d.so").c_str(), 0600), 0);
  const auto loaded = load_from(sandbox.plugins());
  EXPECT_EQ(answer_of(*loaded.catalog), 1);
  ASSERT_EQ(loaded.refusals.size(), 3u);
  EXPECT_EQ(loaded.refusals[0].why.code, "manifest_mismatch");
  EXPECT_EQ(loaded.refusals[1].why.code, "not_a_regular_file");
  EXPECT_EQ(loaded.refusals[2].why.code, "not_a_regular_file");
}

TEST(Loader, AMissingFolderIsARefusalAndTheOthersAreSearched) {
  const Sandbox sandbox;
  sandbox.add("good");
  const auto absent = sandbox.root() / "absent";
  const auto loaded =
      load_plugins({.folders = {absent, sandbox.plugins(), sandbox.plugins() / "../plugins"},
                    .host = &test_functions()});
  EXPECT_EQ(answer_of(*loaded.catalog), 1);
  ASSERT_EQ(loaded.refusals.size(), 1u) << "a folder named twice is searched once";
  EXPECT_EQ(loaded.refusals[0].file, absent);
  EXPECT_EQ(loaded.refusals[0].why.code, "no_such_folder");
  EXPECT_THAT(loaded.refusals[0].why.message, HasSubstr("create it"));
}

TEST(Loader, NothingRunsOfAFileThatIsRefusedByItsLooks) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  const auto file = sandbox.add("good");
  chmod(file.c_str(), 0666);
  EXPECT_EQ(sole_refusal(load_from(sandbox.plugins())).code, "world_writable");
  chmod(file.c_str(), 0644);
  chmod(sandbox.plugins().c_str(), 01777);
  EXPECT_EQ(sole_refusal(load_from(sandbox.plugins())).code, "world_writable");
  chmod(sandbox.plugins().c_str(), 0755);
  EXPECT_EQ(diary.text(), "");
  (void)load_from(sandbox.plugins());
  EXPECT_EQ(diary.text(), "constructed\ninit\ndeinit\ndestructed\n") << "the diary works";
}

TEST(Loader, NothingRunsOfATruncatedFile) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  const auto bytes = read_bytes(fixture("good"));
  for (std::size_t size = 0; size < bytes.size(); size += 512) {
    SCOPED_TRACE("cut to " + std::to_string(size) + " bytes");
    sandbox.add_bytes(std::string_view(bytes).substr(0, size), "cut.so");
    ASSERT_THAT(sole_refusal(load_from(sandbox.plugins())).code,
                testing::AnyOf("damaged_library", "not_a_library"));
  }
  EXPECT_EQ(diary.text(), "");
}

// Loads what is in the folder in a process of its own; true if that process came through.
bool survives_loading(const Sandbox& sandbox, const Diary& diary) {
  const pid_t child = fork();
  if (child == 0) {
    const auto loaded = load_from(sandbox.plugins());
    const bool by_its_looks =
        !loaded.refusals.empty() && (loaded.refusals[0].why.code == "damaged_library" ||
                                     loaded.refusals[0].why.code == "not_a_library" ||
                                     loaded.refusals[0].why.code == "no_entry");
    _exit(by_its_looks && !diary.text().empty() ? 1 : 0);
  }
  int status = -1;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Loader, NoBentByteOfTheHeadersKillsTheHost) {
  const Sandbox sandbox;
  const auto bytes = read_bytes(fixture("good"));
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto end = header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr);
  int tried = 0;
  for (std::size_t at = 0; at < end; ++at) {
    // All bits of the byte, then one of them, a different one for each byte.
    for (const unsigned mask : {0xffu, 1u << (at % 8)}) {
      auto bent = bytes;
      bent[at] = static_cast<char>(bent[at] ^ mask);
      if (!ElfLibrary::parse(bent)) continue;  // refused without running anything: elf_test.cpp
      sandbox.add_bytes(bent, "bent.so");
      const Diary diary(sandbox);
      ++tried;
      EXPECT_TRUE(survives_loading(sandbox, diary)) << "byte " << at << ", mask " << mask;
      fs::remove(sandbox.root() / "diary");
    }
  }
  EXPECT_GT(tried, 50) << "harmless bytes, such as physical addresses, must get this far";
}

TEST(Loader, APinnedFileIsLoadedOnlyIfItIsTheOne) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  const auto digest = sha256_hex(read_bytes(sandbox.add("good")));
  const auto load_pinned = [&](const std::string& pin) {
    return load_plugins(
        {.folders = {sandbox.plugins()}, .pins = {{"good.so", pin}}, .host = &test_functions()});
  };
  auto other = digest;
  other[0] = other[0] == '0' ? '1' : '0';
  const auto why = sole_refusal(load_pinned("sha256:" + other));
  EXPECT_EQ(why.code, "pin_mismatch");
  EXPECT_THAT(why.message, HasSubstr(digest));
  for (const auto& pin : {digest, std::string("sha256:"), std::string(), "sha512:" + digest,
                          "sha256:" + digest + "0", "sha256:" + std::string(64, 'g')}) {
    EXPECT_EQ(sole_refusal(load_pinned(pin)).code, "bad_pin") << pin;
  }
  EXPECT_EQ(diary.text(), "");
  auto upper = digest;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  EXPECT_EQ(answer_of(*load_pinned("sha256:" + digest).catalog), 1);
  EXPECT_EQ(answer_of(*load_pinned("sha256:" + upper).catalog), 1);
}

TEST(Loader, APinWithoutItsFileIsARefusal) {
  const Sandbox sandbox;
  const auto loaded = load_plugins({.folders = {sandbox.plugins()},
                                    .pins = {{"gone.so", "sha256:" + std::string(64, '0')}},
                                    .host = &test_functions()});
  const auto why = sole_refusal(loaded);
  EXPECT_EQ(why.code, "pinned_file_missing");
  EXPECT_THAT(why.message, StartsWith("gone.so: "));
}

TEST(Loader, OfTwoPluginsWithOneComponentTheLaterFileIsRefusedAndBothAreNamed) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  sandbox.add("same_id", "b.so");
  sandbox.add("good", "a.so");
  const auto loaded = load_from(sandbox.plugins());
  ASSERT_EQ(loaded.catalog->plugins().size(), 1u);
  EXPECT_EQ(loaded.catalog->plugins()[0]->name, "fixture.good");
  ASSERT_EQ(loaded.refusals.size(), 1u);
  EXPECT_EQ(loaded.refusals[0].why.code, "duplicate_id");
  EXPECT_THAT(loaded.refusals[0].why.message, HasSubstr((sandbox.plugins() / "a.so").string()));
  EXPECT_THAT(loaded.refusals[0].why.message, HasSubstr((sandbox.plugins() / "b.so").string()));
  EXPECT_EQ(diary.text(), "constructed\ninit\nconstructed\ndestructed\n")
      << "the second was looked at, but not started";
}

TEST(Loader, OfTwoPluginsWithOneNameTheLaterFileIsRefused) {
  const Sandbox sandbox;
  sandbox.add("good", "a.so");
  sandbox.add("same_name", "b.so");
  const auto loaded = load_from(sandbox.plugins());
  EXPECT_EQ(answer_of(*loaded.catalog), 1);
  ASSERT_EQ(loaded.refusals.size(), 1u);
  EXPECT_EQ(loaded.refusals[0].why.code, "duplicate_plugin");
  EXPECT_THAT(loaded.refusals[0].why.message, HasSubstr((sandbox.plugins() / "a.so").string()));
}

TEST(Loader, AReplacedFileRunsNewCodeWhileTheOldStillWorks) {
  const Sandbox sandbox;
  sandbox.add("good", "x.so");
  KeptPlugins kept;
  const auto before = load_from(sandbox.plugins(), kept);
  ASSERT_EQ(answer_of(*before.catalog), 1);
  sandbox.add("good_changed", "x.so");  // the same inode, written over in place
  const auto after = load_from(sandbox.plugins(), kept);
  EXPECT_EQ(answer_of(*after.catalog), 2);
  EXPECT_EQ(answer_of(*before.catalog), 1);
}

TEST(Loader, AReloadOfAnUnchangedFileKeepsTheRunningLibrary) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  sandbox.add("good");
  KeptPlugins kept;
  auto before = load_from(sandbox.plugins(), kept);
  const auto after = load_from(sandbox.plugins(), kept);
  EXPECT_EQ(after.catalog->plugins()[0], before.catalog->plugins()[0]);
  before.catalog.reset();
  EXPECT_EQ(diary.text(), "constructed\ninit\n");
}

TEST(Loader, AFileThatComesAndGoesIsLoadedAndStartedOnceForEachContent) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  KeptPlugins kept;
  for (int i = 0; i < 10; ++i) {
    for (const char* const content : {"good", "good_changed"}) {
      sandbox.add(content, "x.so");
      EXPECT_TRUE(load_from(sandbox.plugins(), kept).refusals.empty());
    }
    fs::remove(sandbox.plugins() / "x.so");
    EXPECT_TRUE(load_from(sandbox.plugins(), kept).catalog->plugins().empty());
  }
  EXPECT_EQ(kept.size(), 2u);
  EXPECT_EQ(diary.text(), "constructed\ninit\nconstructed\ninit\n");
  kept.clear();
  EXPECT_THAT(diary.text(), testing::EndsWith("deinit\ndestructed\ndeinit\ndestructed\n"));
}

TEST(Loader, AReloadStillChecksTheHandsThatAnUnchangedFileIsIn) {
  const Sandbox sandbox;
  const auto file = sandbox.add("good");
  KeptPlugins kept;
  const auto before = load_from(sandbox.plugins(), kept);
  chmod(file.c_str(), 0666);
  const auto after = load_from(sandbox.plugins(), kept);
  EXPECT_EQ(sole_refusal(after).code, "world_writable");
}

TEST(Loader, TwoLoadsOfOneFileShareNoState) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  sandbox.add("good");
  auto one = load_from(sandbox.plugins());
  const auto two = load_from(sandbox.plugins());
  one.catalog.reset();
  EXPECT_EQ(diary.text(), "constructed\ninit\nconstructed\ninit\ndeinit\ndestructed\n");
  EXPECT_EQ(answer_of(*two.catalog), 1);
}

TEST(Loader, ALibraryThatRefusesToBeUnloadedIsNotTakenForTheNext) {
  // glibc knows libraries by path: were /proc/self/fd/N given to the next one, it would get the
  // code of this one.
  const Sandbox sandbox;
  sandbox.add("clinging", "x.so");
  auto loaded = load_from(sandbox.plugins());
  ASSERT_EQ(answer_of(*loaded.catalog), 3);
  loaded.catalog.reset();
  sandbox.add("good_changed", "x.so");
  EXPECT_EQ(answer_of(*load_from(sandbox.plugins()).catalog), 2);
}

TEST(Loader, ManyReloadsLeaveNeitherDescriptorsNorMappings) {
  const Sandbox sandbox;
  sandbox.add("good");
  const auto open_files = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto mappings = [] {
    const auto maps = read_bytes("/proc/self/maps");
    std::size_t count = 0;
    for (auto at = maps.find("memfd:"); at != std::string::npos; at = maps.find("memfd:", at + 1)) {
      ++count;
    }
    return count;
  };
  adopt_process_state();  // for which the host holds a descriptor
  const auto files_before = open_files();
  const auto mappings_before = mappings();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(answer_of(*load_from(sandbox.plugins()).catalog), 1);
  EXPECT_EQ(open_files(), files_before);
  EXPECT_EQ(mappings(), mappings_before);
}

}  // namespace
}  // namespace bourse::host
