// SPDX-License-Identifier: MIT
//
// draw_samples FOLDER [WIDTH HEIGHT SCALE THEME [NAME]]: the sample reports as PNG files, to look
// at, and for readers in other languages to check.
#include <fstream>
#include <iostream>
#include <string>

#include "tests/plugins/serializers/charting/sample_reports.hpp"

int main(int argc, char** argv) {
  if (argc != 2 && argc < 6) {
    std::cerr << "usage: draw_samples FOLDER [WIDTH HEIGHT SCALE THEME [NAME]]\n";
    return 2;
  }
  bourse::test::Texts params;
  if (argc > 5) {
    params = {{"width", argv[2]}, {"height", argv[3]}, {"scale", argv[4]}, {"theme", argv[5]}};
  }
  const bourse::test::Component png("png.so", "png");
  for (const auto& [name, report] : bourse::test::all_samples()) {
    if (argc > 6 && name != argv[6]) continue;
    const auto bytes = png.render(report->wire(), params);
    if (!bytes.ok()) {
      std::cerr << name << ": " << bytes.failure().message << '\n';
      return 1;
    }
    std::ofstream(std::string(argv[1]) + "/" + name + ".png", std::ios::binary) << *bytes;
  }
  return 0;
}
