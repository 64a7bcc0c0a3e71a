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
  Host host;  // its answers are those of the source below
  host.answer("prices", {{"symbol", {"BTCUSDT", "ETHUSDT", "XRPUSDT"}},
                         {"price", decimals({"90000", "2", "1.99"})}});
  Plugin plugin(host, file);
  const Component layer = plugin.component("@ID@", {{"least", "2"}});

  const Result result = layer.fetch("prices", {{"symbols", "BTCUSDT,ETHUSDT,XRPUSDT"}});
  CHECK(result.ok());
  CHECK(result.table("prices")["symbol"] == (Cells{"BTCUSDT", "ETHUSDT"}));
  CHECK(result.table("prices")["price"] == decimals({"90000", "2"}));
  CHECK(result.note("left_out").text == "Left out: 1 prices.");

  host.answer("prices", {BOURSE_UPSTREAM, "exchange_down", "The exchange does not answer."});
  CHECK(layer.fetch("prices", {{"symbols", "BTCUSDT"}}).status() == BOURSE_UPSTREAM);
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
