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
  host.answer("candles", {{"open_time", times({"2026-11-21", "2026-11-22", "2026-11-23"})},
                          {"close", decimals({"100", nullptr, "110"})}});  // nullptr: no price
  Plugin plugin(host, file);
  const Component analysis = plugin.component("@ID@");

  const Result result = analysis.run({{"symbol", "BTCUSDT"}});
  CHECK(result.ok());
  CHECK(result.scalar("rows") == 3);
  CHECK(result.scalar("moved").shown().substr(0, 2) == "10");  // from 100 to 110, in percent
  CHECK(result.table("closes")["close"] == decimals({"100", nullptr, "110"}));
  CHECK(result.chart("closes").field(BOURSE_ROLE_Y) == "close");
  CHECK(result.differences.empty());  // from what it declares that it returns
  CHECK(result.asked.at(0)["limit"] == 50);

  // What the source cannot do is its answer, too.
  host.answer("candles", {BOURSE_UPSTREAM, "exchange_down", "The exchange does not answer."});
  CHECK(analysis.run({{"symbol", "BTCUSDT"}}).status() == BOURSE_UPSTREAM);

  // And no candles at all: no answer, but no crash either.
  host.answer("candles", {{"open_time", {}}, {"close", {}}});
  CHECK(analysis.run({{"symbol", "BTCUSDT"}}).scalar("moved") == nullptr);
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
