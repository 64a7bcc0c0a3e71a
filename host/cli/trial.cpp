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
};

// What cannot be listed is told by load_plugins.
std::vector<Candidate> candidates_of(std::span<const fs::path> folders) {
  std::vector<Candidate> candidates;
  for (const fs::path& folder : folders) {
    const auto canonical = open_folder(folder);
    if (!canonical) continue;
    const auto files = list_libraries(*canonical);
    if (!files) continue;
    for (const fs::path& file : *files) candidates.push_back({*canonical, file});
  }
  return candidates;
}

Failure ends_process(const fs::path& file, const ChildOutcome& outcome) {
  return {.status = BOURSE_INTERNAL,
          .code = "ends_process",
          .message = shown(file) + ": the process that loaded it " +
                     outcome.how_it_ended(kTrialMax) + "; `bourse validate " + shown(file) +
                     "` says where"};
}

}  // namespace

std::map<fs::path, Failure> try_plugins(std::span<const fs::path> folders,
                                        const std::map<std::string, std::string>& pins) {
  const auto candidates = candidates_of(folders);
  std::map<fs::path, Failure> found;
  std::mutex mutex;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < candidates.size(); i = next++) {
      const auto& [folder, file] = candidates[i];
      ChildRequest request{.arguments = {"try", folder.string(), file.filename().string()},
                           .limit = kTrialMax};
      const auto pin = pins.find(file.filename().string());
      if (pin != pins.end()) request.arguments.push_back(pin->second);
      const auto outcome = run_child(request);
      // Where there are no children the plugins are loaded as ever.
      if (!outcome || outcome->is_good()) continue;
      const std::lock_guard lock(mutex);
      found.emplace(file, ends_process(file, *outcome));
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
  if (words.size() < 2 || words.size() > 3) return 2;
  LoadRequest request;
  request.folders = {words[0]};
  request.only = words[1];
  if (words.size() == 3) request.pins.emplace(words[1], words[2]);
  request.host = &plugin_host();
  (void)load_plugins(request);  // loads, begins, ends, unloads
  return 0;
}

}  // namespace bourse::host
