// What the plugin does, without a server: against the host that bourse/testing.hpp brings.
#include <cstdio>
#include <exception>

#include "bourse/testing.hpp"

namespace {

using namespace bourse::testing;

int failures = 0;

void check(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", claim);
  ++failures;
}
#define CHECK(claim) check((claim), #claim)

void test(const char* file) {
  Host host;
  Plugin plugin(host, file);
  const Component source = plugin.component("@ID@", {{"first", "10.50"}});

  const Result result = source.fetch("prices", {{"symbols", "BTCUSDT,ETHUSDT"}});
  CHECK(result.ok());
  CHECK(result.table("prices")["symbol"] == (Cells{"BTCUSDT", "ETHUSDT"}));
  CHECK(result.table("prices")["price"] == decimals({"10.50", "11.50"}));

  // Any function of the host may fail; the call does then, and nothing else.
  host.fail("table", 1);
  CHECK(!source.fetch("prices", {{"symbols", "BTCUSDT"}}).ok());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    test(argv[1]);
  } catch (const std::exception& mistake) {
    std::fprintf(stderr, "%s\n", mistake.what());
    return 1;
  }
  return failures == 0 ? 0 : 1;
}
