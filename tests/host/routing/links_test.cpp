// SPDX-License-Identifier: MIT
#include "host/routing/links.hpp"

#include <gtest/gtest.h>

namespace bourse::host {
namespace {

TEST(Links, KeepTheQueryOfTheRequest) {
  EXPECT_EQ(links_of_request(R"(<?table=pairs>; rel="item"; title="All pairs")", "limit=5"),
            R"(<?limit=5&table=pairs>; rel="item"; title="All pairs")");
  EXPECT_EQ(links_of_request("<?table=a>, <?table=b>;rel=item", "format=csv&limit=5"),
            "<?format=csv&limit=5&table=a>, <?format=csv&limit=5&table=b>;rel=item");
  EXPECT_EQ(links_of_request("<?table=a>", ""), "<?table=a>");
}

TEST(Links, SayThemselvesWhatTheyName) {
  EXPECT_EQ(links_of_request("<?table=b>", "table=a&limit=5"), "<?limit=5&table=b>");
  EXPECT_EQ(links_of_request("<?table=b>", "limit=5&table=a&table=c"), "<?limit=5&table=b>");
  EXPECT_EQ(links_of_request("<?table=b&limit=1>", "limit=5&table=a"), "<?table=b&limit=1>");
  EXPECT_EQ(links_of_request("<?table=b>", "tab=1&tables=2"), "<?tab=1&tables=2&table=b>");
}

// RFC 8288, section 3: what stands in quotation marks and in <> is no end of a link.
TEST(Links, AreToldApartAsTheirGrammarSays) {
  EXPECT_EQ(links_of_request(R"(<?t=a>; title="x, <?t=y>, \", <?t=z>", <?t=b>)", "q=1"),
            R"(<?q=1&t=a>; title="x, <?t=y>, \", <?t=z>", <?q=1&t=b>)");
  EXPECT_EQ(links_of_request("<?t=a,b>,<?t=c>", "q=1"), "<?q=1&t=a,b>, <?q=1&t=c>");
}

TEST(Links, OfAnotherKindStayAsTheyAre) {
  for (const char* link : {"</other?t=a>; rel=\"next\"", "<https://example.org/?t=a>", "<part>",
                           "no link", "<?t=a", "\"", "<"}) {
    EXPECT_EQ(links_of_request(link, "q=1"), link);
  }
  EXPECT_EQ(links_of_request("", "q=1"), "");
}

TEST(Links, HaveOneBoundTogether) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += (many.empty() ? "" : ", ") + std::string("<?table=t>");
  const std::string links = links_of_request(many, std::string(500, 'q'));
  EXPECT_LE(links.size(), kLinkBytesMax);
  EXPECT_GT(links.size(), kLinkBytesMax - 600) << "as many as there is room for";
  EXPECT_TRUE(links.ends_with("&table=t>"));
  EXPECT_EQ(links_of_request("<?table=t>", std::string(5000, 'q')), "");
}

}  // namespace
}  // namespace bourse::host
