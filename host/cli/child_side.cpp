// SPDX-License-Identifier: MIT
#include "host/cli/child_side.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/child.hpp"
#include "host/cli/setup.hpp"
#include "host/cli/trial.hpp"
#include "host/validate/run.hpp"

namespace bourse::host {

bool is_child(int argc, char** argv) { return argc > 3 && argv[1] == std::string_view(kChildWord); }

int run_as_child(int argc, char** argv) {
  if (!die_with_parent(std::strtol(argv[2], nullptr, 10))) return kFailed;
  auto record = Record::open(kRecordDescriptor);
  if (!record) {
    std::fprintf(stderr, "error: %s\n", record.failure().message.c_str());
    return kUsage;
  }
  const std::string_view command = argv[3];
  const std::vector<std::string> words(argv + 4, argv + argc);
  if (command == "validate") return validate::perform_as_child(words, *record);
  if (command == "try") {
    const int code = try_as_child(words);
    record->complete();
    return code;
  }
  return kUsage;
}

}  // namespace bourse::host
