// SPDX-License-Identifier: MIT
//
// render_reports PLUGIN[/COMPONENT] FOLDER [NAME=VALUE...]: renders the kitchen sink and the empty
// report with one serializer and these parameters into FOLDER, as NAME.dump (what is in it),
// NAME.out (the bytes) and NAME.headers (name, tab, value). For checks by readers in other
// languages.
#include <fstream>
#include <iostream>
#include <string>

#include "tests/plugins/serializers/kitchen_sink.hpp"

namespace {

using namespace bourse::test;

void save(const std::string& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  if (!out.flush()) throw std::runtime_error("cannot write " + file);
}

bool render(const Component& serializer, const std::string& base, const bourse_report& report,
            const Texts& params) {
  Texts headers;
  const auto bytes = serializer.render(report, params, &headers);
  if (!bytes.ok()) {
    std::cerr << base << ": " << bytes.failure().code << ": " << bytes.failure().message << '\n';
    return false;
  }
  std::string lines;
  for (const auto& [name, value] : headers) lines += name + "\t" + value + "\n";
  save(base + ".dump", dump(report));
  save(base + ".out", *bytes);
  save(base + ".headers", lines);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: render_reports PLUGIN[/COMPONENT] FOLDER [NAME=VALUE...]\n";
    return 2;
  }
  const std::string name = argv[1], folder = argv[2];
  const std::string plugin = name.substr(0, name.find('/'));
  const std::string component = name.substr(name.find('/') + 1);  // without a slash, all of it
  Texts params;
  for (int i = 3; i < argc; ++i) {
    const std::string text = argv[i];
    const std::size_t equals = text.find('=');
    params.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  const Component serializer(plugin + ".so", component);
  const bool kitchen = render(serializer, folder + "/kitchen", kitchen_sink()->wire(), params);
  // The empty report has no tables to choose from, and no value for a badge.
  const bool chooses =
      !params.empty() && (params.front().first == "table" || params.front().second == "badge");
  const bool empty =
      chooses || render(serializer, folder + "/empty", empty_report()->wire(), params);
  return kitchen && empty ? 0 : 1;
}
