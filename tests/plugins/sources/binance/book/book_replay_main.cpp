// SPDX-License-Identifier: MIT
//
//   book_replay [--symbol NAME] [--limit N] [--depth N | --all] [FILE...]
//
// Plays recordings to the local order book and prints what it is at the end, as REST would have
// answered: the levels that are known, or the best N of a side, or with --all also those outside of
// the known range. What a recording is, and what --limit means, is said in book_replay.hpp. Several
// files are one recording; without any, standard input is. What happened goes to standard error.
// Exit code: 0 synced and equal to all snapshots that could be compared; 1 not; 2 a line that makes
// no sense, or a wrong option.
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tests/plugins/sources/binance/book/book_replay.hpp"

namespace {

using namespace bourse::binance;

constexpr char kUsage[] =
    "usage: book_replay [--symbol NAME] [--limit N] [--depth N | --all] [FILE...]\n";

int usage() {
  std::fputs(kUsage, stderr);
  return 2;
}

bool read_number(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out > 0;
}

void tell(const Replayed& result) {
  const BookCounts& counts = result.book->counts();
  std::cerr << name_of(result.book->state()) << ' ' << words_of(result.book->reason()) << '\n'
            << "messages " << result.messages << ", left out " << result.left_out << ", snapshots "
            << result.snapshots << '\n'
            << "applied " << counts.applied << ", old " << counts.old << ", gaps " << counts.gaps
            << ", joined " << counts.joined << ", snapshots too old " << counts.snapshots_old
            << ", crossed " << counts.crossed << '\n'
            << "compared with tickers " << counts.compared << ", mismatched " << counts.mismatched
            << "; with snapshots " << result.compared << '\n';
  for (const std::string& difference : result.differences) std::cerr << difference << '\n';
  if (result.unreadable) std::cerr << *result.unreadable << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  ReplayOptions options;
  int depth = 100'000;
  bool all = false;
  std::vector<std::string> files;
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (!name.starts_with("--")) {
      files.emplace_back(name);
      continue;
    }
    if (name == "--all") {
      all = true;
      continue;
    }
    if (++i == arguments.size()) return usage();
    if (name == "--symbol") {
      options.symbol = arguments[i];
    } else if (!(name == "--limit" && read_number(arguments[i], options.limit)) &&
               !(name == "--depth" && read_number(arguments[i], depth))) {
      return usage();
    }
  }
  std::stringstream joined;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::cerr << "book_replay: cannot read " << file << '\n';
      return 2;
    }
    joined << in.rdbuf() << '\n';
    joined.clear();  // an empty file is no failure
  }
  const Replayed result = replay_book(files.empty() ? std::cin : joined, options);
  tell(result);
  if (const DepthBook* const book = result.book->book()) {
    const auto levels = static_cast<std::size_t>(depth);
    std::cout << rest_text_of(all ? book->all_levels() : book->levels(levels)) << '\n';
  }
  if (result.unreadable) return 2;
  return result.book->state() == BookState::kSynced && result.differences.empty() ? 0 : 1;
}
