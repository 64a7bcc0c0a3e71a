// SPDX-License-Identifier: MIT
//
// arrow.so as the host loads it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/plugins/serializers/streaming.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

const Component& arrow() {
  static const Component component("arrow.so", "arrow");
  return component;
}

/// table, dictionaries
const std::vector<bourse_value> kOff = {null_value(), value("off")};

TEST(ArrowPlugin, DescribesItself) {
  const bourse_component& c = arrow().wire();
  EXPECT_EQ(c.kind, BOURSE_KIND_SERIALIZER);
  EXPECT_STREQ(c.media_type, "application/vnd.apache.arrow.stream");
  EXPECT_STREQ(c.suffix, "arrows");
  EXPECT_NE(c.flags & BOURSE_COMPONENT_PURE, 0U);
}

TEST(ArrowPlugin, RefusesATableThatIsNotThere) {
  const auto bytes = arrow().render(kitchen_sink()->wire(), {{"table", "nowhere"}});
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.failure().code, "table_not_found");
}

TEST(ArrowPlugin, StreamsALargeReportThroughOneBlock) {
  const Streamed all = stream(arrow(), large_report(100'000)->wire(), kOff);
  EXPECT_EQ(all.status, BOURSE_OK);
  expect_bounded(all);
}

TEST(ArrowPlugin, StopsSoonWhenTheClientIsGone) {
  const Streamed cut = stream(arrow(), large_report(20'000)->wire(), kOff, 3);
  EXPECT_EQ(cut.status, BOURSE_CANCELLED);
  EXPECT_EQ(cut.writes, 2U);
}

}  // namespace
}  // namespace bourse::test
