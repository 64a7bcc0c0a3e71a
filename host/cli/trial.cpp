// SPDX-License-Identifier: MIT
#include "host/cli/trial.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "host/base/child.hpp"
#include "host/calls/call.hpp"
#include "host/plugins/file.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

struct Candidate {
  fs::path folder;
  fs::path file;
  std::string pin;  ///< empty: none
};

// What cannot be listed is told by load_plugins.
std::vector<Candidate> candidates_of(std::span<const fs::path> folders,
                                     const std::map<std::string, std::string>& pins) {
  std::vector<Candidate> candidates;
  for (const fs::path& folder : folders) {
    const auto canonical = open_folder(folder);
    if (!canonical) continue;
    const auto files = list_libraries(*canonical);
    if (!files) continue;
    for (const fs::path& file : *files) {
      const auto pin = pins.find(file.filename().string());
      candidates.push_back({*canonical, file, pin == pins.end() ? "" : pin->second});
    }
  }
  return candidates;
}

Failure ends_process(const fs::path& file, const ChildOutcome& outcome,
                     std::chrono::nanoseconds limit) {
  return {.status = BOURSE_INTERNAL,
          .code = "ends_process",
          .message = shown(file) + ": the process that loaded it " + outcome.how_it_ended(limit) +
                     "; `bourse validate " + shown(file) + "` says where"};
}

/// One after the other, in one process.
Result<ChildOutcome> try_in_child(std::span<const Candidate> candidates,
                                  std::chrono::nanoseconds limit) {
  ChildRequest request{.arguments = {"try"}, .limit = limit};
  for (const Candidate& each : candidates) {
    request.arguments.insert(request.arguments.end(),
                             {each.folder.string(), each.file.filename().string(), each.pin});
  }
  return run_child(request);
}

}  // namespace

std::map<fs::path, Failure> try_plugins(std::span<const fs::path> folders,
                                        const std::map<std::string, std::string>& pins,
                                        std::chrono::nanoseconds limit) {
  constexpr std::chrono::nanoseconds kTogetherMax = std::chrono::seconds(10);
  const auto candidates = candidates_of(folders, pins);
  if (candidates.empty()) return {};
  // Nearly always all of them are good, and one process shows that for less than many do.
  const auto all = try_in_child(candidates, std::min(limit, kTogetherMax));
  if (!all || all->is_good()) return {};  // where there are no children they are loaded as ever
  std::map<fs::path, Failure> found;
  std::mutex mutex;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < candidates.size(); i = next++) {
      const auto outcome = try_in_child({&candidates[i], 1}, limit);
      if (!outcome || outcome->is_good()) continue;
      const std::lock_guard lock(mutex);
      found.emplace(candidates[i].file, ends_process(candidates[i].file, *outcome, limit));
    }
  };
  const std::size_t jobs =
      std::min<std::size_t>(candidates.size(), std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return found;
}

int try_as_child(std::span<const std::string> words) {
  if (words.empty() || words.size() % 3 != 0) return 2;
  for (std::size_t i = 0; i < words.size(); i += 3) {
    LoadRequest request;
    request.folders = {words[i]};
    request.only = words[i + 1];
    if (!words[i + 2].empty()) request.pins.emplace(words[i + 1], words[i + 2]);
    request.host = &plugin_host();
    request.in_place = true;  // a copy shows nothing more of what the file does when it is loaded
    (void)load_plugins(request);  // loads, begins, ends, unloads
  }
  return 0;
}

}  // namespace bourse::host
