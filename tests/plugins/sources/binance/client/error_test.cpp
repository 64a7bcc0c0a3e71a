// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/error.hpp"

#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

TEST(Printable, KeepsWellFormedTextAndNothingElse) {
  EXPECT_EQ(printable("a\tb\r\nc\x7F", 100), "a b  c ");
  EXPECT_EQ(printable("\xE8\xBF\x99", 100), "\xE8\xBF\x99");
  EXPECT_EQ(printable("\xFF\xC0\x80x\xE8", 100), "???x?");
  EXPECT_EQ(printable("\xED\xA0\x80", 100), "???");       // a surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80", 100), "????");  // beyond U+10FFFF
  EXPECT_EQ(printable(std::string_view("\0", 1), 100), " ");
}

TEST(Printable, NeverCutsACharacterInHalf) {
  EXPECT_EQ(printable("ab\xE8\xBF\x99", 4), "ab");
  EXPECT_EQ(printable("ab\xE8\xBF\x99", 5), "ab\xE8\xBF\x99");
  EXPECT_EQ(printable("abc", 0), "");
}

TEST(Error, TextTellsEverythingInOneLine) {
  const Error error = {.kind = ErrorKind::kBanned,
                       .message = "Banned.",
                       .advice = "Wait.",
                       .code = -1003,
                       .code_name = "TOO_MANY_REQUESTS",
                       .http_status = 418,
                       .until = Time{1753000120'000'000'000},
                       .request_id = "8e3b",
                       .attempts = 2};
  EXPECT_EQ(error.text(),
            "banned: Banned. Wait. (HTTP 418, code -1003 TOO_MANY_REQUESTS, until "
            "2025-07-20T08:28:40Z, request 8e3b, attempts 2)");
  EXPECT_EQ(invalid("No symbol.").text(), "validation: No symbol.");
}

TEST(ErrorKinds, ThatShutUsOutAreFour) {
  EXPECT_TRUE(is_shut_out(ErrorKind::kRateLimit) && is_shut_out(ErrorKind::kBanned) &&
              is_shut_out(ErrorKind::kFirewall) && is_shut_out(ErrorKind::kGeoBlock));
  EXPECT_FALSE(is_shut_out(ErrorKind::kServer) || is_shut_out(ErrorKind::kAuthentication));
}

}  // namespace
}  // namespace bourse::binance
