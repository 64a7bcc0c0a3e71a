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
  const Component format = plugin.component("@ID@");

  const Report report = Report()
                            .with_title("Prices")
                            .with_scalar("count", 2)
                            .with_table({"prices",
                                         "",
                                         {{"symbol", {"BTCUSDT", "ETHUSDT"}},
                                          {"price", decimals({"-0.50", nullptr})}}})
                            .with_note("old", "An hour old.");
  const Result result = format.render(report);
  CHECK(result.ok());
  CHECK(result.bytes ==
        "Prices\n"
        "count: 2\n"
        "prices: symbol=BTCUSDT price=-0.50\n"
        "prices: symbol=ETHUSDT price=-\n"
        "note: An hour old.\n");

  // The client may leave in the middle.
  host.fail("write", 1);
  CHECK(!format.render(report).ok());
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
