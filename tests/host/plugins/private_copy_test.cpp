// SPDX-License-Identifier: MIT
#include "host/plugins/private_copy.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "host/plugins/digest.hpp"
#include "host/plugins/library.hpp"
#include "tests/host/plugins/sandbox.hpp"

namespace bourse::host {
namespace {

constexpr auto kFolder = PrivateCopy::Where::kFolder;

TEST(PrivateCopy, InMemoryHoldsTheBytesAndCannotBeChanged) {
  const auto copy = PrivateCopy::make("some bytes", "a/b.so", "0123456789abcdef0123");
  ASSERT_TRUE(copy) << copy.failure().message;
  ASSERT_TRUE(copy->path().string().starts_with("/proc/" + std::to_string(getpid()) + "/fd/"))
      << "this machine forbids memfd_create";
  EXPECT_EQ(read_bytes(copy->path()), "some bytes");
  EXPECT_NE(std::filesystem::read_symlink(copy->path()).string().find("a_b.so.0123456789abcdef"),
            std::string::npos);
  const int fd = open(copy->path().c_str(), O_RDWR);
  EXPECT_EQ(fd >= 0 ? write(fd, "x", 1) : -1, -1) << "it is not sealed";
  if (fd >= 0) close(fd);
}

TEST(PrivateCopy, InAFolderIsForThisUserOnlyAndLeavesNothingBehind) {
  const Sandbox sandbox;
  setenv("XDG_RUNTIME_DIR", sandbox.root().c_str(), 1);
  std::optional<Result<PrivateCopy>> copy = PrivateCopy::make("bytes", "x.so", "abc", kFolder);
  unsetenv("XDG_RUNTIME_DIR");
  ASSERT_TRUE(copy->ok()) << copy->failure().message;
  const auto path = (*copy)->path();
  EXPECT_EQ(path.parent_path().parent_path(), sandbox.root());
  EXPECT_EQ(read_bytes(path), "bytes");
  struct stat facts = {};
  ASSERT_EQ(stat(path.parent_path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0700u);
  copy.reset();
  EXPECT_FALSE(std::filesystem::exists(path.parent_path()));
}

TEST(PrivateCopy, WithoutAnyPlaceIsAFailureThatSaysWhatToSet) {
  setenv("XDG_RUNTIME_DIR", "/dev/null", 1);
  const auto copy = PrivateCopy::make("bytes", "x.so", "abc", kFolder);
  unsetenv("XDG_RUNTIME_DIR");
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.failure().code, "cannot_copy");
  EXPECT_NE(copy.failure().message.find("XDG_RUNTIME_DIR"), std::string::npos);
}

TEST(PrivateCopy, ALibraryLoadsFromAFolderToo) {
  const auto bytes = read_bytes(fixture("good"));
  auto copy = PrivateCopy::make(bytes, "good.so", sha256_hex(bytes), kFolder);
  ASSERT_TRUE(copy) << copy.failure().message;
  const auto library = Library::open(*std::move(copy), "good.so", test_functions(), "fixture.good");
  ASSERT_TRUE(library) << library.failure().message;
  EXPECT_STREQ((*library)->declared()->name, "fixture.good");
}

}  // namespace
}  // namespace bourse::host
