// SPDX-License-Identifier: MIT
#include "host/base/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "host/base/spawn.hpp"

namespace bourse::host {
namespace {

using std::chrono::steady_clock;

Failure no_child(const char* what, int error) {
  return {.status = BOURSE_UNAVAILABLE,
          .code = "no_child",
          .message = std::string("a child process cannot be started: ") + what + " (" +
                     std::generic_category().message(error) +
                     "); it needs /proc, and room for one more process and a few descriptors"};
}

class Owned {
 public:
  explicit Owned(int descriptor = -1) : descriptor_(descriptor) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { reset(); }
  void reset(int descriptor = -1) {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = descriptor;
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

/// What a child prints: read to its end, the beginning kept.
class Pipe {
 public:
  explicit Pipe(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] int open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
    read_.reset(ends[0]);
    write_.reset(ends[1]);
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
  }
  [[nodiscard]] int read_end() const noexcept { return read_.get(); }
  [[nodiscard]] int write_end() const noexcept { return write_.get(); }
  void close_write_end() { write_.reset(); }

  /// Reads what is there. Bounded a time, because a child may print faster than this reads.
  void drain(int times_max = 16) {
    std::array<char, 4096> bytes{};
    while (read_.get() >= 0 && times_max-- > 0) {
      const ssize_t n = read(read_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return;  // nothing there
      if (n == 0) return read_.reset();
      const std::size_t room = bytes_max_ - kept_.size();
      kept_.append(bytes.data(), std::min(room, static_cast<std::size_t>(n)));
    }
  }
  [[nodiscard]] std::string take() { return std::move(kept_); }

 private:
  Owned read_;
  Owned write_;
  std::size_t bytes_max_;
  std::string kept_;
};

/// A descriptor that becomes readable when the process ends; -1 where the kernel has none (before
/// 5.3): then it is looked at often.
int open_process(pid_t process) { return static_cast<int>(syscall(SYS_pidfd_open, process, 0)); }

class Running {
 public:
  Running(pid_t process, Pipe& output, Pipe& errors)
      : process_(process), end_(open_process(process)), output_(output), errors_(errors) {}

  /// Waits for the end of the child, not for that of what it started and left.
  void wait(steady_clock::time_point until, ChildOutcome& outcome) {
    while (!has_ended()) {
      const auto left = until - steady_clock::now();
      if (left <= std::chrono::nanoseconds(0)) {
        outcome.is_timed_out = true;
        break;
      }
      look(std::chrono::ceil<std::chrono::milliseconds>(left));
    }
    // Before it is reaped: until then its number, which is the group's, is nobody else's.
    kill(-process_, SIGKILL);
    kill(process_, SIGKILL);  // it may have left its group
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
    output_.drain();
    errors_.drain();
  }

 private:
  [[nodiscard]] bool has_ended() const {
    siginfo_t info = {};
    return waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == process_;
  }
  void look(std::chrono::milliseconds at_most) {
    constexpr std::chrono::milliseconds kGlance{5};
    const auto wait = end_.get() < 0 ? std::min(at_most, kGlance)
                                     : std::min(at_most, std::chrono::milliseconds(1000));
    std::array<pollfd, 3> ends = {pollfd{end_.get(), POLLIN, 0},
                                  pollfd{output_.read_end(), POLLIN, 0},
                                  pollfd{errors_.read_end(), POLLIN, 0}};
    (void)poll(ends.data(), ends.size(), static_cast<int>(wait.count()));
    output_.drain();
    errors_.drain();
  }

  pid_t process_;
  Owned end_;
  Pipe& output_;
  Pipe& errors_;
};

// Whole lines only, and no byte that cannot be in one.
std::string lines_of(std::string text) {
  const auto end = text.rfind('\n');
  text.resize(end == std::string::npos ? 0 : end + 1);
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

}  // namespace

Result<ChildOutcome> run_child(const ChildRequest& request) {
  auto record = Record::make(request.record_bytes_max);
  if (!record) return std::move(record).failure();
  Pipe output(request.output_bytes_max);
  Pipe errors(request.output_bytes_max);
  if (const int error = output.open(); error != 0) return no_child("pipe", error);
  if (const int error = errors.open(); error != 0) return no_child("pipe", error);
  // Above all numbers that the child is given: a dup2 to the number itself would keep it closed on
  // exec, and one to another's would take that away.
  const Owned from_record(fcntl(record->descriptor(), F_DUPFD_CLOEXEC, 10));
  const Owned from_output(fcntl(output.write_end(), F_DUPFD_CLOEXEC, 10));
  const Owned from_errors(fcntl(errors.write_end(), F_DUPFD_CLOEXEC, 10));
  if (from_record.get() < 0 || from_output.get() < 0 || from_errors.get() < 0) {
    return no_child("descriptors", errno);
  }
  Spawn spawn;
  spawn.open_nothing_to_read();
  spawn.move(from_output.get(), STDOUT_FILENO);
  spawn.move(from_errors.get(), STDERR_FILENO);
  spawn.move(from_record.get(), kRecordDescriptor);
  std::vector<std::string> words = {"bourse", kChildWord, std::to_string(getpid())};
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  ChildOutcome outcome;
  const auto began = steady_clock::now();
  pid_t process = 0;
  if (const int error = spawn.start(process, "/proc/self/exe", words); error != 0) {
    return no_child("posix_spawn", error);
  }
  output.close_write_end();
  errors.close_write_end();
  Running(process, output, errors).wait(began + request.limit, outcome);
  outcome.took = steady_clock::now() - began;
  outcome.output = output.take();
  outcome.errors = errors.take();
  outcome.record = lines_of(record->text());
  outcome.is_complete = record->is_complete();
  outcome.is_cut = record->is_cut();
  return outcome;
}

bool die_with_parent(long parent) noexcept {
  // It fires when the thread ends that started the child, which waits for it. A process of another
  // number has none of that name as its parent any more.
  return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == static_cast<pid_t>(parent);
}

std::string signal_name(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

std::string ChildOutcome::how_it_ended(std::chrono::nanoseconds limit) const {
  if (is_timed_out) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
    return "did not end within " +
           (ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms") +
           " and was killed";
  }
  if (signal != 0) {
    const char* const words = sigdescr_np(signal);
    return "ended by " + signal_name(signal) +
           (words == nullptr ? std::string() : " (" + std::string(words) + ")");
  }
  if (!is_complete) {
    return "ended the process with exit code " + std::to_string(exit_code) +
           " before it was done: a plugin must not call exit";
  }
  if (exit_code != 0) {
    return "ended with exit code " + std::to_string(exit_code) + " after it was done";
  }
  return {};
}

}  // namespace bourse::host
