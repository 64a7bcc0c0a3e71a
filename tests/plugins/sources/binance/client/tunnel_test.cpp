// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/tunnel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bourse::binance {
namespace {

using testing::HasSubstr;

/// A proxy whose answer comes in these pieces.
class Pieces final : public Stream {
 public:
  explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  Status write(std::string_view bytes, const Call&) override {
    written += bytes;
    return Done{};
  }
  Result<std::size_t> read(std::span<char> into, const Call&) override {
    if (next_ == pieces_.size()) return std::size_t{0};
    const std::string& piece = pieces_[next_++];
    std::copy(piece.begin(), piece.end(), into.begin());
    return piece.size();
  }
  bool is_quiet() override { return true; }

  std::string written;

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
};

Status open_with(std::vector<std::string> pieces) {
  Pieces stream(std::move(pieces));
  const Proxy proxy{.host = "proxy.test", .port = 3128, .authorization = nullptr};
  return open_tunnel(stream, "exchange.test:443", proxy, within(std::chrono::seconds(10)));
}

TEST(Tunnel, OpensHoweverTheAnswerIsCut) {
  const std::string answer = "HTTP/1.1 200 OK\r\n\r\n";
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    const auto opened = open_with({answer.substr(0, cut), answer.substr(cut)});
    EXPECT_TRUE(opened.ok()) << cut << ": " << opened.error().text();
  }
  std::vector<std::string> bytes;
  for (const char c : answer) bytes.emplace_back(1, c);
  EXPECT_TRUE(open_with(bytes).ok());
}

TEST(Tunnel, WhatFollowsTheHeadIsNoProxys) {
  const auto opened = open_with({"HTT", "P/1.1 200 OK\r\n\r\nmore"});
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("as a proxy should"));
  EXPECT_THAT(open_with({"abc"}).error().message, HasSubstr("closed the connection"));
}

}  // namespace
}  // namespace bourse::binance
