// SPDX-License-Identifier: MIT
#include "host/observe/log.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "host/base/utf8.hpp"
#include "tests/host/observe/captured_errors.hpp"
#include "tests/host/support/temp_folder.hpp"

namespace bourse::host::test {
namespace {

// date -u -d @1795246071 is 2026-11-21 07:27:51.
constexpr std::int64_t kTime = 1'795'246'071'123'456'789;

std::string text(std::int32_t level, std::string_view event, std::vector<LogField> fields = {}) {
  return log_line(LineFormat::kText, kTime, level, event, fields);
}

std::string json(std::string_view event, std::vector<LogField> fields = {}) {
  return log_line(LineFormat::kJson, kTime, BOURSE_LEVEL_INFO, event, fields);
}

TEST(LogLine, AsTextIsTimeLevelEventAndFields) {
  EXPECT_EQ(text(BOURSE_LEVEL_INFO, "listening", {{"address", "0.0.0.0:8080"}, {"port", "8080"}}),
            "2026-11-21T07:27:51.123Z info  listening address=0.0.0.0:8080 port=8080");
  EXPECT_EQ(text(BOURSE_LEVEL_ERROR, "stopped"), "2026-11-21T07:27:51.123Z error stopped");
  EXPECT_EQ(text(BOURSE_LEVEL_WARN, "stopped"), "2026-11-21T07:27:51.123Z warn  stopped");
}

TEST(LogLine, AsJsonIsOneObject) {
  EXPECT_EQ(json("listening", {{"address", "0.0.0.0:8080"}}),
            R"({"time":"2026-11-21T07:27:51.123Z","level":"info","event":"listening",)"
            R"("address":"0.0.0.0:8080"})");
}

TEST(LogLine, LevelsBetweenTheKnownOnesCountAsTheNextHigher) {
  const auto level_of = [](std::int32_t level) { return text(level, "x").substr(25, 5); };
  EXPECT_EQ(level_of(-5), "debug");
  EXPECT_EQ(level_of(BOURSE_LEVEL_DEBUG), "debug");
  EXPECT_EQ(level_of(11), "info ");
  EXPECT_EQ(level_of(21), "warn ");
  EXPECT_EQ(level_of(31), "error");
  EXPECT_EQ(level_of(1000), "error");
}

TEST(LogLine, IsOneLineWhateverIsSaid) {
  const std::string nasty = "a\nb\r\nc\x1b[31m\x7f\u2028\u202e";
  for (const std::string& line :
       {text(BOURSE_LEVEL_INFO, nasty, {{nasty, nasty}}), json(nasty, {{nasty, nasty}})}) {
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    EXPECT_EQ(line.find('\r'), std::string::npos) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
  }
}

TEST(LogLine, NoValueCanLookLikeAnotherField) {
  EXPECT_EQ(text(BOURSE_LEVEL_INFO, "x", {{"a", "1 status=200"}}).substr(31),
            R"(x a="1 status=200")");
  EXPECT_EQ(text(BOURSE_LEVEL_INFO, "x", {{"a", "1\" b=\"2"}}).substr(31), R"(x a="1\" b=\"2")");
  EXPECT_EQ(text(BOURSE_LEVEL_INFO, "x", {{"a", ""}}).substr(31), R"(x a="")");
  EXPECT_EQ(text(BOURSE_LEVEL_INFO, "x", {{"a b=1", "2"}}).substr(31), R"(x "a b=1"=2)");
  EXPECT_EQ(text(BOURSE_LEVEL_INFO, "done status=200").substr(31), R"("done status=200")");
  EXPECT_EQ(text(BOURSE_LEVEL_INFO, "a plain sentence").substr(31), "a plain sentence");
}

TEST(LogLine, ATimeIsOfItsOwnSecondAndMillisecond) {
  const auto at = [](std::int64_t ns) {
    return log_line(LineFormat::kText, ns, BOURSE_LEVEL_INFO, "x", {}).substr(0, 24);
  };
  EXPECT_EQ(at(784'111'777'007'999'999), "1994-11-06T08:49:37.007Z") << "RFC 9110, 5.6.7";
  EXPECT_EQ(at(784'111'777'999'999'999), "1994-11-06T08:49:37.999Z");
  EXPECT_EQ(at(784'111'778'000'000'000), "1994-11-06T08:49:38.000Z");
  EXPECT_EQ(at(0), "1970-01-01T00:00:00.000Z");
}

// `date -u -d @-27 +%FT%T` is 1969-12-31T23:59:33. 64 bits of nanoseconds begin and end in the
// others.
TEST(LogLine, ATimeBefore1970IsOneLikeAnyOther) {
  const auto at = [](std::int64_t ns) {
    return log_line(LineFormat::kText, ns, BOURSE_LEVEL_INFO, "x", {}).substr(0, 24);
  };
  EXPECT_EQ(at(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(at(-26'803'000'000), "1969-12-31T23:59:33.197Z");
  EXPECT_EQ(at(-27'000'000'000), "1969-12-31T23:59:33.000Z");
  EXPECT_EQ(at(INT64_MIN), "1677-09-21T00:12:43.145Z");
  EXPECT_EQ(at(INT64_MAX), "2262-04-11T23:47:16.854Z");
}

TEST(LogLine, ATextIsWrittenAsItIsOnlyWhereNothingInItNeedsMore) {
  const auto value = [](const std::string& text) {
    return log_line(LineFormat::kText, kTime, BOURSE_LEVEL_INFO, "x",
                    std::vector<LogField>{{"a", text}})
        .substr(34);
  };
  EXPECT_EQ(value("a=b"), "=\"a=b\"");
  EXPECT_EQ(value("a\\b"), "=a\\b");
  EXPECT_EQ(value("a\\b c"), "=\"a\\\\b c\"") << "between quotation marks it stands escaped";
  EXPECT_EQ(value("\xC3\xA9"), "=\xC3\xA9");
  EXPECT_EQ(value(std::string(1000, 'x')), "=" + std::string(1000, 'x'));
  EXPECT_EQ(value(std::string(1001, 'x')), "=\"" + std::string(1000, 'x') + "\"... (1001 bytes)")
      << "it holds a blank then";
  EXPECT_EQ(json("a=b c").substr(58), "\"a=b c\"}");
}

TEST(LogLine, JsonEscapesWhatJsonCannotHold) {
  EXPECT_EQ(json("q\"b\\s", {{"k\"", "\x01\t"}}).substr(58), R"("q\"b\\s","k\"":"\u0001\u0009"})");
  EXPECT_EQ(json("\xFFz").substr(58), "\"\uFFFDz\"}");
}

// T28 of the facts on HTTP: whatever a client sends, the line is one, valid, and forges nothing on
// the terminal of who reads it: neither an escape, nor C1, nor text that runs backwards.
TEST(LogLine, NoFormHoldsAByteThatATerminalWouldObey) {
  const std::string sent = "\xff\"\x1b[2J\x7f\u009b\u061c\u200e\u2028\u202e\u2066\ufeff";
  EXPECT_EQ(json("x", {{"a", sent}}).substr(66),
            "\"\uFFFD\\\"\\u001b[2J\\u007f\\u009b\\u061c\\u200e\\u2028\\u202e\\u2066\\ufeff\"}");
  for (const std::string& line : {text(BOURSE_LEVEL_INFO, "x", {{"a", sent}}), json(sent)}) {
    EXPECT_TRUE(is_utf8(line));
    EXPECT_FALSE(has_control(line)) << line;
  }
}

TEST(LogLine, ANumberIsANumberInJson) {
  EXPECT_EQ(
      json("x", {{"a", 7}, {"b", "7"}, {"c", true}, {"d", std::uint64_t{1} << 63U}}).substr(58),
      R"("x","a":7,"b":"7","c":true,"d":9223372036854775808})");
  EXPECT_EQ(json("x", {{"t", std::chrono::nanoseconds(1'234'567'899)}}).substr(62),
            R"("t":1.234567})");
  EXPECT_EQ(text(BOURSE_LEVEL_INFO, "x", {{"a", -7}, {"c", false}}).substr(31), "x a=-7 c=false");
}

TEST(LogLine, IsBuiltFieldByField) {
  const auto built = [](LineFormat format) {
    return LogLine(format, kTime, BOURSE_LEVEL_INFO, "request")
        .text("target", "/a b")
        .number("status", std::uint64_t{200})
        .number("sample", 0.1)
        .seconds("total", std::chrono::microseconds(42))
        .flag("client_left", true)
        .take();
  };
  EXPECT_EQ(built(LineFormat::kText).substr(31),
            R"(request target="/a b" status=200 sample=0.1 total=0.000042 client_left=true)");
  EXPECT_EQ(built(LineFormat::kJson).substr(50),
            R"("event":"request","target":"/a b","status":200,"sample":0.1,"total":0.000042,)"
            R"("client_left":true})");
}

// Docker cuts at 16 KiB. A control of C1 is six bytes in JSON and eight in text.
TEST(LogLine, IsNeverLongerThanContainerEnginesTake) {
  std::string controls;
  for (int i = 0; i < 5000; ++i) controls += "\u009b";
  for (const LineFormat format : {LineFormat::kText, LineFormat::kJson}) {
    LogLine line(format, kTime, BOURSE_LEVEL_INFO, controls);
    for (int i = 0; i < 40; ++i) {
      line.text("a", std::string(3000, 'x'), 3000).text("b", controls, 4000).number("n", 0.5);
      line.field({controls, controls});
    }
    const std::string whole = line.take();
    EXPECT_LT(whole.size(), kLineBytesMax);
    EXPECT_GT(whole.size(), kLineBytesMax - 1000) << "what fits is there";
    EXPECT_TRUE(is_utf8(whole));
    const std::string_view end = format == LineFormat::kJson ? ",\"cut\":true}" : " cut=true";
    EXPECT_TRUE(whole.ends_with(end)) << whole.substr(whole.size() - 100);
  }
}

TEST(LogLine, AValueIsCutBetweenCharacters) {
  const std::string line = json("x", {{"a", std::string(3999, 'x') + "\u20ac\u20ac"}});
  EXPECT_EQ(line.substr(66), "\"" + std::string(3999, 'x') + "... (4005 bytes)\"}");
}

TEST(Log, BeforeItStartsOnlyWarningsAndErrorsAreSeen) {
  CapturedErrors errors;
  EXPECT_FALSE(log_enabled(BOURSE_LEVEL_INFO));
  EXPECT_TRUE(log_enabled(BOURSE_LEVEL_WARN));
  log_event(BOURSE_LEVEL_INFO, "hidden");
  log_event(BOURSE_LEVEL_WARN, "seen", {{"a", "1"}});
  const std::string all = errors.take();
  EXPECT_EQ(all.find("hidden"), std::string::npos);
  EXPECT_NE(all.find("warn  seen a=1\n"), std::string::npos) << all;
}

TEST(Log, WritesEveryLineOfEveryThreadWholeBeforeItStops) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;  // all together fewer than the queue holds
  CapturedErrors errors;
  start_log(BOURSE_LEVEL_INFO, LineFormat::kText);
  EXPECT_TRUE(log_enabled(BOURSE_LEVEL_INFO));
  EXPECT_FALSE(log_enabled(BOURSE_LEVEL_DEBUG));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < kLines; ++i) {
        log_event(BOURSE_LEVEL_INFO, "line",
                  {{"thread", std::to_string(t)}, {"number", std::to_string(i)}});
        log_event(BOURSE_LEVEL_DEBUG, "hidden");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  (void)stop_log();
  std::istringstream lines(errors.take());
  std::vector<int> next(kThreads, 0);
  for (std::string line; std::getline(lines, line);) {
    int thread = -1;
    int number = -1;
    ASSERT_EQ(std::sscanf(line.c_str() + 24, " info  line thread=%d number=%d", &thread, &number),
              2)
        << line;
    EXPECT_EQ(number, next.at(static_cast<std::size_t>(thread))++) << "in order within a thread";
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kLines));
}

TEST(Log, LinesThatComeTooFastForOneWriteEachAreAllThere) {
  constexpr int kLines = 5000;  // fewer than the queue holds, more than one batch
  CapturedErrors errors;
  start_log(BOURSE_LEVEL_INFO, LineFormat::kText);
  for (int i = 0; i < kLines; ++i) {
    log_event(BOURSE_LEVEL_INFO, "line", {{"number", std::to_string(i)}});
  }
  EXPECT_TRUE(flush_log(std::chrono::seconds(60)));
  EXPECT_EQ(log_lines_lost(), 0U);
  (void)stop_log();
  std::istringstream lines(errors.take());
  int next = 0;
  for (std::string line; std::getline(lines, line); ++next) {
    ASSERT_EQ(line.substr(24), " info  line number=" + std::to_string(next));
  }
  EXPECT_EQ(next, kLines);
}

TEST(Log, OfABatchThatTheSystemTakesInPartTheRestIsLost) {
  CapturedErrors errors;  // a file; the limit stands for a full disk
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 100, .rlim_max = before.rlim_max};
  start_log(BOURSE_LEVEL_INFO, LineFormat::kText);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  for (int i = 10; i < 60; ++i) log_event(BOURSE_LEVEL_INFO, "line", {{"n", std::to_string(i)}});
  EXPECT_TRUE(flush_log(std::chrono::seconds(60)));
  const std::uint64_t lost = log_lines_lost();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)stop_log();
  const std::string all = errors.take();
  // "2026-11-21T07:27:51.123Z info  line n=10\n": 41 bytes, so two whole lines and a part.
  EXPECT_EQ(all.size(), 100U);
  EXPECT_EQ(lost, 48U);
}

// What logrotate does: the file is given another name, and the server is told.
TEST(Log, AFileThatWasRenamedIsOpenedAnewAndNoLineIsLost) {
  constexpr int kLines = 4000;
  const TempFolder folder;
  const auto file = folder.path() / "bourse.log";
  const auto old = folder.path() / "bourse.log.1";
  ASSERT_TRUE(start_log(BOURSE_LEVEL_INFO, LineFormat::kText, file).ok());
  for (int i = 0; i < kLines; ++i) {
    if (i == kLines / 2) {
      std::filesystem::rename(file, old);
      EXPECT_TRUE(reopen_log());
    }
    log_event(BOURSE_LEVEL_INFO, "line", {{"n", i}});
  }
  EXPECT_TRUE(flush_log(std::chrono::seconds(60)));
  EXPECT_EQ(log_lines_lost(), 0U);
  EXPECT_TRUE(stop_log());
  int next = 0;
  bool told = false;
  for (const auto& part : {old, file}) {
    std::ifstream lines(part);
    for (std::string line; std::getline(lines, line);) {
      if (line.find(" log_reopened ") != line.npos) {
        told = true;
        continue;
      }
      ASSERT_EQ(line.substr(24), " info  line n=" + std::to_string(next++));
    }
  }
  EXPECT_EQ(next, kLines);
  EXPECT_TRUE(told);
  EXPECT_GT(std::filesystem::file_size(file), 0U) << "the new one is written to";
}

TEST(Log, AFileThatCannotBeOpenedAnewIsWrittenOnAndThatIsTold) {
  const TempFolder folder;
  const auto file = folder.path() / "logs" / "bourse.log";
  EXPECT_FALSE(start_log(BOURSE_LEVEL_INFO, LineFormat::kText, file).ok()) << "no such folder";
  std::filesystem::create_directory(folder.path() / "logs");
  ASSERT_TRUE(start_log(BOURSE_LEVEL_INFO, LineFormat::kText, file).ok());
  std::filesystem::rename(folder.path() / "logs", folder.path() / "old");
  EXPECT_TRUE(reopen_log());
  log_event(BOURSE_LEVEL_INFO, "after");
  EXPECT_TRUE(flush_log(std::chrono::seconds(60)));
  EXPECT_TRUE(stop_log());
  std::ifstream lines(folder.path() / "old" / "bourse.log");
  std::string all{std::istreambuf_iterator<char>(lines), {}};
  EXPECT_NE(all.find("warn  log_file_kept file="), all.npos) << all;
  EXPECT_NE(all.find("No such file"), all.npos) << all;
  EXPECT_NE(all.find("info  after\n"), all.npos) << all;
}

// copytruncate of logrotate: whoever does not append leaves a hole of NULs.
TEST(Log, AFileThatWasMadeEmptyIsWrittenFromItsBeginning) {
  const TempFolder folder;
  const auto file = folder.path() / "bourse.log";
  ASSERT_TRUE(start_log(BOURSE_LEVEL_INFO, LineFormat::kText, file).ok());
  log_event(BOURSE_LEVEL_INFO, "before");
  EXPECT_TRUE(flush_log(std::chrono::seconds(60)));
  std::filesystem::resize_file(file, 0);
  log_event(BOURSE_LEVEL_INFO, "after");
  EXPECT_TRUE(stop_log());
  std::ifstream lines(file);
  std::string all{std::istreambuf_iterator<char>(lines), {}};
  EXPECT_EQ(all.substr(24), " info  after\n");
}

TEST(Log, WithoutAFileThereIsNothingToOpen) {
  CapturedErrors errors;
  EXPECT_FALSE(reopen_log());
  start_log(BOURSE_LEVEL_INFO, LineFormat::kText);
  EXPECT_FALSE(reopen_log());
  (void)stop_log();
}

TEST(Log, ALineIsWrittenWhateverTheLevelIs) {
  CapturedErrors errors;
  EXPECT_FALSE(log_runs());
  write_line(begin_line(BOURSE_LEVEL_INFO, "nowhere"));
  start_log(BOURSE_LEVEL_ERROR, LineFormat::kJson);
  ASSERT_TRUE(log_runs());
  LogLine line = begin_line(BOURSE_LEVEL_INFO, "request");
  line.number("status", std::uint64_t{200});
  write_line(std::move(line));
  (void)stop_log();
  EXPECT_EQ(errors.take().substr(35), "\"level\":\"info\",\"event\":\"request\",\"status\":200}\n");
}

TEST(Log, MayStopAndStartWhileOthersLog) {
  CapturedErrors errors;
  std::atomic<bool> stop{false};
  std::thread logger([&] {
    while (!stop) log_event(BOURSE_LEVEL_ERROR, "x");
  });
  for (int i = 0; i < 5; ++i) {
    start_log(BOURSE_LEVEL_ERROR, i % 2 == 0 ? LineFormat::kJson : LineFormat::kText);
    (void)stop_log();
  }
  stop = true;
  logger.join();
}

}  // namespace
}  // namespace bourse::host::test
