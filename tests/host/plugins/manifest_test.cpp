// SPDX-License-Identifier: MIT
#include "host/plugins/manifest.hpp"

#include <gtest/gtest.h>

#include "host/plugins/digest.hpp"
#include "tests/host/plugins/sandbox.hpp"

namespace bourse::host {
namespace {

using namespace std::string_literals;

std::string code_of(const std::string& section) {
  const auto manifest = parse_manifest(section);
  return manifest ? "accepted" : manifest.failure().code;
}

TEST(Manifest, ThreeEntriesInAnyOrderWithPaddingAreRead) {
  const auto manifest = parse_manifest("\0version=1.2.3\0future=x\0abi=1\0name=acme.x\0\0\0"s);
  ASSERT_TRUE(manifest) << manifest.failure().message;
  EXPECT_EQ(manifest->abi, 1u);
  EXPECT_EQ(manifest->minor, 0u) << "what is not said is the lowest";
  EXPECT_EQ(manifest->name, "acme.x");
  EXPECT_EQ(manifest->version, "1.2.3");
}

TEST(Manifest, EveryWayToGetItWrongIsRefused) {
  EXPECT_EQ(code_of(""), "bad_manifest");
  EXPECT_EQ(code_of("\0\0\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=1\0name=a\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=1\0name=a\0version=1.0.0"s), "bad_manifest") << "no NUL at its end";
  EXPECT_EQ(code_of("abi=1\0name=a\0name=a\0version=1.0.0\0"s), "bad_manifest") << "twice";
  EXPECT_EQ(code_of("abi=1\0name\0version=1.0.0\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=1\0name=A\0version=1.0.0\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=1\0name=a\0version=1.0\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=one\0name=a\0version=1.0.0\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=1x\0name=a\0version=1.0.0\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=-1\0name=a\0version=1.0.0\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=99999999999\0name=a\0version=1.0.0\0"s), "bad_manifest");
  EXPECT_EQ(code_of("abi=1\0name=a\0version=1.0.0\0"s + std::string(5000, '\0')), "bad_manifest");
  EXPECT_EQ(code_of("abi=2\0name=a\0version=1.0.0\0"s), "wrong_abi");
  EXPECT_EQ(code_of("abi=1\0name=a\0version=1.0.0\0"s), "accepted");
}

TEST(Manifest, AsksForAMinorThatTheHostMustKnow) {
  const auto with = [](const std::string& minor) {
    return code_of("abi=1\0minor="s + minor + "\0name=a\0version=1.0.0\0"s);
  };
  EXPECT_EQ(with(std::to_string(BOURSE_ABI_MINOR)), "accepted");
  EXPECT_EQ(with(std::to_string(BOURSE_ABI_MINOR + 1)), "needs_newer_host");
  EXPECT_EQ(with("4294967295"), "needs_newer_host");
  for (const auto* wrong : {"", "one", "-1", "1x", "4294967296"}) {
    EXPECT_EQ(with(wrong), "bad_manifest") << wrong;
  }
  EXPECT_EQ(code_of("abi=2\0minor=9\0name=a\0version=1.0.0\0"s), "wrong_abi")
      << "minors of another major say nothing";
}

TEST(Manifest, IsReadFromAFileWithoutRunningItsCode) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  const auto manifest = read_manifest(fixture("good"));
  ASSERT_TRUE(manifest) << manifest.failure().message;
  EXPECT_EQ(manifest->name, "fixture.good");
  EXPECT_EQ(manifest->version, "1.2.3");
  EXPECT_EQ(manifest->sha256, sha256_hex(read_bytes(fixture("good"))));
  EXPECT_EQ(diary.text(), "");
}

TEST(Manifest, OfABadFileIsAFailureThatNamesIt) {
  const Sandbox sandbox;
  const auto text = sandbox.add_bytes("#!/bin/sh\necho plugin\n", "script.so");
  const auto wrong = read_manifest(text);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.failure().code, "not_a_library");
  EXPECT_TRUE(wrong.failure().message.starts_with(text.string() + ": ")) << wrong.failure().message;
  EXPECT_EQ(read_manifest(sandbox.root() / "absent.so").failure().code, "cannot_open");
  EXPECT_EQ(read_manifest(sandbox.root()).failure().code, "not_a_regular_file");
  EXPECT_EQ(read_manifest(fixture("no_manifest")).failure().code, "no_manifest");
}

TEST(Digest, IsSha256) {
  // FIPS 180-4 examples, as published by NIST: "abc" and the empty message.
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace bourse::host
