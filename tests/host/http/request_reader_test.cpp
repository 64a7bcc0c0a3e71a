// SPDX-License-Identifier: MIT
//
// What is a request and what is refused is RFC 9112's to say; sections are named at the cases.
#include "host/http/request_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace bourse::host {
namespace {

using Outcome = RequestReader::Outcome;

const Limits kLimits;

// What a reader makes of some bytes: the requests, then how it ended.
struct Reading {
  std::vector<Request> requests;
  int refused = 0;  // status
  bool incomplete = false;
};

Reading read_pieces(const std::vector<std::string>& pieces, const Limits& limits = kLimits) {
  RequestReader reader(limits);
  Reading reading;
  for (const std::string& piece : pieces) {
    std::string_view input = piece;
    while (true) {
      const Outcome outcome = reader.next(input);
      if (outcome == Outcome::need_more) break;
      if (outcome == Outcome::refused) {
        reading.refused = reader.refusal().status;
        return reading;
      }
      reading.requests.push_back(reader.take());
      if (input.empty() && !reader.holds_input()) break;
    }
  }
  reading.incomplete = reader.in_request();
  return reading;
}

Reading read(const std::string& bytes, const Limits& limits = kLimits) {
  return read_pieces({bytes}, limits);
}

int refusal_of(const std::string& bytes) { return read(bytes).refused; }

std::string with_header(const std::string& lines) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n\r\n";
}

bool same_requests(const Reading& a, const Reading& b) {
  const auto key = [](const Request& r) {
    return std::tie(r.method, r.target, r.headers, r.body, r.id);
  };
  return std::equal(a.requests.begin(), a.requests.end(), b.requests.begin(), b.requests.end(),
                    [&](const Request& x, const Request& y) { return key(x) == key(y); });
}

bool same(const Reading& a, const Reading& b) {
  return same_requests(a, b) && a.refused == b.refused && a.incomplete == b.incomplete;
}

// The parser may see at once that a header is wrong, or only at its end when it comes in pieces.
bool same_or_waits(const Reading& a, const Reading& b) {
  return same_requests(a, b) && (a.refused == b.refused || a.incomplete || b.incomplete);
}

const std::string kChunked =
    "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;name=\"va;lue\"\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
const std::string kSized = "PUT /s HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";
const std::string kPlain = "GET /p?q=%20 HTTP/1.1\r\nHost: h\r\nAccept:  a , b \r\n\r\n";

TEST(RequestReader, ReadsMethodTargetHeaderAndBodyAsTheyWereSent) {
  const Reading reading = read(kSized + kPlain);
  ASSERT_EQ(reading.requests.size(), 2u);
  EXPECT_EQ(reading.requests[0].method, "PUT");
  EXPECT_EQ(reading.requests[0].body, "body");
  EXPECT_EQ(reading.requests[1].target, "/p?q=%20");
  EXPECT_EQ(reading.requests[1].headers.at(1),
            std::make_pair(std::string("Accept"), std::string("a , b")));
  EXPECT_EQ(reading.requests[1].body, "");
  EXPECT_FALSE(reading.incomplete);
}

TEST(RequestReader, JoinsChunksAndLeavesOutTrailers) {
  const Reading reading = read(kChunked);
  ASSERT_EQ(reading.requests.size(), 1u);
  EXPECT_EQ(reading.requests[0].body, "hello world");
  EXPECT_EQ(reading.requests[0].header("Trailer"), "");
}

// A chunk split between its CR and LF made Pistache's own parser loop for ever.
TEST(RequestReader, ReadsTheSameHoweverTheBytesAreSplit) {
  const std::vector<std::string> messages = {
      kChunked + kPlain,
      kSized + kChunked + kSized,
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kPlain,
      "\r\n\r\n" + kPlain + "\r\n" + kPlain,
      kPlain + "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
      kPlain + "GET /unfinished HTTP/1.1\r\nHo",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n"};
  for (const std::string& message : messages) {
    const Reading whole = read(message);
    for (std::size_t cut = 1; cut < message.size(); ++cut) {
      EXPECT_TRUE(same(whole, read_pieces({message.substr(0, cut), message.substr(cut)})))
          << message << " cut at " << cut;
    }
    std::vector<std::string> bytes;
    for (const char byte : message) bytes.emplace_back(1, byte);
    EXPECT_TRUE(same(whole, read_pieces(bytes))) << message << " byte by byte";
  }
}

// Deletes, doubles, swaps and replaces a few bytes, the same each time.
std::string damaged(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t bound) { return random() % bound; };
  for (std::size_t changes = 1 + below(4); changes > 0 && text.size() > 1; --changes) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text.erase(at, 1 + below(3));
        break;
      case 1:
        text.insert(at, text.substr(below(text.size()), below(20)));
        break;
      case 2:
        std::swap(text[at], text[below(text.size())]);
        break;
      default:
        text[at] = std::string_view("\r\n\0 :,0;\xFFx", 10)[below(10)];
    }
  }
  return text;
}

TEST(RequestReader, ReadsDamagedBytesTheSameHoweverTheyAreSplit) {
  std::mt19937 random(7);  // NOLINT: the same each time is wanted
  const std::vector<std::string> messages = {kChunked + kPlain, kSized + kChunked, kPlain + kSized};
  for (int round = 0; round < 3000; ++round) {
    const std::string message = damaged(messages[random() % messages.size()], random);
    const Reading whole = read(message);
    const std::size_t cut = random() % message.size();
    EXPECT_TRUE(same_or_waits(whole, read_pieces({message.substr(0, cut), message.substr(cut)})))
        << message << "\ncut at " << cut;
    std::vector<std::string> bytes;
    for (const char byte : message) bytes.emplace_back(1, byte);
    EXPECT_TRUE(same_or_waits(whole, read_pieces(bytes))) << message << "\nbyte by byte";
  }
}

TEST(RequestReader, TakesUnusualButLegalHeaders) {
  for (const char* line :
       {"Cookie: a=b; $Version=1; c=\"d e\"; =; novalue", "Accept: */*;q=0.3, text/*;level=2;q=1",
        "Accept: nonsense", "Cache-Control: x-unheard-of=\"1\", max-age=", "Date: yesterday",
        "Content-Type: not a type", "If-Modified-Since: 0", "X-Empty:", "X-Bytes: \xC3\xA4\xFF",
        "Connection: upgrade, keep-alive", "Authorization: \t x"}) {
    EXPECT_EQ(read(with_header(line)).requests.size(), 1u) << line;
  }
}

TEST(RequestReader, TakesHostsThatAreUnusualButLegal) {
  for (const char* host : {"[::1]:8080", "", "h:", "a_b.example", "127.0.0.1:65535"}) {
    const std::string request = std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n";
    EXPECT_EQ(read(request).requests.size(), 1u) << host;
  }
}

TEST(RequestReader, RefusesWhatProxiesMayReadOtherwise) {
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::vector<std::string> ambiguous = {
      "Content-Length: 5\r\nContent-Length: 6",
      "Content-Length: 5\r\nContent-Length: 5",
      "Content-Length: 5, 5",
      "Content-Length: +5",
      "Content-Length: 0x5",
      "Content-Length: -1",
      "Content-Length:",
      "Content-Length: 99999999999999999999",
      "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding: chunked\r\nContent-Length: 5",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding : chunked",
      "Content-Length : 5",
      " Content-Length: 5",
      "X: y\r\n folded: 5",
      "X:\r\n folded",
      "X: y\r\n \r\n",
      "X: y\nContent-Length: 5",
      "X: y\rContent-Length: 5",
      std::string("X: y\0z", 6),
      "X: y\x01z",
      "X\x80: y",
      ": nameless",
      "no colon"};
  for (const std::string& lines : ambiguous) {
    EXPECT_EQ(refusal_of(post + lines + "\r\n\r\nhello"), 400) << lines;
  }
}

TEST(RequestReader, RefusesFoldedLinesHoweverTheyAreSplit) {
  const std::string message = "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\tc\r\n\r\n";
  for (std::size_t cut = 1; cut < message.size(); ++cut) {
    EXPECT_EQ(read_pieces({message.substr(0, cut), message.substr(cut)}).refused, 400) << cut;
  }
}

TEST(RequestReader, UnderstandsNoTransferEncodingButChunked) {
  for (const char* coding : {"gzip, chunked", "identity", "chunked, identity", "x-chunked", ""}) {
    EXPECT_EQ(refusal_of(std::string("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: ") + coding +
                         "\r\n\r\n"),
              501)
        << coding;
  }
  EXPECT_EQ(refusal_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n")
                .requests.size(),
            1u);
}

TEST(RequestReader, WantsExactlyOneHostFromHttp11) {
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: u@h\r\n\r\n"), 400);
  EXPECT_EQ(read("GET / HTTP/1.0\r\n\r\n").requests.size(), 1u);
}

TEST(RequestReader, TellsAnUnknownVersionFromNoVersion) {
  EXPECT_EQ(refusal_of("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(refusal_of("GET / HTTP/0.9\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(refusal_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(refusal_of("GET / H\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET /\r\nHost: some.host\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1 \r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\nHost: h\n\n"), 400);
}

// RFC 9110, section 2.5.
TEST(RequestReader, ReadsALaterMinorVersionAsHttp11) {
  const std::string both =
      "GET /a HTTP/1.2\r\nHost: h\r\n\r\nPOST /b HTTP/1.9\r\nHost: "
      "h\r\nContent-Length: 2\r\n\r\nhi";
  for (std::size_t cut = 0; cut <= both.size(); ++cut) {
    const Reading reading = read_pieces({both.substr(0, cut), both.substr(cut)});
    ASSERT_EQ(reading.requests.size(), 2U) << cut << ' ' << reading.refused;
    EXPECT_EQ(reading.requests[0].target, "/a");
    EXPECT_EQ(reading.requests[1].body, "hi");
    EXPECT_FALSE(reading.incomplete);
  }
  EXPECT_EQ(refusal_of("GET / HTTP/1.2\r\n\r\n"), 400) << "it wants a Host, as HTTP/1.1 does";
  EXPECT_EQ(refusal_of("GET / HTTP/1.2 \r\nHost: h\r\n\r\n"), 400);
}

TEST(RequestReader, ReducesAbsoluteFormToOriginFormAndItsHost) {
  const auto target_of = [](const std::string& target) {
    const Reading reading = read("GET " + target + " HTTP/1.1\r\nHost: other\r\n\r\n");
    if (reading.requests.size() != 1) return std::to_string(reading.refused);
    return reading.requests[0].target + " at " + reading.requests[0].header("host");
  };
  EXPECT_EQ(target_of("http://h:80/a?b"), "/a?b at h:80");
  EXPECT_EQ(target_of("HTTPS://h"), "/ at h");
  EXPECT_EQ(target_of("http://h?b"), "/?b at h");
  EXPECT_EQ(target_of("/http://h"), "/http://h at other");
  EXPECT_EQ(target_of("ftp://h/"), "400");
  EXPECT_EQ(target_of("http:///a"), "400");
  EXPECT_EQ(target_of("http://user@h/"), "400");
  EXPECT_EQ(target_of("a"), "400");
  EXPECT_EQ(target_of("*"), "400");
}

TEST(RequestReader, PassesOnTheTargetOfOptionsAndRefusesConnect) {
  EXPECT_EQ(read("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").requests.at(0).target, "*");
  EXPECT_EQ(refusal_of("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
}

TEST(RequestReader, BoundsTheTargetTheHeaderAndTheBody) {
  const Limits limits{.header_bytes_max = 1000,
                      .header_count_max = 5,
                      .target_bytes_max = 100,
                      .body_bytes_max = 10};
  const auto status = [&](const std::string& bytes) {
    const Reading reading = read(bytes, limits);
    return reading.refused != 0 ? reading.refused : static_cast<int>(reading.requests.size());
  };
  const auto get = [](std::size_t target, const std::string& lines) {
    return "GET /" + std::string(target - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n";
  };
  EXPECT_EQ(status(get(100, "")), 1);
  EXPECT_EQ(status(get(101, "")), 414);
  EXPECT_EQ(status(get(5000, "")), 414);
  EXPECT_EQ(status("GET /" + std::string(1500, 'a')), 414) << "without waiting for its end";
  // "GET /" + " HTTP/1.1\r\n", "Host: h\r\n" and "A: \r\n" leave 970 of 1000 bytes.
  EXPECT_EQ(status(get(1, "A: " + std::string(969, 'a') + "\r\n")), 1);
  EXPECT_EQ(status(get(1, "A: " + std::string(971, 'a') + "\r\n")), 431);
  EXPECT_EQ(status(get(1, "A: " + std::string(5000, 'a'))), 431) << "without waiting for its end";
  EXPECT_EQ(status(get(1, "a: b\r\na: b\r\na: b\r\na: b\r\n")), 1);
  EXPECT_EQ(status(get(1, "a: b\r\na: b\r\na: b\r\na: b\r\na: b\r\n")), 431);
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(status(post + "Content-Length: 10\r\n\r\n0123456789"), 1);
  EXPECT_EQ(status(post + "Content-Length: 11\r\n\r\n"), 413) << "before the body comes";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(status(chunked + "5\r\n01234\r\n5\r\n01234\r\n0\r\n\r\n"), 1);
  EXPECT_EQ(status(chunked + "5\r\n01234\r\n6\r\n"), 413);
  EXPECT_EQ(status(chunked + "5;" + std::string(2000, 'x')), 400) << "an endless chunk header";
  EXPECT_EQ(status(chunked + "0\r\nT: " + std::string(2000, 'x')), 400) << "an endless trailer";
}

TEST(RequestReader, RefusesBrokenChunks) {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* body :
       {"x\r\n\r\n", "5\r\nhelloXXXX", "-1\r\n\r\n", "5 hello\r\n", "5\nhello\r\n",
        "ffffffffffffffffff\r\n", "\r\n0\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n"}) {
    EXPECT_EQ(refusal_of(chunked + body), 400) << body;
  }
}

std::string chunked(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

// Status of the refusal, 0 for a request, -1 for bytes that are not enough; whole, byte by byte and
// in two pieces, which must be the same.
int reading_of(const std::string& bytes) {
  const auto told = [](const Reading& reading) {
    return reading.refused != 0 ? reading.refused : reading.incomplete ? -1 : 0;
  };
  std::vector<std::string> single;
  for (const char byte : bytes) single.emplace_back(1, byte);
  const int whole = told(read(bytes));
  EXPECT_EQ(told(read_pieces(single)), whole) << bytes.substr(0, 200);
  for (std::size_t at = 1; at < bytes.size(); at += 1 + bytes.size() / 97) {
    EXPECT_EQ(told(read_pieces({bytes.substr(0, at), bytes.substr(at)})), whole) << at;
  }
  return whole;
}

// RFC 9112, section 7.1.1; RFC 9110, section 5.6.4: qdtext has no control characters.
TEST(RequestReader, RefusesControlCharactersInAChunksExtension) {
  EXPECT_EQ(reading_of(chunked("5;a=\"b\tc\\\"d\"\r\nhello\r\n0\r\n\r\n")), 0) << "legal";
  for (const std::string bad : {"\n1\nX", "\r\n", "\x01", "\x7f"}) {
    EXPECT_EQ(reading_of(chunked("5;a=\"" + bad + "x\"\r\nhello\r\n0\r\n\r\n")), 400) << bad;
  }
  EXPECT_EQ(reading_of(chunked("5;a=" + std::string(1, '\0') + "\r\nhello\r\n0\r\n\r\n")), 400);
  EXPECT_EQ(reading_of(chunked("5\nhello\r\n0\r\n\r\n")), 400) << "a bare LF ends no line";
}

TEST(RequestReader, RefusesAQuotedExtensionWithoutAnEndAtOnce) {
  EXPECT_EQ(reading_of(chunked("5;a=\"\r\n")), 400);
  EXPECT_EQ(reading_of(chunked("5;a=\"x\\\"\r\n")), 400) << "that quote is escaped";
}

TEST(RequestReader, BoundsExtensionsAndTrailersHoweverTheyAreSplit) {
  EXPECT_EQ(reading_of(chunked("5;a=" + std::string(200, 'x') + "\r\nhello\r\n0\r\n\r\n")), 0);
  EXPECT_EQ(reading_of(chunked("5;a=" + std::string(20'000, 'x') + "\r\nhello\r\n0\r\n\r\n")), 400);
  EXPECT_EQ(reading_of(chunked("000000000000000000005\r\nhello\r\n0\r\n\r\n")), 400);
  const auto trailer = [](int lines) {
    std::string text = "0\r\n";
    for (int i = 0; i < lines; ++i) text += "T: x\r\n";
    return text + "\r\n";
  };
  EXPECT_EQ(reading_of(chunked(trailer(100))), 0);
  EXPECT_EQ(reading_of(chunked(trailer(101))), 400) << "header_count_max";
  EXPECT_EQ(reading_of(chunked("0\r\nT: " + std::string(20'000, 'x') + "\r\n\r\n")), 400);
}

TEST(RequestReader, RefusesFoldedLinesAndControlCharactersInATrailer) {
  EXPECT_EQ(reading_of(chunked("0\r\nT: a\r\n b\r\n\r\n")), 400);
  EXPECT_EQ(reading_of(chunked("0\r\nT: a\nU: b\r\n\r\n")), 400);
  EXPECT_EQ(reading_of(chunked("0\r\nT: a\x01\r\n\r\n")), 400);
}

TEST(RequestReader, ReadsWhatFollowsAChunkedBodyAsARequest) {
  const Reading reading = read(chunked("5\r\nhello\r\n0\r\nT: x\r\n\r\n") + kPlain);
  ASSERT_EQ(reading.requests.size(), 2u);
  EXPECT_EQ(reading.requests[0].body, "hello");
  EXPECT_EQ(reading.requests[1].target, "/p?q=%20");
}

// HTTP/0.9; no more is to come, so there is nothing to wait for.
TEST(RequestReader, RefusesARequestLineWithoutAVersionAtOnce) {
  EXPECT_EQ(read("GET /health\r\n\r\n").refused, 400);
  EXPECT_EQ(read("GET /health\r\n").refused, 400);
  EXPECT_EQ(read("GET /health\n\n").refused, 400);
  EXPECT_EQ(read_pieces({"GET /hea", "lth\r", "\n"}).refused, 400);
  EXPECT_TRUE(read("GET /health").incomplete);
}

TEST(RequestReader, KeepsTheConnectionAsTheVersionAndTheClientSay) {
  const auto keeps = [](const std::string& version, const std::string& line) {
    RequestReader reader(kLimits);
    const std::string bytes = "GET / HTTP/" + version + "\r\nHost: h\r\n" + line + "\r\n";
    std::string_view input = bytes;
    EXPECT_EQ(reader.next(input), Outcome::request);
    return reader.keep_alive();
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "connection: x, CLOSE\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
}

TEST(RequestReader, AsksForContinueOnlyWhileTheBodyIsAwaited) {
  RequestReader reader(kLimits);
  std::string_view header =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(reader.next(header), Outcome::need_more);
  EXPECT_TRUE(reader.wants_continue());
  std::string_view body = "a";
  EXPECT_EQ(reader.next(body), Outcome::need_more);
  EXPECT_FALSE(reader.wants_continue()) << "the client did not wait";
  body = "b";
  EXPECT_EQ(reader.next(body), Outcome::request);
}

TEST(RequestReader, MeetsNoOtherExpectation) {
  EXPECT_EQ(refusal_of(with_header("Expect: 200-ok")), 417);
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                       "Content-Length: 99999999\r\n\r\n"),
            413)
      << "refused before the body is asked for";
}

TEST(RequestReader, TakesARequestIdOnlyIfItIsSafeToPrint) {
  const auto id_of = [](const std::string& id) {
    return read(with_header("X-Request-Id: " + id)).requests.at(0).id;
  };
  EXPECT_EQ(id_of("aB9._-"), "aB9._-");
  EXPECT_EQ(id_of(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_EQ(id_of(std::string(65, 'a')), "");
  EXPECT_EQ(id_of("a b"), "");
  EXPECT_EQ(id_of("<x>"), "");
  EXPECT_EQ(id_of(""), "");
}

TEST(RequestReader, HoldsWhatItIsNotAskedToReadYet) {
  RequestReader reader(kLimits);
  const std::string two = kPlain + kSized;
  std::string_view input = two;
  ASSERT_EQ(reader.next(input), Outcome::request);
  (void)reader.take();
  reader.hold(input);
  EXPECT_TRUE(reader.holds_input());
  std::string_view nothing;
  ASSERT_EQ(reader.next(nothing), Outcome::request);
  EXPECT_EQ(reader.take().target, "/s");
  EXPECT_FALSE(reader.holds_input());
}

}  // namespace
}  // namespace bourse::host
