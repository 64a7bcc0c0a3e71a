// SPDX-License-Identifier: MIT
#include "host/plugins/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tests/host/plugins/sandbox.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

std::string code_of(const fs::path& file, const fs::path& folder) {
  const auto bytes = read_trusted(file, folder);
  return bytes ? "accepted" : bytes.failure().code;
}
std::string code_of_folder(const fs::path& folder) {
  const auto canonical = open_folder(folder);
  return canonical ? "accepted" : canonical.failure().code;
}

TEST(TrustedFile, OfTheUserWithTidyRightsIsReadWhole) {
  const Sandbox sandbox;
  const auto file = sandbox.add_bytes(std::string("a\0b", 3), "x.so");
  const auto bytes = read_trusted(file, sandbox.plugins());
  ASSERT_TRUE(bytes) << bytes.failure().message;
  EXPECT_EQ(*bytes, std::string("a\0b", 3));
}

TEST(TrustedFile, ThatOthersMayWriteIsRefusedWithTheRemedy) {
  const Sandbox sandbox;
  const auto file = sandbox.add_bytes("x", "x.so");
  chmod(file.c_str(), 0646);
  const auto bytes = read_trusted(file, sandbox.plugins());
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.failure().code, "world_writable");
  EXPECT_NE(bytes.failure().message.find("chmod o-w " + file.string()), std::string::npos);
}

TEST(TrustedFile, MayBeWritableByThePrimaryGroupOnly) {
  const Sandbox sandbox;
  const auto file = sandbox.add_bytes("x", "x.so");
  chmod(file.c_str(), 0664);
  EXPECT_EQ(code_of(file, sandbox.plugins()), "accepted");
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file to another group";
  ASSERT_EQ(chown(file.c_str(), 0, getegid() + 4321), 0);
  EXPECT_EQ(code_of(file, sandbox.plugins()), "group_writable");
}

TEST(TrustedFile, OfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
  const Sandbox sandbox;
  const auto file = sandbox.add_bytes("x", "x.so");
  ASSERT_EQ(chown(file.c_str(), 4321, getegid()), 0);
  EXPECT_EQ(code_of(file, sandbox.plugins()), "untrusted_owner");
  ASSERT_EQ(chown(sandbox.plugins().c_str(), 4321, getegid()), 0);
  EXPECT_EQ(code_of_folder(sandbox.plugins()), "untrusted_owner");
}

TEST(TrustedFile, ThatCannotBeOpenedIsRefusedAndNotFatal) {
  const Sandbox sandbox;
  const auto loop = sandbox.plugins() / "loop.so";
  fs::create_symlink(loop, loop);
  EXPECT_EQ(code_of(loop, sandbox.plugins()), "cannot_open");
  EXPECT_EQ(code_of(sandbox.plugins() / "absent.so", sandbox.plugins()), "cannot_open");
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const auto file = sandbox.add_bytes("x", "x.so");
  chmod(file.c_str(), 0);
  EXPECT_EQ(code_of(file, sandbox.plugins()), "cannot_open");
}

TEST(TrustedFile, MustBeARegularFile) {
  const Sandbox sandbox;
  fs::create_directory(sandbox.plugins() / "folder.so");
  EXPECT_EQ(code_of(sandbox.plugins() / "folder.so", sandbox.plugins()), "not_a_regular_file");
  const auto pipe = sandbox.plugins() / "pipe.so";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(code_of(pipe, sandbox.plugins()), "not_a_regular_file") << "and must not hang";
}

TEST(TrustedFile, HasABoundedSize) {
  const Sandbox sandbox;
  const auto file = sandbox.add_bytes("", "x.so");
  fs::resize_file(file, kLibraryBytesMax + 1);  // sparse: costs nothing
  EXPECT_EQ(code_of(file, sandbox.plugins()), "too_large");
}

TEST(TrustedFile, MayBeALinkThatStaysInside) {
  const Sandbox sandbox;
  fs::create_directory(sandbox.plugins() / "2.0");
  chmod((sandbox.plugins() / "2.0").c_str(), 0755);
  write_bytes(sandbox.plugins() / "2.0/x.so", "x");
  fs::create_symlink("2.0/x.so", sandbox.plugins() / "x.so");
  EXPECT_EQ(code_of(sandbox.plugins() / "x.so", sandbox.plugins()), "accepted");
  chmod((sandbox.plugins() / "2.0").c_str(), 0777);
  EXPECT_EQ(code_of(sandbox.plugins() / "x.so", sandbox.plugins()), "world_writable");
}

TEST(TrustedFile, MayNotBeALinkThatLeavesOrLeadsNowhere) {
  const Sandbox sandbox;
  write_bytes(sandbox.root() / "outside.so", "x");
  fs::create_symlink("../outside.so", sandbox.plugins() / "x.so");
  EXPECT_EQ(code_of(sandbox.plugins() / "x.so", sandbox.plugins()), "outside_folder");
  // A sibling whose name begins like the folder's is outside.
  fs::create_directory(sandbox.root() / "plugins-old");
  write_bytes(sandbox.root() / "plugins-old/x.so", "x");
  fs::create_symlink("../plugins-old/x.so", sandbox.plugins() / "y.so");
  EXPECT_EQ(code_of(sandbox.plugins() / "y.so", sandbox.plugins()), "outside_folder");
  fs::create_symlink("nowhere", sandbox.plugins() / "z.so");
  EXPECT_EQ(code_of(sandbox.plugins() / "z.so", sandbox.plugins()), "dangling_link");
}

TEST(TrustedFolder, MustExistAndBeAFolder) {
  const Sandbox sandbox;
  EXPECT_EQ(code_of_folder(sandbox.plugins()), "accepted");
  EXPECT_EQ(code_of_folder(sandbox.root() / "absent"), "no_such_folder");
  EXPECT_EQ(code_of_folder(sandbox.add_bytes("x", "x.so")), "not_a_folder");
  EXPECT_EQ(code_of_folder(""), "no_such_folder");
}

TEST(TrustedFolder, ThatOthersMayWriteIsRefusedStickyOrNot) {
  const Sandbox sandbox;
  chmod(sandbox.plugins().c_str(), 0777);
  EXPECT_EQ(code_of_folder(sandbox.plugins()), "world_writable");
  chmod(sandbox.plugins().c_str(), 01777);
  EXPECT_EQ(code_of_folder(sandbox.plugins()), "world_writable");
}

TEST(TrustedFolder, InAParentThatOthersMayRearrangeIsRefused) {
  const Sandbox sandbox;
  chmod(sandbox.root().c_str(), 0777);
  EXPECT_EQ(code_of_folder(sandbox.plugins()), "world_writable");
  chmod(sandbox.root().c_str(), 01777);
  EXPECT_EQ(code_of_folder(sandbox.plugins()), "accepted");
}

TEST(TrustedFolder, ListsLibrariesByNameAndNothingElse) {
  const Sandbox sandbox;
  for (const auto* name : {"b.so", "a.so", ".hidden.so", "c.so.1", "README.md", "so"}) {
    sandbox.add_bytes("x", name);
  }
  const auto files = list_libraries(sandbox.plugins());
  ASSERT_TRUE(files) << files.failure().message;
  EXPECT_EQ(*files,
            (std::vector<fs::path>{sandbox.plugins() / "a.so", sandbox.plugins() / "b.so"}));
}

TEST(TrustedFolder, NamesAreMadeHarmlessInMessages) {
  const Sandbox sandbox;
  const auto file = sandbox.add_bytes("x", "a\nERROR forged.so");
  chmod(file.c_str(), 0666);
  const auto bytes = read_trusted(file, sandbox.plugins());
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.failure().message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace bourse::host
