// SPDX-License-Identifier: MIT
#include "host/calls/output.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bourse::host {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string code_of(const Result<void>& result) { return result.ok() ? "" : result.failure().code; }

TEST(Output, KeepsHeadersAndBytesInOrder) {
  Output output(100);
  EXPECT_TRUE(output.header("Content-Disposition", "attachment; filename=\"a.csv\"").ok());
  EXPECT_TRUE(output.header("X-Tab", "a\tb").ok());
  EXPECT_TRUE(output.header("X-Empty", "").ok());
  EXPECT_TRUE(output.write("a,b\r\n").ok());
  EXPECT_TRUE(output.write("").ok());
  EXPECT_TRUE(output.write(std::string_view("1\0", 2)).ok());
  EXPECT_FALSE(output.failure().has_value());
  EXPECT_EQ(output.headers(), (Headers{{"Content-Disposition", "attachment; filename=\"a.csv\""},
                                       {"X-Tab", "a\tb"},
                                       {"X-Empty", ""}}));
  EXPECT_EQ(std::move(output).take(), std::string("a,b\r\n1\0", 7));
}

TEST(Output, RefusesWhatIsNoHeader) {
  const std::string long_name(129, 'x');
  const std::string long_value(8193, 'x');
  for (const auto& [name, value] : Headers{{"", "x"},
                                           {"a b", "x"},
                                           {"a:b", "x"},
                                           {"a\r\n", "x"},
                                           {"\u00e4", "x"},
                                           {long_name, "x"},
                                           {"a", "x\r\nSet-Cookie: y"},
                                           {"a", "x\ny"},
                                           {"a", std::string("x\0y", 3)},
                                           {"a", "\x7f"},
                                           {"a", "caf\u00e9"},
                                           {"a", long_value}}) {
    Output output(100);
    EXPECT_EQ(code_of(output.header(name, value)), "bad_header") << name << ": " << value;
    EXPECT_TRUE(output.headers().empty());
  }
}

TEST(Output, RefusesWhatTheHostSetsItself) {
  for (const char* name :
       {"content-length", "Content-Type", "CONTENT-ENCODING", "Transfer-Encoding", "connection",
        "Keep-Alive", "Trailer", "Upgrade", "Date", "Server", "ETag", "Last-Modified", "Expires",
        "Age", "Cache-Control", "Vary", "Set-Cookie", "X-Request-Id", "X-Content-Type-Options"}) {
    Output output(100);
    EXPECT_EQ(code_of(output.header(name, "x")), "bad_header") << name;
  }
}

TEST(Output, TakesHeadersUpToItsBounds) {
  Output output(100);
  EXPECT_TRUE(output.header(std::string(128, 'x'), std::string(8192, 'y')).ok());
  for (int i = 1; i < 64; ++i) EXPECT_TRUE(output.header("a", "b").ok());
  const auto more = output.header("X-More", "b");
  EXPECT_EQ(code_of(more), "too_many_headers");
  EXPECT_EQ(more.failure().message, "header X-More: too many headers, at most 64 are taken");
}

TEST(Output, SaysWhetherNameOrValueMakesItNoHeader) {
  Output name(100);
  EXPECT_EQ(name.header("a b", "x").failure().message,
            "header \"a b\": a name is a token (letters, digits and -) of at most 128 bytes");
  Output value(100);
  EXPECT_EQ(value.header("X-Who", "caf\u00e9").failure().message,
            "header X-Who: a value is printable ASCII of at most 8 KiB");
}

TEST(Output, TakesNoHeaderAfterTheFirstByte) {
  Output output(100);
  EXPECT_TRUE(output.write("").ok());
  EXPECT_TRUE(output.header("a", "b").ok()) << "nothing was written yet";
  EXPECT_TRUE(output.write("x").ok());
  EXPECT_EQ(code_of(output.header("c", "d")), "late_header");
}

TEST(Output, IsBoundedToTheByte) {
  Output output(10);
  EXPECT_TRUE(output.write("12345").ok());
  EXPECT_TRUE(output.write("67890").ok());
  EXPECT_TRUE(output.write("").ok());
  EXPECT_EQ(code_of(output.write("1")), "response_too_large");
  Output at_once(10);
  const auto too_large = at_once.write("12345678901");
  EXPECT_EQ(code_of(too_large), "response_too_large");
  EXPECT_EQ(too_large.failure().status, BOURSE_UNPROCESSABLE) << "who asks for less is answered";
}

TEST(Output, HalfAnAnswerIsNone) {
  Output output(10);
  EXPECT_EQ(code_of(output.write("12345678901")), "response_too_large");
  EXPECT_EQ(code_of(output.write("1")), "response_too_large") << "even if this would fit";
  EXPECT_EQ(code_of(output.header("a", "b")), "response_too_large");
  ASSERT_TRUE(output.failure().has_value());
  EXPECT_EQ(output.failure()->code, "response_too_large");
}

TEST(Output, ATextThatStandsNowhereIsTheSerializersFault) {
  Output output(10);
  const auto nowhere = output.nowhere("write", 9);
  EXPECT_EQ(code_of(nowhere), "bad_text");
  EXPECT_EQ(nowhere.failure().status, BOURSE_INTERNAL);
  EXPECT_EQ(nowhere.failure().message,
            "write: the text is null, but said to have 9 bytes; the serializer must give where "
            "they are, or say 0");
  EXPECT_EQ(code_of(output.write("1")), "bad_text") << "half an answer is none";
  Output full(1);
  EXPECT_EQ(code_of(full.write("12")), "response_too_large");
  EXPECT_EQ(code_of(full.nowhere("write", 9)), "response_too_large") << "the first reason stays";
}

TEST(Output, ThatWasCutOffTakesNoMoreAndKeepsTheFirstReason) {
  Output output(10);
  output.cut_off(BOURSE_DEADLINE);
  output.cut_off(BOURSE_UNAVAILABLE);
  EXPECT_FALSE(output.write("1").ok());
  ASSERT_TRUE(output.failure().has_value());
  EXPECT_EQ(output.failure()->status, BOURSE_DEADLINE);
  EXPECT_EQ(output.failure()->code, "cut_off");
}

}  // namespace
}  // namespace bourse::host
