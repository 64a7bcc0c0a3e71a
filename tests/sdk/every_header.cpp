// SPDX-License-Identifier: MIT
//
// All of the C++ face in one file, for every compiler, library and standard that promises to take
// it. What is computed here is computed by the compiler, so that it holds for each of them.
#include "bourse/ext/datasets.hpp"
#include "bourse/ext/metrics.hpp"
#include "bourse/ext/probe.hpp"
#include "bourse/ext/request.hpp"
#include "bourse/ext/schema.hpp"
#include "bourse/ext/shared.hpp"
#include "bourse/ext/tasks.hpp"
#include "bourse/ext/watch.hpp"
#include "bourse/interval.hpp"
#include "bourse/one_table.hpp"
#include "bourse/plugin.hpp"
#include "bourse/pulse.hpp"
#include "bourse/read.hpp"
#include "bourse/reads.hpp"
#include "bourse/render.hpp"
#include "bourse/symbols.hpp"
#include "bourse/testing.hpp"
#include "bourse/text.hpp"

using namespace bourse;

// One grammar of decimals, whatever the library's from_chars takes.
constexpr bool reads_as_decimal(std::string_view text) { return Decimal::parse(text).has_value(); }
static_assert(reads_as_decimal("1.5") && reads_as_decimal("-0.10") && reads_as_decimal("12"));
static_assert(!reads_as_decimal("1,5") && !reads_as_decimal(" 1") && !reads_as_decimal("+1"));
static_assert(!reads_as_decimal("0x10") && !reads_as_decimal("1e400") && !reads_as_decimal("nan"));
static_assert(!reads_as_decimal("1.") && !reads_as_decimal(".5") && !reads_as_decimal("1e"));

// The nearest double, ties to even, without from_chars(double), which libc++ 14 does not have. The
// literals are the compiler's own reading of the same digits.
constexpr double real(std::string_view text) { return Decimal::parse(text)->to_double(); }
static_assert(real("0.1") == 0.1 && real("-92382.89") == -92382.89);
static_assert(real("1234567890.12345678") == 1234567890.12345678);
static_assert(real("9007199254740993") == 9007199254740992.0, "a tie goes to the even one");
static_assert(real("9007199254740995") == 9007199254740996.0, "a tie goes to the even one");
static_assert(real("9007199254740993.00000001") == 9007199254740994.0, "a little above a tie");
static_assert(real("0.12345678901234567890123456789012345678") ==
              0.12345678901234567890123456789012345678);
static_assert(real("99999999999999999999999999999999999999") == 1e38);
static_assert(real("0.00000000000000000000000000000000000001") == 1e-38);
static_assert(real("18014398509481983") == 18014398509481984.0, "a carry into the exponent");
static_assert(Decimal::make(0, 38)->to_double() == 0 && Decimal::make(0, -38)->to_double() == 0);
static_assert(Decimal::make(123, -38)->to_double() == 123e38);

namespace {
struct Analysis {
  static constexpr About about{.id = "analysis", .title = "Analysis", .parts = BOURSE_PART_TABLES};
  static constexpr std::array datasets{&reads<"candles", "open_time", "close?">};
  static constexpr auto returns = Returns()
                                      .scalar(Field("n", BOURSE_TYPE_I64).optional())
                                      .table("r", "R", Field("at", BOURSE_TYPE_TIME))
                                      .columns(FieldOf<Decimal>("price").scaled(8));
  void run(Call& call, const Values&) const {
    const Page page = call.page(Query("candles").with("symbol", "BTCUSDT").with("limit", 5));
    auto rows = call.begin("r", "R", FieldOf<Time>("at"), FieldOf<Decimal>("price").scaled(8));
    rows.add(call.now(), Decimal::of(1));
    call.log(BOURSE_LEVEL_INFO, "done", {{"rows", page.tables()}});
  }
};
}  // namespace

BOURSE_PLUGIN("fixture.every-header", "1.0.0", Analysis)
