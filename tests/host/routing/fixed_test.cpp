// SPDX-License-Identifier: MIT
//
// Routes without an analysis: redirects, texts, files; and one route at several paths.
#include "host/routing/fixed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "host/routing/changes.hpp"
#include "host/routing/plan.hpp"
#include "tests/host/support/fixture.hpp"
#include "tests/host/support/temp_folder.hpp"

namespace bourse::host::test {
namespace {

std::string leads(const std::string& route, const std::string& target) {
  const auto generation = good_generation(with_feed("steady", "", "  - {" + route + "}\n"));
  const auto reached = reach(*generation, target);
  if (!reached || reached->route == nullptr) return "nowhere";
  return reached->route->fixed->at(reached->match, reached->target, target)->location;
}

TEST(Redirect, LeadsToItsPathWithTheValuesOfThisOne) {
  EXPECT_EQ(leads("path: /old, redirect: /new", "/old"), "/new");
  EXPECT_EQ(leads("path: /old, redirect: /", "/old"), "/");
  EXPECT_EQ(leads("path: \"/old/{a}/{b}\", redirect: \"/new/{b}/x/{a}\"", "/old/1/2"),
            "/new/2/x/1");
  EXPECT_EQ(leads("path: /old, redirect: \"https://other.example:8443/x\"", "/old"),
            "https://other.example:8443/x");
  EXPECT_EQ(leads("path: /old, redirect: \"https://other.example\"", "/old"),
            "https://other.example/");
}

TEST(Redirect, TakesTheQueryAlongBehindItsOwn) {
  EXPECT_EQ(leads("path: /old, redirect: /new", "/old?a=1&b=%20"), "/new?a=1&b=%20");
  const std::string route = "path: /old, redirect: \"/new?x=a%20b&y\"";
  EXPECT_EQ(leads(route, "/old"), "/new?x=a%20b&y");
  EXPECT_EQ(leads(route, "/old?"), "/new?x=a%20b&y");
  EXPECT_EQ(leads(route, "/old?x=2"), "/new?x=a%20b&y&x=2");
  EXPECT_EQ(leads("path: /old, redirect: \"https://other.example?x=1\"", "/old?y=2"),
            "https://other.example/?x=1&y=2");
  EXPECT_EQ(leads("path: /old, redirect: /new", "/old?a=\xc3\xa4"), "/new?a=%C3%A4");
}

// Whatever a value is, it stays in its segment: no other host, no header of its own.
TEST(Redirect, KeepsAValueInItsSegment) {
  const std::string route = "path: \"/{a}\", redirect: \"/to/{a}\"";
  EXPECT_EQ(leads(route, "/%2F%2Fevil.example"), "/to/%2F%2Fevil.example");
  EXPECT_EQ(leads(route, "/%5Cevil.example"), "/to/%5Cevil.example");
  EXPECT_EQ(leads(route, "/a%3Fb%23c"), "/to/a%3Fb%23c");
  EXPECT_EQ(leads(route, "/%C3%A4%20"), "/to/%C3%A4%20");
  EXPECT_EQ(leads("path: \"/{a}\", redirect: \"/{a}/x\"", "/%2Fevil.example"),
            "/%2Fevil.example/x");
  EXPECT_EQ(leads(route, "/a%0D%0Ab"), "nowhere");
}

std::string redirects(std::initializer_list<const char*> routes) {
  std::string yaml = "routes:\n";
  for (const char* route : routes) yaml += "  - {" + std::string(route) + "}\n";
  return yaml;
}

TEST(Redirects, ThatLeadInACircleAreOneErrorAtTheFirstOfThem) {
  const Built built =
      build(redirects({"path: /in, redirect: /a", "path: /a, redirect: /b",
                       "path: /b, redirect: \"/c?x=1\"", "path: /c, redirect: /a"}));
  EXPECT_EQ(built.generation, nullptr);
  EXPECT_EQ(built.codes, std::vector<std::string>{"redirect_loop"}) << built.diagnostics;
  EXPECT_THAT(built.diagnostics, testing::HasSubstr("leads in a circle: /a -> /b -> /c -> /a"));
  EXPECT_THAT(built.diagnostics, testing::HasSubstr("test.yaml:4:"));
}

TEST(Redirects, LeadInACircleByTheirValuesToo) {
  const auto circle = [](std::initializer_list<const char*> routes) {
    const Built built = build(redirects(routes));
    const std::size_t at = built.diagnostics.find("circle: ");
    if (at == std::string::npos) return built.diagnostics;
    return built.diagnostics.substr(at + 8, built.diagnostics.find('\n', at) - at - 8);
  };
  EXPECT_EQ(
      circle({R"(path: "/a/{x}", redirect: "/b/{x}")", R"(path: "/b/{y}", redirect: "/a/{y}")"}),
      "/a/{x} -> /b/{x} -> /a/{x}");
  // Of /b/{y} only the one value leads back.
  EXPECT_EQ(circle({R"(path: /a, redirect: /b/old)", R"(path: "/b/{y}", redirect: "/{y}")",
                    R"(path: /old, redirect: /a)"}),
            "/a -> /b/old -> /old -> /a");
  // A value grows into its segment only, so a way that seems to go on comes to where it was.
  EXPECT_EQ(circle({R"(path: "/a/{x}", redirect: "/b/{x}/k")",
                    R"(path: "/b/{y}/{z}", redirect: "/a/{z}")"}),
            "/a/k -> /b/k/k -> /a/k");
}

TEST(Redirects, ThatArriveAreNoCircle) {
  for (const auto& routes :
       {// A long way; a value that an own route has; the same path at another host.
        redirects({"path: /a, redirect: /b", "path: /b, redirect: /c", "path: /c, text: here"}),
        redirects({R"(path: "/a/{x}", redirect: "/b/{x}")", R"(path: "/b/{y}", redirect: "/a/x")",
                   R"(path: /a/x, text: here)"}),
        redirects({"path: /a, redirect: /b", R"(path: /b, redirect: "https://other.example/a")"}),
        redirects({"path: /a, redirect: /nowhere"})}) {
    const Built built = build(routes);
    EXPECT_NE(built.generation, nullptr) << built.diagnostics;
    EXPECT_TRUE(built.codes.empty()) << built.diagnostics;
  }
}

TEST(Fixed, IsWiredWithoutASourceAndSaysWhatItIs) {
  const auto generation = good_generation(
      "routes:\n"
      "  - {path: /r, redirect: {to: /x, status: 308, max-age: 10m}}\n"
      "  - {path: /robots.txt, text: \"User-agent: *\\nDisallow: /\\n\"}\n");
  const auto routes = generation->routes();
  EXPECT_EQ(routes[0].fixed->description(), "308 to /x");
  EXPECT_EQ(routes[0].fixed->max_age, std::chrono::minutes(10));
  const auto& robots = std::get<Content>(routes[1].fixed->answer);
  EXPECT_EQ(*robots.bytes, "User-agent: *\nDisallow: /\n");
  EXPECT_EQ(routes[1].fixed->description(), "text/plain; charset=utf-8, 26 bytes");
  // printf 'User-agent: *\nDisallow: /\n' | sha256sum
  EXPECT_EQ(robots.etag.size(), 34U);
  EXPECT_TRUE(routes[1].analyses.empty());
  const auto planned = plan(generation, {.target = "/r"});
  ASSERT_FALSE(planned.ok());
  EXPECT_EQ(planned.failure().code, "no_analysis");
}

class FixedFile : public testing::Test {
 protected:
  Built built(const std::string& name) {
    return build("routes:\n  - {path: /f, file: \"" + (folder.path() / name).string() + "\"}\n");
  }
  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder.path() / name, std::ios::binary) << bytes;
  }
  TempFolder folder;
};

TEST_F(FixedFile, IsReadWhenItIsWiredAndKnownByItsBytes) {
  write("a.SVG", "<svg/>");
  const Built before = built("a.SVG");
  ASSERT_NE(before.generation, nullptr) << before.diagnostics;
  const auto content = [](const Built& of) {
    return std::get<Content>(of.generation->routes()[0].fixed->answer);
  };
  EXPECT_EQ(content(before).media_type, "image/svg+xml");
  EXPECT_EQ(*content(before).bytes, "<svg/>");
  EXPECT_EQ(content(built("a.SVG")).etag, content(before).etag);
  EXPECT_FALSE(changes_between(*before.generation, *built("a.SVG").generation).any());
  write("a.SVG", "<SVG/>");
  const Built after = built("a.SVG");
  EXPECT_NE(content(after).etag, content(before).etag);
  EXPECT_EQ(changes_between(*before.generation, *after.generation).routes.changed,
            std::vector<std::string>{"/f"})
      << "a reload tells of it";
}

TEST_F(FixedFile, ThatIsNoneIsToldWhereItIsNamed) {
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  write("large", std::string(kServedFileBytesMax + 1, 'x'));
  write("largest", std::string(kServedFileBytesMax, 'x'));
  for (const char* name : {"absent", "pipe", "large", "."}) {
    const Built none = built(name);
    EXPECT_EQ(none.generation, nullptr) << name;
    EXPECT_EQ(none.codes, std::vector<std::string>{"unreadable_file"}) << none.diagnostics;
  }
  EXPECT_NE(built("largest").generation, nullptr);
}

/// A folder "site" in a folder of its own, with what is written into it.
class FixedFolder : public FixedFile {
 protected:
  FixedFolder() { std::filesystem::create_directories(folder.path() / "site"); }
  void put(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((folder.path() / "site" / name).parent_path());
    write("site/" + name, bytes);
  }
  Built served(const std::string& path, const std::string& more = "") {
    return build("routes:\n" + more + "  - {path: \"" + path + "\", folder: \"" +
                 (folder.path() / "site").string() + "\"}\n");
  }
  /// The bytes, "-> where", "404", or "another route".
  static std::string at(const Built& built, const std::string& target) {
    const auto reached = reach(*built.generation, target);
    if (!reached || reached->route == nullptr) return "nowhere";
    const FixedAnswer& fixed = *reached->route->fixed;
    if (!std::holds_alternative<Folder>(fixed.answer)) return "another route";
    const auto hit = fixed.at(reached->match, reached->target, target);
    if (!hit) return "404";
    return hit->content != nullptr ? *hit->content->bytes : "-> " + hit->location;
  }
};

TEST_F(FixedFolder, ServesWhatIsInItAndNothingElse) {
  write("secret", "secret");
  put("robots.txt", "robots");
  put("css/page.css", "css");
  put("a b.txt", "blank");
  put("{x}", "braces");
  put(".env", "hidden");
  put(".git/config", "hidden");
  put(".well-known/security.txt", "contact");
  const Built built = served("/static");
  ASSERT_NE(built.generation, nullptr) << built.diagnostics;
  EXPECT_EQ(at(built, "/static/robots.txt"), "robots");
  EXPECT_EQ(at(built, "/static/css/page.css?v=2"), "css");
  EXPECT_EQ(at(built, "/static/a%20b.txt"), "blank");
  EXPECT_EQ(at(built, "/static/%7Bx%7D"), "braces");
  EXPECT_EQ(at(built, "/static/.well-known/security.txt"), "contact");
  for (const char* none :
       {"/static", "/static/", "/static/css", "/static/css/", "/static/robots.txt/", "/static/x",
        "/static/.env", "/static/.git/config", "/static/css%2Fpage.css", "/static/ROBOTS.TXT",
        "/static/y/robots.txt"}) {
    EXPECT_EQ(at(built, none), "404") << none;
  }
  for (const char* out : {"/static/../secret", "/static/%2e%2e/secret", "/static/..%2fsecret",
                          "/static/css/../../secret", "/static//robots.txt", "/robots.txt"}) {
    EXPECT_TRUE(at(built, out) == "nowhere" || at(built, out) == "404") << out;
  }
  EXPECT_EQ(built.generation->routes()[0].fixed->description(), "5 files, 27 bytes");
}

TEST_F(FixedFolder, HasAPageWhereThereIsAnIndex) {
  put("index.html", "root");
  put("doc/index.html", "doc");
  const Built built = served("/static");
  EXPECT_EQ(at(built, "/static/"), "root");
  EXPECT_EQ(at(built, "/static?a=1"), "-> static/?a=1");
  EXPECT_EQ(at(built, "/static/doc"), "-> doc/");
  EXPECT_EQ(at(built, "/static/doc/"), "doc");
  EXPECT_EQ(at(built, "/static/doc/index.html"), "doc");
  EXPECT_EQ(at(served("/"), "/"), "root");
  EXPECT_EQ(at(served("/"), "/doc"), "-> doc/");
}

TEST_F(FixedFolder, LeavesToOtherRoutesWhatTheySayThemselves) {
  put("a/robots.txt", "folder");
  put("b.txt", "folder");
  const std::string routes =
      "  - {path: /a/robots.txt, text: hello}\n  - {path: /c, text: hello}\n";
  const Built built = served("/", routes);
  ASSERT_NE(built.generation, nullptr) << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("warning[shadowed_file]: the file \"a/robots.txt\""),
            std::string::npos)
      << built.diagnostics;
  EXPECT_EQ(at(built, "/a/robots.txt"), "another route");
  EXPECT_EQ(at(built, "/c"), "another route");
  EXPECT_EQ(at(built, "/b.txt"), "folder");
  EXPECT_EQ(at(built, "/d"), "404");
}

TEST_F(FixedFolder, BeatsAVariableWithTheNameOfAFileOnly) {
  put("robots.txt", "folder");
  const auto generation = good_generation(with_feed(
      "steady", "",
      "  - {path: \"/{names}\", run: echo, formats: [plain, data]}\n  - {path: /, folder: \"" +
          (folder.path() / "site").string() + "\"}\n"));
  EXPECT_TRUE(reach(*generation, "/robots.txt")->route->fixed);
  EXPECT_FALSE(reach(*generation, "/other.txt")->route->fixed);
  const std::string suffix = generation->routes()[0].offers[1].suffix;
  EXPECT_EQ(reach(*generation, "/other." + suffix)->suffix, suffix)
      << "still a format of the route";
  EXPECT_TRUE(reach(*generation, "/x/y")->route->fixed);
}

TEST_F(FixedFolder, FollowsNoLinkOutOfIt) {
  namespace fs = std::filesystem;
  write("secret", "secret");
  put("real.txt", "real");
  fs::create_symlink("real.txt", folder.path() / "site/inside.txt");
  fs::create_directories(folder.path() / "site/.data");
  write("site/.data/mounted.txt", "mounted");
  fs::create_symlink(".data/mounted.txt", folder.path() / "site/mounted.txt");
  const Built built = served("/s");
  ASSERT_NE(built.generation, nullptr) << built.diagnostics;
  EXPECT_EQ(at(built, "/s/inside.txt"), "real");
  EXPECT_EQ(at(built, "/s/mounted.txt"), "mounted") << "as Kubernetes mounts a ConfigMap";
  for (const auto& [to, words] : std::vector<std::pair<std::string, std::string>>{
           {"../secret", "leads out of the folder"},
           {(folder.path() / "secret").string(), "leads out of the folder"},
           {(folder.path() / "site/real.txt").string(), "leads out of the folder"},
           {"/proc/self/environ", "leads out of the folder"},
           {"..", "leads out of the folder"},
           {".", "leads to a folder around it"},
           {"nothing", "leads nowhere"},
           {"link", "leads in a circle"}}) {
    fs::create_symlink(to, folder.path() / "site/link");
    const Built wrong = served("/s");
    EXPECT_EQ(wrong.generation, nullptr) << to;
    EXPECT_NE(wrong.diagnostics.find("\"link\" is a link that " + words), std::string::npos)
        << to << '\n'
        << wrong.diagnostics;
    fs::remove(folder.path() / "site/link");
  }
}

TEST_F(FixedFolder, HasBounds) {
  for (std::size_t i = 0; i < kServedFilesMax; ++i) put("f" + std::to_string(i), "");
  EXPECT_NE(served("/s").generation, nullptr);
  put("one_more", "");
  EXPECT_NE(served("/s").diagnostics.find("it has more than 1000 files"), std::string::npos);
  std::filesystem::remove_all(folder.path() / "site");
  std::string deep;
  for (int i = 0; i < 15; ++i) deep += "d/";
  put(deep + "f", "");
  EXPECT_NE(served("/s").generation, nullptr);
  put(deep + "d/f", "");
  EXPECT_NE(served("/s").diagnostics.find("lies too deep"), std::string::npos);
  std::filesystem::remove_all(folder.path() / "site");
  for (int i = 0; i < 8; ++i) put(std::to_string(i), std::string(kServedFileBytesMax, 'x'));
  EXPECT_NE(served("/s").generation, nullptr);
  put("small", "x");
  EXPECT_NE(served("/s").diagnostics.find("larger than 32 MiB together"), std::string::npos);
  put("0", std::string(kServedFileBytesMax + 1, 'x'));
  EXPECT_NE(served("/s").diagnostics.find("\"0\" cannot be served: it is larger than 4 MiB"),
            std::string::npos);
}

TEST_F(FixedFolder, ThatIsNoneOrEmptyIsTold) {
  EXPECT_NE(served("/s").diagnostics.find("warning[empty_folder]"), std::string::npos);
  EXPECT_NE(served("/s").generation, nullptr);
  ASSERT_EQ(::mkfifo((folder.path() / "site/pipe").c_str(), 0600), 0);
  EXPECT_NE(served("/s").diagnostics.find("\"pipe\" is no regular file"), std::string::npos);
  put("\xff", "");
  EXPECT_NE(served("/s").diagnostics.find("no UTF-8"), std::string::npos);
  std::filesystem::remove_all(folder.path() / "site");
  EXPECT_EQ(served("/s").codes, std::vector<std::string>{"unreadable_file"});
  write("site", "a file");
  EXPECT_NE(served("/s").diagnostics.find("it is no folder"), std::string::npos);
}

TEST_F(FixedFolder, IsAnotherOneAfterAChangeOfOneFile) {
  put("a", "1");
  const Built before = served("/s");
  EXPECT_FALSE(changes_between(*before.generation, *served("/s").generation).any());
  put("a", "2");
  EXPECT_EQ(changes_between(*before.generation, *served("/s").generation).routes.changed,
            std::vector<std::string>{"/s"});
}

TEST(MediaTypeOf, IsThatOfTheSuffix) {
  EXPECT_EQ(media_type_of("favicon.ico"), "image/vnd.microsoft.icon");
  EXPECT_EQ(media_type_of("a.b.JSON"), "application/json");
  EXPECT_EQ(media_type_of("README"), "application/octet-stream");
  EXPECT_EQ(media_type_of("a."), "application/octet-stream");
  EXPECT_EQ(media_type_of("a.exe"), "application/octet-stream");
}

TEST(Paths, OfAListAreRoutesWithOneAnswer) {
  const auto generation = good_generation(with_feed(
      "steady", "", "  - {path: [/a, \"/b/{names}\"], run: echo, formats: [plain, data]}\n"));
  ASSERT_EQ(generation->routes().size(), 2U);
  EXPECT_EQ(generation->routes()[1].path, "/b/{names}");
  const auto asked = [&](const std::string& target) {
    const auto planned = plan(generation, {.target = target});
    return planned ? planned->job.analysis_arguments.asked() : planned.failure().code;
  };
  EXPECT_EQ(asked("/a?names=x"), asked("/b/x"));
}

}  // namespace
}  // namespace bourse::host::test
