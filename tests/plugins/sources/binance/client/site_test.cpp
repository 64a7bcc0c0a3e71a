// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/site.hpp"

#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

// Hosts as the exchange's documentation lists them.
TEST(Site, KnowsItsHosts) {
  EXPECT_EQ(origin_of(Site::kTestnet).host, "testnet.binance.vision");
  EXPECT_EQ(origin_of(Site::kData).host, "data-api.binance.vision");
  EXPECT_EQ(origin_of(Site::kLive).host, "api.binance.com");
  for (const Site site : {Site::kTestnet, Site::kData, Site::kLive}) {
    EXPECT_TRUE(origin_of(site).tls);
    EXPECT_EQ(origin_of(site).authority(), origin_of(site).host);
    EXPECT_EQ(origin_of(site).host_and_port(), origin_of(site).host + ":443");
    EXPECT_EQ(*parse_site(name_of(site)), site);
  }
  for (const char* name : {"", "Live", "mainnet", "https://api.binance.com"}) {
    EXPECT_FALSE(parse_site(name).ok()) << name;
  }
}

TEST(Site, CustomUrlsLeadToThisMachine) {
  const auto custom = parse_loopback("http://127.0.0.1:8080");
  ASSERT_TRUE(custom.ok());
  EXPECT_FALSE(custom->tls);
  EXPECT_EQ(custom->authority(), "127.0.0.1:8080");
  EXPECT_EQ(parse_loopback("https://localhost")->port, 443);
  EXPECT_EQ(parse_loopback("http://localhost")->authority(), "localhost");
  EXPECT_EQ(parse_loopback("http://[::1]:81")->authority(), "[::1]:81");
  EXPECT_TRUE(parse_loopback("http://127.3.2.1:1").ok());
}

TEST(Site, AndNowhereElse) {
  for (const char* url : {"",
                          "127.0.0.1:80",
                          "ftp://127.0.0.1",
                          "http://",
                          "http://127.0.0.1:",
                          "http://127.0.0.1:0",
                          "http://127.0.0.1:65536",
                          "http://127.0.0.1:80/",
                          "http://127.0.0.1:80/api",
                          "http://user@127.0.0.1",
                          "http://api.binance.com",
                          "https://api.binance.com.evil.test",
                          "http://127.0.0.1.evil.test",
                          "http://128.0.0.1",
                          "http://localhost.evil.test",
                          "http://[::1",
                          "http://[::2]",
                          "http://[::1]x",
                          "http://0.0.0.0:80",
                          "http://127.1:80",
                          "http://127.0.0.1:80\r\nX: y",
                          "http://127.0.0.1 :80"}) {
    const auto origin = parse_loopback(url);
    ASSERT_FALSE(origin.ok()) << url;
    EXPECT_EQ(origin.error().kind, ErrorKind::kValidation);
  }
}

}  // namespace
}  // namespace bourse::binance
