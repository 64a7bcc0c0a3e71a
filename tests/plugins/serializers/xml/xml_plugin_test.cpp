// SPDX-License-Identifier: MIT
//
// xml.so as the host loads it.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/plugins/serializers/streaming.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

const Component& xml() {
  static const Component component("xml.so", "xml");
  return component;
}

TEST(XmlPlugin, DescribesItself) {
  const bourse_component& c = xml().wire();
  EXPECT_EQ(c.kind, BOURSE_KIND_SERIALIZER);
  EXPECT_STREQ(c.media_type, "application/xml; charset=utf-8");
  EXPECT_STREQ(c.suffix, "xml");
  EXPECT_EQ(c.parts,
            BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES);
  EXPECT_NE(c.flags & BOURSE_COMPONENT_PURE, 0U);
}

TEST(XmlPlugin, PrettyIsIndented) {
  const auto report = kitchen_sink();
  const auto plain = xml().render(report->wire());
  const auto pretty = xml().render(report->wire(), {{"pretty", "true"}});
  ASSERT_TRUE(plain.ok());
  ASSERT_TRUE(pretty.ok());
  EXPECT_EQ(plain->find("\n  <title>"), std::string::npos);
  EXPECT_NE(pretty->find("\n  <title>"), std::string::npos);
  EXPECT_NE(pretty->find("\n      <row><symbol>BTCUSDT</symbol><price>-0.10</price></row>\n"),
            std::string::npos);
}

TEST(XmlPlugin, AWrongParameterIsRefusedByName) {
  const auto refused = xml().render(kitchen_sink()->wire(), {{"pretty", "very"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().status, BOURSE_BAD_PARAM);
  EXPECT_EQ(refused.failure().parameter, "pretty");
}

TEST(XmlPlugin, ManyThreadsWriteTheSameBytes) {
  const auto report = kitchen_sink();
  const auto want = xml().render(report->wire());
  ASSERT_TRUE(want.ok());
  std::vector<std::string> got(8);
  std::vector<std::thread> threads;
  for (std::string& bytes : got) {
    threads.emplace_back([&] {
      if (auto rendered = xml().render(report->wire()); rendered.ok()) bytes = *rendered;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& bytes : got) EXPECT_EQ(bytes, *want);
}

TEST(XmlPlugin, StreamsALargeReportThroughOneBlock) {
  const Streamed all = stream(xml(), large_report(100'000)->wire(), {value(false)});
  EXPECT_EQ(all.status, BOURSE_OK);
  expect_bounded(all);
}

TEST(XmlPlugin, StopsSoonWhenTheClientIsGone) {
  const Streamed cut = stream(xml(), large_report(20'000)->wire(), {value(false)}, 3);
  EXPECT_EQ(cut.status, BOURSE_CANCELLED);
  EXPECT_EQ(cut.writes, 2U);
}

}  // namespace
}  // namespace bourse::test
