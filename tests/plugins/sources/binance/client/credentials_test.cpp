// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/plugins/sources/binance/client/keys.hpp"
#include "tests/plugins/sources/binance/client/scratch.hpp"

namespace bourse::binance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string key_text() {
  return std::string("# test\napi_key=") + kApiKey + "\n\nsecret = " + kSecret + "\n";
}

Variables variables(std::map<std::string, std::string> values) {
  return [values](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
}

// Vector: binance-signature-examples, README.md.
void expect_documented_key(const Result<Credentials>& credentials) {
  ASSERT_TRUE(credentials.ok()) << credentials.error().text();
  EXPECT_EQ(credentials->api_key().reveal(), kApiKey);
  EXPECT_EQ(*credentials->signer().sign("timestamp=1578963600000"),
            "d84e6641b1e328e7b418fff030caed655c266299c9355e36ce801ed14631eed4");
}

TEST(CredentialsFile, HoldsAKeyAndASecret) {
  const Scratch scratch;
  expect_documented_key(Credentials::from_file(scratch.write("key", key_text(), 0600)));
  expect_documented_key(Credentials::from_file(scratch.write("read-only", key_text(), 0400)));
}

TEST(CredentialsFile, HoldsAKeyAndAPemBlock) {
  const Scratch scratch;
  const std::string text = std::string("api_key=") + kApiKey + "\r\n" + pem_of(rfc8032_key().get());
  const auto credentials = Credentials::from_file(scratch.write("key", text, 0600));
  ASSERT_TRUE(credentials.ok()) << credentials.error().text();
  EXPECT_EQ(credentials->signer().type(), KeyType::kEd25519);
}

TEST(CredentialsFile, OpenToOthersIsRefusedWithTheRemedy) {
  const Scratch scratch;
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U, 0644U, 0777U}) {
    const std::string path = scratch.write("open", key_text(), mode);
    const auto credentials = Credentials::from_file(path);
    ASSERT_FALSE(credentials.ok()) << mode;
    EXPECT_THAT(credentials.error().text(),
                AllOf(HasSubstr("is open to others"), HasSubstr("chmod 600 " + path)));
  }
}

TEST(CredentialsFile, ThatIsNoFileIsRefusedAtOnce) {
  const Scratch scratch;
  EXPECT_THAT(Credentials::from_file(scratch.path("missing")).error().text(),
              HasSubstr("No such file"));
  EXPECT_THAT(Credentials::from_file(scratch.path("")).error().text(),
              HasSubstr("not a regular file"));
  ASSERT_EQ(::mkfifo(scratch.path("fifo").c_str(), 0600), 0);  // must not wait for a writer
  EXPECT_THAT(Credentials::from_file(scratch.path("fifo")).error().text(),
              HasSubstr("not a regular file"));
  EXPECT_THAT(
      Credentials::from_file(scratch.write("big", std::string(20000, '#'), 0600)).error().text(),
      HasSubstr("16 KiB"));
}

TEST(CredentialsFile, WithOddLinesIsRefusedWithoutShowingThem) {
  const Scratch scratch;
  const std::string odd = std::string("api_key=") + kApiKey + "\n" + kSecret + "\n";
  const std::string text = Credentials::from_file(scratch.write("odd", odd, 0600)).error().text();
  EXPECT_THAT(text, HasSubstr("line 2"));
  EXPECT_THAT(text, Not(HasSubstr(kSecret)));
  EXPECT_THAT(Credentials::from_file(scratch.write("half", "api_key=abc\n", 0600)).error().text(),
              HasSubstr("has no secret"));
  EXPECT_THAT(Credentials::from_file(scratch.write("empty", "", 0600)).error().text(),
              HasSubstr("has no api_key"));
}

TEST(CredentialsPrivateKey, OfAFileThatHoldsNoneIsRefusedWithoutShowingIt) {
  const Scratch scratch;
  const auto told = [&](const std::string& text) {
    const auto key = read_private_key(scratch.write("pem", text, 0600));
    return key ? "taken" : key.error().text();
  };
  EXPECT_EQ(told(pem_of(rfc8032_key().get())), "taken");
  EXPECT_THAT(told(kSecret),
              AllOf(HasSubstr("holds no private key"), HasSubstr("HMAC"), Not(HasSubstr(kSecret))));
  EXPECT_THAT(told(" \n"), HasSubstr("is empty"));
  EXPECT_THAT(told("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n"),
              AllOf(HasSubstr("none of a private key"), Not(HasSubstr("MCow"))));
}

TEST(CredentialsEnvironment, TakesTheTwoVariables) {
  expect_documented_key(Credentials::from_environment(variables(
      {{"BINANCE_API_KEY", std::string(kApiKey) + "\n"}, {"BINANCE_API_SECRET", kSecret}})));
}

TEST(CredentialsEnvironment, TakesFiles) {
  const Scratch scratch;
  expect_documented_key(Credentials::from_environment(
      variables({{"BINANCE_KEY_FILE", scratch.write("key", key_text(), 0600)}})));
  const std::string pem = scratch.write("pem", pem_of(rfc8032_key().get()), 0600);
  const auto pair = Credentials::from_environment(
      variables({{"BINANCE_API_KEY", kApiKey}, {"BINANCE_PRIVATE_KEY_FILE", pem}}));
  ASSERT_TRUE(pair.ok());
  EXPECT_EQ(pair->signer().type(), KeyType::kEd25519);
}

TEST(CredentialsEnvironment, SaysWhatIsMissing) {
  EXPECT_THAT(Credentials::from_environment(variables({})).error().text(),
              HasSubstr("BINANCE_KEY_FILE"));
  EXPECT_THAT(
      Credentials::from_environment(variables({{"BINANCE_API_KEY", kApiKey}})).error().text(),
      AllOf(HasSubstr("BINANCE_API_SECRET"), Not(HasSubstr(kApiKey))));
}

TEST(Credentials, RefuseAKeyThatWouldBreakTheHeader) {
  for (const char* key : {"", "two words", "a\r\nX-Other: 1", "\xC3\xA4"}) {
    EXPECT_FALSE(Credentials::make(key, Secret(std::string_view("s"))).ok()) << key;
  }
  EXPECT_THAT(Credentials::make("same", Secret(std::string_view("same"))).error().text(),
              HasSubstr("are the same"));
}

}  // namespace
}  // namespace bourse::binance
