// SPDX-License-Identifier: MIT
#include "host/observe/process.hpp"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "host/base/folder.hpp"

namespace bourse::host {
namespace {

std::string slurp(const char* file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// Unix time at which this machine was started; 0 when unknown.
double boot_time() {
  std::istringstream lines(slurp("/proc/stat"));
  for (std::string word; lines >> word;) {
    if (word != "btime") continue;
    double seconds = 0;
    lines >> seconds;
    return seconds;
  }
  return 0;
}

/// Fields of /proc/self/stat from the third on: the second, the name, may hold anything.
std::vector<double> stat_fields() {
  const std::string text = slurp("/proc/self/stat");
  const std::size_t name_end = text.rfind(')');
  std::vector<double> fields;
  if (name_end == std::string::npos) return fields;
  std::istringstream rest(text.substr(name_end + 1));
  std::string state;
  rest >> state;
  for (double field = 0; rest >> field;) fields.push_back(field);
  return fields;
}

}  // namespace

void expose_process(Exposition& figures) {
  const auto gauge = [&](const char* name, const char* help, double value) {
    figures.add({name, help, MetricKind::kGauge}, {}, value);
  };
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    figures.add({"process_cpu_seconds_total", "Processor time used.", MetricKind::kCounter}, {},
                seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  }
  // proc(5): field 22 is the start time in ticks after boot, field 24 the resident pages.
  const std::vector<double> fields = stat_fields();
  constexpr std::size_t kStart = 22 - 4;
  constexpr std::size_t kResident = 24 - 4;
  if (fields.size() > kResident) {
    gauge("process_resident_memory_bytes", "Memory in use.",
          fields[kResident] * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    if (const double boot = boot_time(); boot > 0) {
      gauge("process_start_time_seconds", "Unix time at which the process was started.",
            boot + fields[kStart] / static_cast<double>(::sysconf(_SC_CLK_TCK)));
    }
  }
  std::error_code error;
  // One of them is the folder itself while it is read.
  const std::size_t descriptors = names_in("/proc/self/fd", error).size();
  if (!error) gauge("process_open_fds", "File descriptors open.", static_cast<double>(descriptors));
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    gauge("process_max_fds", "File descriptors allowed.", static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace bourse::host
