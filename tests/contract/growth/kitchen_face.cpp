// SPDX-License-Identifier: MIT
//
// What kitchen.c says, said in C++: analysis, source and layer on the face of the contract that
// plugin authors use. Built twice, as kitchen.c. Its serializer is kitchen.c's, so that both are
// read alike.
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bourse/ext/metrics.hpp"
#include "bourse/ext/probe.hpp"
#include "bourse/ext/request.hpp"
#include "bourse/plugin.hpp"

namespace {

using bourse::Decimal;
using bourse::Param;
using bourse::Time;

constexpr const char* kChoices[] = {"red", "green", nullptr};

constexpr Param param(const char* name, bourse_type type) {
  return Param(name, type, "A sentence.").labelled("A label").in("s");
}
constexpr bourse::Field field(const char* name, bourse_type type) {
  return bourse::Field(name, type)
      .labelled("A label")
      .in("{quote}")
      .described("what it means")
      .formatted("percent");
}

constexpr bourse::Field kBool = field("f_bool", BOURSE_TYPE_BOOL),
                        kI64 = field("f_i64", BOURSE_TYPE_I64),
                        kF64 = field("f_f64", BOURSE_TYPE_F64),
                        kDecimal = field("f_decimal", BOURSE_TYPE_DECIMAL).scaled(2),
                        kTime = field("f_time", BOURSE_TYPE_TIME),
                        kText = field("f_text", BOURSE_TYPE_TEXT),
                        kValue = field("value", BOURSE_TYPE_I64),
                        kExtra = field("extra", BOURSE_TYPE_F64).optional();
constexpr Param kN = param("n", BOURSE_TYPE_I64).with_default("3"),
                kHint = param("hint", BOURSE_TYPE_TEXT).optional();
constexpr const bourse_field* kSeriesFields[] = {&kTime, &kValue};
constexpr const bourse_field* kAskedFields[] = {&kTime, &kValue, &kExtra};
constexpr const bourse_param* kSeriesParams[] = {&kN, &kHint};

constexpr bourse_dataset dataset(const char* name, std::uint32_t flags, std::size_t n_params = 1,
                                 const bourse_field* const* fields = kSeriesFields,
                                 std::size_t n_fields = 2) {
  bourse_dataset made{};
  made.size = sizeof made;
  made.flags = flags;
  made.name = name;
  made.doc = "What it is.";
  made.n_params = n_params;
  made.params = kSeriesParams;
  made.n_fields = n_fields;
  made.fields = fields;
  return made;
}
constexpr bourse_dataset kSeries = dataset("series", 0), kBroken = dataset("broken", 0),
                         kPassed = dataset("passed", BOURSE_DATASET_PRIVATE),
                         kAskedPassed = dataset("passed", 0),
                         kAsked = dataset("series", 0, 2, kAskedFields, 3),
                         kNever = dataset("never", BOURSE_DATASET_OPTIONAL);

constexpr std::uint32_t kParts =
    BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES;

void expect(bourse::Call& call, bool condition, std::string_view what) {
  if (!condition) call.note(BOURSE_LEVEL_ERROR, "wrong", what);
}

class Everything {
 public:
  static constexpr bourse::About about{
      .id = "everything", .title = "A title", .doc = "A sentence.", .parts = kParts};
  static constexpr std::array params{
      param("flag", BOURSE_TYPE_BOOL).with_default("true"),
      param("number", BOURSE_TYPE_I64).with_default("7").bounds("1", "9"),
      param("ratio", BOURSE_TYPE_F64).with_default("0.5"),
      param("price", BOURSE_TYPE_DECIMAL).with_default("1.25"),
      param("since", BOURSE_TYPE_TIME).with_default("1970-01-02"),
      param("word", BOURSE_TYPE_TEXT).required().one_of(kChoices),
      param("words", BOURSE_TYPE_LIST).list_of(BOURSE_TYPE_TEXT).with_default("a,b"),
      param("hidden", BOURSE_TYPE_TEXT).secret()};
  static constexpr std::array config{param("step", BOURSE_TYPE_I64).with_default("10")};
  static constexpr std::array<const bourse_dataset*, 4> datasets{&kAsked, &kBroken, &kAskedPassed,
                                                                 &kNever};
  static constexpr auto returns = bourse::Returns()
                                      .scalar(kBool, kI64, kF64, kDecimal, kTime, kText)
                                      .table("told", "A label", kBool, kI64, kF64, kDecimal, kTime)
                                      .optional();

  Everything(const bourse::Values& values, bourse::Host host)
      : step_(values.integer("step")), host_(host), request_(host) {}

  void run(bourse::Call& call, const bourse::Values& values) const {
    look(call, values);
    const auto sums = ask(call);
    call.title("Everything");
    call.as_of(Time{88});
    call.meta("quote", "CHF");
    call.warn("salted", "It may be too much.");
    call.scalar(kBool, true);
    call.scalar(kI64, step_);
    call.scalar(kF64, static_cast<double>(sums[0]));
    call.scalar(kDecimal, Decimal::make(sums[1], 2).value());
    call.scalar(kTime, nullptr);
    call.scalar(kText, "a text");
    const auto number = call.add(table(2));
    call.add_rows(number, table(1));
    call.add(bourse::Chart(BOURSE_CHART_SCATTER, "marks", "Marks")
                 .of("all")
                 .pane("upper")
                 .logarithmic()
                 .on_second_axis()
                 .channel(BOURSE_ROLE_X, "f_time", "A label")
                 .channel(BOURSE_ROLE_Y, "f_f64", "A label")
                 .channel(BOURSE_ROLE_SIZE, "f_i64", "A label")
                 .channel(BOURSE_ROLE_LABEL, "f_text", "A label")
                 .level(30, "low")
                 .level(70, "high")
                 .guide(Time{1500000000}, "then")
                 .range(0, 100));
    call.fresh_until(Time{2000000000});
  }

 private:
  void look(bourse::Call& call, const bourse::Values& values) const {
    expect(call,
           values.boolean("flag") && values.integer("number") == 7 && values.real("ratio") == 0.5,
           "numbers");
    expect(call, values.decimal("price") == Decimal::from("1.25"), "price");
    expect(call, values.time("since").ns == 86400000000000, "since");
    expect(call, values.text("word") == "green", "word");
    expect(call, values.texts("words") == std::vector<std::string>{"a", "b"}, "words");
    expect(call, !values.given("hidden"), "hidden");
    expect(call, !host_.version().empty() && call.ns_left() > 0, "host");
    // Without request/1 or a clock the host is one of the tests for hosts that offer less.
    expect(call, !request_ || request_.id(call) == "request-7", "id");
    expect(call, !request_ || request_.language(call) == "de-CH", "language");
    expect(call, call.now().ns == 1234567890, "now");
    call.log(BOURSE_LEVEL_INFO, "face_was_here", {{"number", 5}, {"word", "yes"}});
    host_.log(BOURSE_LEVEL_DEBUG, "face_without_call");
  }

  static std::int64_t sum_of(bourse::Call& call, const bourse::Answer& answer) {
    if (!answer.ok()) return -1;
    expect(call, answer.report().as_of().ns == 77 && answer.report().tables() == 1, "an answer");
    std::int64_t sum = 0;
    for (const std::int64_t value : answer.report().table(0).integers("value")) sum += value;
    return sum;
  }

  static std::array<std::int64_t, 2> ask(bourse::Call& call) {
    const std::array queries{
        bourse::Query("series").with("n", 4).with("hint", "left out by the host"),
        bourse::Query("broken"), bourse::Query("passed").from_source("market").with("n", 4)};
    const auto answers = call.ask(queries);
    const bourse::Answer& broken = answers[1];
    expect(call, broken.status() == 451 && broken.code() == "kitchen_closed", "status");
    expect(call, broken.message() == "The kitchen is closed." && broken.parameter() == "n",
           "words");
    expect(call, broken.retry_after() == std::chrono::seconds(5), "retry_after");
    const std::array sums{sum_of(call, answers[0]), sum_of(call, answers[2])};
    if (answers[0].ok()) call.release(answers[0].report());
    return sums;
  }

  static bourse::TableBuilder table(std::size_t rows) {
    const auto first = [&](auto values) {
      values.resize(rows);
      return values;
    };
    bourse::TableBuilder made("all", "All types");
    made.column(kBool, first(std::vector<std::uint8_t>{1, 0}))
        .column(kI64, first(std::vector<std::optional<std::int64_t>>{-1, std::nullopt}))
        .column(kF64, first(std::vector<double>{0.5, -2.0}))
        .column(kDecimal,
                first(std::vector<Decimal>{Decimal::from("1.25"), Decimal::from("-0.50")}))
        .column(kTime, first(std::vector<Time>{{1000000000}, {2000000000}}))
        .column(kText, first(std::vector<std::string>{"one", ""}));
    return made;
  }

  std::int64_t step_;
  bourse::Host host_;
  bourse::Request request_;
};

void deliver(bourse::Call& call, const std::vector<std::int64_t>& values) {
  std::vector<Time> times;
  for (std::size_t i = 0; i < values.size(); ++i) times.push_back({static_cast<std::int64_t>(i)});
  call.as_of(Time{77});
  call.fresh_until(Time{3000000000});
  bourse::TableBuilder table("series", "");
  table.column(kTime, times).column(kValue, values);
  call.add(table);
}

struct Feed {
  static constexpr bourse::About about{.id = "feed",
                                       .title = "A title",
                                       .doc = "A sentence.",
                                       .parts = kParts,
                                       .flags = BOURSE_COMPONENT_SERIAL};
  static constexpr std::array<const bourse_dataset*, 3> datasets{&kSeries, &kBroken, &kPassed};
  static constexpr std::array probe_examples{bourse::Example{"n", "2"}};

  void fetch(bourse::Call& call, std::size_t which, const bourse::Values& values) const {
    if (which == 1) {
      throw bourse::Error(451, "kitchen_closed", "The kitchen is closed.")
          .blame("n")
          .retry_after(std::chrono::seconds(5));
    }
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = 1; i <= values.integer("n"); ++i) numbers.push_back(i);
    deliver(call, numbers);
  }
  void collect(bourse::Metrics& metrics) const {
    metrics.counter("stirred_total", "How often it was stirred.", 12, {{"pot", "large"}});
  }
  void probe(bourse::Call&, bourse::Findings& findings) const {
    findings.fail("gas", "it is off", "turn it on");
  }
};

struct Tenfold {
  static constexpr bourse::About about{.id = "tenfold",
                                       .title = "A title",
                                       .doc = "A sentence.",
                                       .parts = kParts,
                                       .flags = BOURSE_COMPONENT_LAYER | BOURSE_COMPONENT_BLOCKING};
  static constexpr std::array<const bourse_dataset*, 1> datasets{&kSeries};

  void fetch(bourse::Call& call, std::size_t, const bourse::Values& values) const {
    const bourse::Page below = call.page(bourse::Query("series").with("n", values.integer("n")));
    std::vector<std::int64_t> numbers;
    for (const std::int64_t value : below.table(0).integers("value")) numbers.push_back(10 * value);
    deliver(call, numbers);
  }
};

void start(bourse::Host host, bourse::Call& call) {
  call.poll();
  host.log(BOURSE_LEVEL_DEBUG, "face_started");
}
void stop() {}

constexpr bourse::PluginInfo kInfo{.name = "test.kitchen",
                                   .version = "1.2.3",
                                   .vendor = "Bourse",
                                   .license = "MIT",
                                   .url = "https://example.org",
                                   .init = start,
                                   .deinit = stop};

}  // namespace

BOURSE_PLUGIN_WITH(kInfo, Everything, Feed, Tenfold)
