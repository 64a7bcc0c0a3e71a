// SPDX-License-Identifier: MIT
#include "host/http/response_writer.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

namespace bourse::host {
namespace {

// RFC 9110, section 5.6.7 gives this date as its example; 784111777 is `date -d ... +%s` of it.
constexpr std::time_t kThen = 784111777;
constexpr const char* kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

std::string head_of(const Response& response, const HeadFacts& facts = {}) {
  HeadWriter writer("s");
  std::string head = "left over";
  writer.write(response, facts, kThen, head);
  return head;
}

Response with_body(int status) {
  return {.status = status, .body = std::make_shared<const std::string>("12345")};
}

TEST(HeadWriter, WritesStatusDateLengthAndTheGivenHeaders) {
  Response response = with_body(404);
  response.headers = {{"Content-Type", "text/plain"}, {"X-Two", "a\tb"}};
  EXPECT_EQ(head_of(response, {.request_id = "id-1"}),
            std::string("HTTP/1.1 404 Not Found\r\nServer: s\r\n") + kDate +
                "X-Request-Id: id-1\r\nContent-Type: text/plain\r\nX-Two: a\tb\r\n"
                "Content-Length: 5\r\n\r\n");
}

TEST(HeadWriter, WritesLinesAsTheHeadersThatTheyWereMadeOf) {
  Response response = with_body(200);
  response.headers = {{"Content-Type", "text/plain"}, {"Date", "now"}, {"X", "a\r\nSet-Cookie: c"}};
  Response ready = with_body(200);
  ready.lines = std::make_shared<const std::string>(header_lines(response.headers));
  EXPECT_EQ(*ready.lines, "Content-Type: text/plain\r\n");
  EXPECT_EQ(head_of(ready), head_of(response));
  ready.headers = {{"Age", "1"}};
  EXPECT_NE(head_of(ready).find("Age: 1\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"),
            std::string::npos);
}

TEST(HeadWriter, WritesWhatIsAttachedBehindAllElse) {
  Response response = with_body(200);
  response.headers = {{"Age", "1"}};
  response.lines = std::make_shared<const std::string>("ETag: \"e\"\r\n");
  const std::string attached = "X-A: b\r\nX-C: d\r\n";
  EXPECT_NE(head_of(response, {.attached = &attached})
                .find("Age: 1\r\nETag: \"e\"\r\nX-A: b\r\nX-C: d\r\nContent-Length: 5\r\n\r\n"),
            std::string::npos);
}

TEST(HeadWriter, SaysHowTheConnectionGoesOnOnlyWhereTheVersionDoesNot) {
  EXPECT_EQ(head_of({}).find("Connection"), std::string::npos);
  EXPECT_NE(head_of({}, {.close = true}).find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_NE(head_of({}, {.http10 = true}).find("\r\nConnection: keep-alive\r\n"),
            std::string::npos);
  EXPECT_NE(head_of({}, {.http10 = true, .close = true}).find("\r\nConnection: close\r\n"),
            std::string::npos);
}

TEST(HeadWriter, AnnouncesTheLengthToHeadButNoBodyFollows) {
  HeadWriter writer("s");
  std::string head;
  EXPECT_EQ(writer.write(with_body(200), {.head_request = true}, kThen, head), 0u);
  EXPECT_NE(head.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(writer.write(with_body(200), {}, kThen, head), 5u);
}

TEST(HeadWriter, SendsNeitherBodyNorLengthWhereTheStatusForbidsIt) {
  HeadWriter writer("s");
  std::string head;
  for (const int status : {204, 304}) {
    EXPECT_EQ(writer.write(with_body(status), {}, kThen, head), 0u);
    EXPECT_EQ(head.find("Content-Length"), std::string::npos) << status;
  }
  EXPECT_NE(head_of({}).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(HeadWriter, LeavesOutHeadersThatWouldBreakTheMessage) {
  const Response response{.headers = {{"A", "b\r\nSet-Cookie: c"},
                                      {"B", std::string("x\0y", 3)},
                                      {"C\r\nD", "e"},
                                      {"F G", "h"},
                                      {"", "i"},
                                      {"J:", "k"},
                                      {"L", "\x7f"},
                                      {"M", "\n"}}};
  EXPECT_EQ(head_of(response), head_of({}));
}

TEST(HeadWriter, LeavesOutHeadersThatAreItsOwn) {
  const Response response{.headers = {{"content-length", "99"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"CONNECTION", "keep-alive"},
                                      {"Date", "now"},
                                      {"server", "x"},
                                      {"X-Request-ID", "y"}}};
  EXPECT_EQ(head_of(response), head_of({}));
}

TEST(HeadWriter, TurnsAStatusThatIsNoneInto500) {
  for (const int status : {0, -1, 100, 199, 600, 1000}) {
    EXPECT_EQ(head_of({.status = status}).substr(0, 13), "HTTP/1.1 500 ") << status;
  }
  EXPECT_EQ(head_of({.status = 599}).substr(0, 13), "HTTP/1.1 599 ");
}

TEST(HeadWriter, WritesTheDateOfEachSecond) {
  HeadWriter writer("s");
  std::string head;
  writer.write({}, {}, kThen, head);
  writer.write({}, {}, kThen + 86400, head);
  EXPECT_NE(head.find("Date: Mon, 07 Nov 1994 08:49:37 GMT\r\n"), std::string::npos);
}

// 253402300799 is the last second of 9999, -62167219200 the first of the year 0: IMF-fixdate has
// four digits for a year.
TEST(HeadWriter, WritesNoDateThatWouldBeNone) {
  const auto date_at = [](std::time_t time) {
    HeadWriter writer("s");
    std::string head;
    writer.write({}, {}, time, head);
    const std::size_t begin = head.find("Date: ");
    return begin == std::string::npos ? "" : head.substr(begin, head.find('\r', begin) - begin);
  };
  EXPECT_EQ(date_at(253'402'300'799), "Date: Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(date_at(253'402'300'800), "");
  EXPECT_EQ(date_at(-27), "Date: Wed, 31 Dec 1969 23:59:33 GMT");
  EXPECT_EQ(date_at(-62'167'219'201), "");
  EXPECT_EQ(date_at(std::numeric_limits<std::time_t>::max()), "");
}

TEST(HeadWriter, IgnoresAServerNameThatIsNoHeaderValue) {
  HeadWriter writer("a\r\nB: c");
  std::string head;
  writer.write({}, {}, kThen, head);
  EXPECT_EQ(head.find("Server"), std::string::npos);
}

}  // namespace
}  // namespace bourse::host
