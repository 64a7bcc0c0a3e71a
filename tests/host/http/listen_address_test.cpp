// SPDX-License-Identifier: MIT
#include "host/http/listen_address.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <system_error>

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

TEST(ListenAddress, ExplainsWhyListeningFailed) {
  const ListenAddress address{.host = "0.0.0.0", .port = 80};
  for (const auto& [error, remedy] : {std::pair{EADDRINUSE, "another port"},
                                      {EACCES, "CAP_NET_BIND_SERVICE"},
                                      {EADDRNOTAVAIL, "no network interface"},
                                      {EAFNOSUPPORT, "no IPv6"}}) {
    const std::string reason = "socket: " + std::generic_category().message(error) + " (x.cc:1)";
    const Failure failure = listen_failure(address, reason);
    EXPECT_NE(failure.message.find("0.0.0.0:80"), std::string::npos);
    EXPECT_NE(failure.message.find(remedy), std::string::npos) << failure.message;
  }
  EXPECT_NE(listen_failure(address, "strange").message.find("strange"), std::string::npos);
}

}  // namespace
}  // namespace bourse::host
