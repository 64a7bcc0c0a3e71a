// SPDX-License-Identifier: MIT
//
// render_repeats DICTIONARIES: 70,000 rows as an Arrow stream to standard output. Row i has i as
// `n`, and as `word` "word" and i % 7, null in every fifth row. For check_arrow.py.
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/test_host.hpp"

int main(int argc, char** argv) {
  using namespace bourse;
  constexpr std::int64_t kRows = 70'000;  // more than a batch
  const auto report = test::make_report([](const Call& call) {
    std::vector<std::int64_t> numbers;
    std::vector<std::optional<std::string>> words;
    for (std::int64_t i = 0; i < kRows; ++i) {
      numbers.push_back(i);
      words.push_back(i % 5 == 0 ? std::nullopt : std::optional("word" + std::to_string(i % 7)));
    }
    TableBuilder table("rows", "");
    table.column(Field("n", BOURSE_TYPE_I64), numbers)
        .column(Field("word", BOURSE_TYPE_TEXT), words);
    call.add(table);
  });
  const test::Component arrow("arrow.so", "arrow");
  const auto bytes = arrow.render(report->wire(), {{"dictionaries", argc > 1 ? argv[1] : "auto"}});
  if (!bytes.ok()) return 1;
  std::cout.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
  return std::cout.flush() ? 0 : 1;
}
