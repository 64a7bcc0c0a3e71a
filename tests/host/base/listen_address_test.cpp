// SPDX-License-Identifier: MIT
#include "host/base/listen_address.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>

namespace bourse::host {
namespace {

TEST(ListenAddress, ReadsNumericAddressesAndLocalhost) {
  for (const auto& [text, shown] : {std::pair{"127.0.0.1:8080", "127.0.0.1:8080"},
                                    {"0.0.0.0:0", "0.0.0.0:0"},
                                    {"[::1]:65535", "[::1]:65535"},
                                    {"[::]:80", "[::]:80"},
                                    {"localhost:1", "127.0.0.1:1"}}) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->text(), shown);
  }
}

TEST(ListenAddress, SaysWhatIsWrongAndWhatToWrite) {
  for (const auto& [text, why] : {std::pair{"", "port is missing"},
                                  {"8080", "port is missing"},
                                  {":8080", "address before the port is missing"},
                                  {"0.0.0.0:", "not a number"},
                                  {"0.0.0.0:65536", "not a number"},
                                  {"0.0.0.0:-1", "not a number"},
                                  {"0.0.0.0:80x", "not a number"},
                                  {"::1:8080", "needs brackets"},
                                  {"[::1", "needs brackets"},
                                  {"[1.2.3.4]:80", "not an IPv6 address"},
                                  {"[]:80", "not an IPv6 address"},
                                  {"1.2.3:80", "not an IPv4 address"},
                                  {"example.com:80", "names are not looked up"}}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_NE(address.failure().message.find(why), std::string::npos) << address.failure().message;
    EXPECT_NE(address.failure().message.find("such as 127.0.0.1:8080"), std::string::npos);
  }
}

TEST(ListenAddress, ReadsUnixSocketsAndPassedOnes) {
  const auto file = parse_listen_address("unix:/run/a b:c.sock");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->path, "/run/a b:c.sock");
  EXPECT_EQ(file->text(), "unix:/run/a b:c.sock");
  EXPECT_EQ(file->file.mode, 0660u);
  const auto passed = parse_listen_address("systemd:bourse.socket");
  ASSERT_TRUE(passed.ok());
  EXPECT_EQ(passed->passed, "bourse.socket");
  EXPECT_EQ(passed->text(), "systemd:bourse.socket");
}

TEST(ListenAddress, SaysWhatIsWrongWithUnixSocketsAndPassedOnes) {
  const std::string longest = "/" + std::string(106, 'x');  // unix(7): 108 bytes with the NUL
  EXPECT_TRUE(parse_listen_address("unix:" + longest).ok());
  const std::string nul = std::string("unix:/a\0b", 9);
  for (const auto& [text, why] : {std::pair<std::string, std::string>{"unix:", "begin with"},
                                  {"unix:run/b.sock", "begin with \"/\""},
                                  {"unix:@bourse", "abstract"},
                                  {"unix:/run/", "names a folder"},
                                  {nul, "holds a NUL"},
                                  {"unix:" + longest + "x", "108 bytes"},
                                  {"systemd:", "not the name"},
                                  {"systemd:a:b", "not the name"},
                                  {"systemd:a b", "not the name"},
                                  {"systemd:" + std::string(256, 'a'), "not the name"}}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_NE(address.failure().message.find(why), std::string::npos) << address.failure().message;
    EXPECT_NE(address.failure().message.find("such as"), std::string::npos);
  }
}

TEST(ListenAddress, KnowsWhichTwoCannotBothBeListenedOn) {
  const auto same = [](const char* a, const char* b) {
    return are_one(*parse_listen_address(a), *parse_listen_address(b));
  };
  EXPECT_TRUE(same("127.0.0.1:80", "0.0.0.0:80"));
  EXPECT_TRUE(same("[::]:80", "127.0.0.1:80"));
  EXPECT_TRUE(same("[::]:80", "0.0.0.0:80"));
  EXPECT_FALSE(same("0.0.0.0:80", "[::1]:80"));
  EXPECT_FALSE(same("127.0.0.1:0", "127.0.0.1:0"));
  EXPECT_TRUE(same("unix:/a", "unix:/a"));
  EXPECT_FALSE(same("unix:/a", "unix:/b"));
  EXPECT_FALSE(same("unix:/a", "127.0.0.1:80"));
  EXPECT_TRUE(same("systemd:a", "systemd:a"));
  EXPECT_FALSE(same("systemd:a", "systemd:b"));
  EXPECT_FALSE(same("systemd:a", "unix:/a"));
}

TEST(ListenAddress, ExplainsWhyListeningFailed) {
  const ListenAddress address{.host = "0.0.0.0", .port = 80};
  for (const auto& [error, remedy] : {std::pair{EADDRINUSE, "another port"},
                                      {EACCES, "CAP_NET_BIND_SERVICE"},
                                      {EADDRNOTAVAIL, "no network interface"},
                                      {EAFNOSUPPORT, "no IPv6"}}) {
    const Failure failure = listen_failure(address, error);
    EXPECT_NE(failure.message.find("0.0.0.0:80"), std::string::npos);
    EXPECT_NE(failure.message.find(remedy), std::string::npos) << failure.message;
  }
  const Failure failure = listen_failure(*parse_listen_address("unix:/x/y"), EACCES);
  EXPECT_NE(failure.message.find("unix:/x/y"), std::string::npos);
  EXPECT_NE(failure.message.find("may not write in that folder"), std::string::npos);
  EXPECT_NE(listen_failure(address, EIO).message.find("Input/output error"), std::string::npos);
}

}  // namespace
}  // namespace bourse::host
