// SPDX-License-Identifier: MIT
#include "host/base/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <set>
#include <string>
#include <utility>

namespace bourse::host {
namespace {

Address address(std::string_view text) {
  const auto read = Address::parse(text);
  EXPECT_TRUE(read) << text;
  return read.value_or(Address());
}

Network network(std::string_view text) {
  const auto read = Network::parse(text);
  EXPECT_TRUE(read.ok()) << text;
  return read.ok() ? *read : Network();
}

// The texts of IPv6 are those of RFC 5952, section 4.
TEST(Address, IsReadAndShownInOneSpelling) {
  for (const auto& [text, shown] : {std::pair{"10.0.0.1", "10.0.0.1"},
                                    {"255.255.255.255", "255.255.255.255"},
                                    {"0.0.0.0", "0.0.0.0"},
                                    {"::1", "::1"},
                                    {"2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
                                    {"::ffff:10.0.0.1", "10.0.0.1"},
                                    {"::ffff:0a00:0001", "10.0.0.1"},
                                    {"fe80::1%eth0", "fe80::1"},
                                    {"unix", "unix"}}) {
    EXPECT_EQ(address(text).text(), shown) << text;
  }
  EXPECT_EQ(Address().text(), "");
}

TEST(Address, IsNothingElse) {
  for (const std::string text :
       {"", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "[::1]",
        "1.2.3.4:80", "::1%", "1.2.3.4%eth0", "::g", "unknown", "_hidden", "UNIX",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
  EXPECT_FALSE(Address::parse(std::string("1.2.3.4\0", 8)));
}

TEST(Address, IsThatOfASocket) {
  sockaddr_storage peer{};
  peer.ss_family = AF_INET;
  inet_pton(AF_INET, "192.0.2.7", &reinterpret_cast<sockaddr_in&>(peer).sin_addr);
  EXPECT_EQ(Address::of(peer), address("192.0.2.7"));
  peer = {};
  peer.ss_family = AF_INET6;
  inet_pton(AF_INET6, "::ffff:192.0.2.7", &reinterpret_cast<sockaddr_in6&>(peer).sin6_addr);
  EXPECT_EQ(Address::of(peer), address("192.0.2.7"));
  inet_pton(AF_INET6, "2001:db8::7", &reinterpret_cast<sockaddr_in6&>(peer).sin6_addr);
  EXPECT_EQ(Address::of(peer), address("2001:db8::7"));
  peer = {};
  peer.ss_family = AF_UNIX;
  EXPECT_EQ(Address::of(peer), Address::unix_peer());
}

TEST(Address, OfOneSixtyFourCountTogether) {
  std::set<Address> buckets;
  for (unsigned i = 0; i < 100'000; ++i) {
    char text[64];
    std::snprintf(text, sizeof text, "2001:db8:1:2:%x:%x:%x:%x", i % 7919, i / 3, i, ~i & 0xFFFF);
    const auto one = Address::parse(text);
    if (one) buckets.insert(one->bucket());
  }
  EXPECT_EQ(buckets.size(), 1u);
  EXPECT_EQ(buckets.begin()->text(), "2001:db8:1:2::");
  EXPECT_EQ(address("2001:db8:1:2::9").bucket_text(), "2001:db8:1:2::/64");
  EXPECT_NE(address("2001:db8:1:3::9").bucket(), *buckets.begin());
  EXPECT_EQ(address("10.0.0.1").bucket_text(), "10.0.0.1");
  EXPECT_NE(address("10.0.0.1").bucket(), address("10.0.0.2").bucket());
  EXPECT_EQ(address("unix").bucket_text(), "unix");
}

TEST(Address, HasBytesThatAreEqualWhereItIs) {
  EXPECT_EQ(address("::ffff:10.0.0.1").bytes(), address("10.0.0.1").bytes());
  EXPECT_NE(address("10.0.0.1").bytes(), address("10.0.0.2").bytes());
  EXPECT_NE(address("0.0.0.0").bytes(), address("::").bytes());
}

TEST(Network, HoldsItsAddressesAndNoOthers) {
  const Network ten = network("10.0.0.0/8");
  EXPECT_TRUE(ten.holds(address("10.255.255.255")));
  EXPECT_TRUE(ten.holds(address("::ffff:10.1.2.3")));
  EXPECT_FALSE(ten.holds(address("11.0.0.0")));
  EXPECT_FALSE(ten.holds(address("unix")));
  EXPECT_FALSE(ten.holds(address("a00::")));
  const Network odd = network("172.16.0.0/12");  // 172.16.0.0 to 172.31.255.255
  EXPECT_TRUE(odd.holds(address("172.31.255.255")));
  EXPECT_FALSE(odd.holds(address("172.32.0.0")));
  const Network six = network("2001:db8:8000::/33");
  EXPECT_TRUE(six.holds(address("2001:db8:ffff::1")));
  EXPECT_FALSE(six.holds(address("2001:db8:7fff::1")));
  EXPECT_TRUE(network("192.0.2.1").holds(address("192.0.2.1")));
  EXPECT_FALSE(network("192.0.2.1").holds(address("192.0.2.0")));
  EXPECT_TRUE(network("unix").holds(Address::unix_peer()));
  EXPECT_FALSE(network("unix").holds(Address()));
  EXPECT_TRUE(network("0.0.0.0/0").is_everybody());
  EXPECT_TRUE(network("::/0").is_everybody());
  EXPECT_FALSE(network("unix").is_everybody());
  EXPECT_EQ(network("10.0.0.0/8").text(), "10.0.0.0/8");
  EXPECT_EQ(network("10.0.0.1/32").text(), "10.0.0.1");
}

TEST(Network, SaysWhatIsWrongAndWhatToWrite) {
  for (const auto& [text, why] : {std::pair{"", "write an address"},
                                  {"example.com", "write an address"},
                                  {"10.0.0.0/", "number of bits, at most 32"},
                                  {"10.0.0.0/33", "at most 32"},
                                  {"10.0.0.0/8x", "number of bits"},
                                  {"::/129", "at most 128"},
                                  {"fe80::%eth0/64", "write an address"},
                                  {"unix/8", "number of bits"},
                                  {"10.1.2.3/8", "the network is 10.0.0.0/8"},
                                  {"2001:db8::1/32", "the network is 2001:db8::/32"}}) {
    const auto read = Network::parse(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_NE(read.failure().message.find(why), std::string::npos) << read.failure().message;
  }
}

}  // namespace
}  // namespace bourse::host
