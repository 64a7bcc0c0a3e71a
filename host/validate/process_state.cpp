// SPDX-License-Identifier: MIT
#include "host/validate/process_state.hpp"

#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cfenv>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <thread>

#include "host/base/child.hpp"
#include "host/base/folder.hpp"

namespace bourse::host::validate {
namespace {

using Values = std::map<std::string, std::string>;

std::string address_text(const void* address) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%p", address);
  return text.data();
}

// Of a real time signal, sigabbrev_np knows no name.
std::string action_text(const struct sigaction& action) {
  const auto* const handler = (action.sa_flags & SA_SIGINFO) != 0
                                  ? reinterpret_cast<const void*>(action.sa_sigaction)
                                  : reinterpret_cast<const void*>(action.sa_handler);
  if (action.sa_handler == SIG_DFL) return "the default";
  if (action.sa_handler == SIG_IGN) return "ignored";
  return "a handler at " + address_text(handler);
}

Values signals() {
  Values values;
  sigset_t blocked;
  sigemptyset(&blocked);
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action = {};
    if (sigaction(signal, nullptr, &action) != 0) continue;
    values[signal_name(signal)] =
        action_text(action) + (sigismember(&blocked, signal) == 1 ? ", blocked" : "");
  }
  return values;
}

Values locale_values() {
  const char* const all = std::setlocale(LC_ALL, nullptr);
  return {{"the locale of the process", all == nullptr ? "" : all},
          {"the locale of the thread", address_text(uselocale(nullptr))}};
}

Values environment_values() {
  Values values;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    // Not its value, which may be a secret: where it stands tells of a change.
    values[std::string(text.substr(0, equals))] =
        std::to_string(std::hash<std::string_view>()(text)) + " (a digest)";
  }
  return values;
}

Values folder_values() {
  std::error_code error;
  const mode_t mask = umask(0);
  umask(mask);
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned int>(mask));
  return {{"the working folder", std::filesystem::current_path(error).string()},
          {"the umask", text.data()}};
}

Values limit_values() {
  constexpr std::array<std::pair<__rlimit_resource_t, const char*>, 6> kLimits = {
      {{RLIMIT_NOFILE, "RLIMIT_NOFILE"},
       {RLIMIT_CORE, "RLIMIT_CORE"},
       {RLIMIT_AS, "RLIMIT_AS"},
       {RLIMIT_DATA, "RLIMIT_DATA"},
       {RLIMIT_STACK, "RLIMIT_STACK"},
       {RLIMIT_NPROC, "RLIMIT_NPROC"}}};
  Values values;
  for (const auto& [number, name] : kLimits) {
    rlimit limit = {};
    if (getrlimit(number, &limit) == 0) {
      values[name] = std::to_string(limit.rlim_cur) + " of " + std::to_string(limit.rlim_max);
    }
  }
  values["the priority"] = std::to_string(getpriority(PRIO_PROCESS, 0));
  return values;
}

Values descriptor_values() {
  Values values;
  for (const auto& [number, leads_to] : descriptors_now()) {
    values["descriptor " + std::to_string(number)] = leads_to;
  }
  return values;
}

Values floating_point_values() {
  const ControlWords words = ControlWords::now();
  return {{"MXCSR", std::to_string(words.vector)},
          {"the x87 control word", std::to_string(words.legacy)}};
}

Values values_of(Aspect aspect) {
  switch (aspect) {
    case Aspect::kDescriptors:
      return descriptor_values();
    case Aspect::kSignals:
      return signals();
    case Aspect::kFloatingPoint:
      return floating_point_values();
    case Aspect::kLocale:
      return locale_values();
    case Aspect::kEnvironment:
      return environment_values();
    case Aspect::kFolder:
      return folder_values();
    case Aspect::kLimits:
      return limit_values();
  }
  return {};
}

}  // namespace

std::map<long, std::string> threads_now() {
  std::map<long, std::string> threads;
  std::error_code error;
  for (const std::string& number : names_in("/proc/self/task", error)) {
    std::ifstream file("/proc/self/task/" + number + "/comm");
    std::string name;
    std::getline(file, name);
    threads.emplace(std::strtol(number.c_str(), nullptr, 10), name);
  }
  return threads;
}

std::map<int, std::string> descriptors_now() {
  std::map<int, std::string> descriptors;
  std::error_code error;
  for (const std::string& number : names_in("/proc/self/fd", error)) {
    const auto link = std::filesystem::read_symlink("/proc/self/fd/" + number, error);
    if (error) continue;  // the one that was open to read this folder
    int descriptor = -1;
    std::from_chars(number.data(), number.data() + number.size(), descriptor);
    descriptors.emplace(descriptor, link.string());
  }
  return descriptors;
}

std::size_t allocated_now() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::vector<std::string> threads_left(const std::map<long, std::string>& before,
                                      std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    std::vector<std::string> left;
    for (const auto& [number, name] : threads_now()) {
      if (!before.contains(number)) left.push_back(name);
    }
    if (left.empty() || std::chrono::steady_clock::now() >= until) return left;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

ProcessState ProcessState::now(Aspect aspect) {
  ProcessState state;
  state.values_ = values_of(aspect);
  return state;
}

std::vector<std::pair<std::string, std::string>> ProcessState::changes(
    const ProcessState& later) const {
  std::vector<std::pair<std::string, std::string>> changes;
  for (const auto& [name, value] : values_) {
    const auto now = later.values_.find(name);
    if (now == later.values_.end()) {
      changes.emplace_back(name, "it is gone; it was " + value);
    } else if (now->second != value) {
      changes.emplace_back(name, "it was " + value + ", and is " + now->second);
    }
  }
  for (const auto& [name, value] : later.values_) {
    if (!values_.contains(name)) changes.emplace_back(name, "it is new: " + value);
  }
  return changes;
}

}  // namespace bourse::host::validate
