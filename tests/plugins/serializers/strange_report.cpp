// SPDX-License-Identifier: MIT
#include "tests/plugins/serializers/strange_report.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "bourse/report.hpp"

namespace bourse::test {
namespace {

constexpr bourse_type kStrangeType = 12;
constexpr std::size_t kTail = 64;
constexpr std::uint32_t kStrangeFlag = 1U << 31;

constexpr std::array<std::int64_t, 3> kTimes = {
    1'734'688'800'000'000'000, 1'734'692'400'000'000'000, 1'734'696'000'000'000'000};
constexpr std::array<double, 3> kCloses = {3, 1, 2};
constexpr std::array<bourse_str, 3> kSides = {{{"a", 1}, {"b", 1}, {"a", 1}}};

std::size_t page() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

bourse_str text(std::string_view t) { return {t.data(), t.size()}; }

bourse_value strange_value(bourse_type type) {
  bourse_value v{};
  v.type = type;
  v.as.i64 = 7;
  return v;
}

bourse_channel channel(bourse_role role, const char* field) {
  return {sizeof(bourse_channel), role, field, nullptr};
}

}  // namespace

StrangeReport::StrangeReport(Lengths lengths, bool numbers, const std::string& note)
    : lengths_(lengths), note_(note) {
  fill(numbers);
}

StrangeReport::~StrangeReport() {
  for (const Block& block : blocks_) ::munmap(block.memory, block.bytes);
}

/// At the end of a page that is followed by one that cannot be read. `least`: what may be left of
/// it.
template <class T>
const T* StrangeReport::put(T item, std::size_t least) {
  const std::size_t bytes = lengths_ == Lengths::kLonger    ? sizeof(T) + kTail
                            : lengths_ == Lengths::kShorter ? least
                                                            : sizeof(T);
  void* const memory =
      ::mmap(nullptr, 2 * page(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  blocks_.push_back({memory, 2 * page()});
  auto* const end = static_cast<std::byte*>(memory) + page();
  if (::mprotect(end, page(), PROT_NONE) != 0) throw std::bad_alloc();
  std::byte* const at = end - bytes;
  std::memset(at, 0xA5, bytes);
  item.size = static_cast<std::uint32_t>(bytes);
  std::memcpy(at, &item, std::min(bytes, sizeof(T)));
  return reinterpret_cast<const T*>(at);
}

const bourse_field* StrangeReport::field(const char* name, bourse_type type, const char* unit) {
  bourse_field field{};
  field.type = type;
  field.name = name;
  field.unit = unit;
  return put(field, offsetof(bourse_field, doc));
}

void StrangeReport::fill(bool numbers) {
  meta_.push_back(put(bourse_meta{0, 0, text("quote"), value(std::string_view("USDT"))}));
  if (numbers) meta_.push_back(put(bourse_meta{0, kStrangeFlag, text("odd"), strange_value(9)}));
  notes_.push_back(
      put(bourse_note{0, numbers ? 25 : BOURSE_LEVEL_INFO, text("between"), text("In between.")}));
  if (!note_.empty()) {
    notes_.push_back(put(bourse_note{0, BOURSE_LEVEL_INFO, text("not_shown"), text(note_)}));
  }
  fill_scalars(numbers);
  fill_tables(numbers);
  fill_charts(numbers);
  bourse_report report{};
  report.flags = numbers ? kStrangeFlag : 0;
  report.title = text("Of tomorrow");
  report.component = text("acme.future/future");
  report.as_of = kTimes.back();
  report.n_meta = meta_.size(), report.meta = meta_.data();
  report.n_notes = notes_.size(), report.notes = notes_.data();
  report.n_scalars = scalars_.size(), report.scalars = scalars_.data();
  report.n_tables = tables_.size(), report.tables = tables_.data();
  report.n_charts = charts_.size(), report.charts = charts_.data();
  report_ = put(report);
}

void StrangeReport::fill_scalars(bool numbers) {
  const auto add = [&](const bourse_field* of, const bourse_value& v) {
    scalars_.push_back(put(bourse_scalar{0, numbers ? kStrangeFlag : 0, of, v}));
  };
  add(field("price", BOURSE_TYPE_F64, "{quote}"), value(1.5));
  if (!numbers) return;
  add(field("odd_type", 8), strange_value(8));
  add(field("odd_value", BOURSE_TYPE_F64), strange_value(8));
}

void StrangeReport::fill_tables(bool numbers) {
  const auto add = [&](const bourse_field* of, const void* data) {
    fields_.push_back(of);
    arrays_.push_back({data, nullptr});
  };
  add(field("time", BOURSE_TYPE_TIME), kTimes.data());
  if (numbers) add(field("x", kStrangeType), nullptr);  // how its rows lie is not known either
  add(field("close", BOURSE_TYPE_F64, "{base}"), kCloses.data());
  add(field("side", BOURSE_TYPE_TEXT), kSides.data());
  bourse_table table{};
  table.flags = numbers ? kStrangeFlag : 0;
  table.name = "series";
  table.label = "Series";
  table.n_fields = fields_.size(), table.fields = fields_.data();
  table.n_rows = kTimes.size(), table.columns = arrays_.data();
  tables_.push_back(put(table));
  if (!numbers) return;
  strange_fields_.push_back(field("y", kStrangeType));
  strange_arrays_.push_back({nullptr, nullptr});
  table.name = "strange";
  table.n_fields = 1, table.fields = strange_fields_.data(), table.columns = strange_arrays_.data();
  tables_.push_back(put(table));
}

void StrangeReport::chart(const char* name, bourse_chart_kind kind, const char* table,
                          const std::vector<bourse_channel>& channels, bourse_chart rest) {
  auto& pointers = channels_.emplace_back();
  for (const bourse_channel& c : channels)
    pointers.push_back(put(c, offsetof(bourse_channel, label)));
  rest.kind = kind;
  rest.name = name;
  rest.title = name;
  rest.table = table;
  rest.n_channels = pointers.size(), rest.channels = pointers.data();
  charts_.push_back(put(rest, offsetof(bourse_chart, n_levels)));
}

void StrangeReport::fill_charts(bool numbers) {
  channels_.reserve(16);
  const auto x = channel(BOURSE_ROLE_X, "time"), y = channel(BOURSE_ROLE_Y, "close");
  bourse_chart plain{};
  if (numbers) {
    static constexpr std::array<double, 1> kLevels = {2.5};
    bourse_chart far = plain;
    far.n_levels = 1, far.levels = kLevels.data();
    chart("depth", 99, "series", {x, y}, far);
  }
  bourse_chart flagged = plain;
  if (numbers) flagged.flags = kStrangeFlag;
  static const std::array<bourse_value, 1> kGuides = {strange_value(9)};
  if (numbers) flagged.n_guides = 1, flagged.guides = kGuides.data();
  if (numbers) {
    chart("close", BOURSE_CHART_LINE, "series", {x, channel(40, "close"), y}, flagged);
    bourse_chart sided = plain;
    sided.axis = 7;
    chart("third_axis", BOURSE_CHART_LINE, "series", {x, y}, sided);
    chart("of_x", BOURSE_CHART_LINE, "series", {x, channel(BOURSE_ROLE_Y, "x")}, plain);
    chart("grouped", BOURSE_CHART_LINE, "series", {x, y, channel(BOURSE_ROLE_GROUP, "x")}, plain);
    chart("of_strange", BOURSE_CHART_LINE, "strange",
          {channel(BOURSE_ROLE_X, "y"), channel(BOURSE_ROLE_Y, "y")}, plain);
  } else {
    chart("close", BOURSE_CHART_LINE, "series", {x, y}, plain);
  }
  chart("by_side", BOURSE_CHART_BAR, "series", {x, y, channel(BOURSE_ROLE_GROUP, "side")}, plain);
}

}  // namespace bourse::test
