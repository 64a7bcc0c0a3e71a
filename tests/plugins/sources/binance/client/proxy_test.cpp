// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace bourse::binance {
namespace {

using testing::HasSubstr;
using testing::Not;

const Origin kExchange = origin_of(Site::kLive);

Result<std::optional<Proxy>> proxy_with(std::map<std::string, std::string> variables,
                                        const Origin& origin = kExchange) {
  return proxy_for(origin, [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  });
}

TEST(Proxy, TakesTheFirstVariableThatIsSet) {
  EXPECT_FALSE(proxy_with({})->has_value());
  EXPECT_FALSE(proxy_with({{"HTTP_PROXY", "http://p:1"}})->has_value());  // is for plain HTTP
  const std::pair<const char*, const char*> order[] = {
      {"all_proxy", "d"}, {"ALL_PROXY", "c"}, {"https_proxy", "b"}, {"HTTPS_PROXY", "a"}};
  std::map<std::string, std::string> variables;
  for (const auto& [name, host] : order) {
    variables[name] = std::string("http://") + host;
    const auto proxy = proxy_with(variables);
    ASSERT_TRUE(proxy.ok() && proxy->has_value()) << name;
    EXPECT_EQ((*proxy)->host, host);
  }
}

TEST(Proxy, ReadsHostPortAndPassword) {
  const struct {
    const char* url;
    const char* host;
    int port;
    const char* authorization;  // by `printf USER:PASSWORD | base64`
  } cases[] = {
      {"http://proxy.test:8080", "proxy.test", 8080, ""},
      {"HTTP://proxy.test/", "proxy.test", 3128, ""},
      {"proxy.test:81", "proxy.test", 81, ""},
      {"http://10.0.0.1:3128/", "10.0.0.1", 3128, ""},
      {"http://[fe80::1]:8080", "fe80::1", 8080, ""},
      {"http://[::1]", "::1", 3128, ""},
      {"http://me:secret@proxy.test:8080", "proxy.test", 8080, "bWU6c2VjcmV0"},
      {"http://me:p%40ss%zz@proxy.test", "proxy.test", 3128, "bWU6cEBzcyV6eg=="},
  };
  for (const auto& one : cases) {
    const auto proxy = proxy_with({{"HTTPS_PROXY", one.url}});
    ASSERT_TRUE(proxy.ok() && proxy->has_value()) << one.url;
    EXPECT_EQ((*proxy)->host, one.host);
    EXPECT_EQ((*proxy)->port, one.port);
    const auto& authorization = (*proxy)->authorization;
    EXPECT_EQ(authorization == nullptr ? "" : authorization->reveal(), one.authorization);
  }
}

TEST(Proxy, RefusesWhatIsNoHttpProxyWithoutShowingIt) {
  for (const char* url :
       {"socks5://me:hunter2@proxy:1080", "https://me:hunter2@proxy", "http://me:hunter2@",
        "http://me:hunter2@proxy:0", "http://me:hunter2@proxy:65536", "http://me:hunter2@proxy:x",
        "http://me:hunter2@proxy/path", "http://me:hunter2@pro xy", "http://"}) {
    const auto proxy = proxy_with({{"ALL_PROXY", url}});
    ASSERT_FALSE(proxy.ok()) << url;
    EXPECT_EQ(proxy.error().kind, ErrorKind::kValidation);
    EXPECT_THAT(proxy.error().text(), HasSubstr("HTTPS_PROXY"));
    EXPECT_THAT(proxy.error().text(), Not(HasSubstr("hunter2")));
  }
}

TEST(Proxy, HonoursExceptions) {
  const auto is_used = [](const char* exceptions) {
    return proxy_with({{"HTTPS_PROXY", "http://p"}, {"NO_PROXY", exceptions}})->has_value();
  };
  for (const char* list :
       {"api.binance.com", "binance.com", ".binance.com", "x, Binance.COM ,y", "*", "a,*"}) {
    EXPECT_FALSE(is_used(list)) << list;
  }
  for (const char* list :
       {"", ",", ".", "nance.com", "api.binance.com.evil", "v1.api.binance.com"}) {
    EXPECT_TRUE(is_used(list)) << list;
  }
  EXPECT_FALSE(proxy_with({{"HTTPS_PROXY", "http://p"}, {"no_proxy", "binance.com"}})->has_value());
}

TEST(Proxy, IsNotForThisMachine) {
  for (const char* url :
       {"http://127.0.0.1:1", "https://127.0.0.1:1", "https://localhost:1", "https://[::1]:1"}) {
    EXPECT_FALSE(proxy_with({{"HTTPS_PROXY", "http://p"}}, *parse_loopback(url))->has_value())
        << url;
  }
}

}  // namespace
}  // namespace bourse::binance
