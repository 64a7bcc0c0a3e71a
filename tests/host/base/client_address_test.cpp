// SPDX-License-Identifier: MIT
//
// Forms of Forwarded are those of RFC 7239, sections 4 to 6.
#include "host/base/client_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bourse::host {
namespace {

TrustedProxies trusted(ForwardedField field) {
  return {{*Network::parse("10.0.0.0/8"), *Network::parse("2001:db8:aa::/48")}, field};
}

std::string behind(ForwardedField field, std::string_view values,
                   std::string_view peer = "10.0.0.9") {
  return trusted(field).client(*Address::parse(peer), values).text();
}
std::string forwarded_for(std::string_view values, std::string_view peer = "10.0.0.9") {
  return behind(ForwardedField::kXForwardedFor, values, peer);
}
std::string forwarded(std::string_view values, std::string_view peer = "10.0.0.9") {
  return behind(ForwardedField::kForwarded, values, peer);
}

TEST(ClientAddress, IsThePeersWithoutTrust) {
  EXPECT_EQ(forwarded_for("1.2.3.4", "192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(forwarded("for=1.2.3.4", "192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(TrustedProxies().client(*Address::parse("10.0.0.9"), "1.2.3.4").text(), "10.0.0.9");
  EXPECT_EQ(forwarded_for("1.2.3.4", "unix"), "unix") << "unix is not in the list";
  const TrustedProxies sockets({*Network::parse("unix")}, ForwardedField::kXForwardedFor);
  EXPECT_EQ(sockets.client(Address::unix_peer(), "1.2.3.4").text(), "1.2.3.4");
}

TEST(ClientAddress, IsTheFirstFromTheRightWhoIsNoProxy) {
  EXPECT_EQ(forwarded_for(""), "10.0.0.9") << "a health check of the proxy's own";
  EXPECT_EQ(forwarded_for("1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(forwarded_for("9.9.9.9, 1.2.3.4"), "1.2.3.4") << "what is left of it is the client's";
  EXPECT_EQ(forwarded_for("9.9.9.9,1.2.3.4 ,\t10.1.1.1, 10.2.2.2"), "1.2.3.4");
  EXPECT_EQ(forwarded_for("10.1.1.1, 10.2.2.2"), "10.1.1.1") << "one of the proxies asks";
  EXPECT_EQ(forwarded_for("1.2.3.4, , 10.1.1.1,"), "1.2.3.4") << "empty elements are none";
  EXPECT_EQ(forwarded_for("1.2.3.4", "::ffff:10.0.0.9"), "1.2.3.4");
  EXPECT_EQ(forwarded_for("1.2.3.4", "2001:db8:aa::1"), "1.2.3.4");
}

TEST(ClientAddress, IsReadInAllFormsThatProxiesWrite) {
  EXPECT_EQ(forwarded_for("1.2.3.4:5678"), "1.2.3.4");
  EXPECT_EQ(forwarded_for("[2001:db8::1]:4711"), "2001:db8::1");
  EXPECT_EQ(forwarded_for("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(forwarded_for("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(forwarded_for("fe80::1%eth0"), "fe80::1");
  EXPECT_EQ(forwarded_for("1.2.3.4, ::ffff:10.1.1.1"), "1.2.3.4");
  EXPECT_EQ(forwarded("for=192.0.2.43"), "192.0.2.43");
  EXPECT_EQ(forwarded("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(forwarded("proto=https; FOR=192.0.2.60 ;host=\"a,b;c\""), "192.0.2.60");
  EXPECT_EQ(forwarded("for=192.0.2.43, for=\"10.1.1.1:_obf\""), "192.0.2.43");
  EXPECT_EQ(forwarded("for=\"1.2.3.4:80\";by=\"a\\\"b, for=9.9.9.9\", for=10.1.1.1"), "1.2.3.4");
  EXPECT_EQ(forwarded("for=\"1.2.3\\.4\""), "1.2.3.4") << "quoted-pair of RFC 9110, 5.6.4";
}

TEST(ClientAddress, IsTheLastKnownWhereAMemberSaysNone) {
  for (const std::string member : {"unknown", "_hidden", "1.2.3", "1.2.3.4:x", "1.2.3.4:", "[::1",
                                   "[1.2.3.4]", "[::1]x", "<script>", "1.2.3.4 5.6.7.8"}) {
    EXPECT_EQ(forwarded_for("9.9.9.9, " + member + ", 10.1.1.1"), "10.1.1.1") << member;
  }
  for (const std::string member :
       {"for=unknown", "for=_SEVKISEK", "for=", "for", "for=1.2.3.4;for=5.6.7.8", "by=1.2.3.4",
        "for=\"1.2.3.4", "for = 1.2.3.4", "for=\"1.2.3.4\"x", "1.2.3.4", "for=1.2.3.4;=x",
        "for=\"1.2.3.4\\\""}) {
    EXPECT_EQ(forwarded("for=9.9.9.9, " + member + ", for=10.1.1.1"), "10.1.1.1") << member;
  }
}

// The client opens a quoted string; a proxy adds its element to the same line.
TEST(ClientAddress, IsNotHiddenByWhatTheClientWrote) {
  EXPECT_EQ(forwarded("for=injected;by=\", for=1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(forwarded("for=9.9.9.9;by=\"\\, for=\"[2001:db8::1]:1\", for=10.1.1.1"), "2001:db8::1");
  EXPECT_EQ(forwarded("\"\"\", for=1.2.3.4;by=\"x\""), "1.2.3.4");
}

// `Forwarded` through a proxy that sets X-Forwarded-For alone comes from the client. Which field is
// asked for is the caller's to ask; what stands in it is read in its own form only.
TEST(ClientAddress, IsReadFromOneFieldInItsOwnForm) {
  EXPECT_EQ(trusted(ForwardedField::kXForwardedFor).field(), "X-Forwarded-For");
  EXPECT_EQ(trusted(ForwardedField::kForwarded).field(), "Forwarded");
  EXPECT_EQ(forwarded_for("for=9.9.9.9"), "10.0.0.9");
  EXPECT_EQ(forwarded("9.9.9.9"), "10.0.0.9");
}

}  // namespace
}  // namespace bourse::host
