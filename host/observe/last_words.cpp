// SPDX-License-Identifier: MIT
#include "host/observe/last_words.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "host/base/code_map.hpp"
#include "host/base/crumb.hpp"
#include "host/base/own_streams.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

constexpr std::array kSignals = {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL};
constexpr std::size_t kStackBytesMin = std::size_t{64} << 10u;
constexpr int kCallsShown = 3;  // of those that asked for one another

std::atomic<bool> prepared{false};
std::atomic<bool> leaving{false};
std::atomic<int> place{-1};
std::atomic<pid_t> process{0};  ///< a child that a plugin forks ends as it likes
std::atomic<LineFormat> form{LineFormat::kText};
std::atomic<pid_t> teller{0};  ///< the thread that tells, or has told
std::atomic<bool> told{false};
std::array<struct sigaction, kSignals.size()> before = {};

// ---- a line, without memory and without a lock --------------------------------------------------

std::string_view name_of(int number) noexcept {
  switch (number) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGABRT:
      return "SIGABRT";
    case SIGFPE:
      return "SIGFPE";
    case SIGBUS:
      return "SIGBUS";
    default:
      return "SIGILL";
  }
}

/// As LogLine writes it. What does not fit is left out.
class Line {
 public:
  explicit Line(LineFormat format) noexcept : json_(format == LineFormat::kJson) {
    timespec now{};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (json_) raw("{\"time\":\"");
    time(now);
    raw(json_ ? R"(","level":"error","event":"crashed")" : " error crashed");
  }

  Line& text(std::string_view name, std::string_view value) noexcept {
    key(name);
    const bool is_plain =
        !json_ && !value.empty() && std::all_of(value.begin(), value.end(), plain);
    if (!is_plain) put('"');
    for (const char c : value) is_plain ? put(c) : escaped(c);
    if (!is_plain) put('"');
    return *this;
  }
  Line& number(std::string_view name, std::uint64_t value) noexcept {
    key(name);
    digits(value, 10);
    return *this;
  }
  Line& address(std::string_view name, std::uint64_t value) noexcept {
    key(name);
    if (json_) put('"');
    raw("0x");
    digits(value, 16);
    if (json_) put('"');
    return *this;
  }
  /// "trend.so+0x12ab", as addr2line takes it apart.
  Line& code(std::string_view name, const CodePlace& where) noexcept {
    if (where.library.empty()) return *this;
    key(name);
    if (json_) put('"');
    for (const char c : where.library) plain(c) ? put(c) : put('_');
    raw("+0x");
    digits(where.offset, 16);
    if (json_) put('"');
    return *this;
  }
  [[nodiscard]] std::string_view end() noexcept {
    if (json_) raw("}");
    bytes_[used_++] = '\n';
    return {bytes_.data(), used_};
  }

 private:
  static bool plain(char c) noexcept {
    return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '=';
  }
  void put(char c) noexcept {
    if (used_ + 3 < bytes_.size()) bytes_[used_++] = c;  // "}" and the line feed have their room
  }
  void raw(std::string_view text) noexcept {
    for (const char c : text) put(c);
  }
  void key(std::string_view name) noexcept {
    raw(json_ ? ",\"" : " ");
    raw(name);
    raw(json_ ? "\":" : "=");
  }
  void escaped(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      raw("\\u00");
      put("0123456789abcdef"[byte >> 4u]);
      put("0123456789abcdef"[byte & 15u]);
      return;
    }
    if (c == '"' || c == '\\') put('\\');
    put(c);
  }
  void digits(std::uint64_t value, unsigned base, unsigned at_least = 1) noexcept {
    std::array<char, 24> text{};
    std::size_t n = 0;
    for (; value != 0 || n < at_least; value /= base) text[n++] = "0123456789abcdef"[value % base];
    while (n > 0) put(text[--n]);
  }
  // Of a day's number the date, by Howard Hinnant's civil_from_days: gmtime takes a lock.
  void time(const timespec& now) noexcept {
    const std::int64_t days = now.tv_sec / 86400 + 719468;
    const auto second = static_cast<std::uint64_t>(now.tv_sec % 86400);
    const std::int64_t era = days / 146097;
    const auto day_of_era = static_cast<std::uint64_t>(days - era * 146097);
    const std::uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::uint64_t day =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::uint64_t shifted = (5 * day + 2) / 153;
    const std::uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    digits(year_of_era + static_cast<std::uint64_t>(era) * 400 + (month <= 2 ? 1 : 0), 10, 4);
    put('-');
    digits(month, 10, 2);
    put('-');
    digits(day - (153 * shifted + 2) / 5 + 1, 10, 2);
    put('T');
    digits(second / 3600, 10, 2);
    put(':');
    digits(second / 60 % 60, 10, 2);
    put(':');
    digits(second % 60, 10, 2);
    put('.');
    digits(static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000, 10, 3);
    put('Z');
  }

  bool json_;
  std::size_t used_ = 0;
  std::array<char, 4096> bytes_;
};

/// A reader that does not read must not keep the process: a pipe with room takes all of a line.
void write_out(std::string_view line) noexcept {
  const int descriptor = place.load();
  pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
  if (descriptor < 0 || ::poll(&writable, 1, 1000) != 1) return;
  (void)!::write(descriptor, line.data(), line.size());
}

void nap(long milliseconds) noexcept {
  timespec rest{.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1'000'000};
  while (::nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
}

// ---- a fault ------------------------------------------------------------------------------------

struct Registers {
  std::uintptr_t code = 0;
  std::uintptr_t stack = 0;
};

Registers registers_of(const void* context) noexcept {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return {static_cast<std::uintptr_t>(machine.gregs[REG_RIP]),
          static_cast<std::uintptr_t>(machine.gregs[REG_RSP])};
#elif defined(__aarch64__)
  return {machine.pc, machine.sp};
#else
  (void)machine;
  return {};
#endif
}

/// It was one past the end of the stack: a frame that is larger than a guard page may miss it by
/// its own size.
bool is_of_stack(int number, std::uintptr_t address, std::uintptr_t stack) noexcept {
  constexpr std::uintptr_t kNear = 1u << 20u;
  if (number != SIGSEGV || stack == 0) return false;
  return address + kNear > stack && address < stack + kNear;
}

void tell_who(Line& line) noexcept {
  const Crumb* crumb = Crumb::innermost();
  if (crumb == nullptr) return;
  line.text("component", crumb->component()).text("call", crumb->verb());
  if (const Errand* const errand = crumb->errand()) {
    line.text("route", errand->route).text("request_id", errand->request_id);
  }
  int shown = 0;
  for (crumb = crumb->outer(); crumb != nullptr && shown < kCallsShown; crumb = crumb->outer()) {
    if (shown++ == 0) line.text("asked_by", crumb->component());
  }
}

void tell(int number, const siginfo_t& info, const void* context) noexcept {
  const Registers registers = registers_of(context);
  const bool is_fault = info.si_code > 0;
  const auto address = reinterpret_cast<std::uintptr_t>(info.si_addr);
  const CodePlace at = code_at(registers.code);
  const CodePlace by = at.is_plugin ? at : plugin_on_stack(registers.stack);
  Line line(form.load());
  line.text("signal", name_of(number));
  if (is_fault && is_of_stack(number, address, registers.stack)) {
    line.text("fault", "stack_overflow");
  }
  tell_who(line);
  line.code("at", at);
  if (!at.is_plugin) line.code("plugin_code", by);
  if (is_fault) line.address("address", address);
  if (info.si_code == SI_USER) line.number("sent_by", static_cast<std::uint64_t>(info.si_pid));
  line.number("thread", static_cast<std::uint64_t>(::syscall(SYS_gettid)));
  const bool is_plugin = Crumb::innermost() != nullptr || by.is_plugin;
  line.text("message", is_plugin ? "the process ends in the code of a plugin; a debugger or a core "
                                   "shows the line"
                                 : "the process ends in its own code");
  write_out(line.end());
}

void hear(int number, siginfo_t* info, void* context) noexcept {
  const int error = errno;
  const auto self = static_cast<pid_t>(::syscall(SYS_gettid));
  pid_t nobody = 0;
  if (teller.compare_exchange_strong(nobody, self)) {
    nap(20);  // so that the log's thread writes what was said before
    tell(number, *info, context);
    told.store(true);
  } else if (nobody != self) {
    for (int i = 0; i < 200 && !told.load(); ++i) nap(10);
  }
  const auto* const at = std::find(kSignals.begin(), kSignals.end(), number);
  (void)::sigaction(number, &before[static_cast<std::size_t>(at - kSignals.begin())], nullptr);
  // A fault happens again when this returns, with its own registers; what was sent does not.
  if (info->si_code <= 0) (void)::syscall(SYS_tgkill, ::getpid(), self, number);
  errno = error;
}

// ---- the stack of the handler -------------------------------------------------------------------

/// Of one thread. It comes with the thread's first call into a plugin and goes with the thread.
class SpareStack {
 public:
  SpareStack() noexcept {
    stack_t there{};
    // Somebody else's is as good.
    if (::sigaltstack(nullptr, &there) != 0 || (there.ss_flags & SS_DISABLE) == 0) return;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto wanted = static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_SIGSTKSZ)));
    bytes_ = (std::max(kStackBytesMin, wanted) + page - 1) / page * page + page;
    void* const memory =
        ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    memory_ = static_cast<char*>(memory);
    (void)::mprotect(memory_, page, PROT_NONE);
    const stack_t ours{.ss_sp = memory_ + page, .ss_flags = 0, .ss_size = bytes_ - page};
    (void)::sigaltstack(&ours, nullptr);
  }
  SpareStack(const SpareStack&) = delete;
  SpareStack& operator=(const SpareStack&) = delete;
  ~SpareStack() {
    if (memory_ == nullptr) return;
    stack_t there{};
    if (::sigaltstack(nullptr, &there) != 0 || (there.ss_flags & SS_ONSTACK) != 0) return;
    if (there.ss_sp > memory_ && there.ss_sp < memory_ + bytes_) {
      const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
      (void)::sigaltstack(&none, nullptr);
    }
    (void)::munmap(memory_, bytes_);
  }

 private:
  char* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

// ---- an exit ------------------------------------------------------------------------------------

/// Who asked for the end: the call of this thread, or the plugin whose code called.
std::string who_ends() {
  if (const Crumb* const crumb = Crumb::innermost()) {
    return std::string(crumb->component()) + " in " + crumb->verb();
  }
  const CodePlace by =
      plugin_on_stack(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
  return by.is_plugin ? "a thread of " + std::string(by.library) : "a thread of a plugin";
}

[[noreturn]] void end_unmeant(const std::string& how) noexcept {
  const Crumb* const crumb = Crumb::innermost();
  const Errand* const errand = crumb == nullptr ? nullptr : crumb->errand();
  log_event(BOURSE_LEVEL_ERROR, "exited",
            {{"component", std::string(crumb == nullptr ? "" : crumb->component())},
             {"call", std::string(crumb == nullptr ? "" : crumb->verb())},
             {"route", std::string(errand == nullptr ? "" : errand->route)},
             {"request_id", std::string(errand == nullptr ? "" : errand->request_id)},
             {"message", who_ends() + " called " + how +
                             ", which ends the whole process; a plugin reports what is wrong by a "
                             "status and host->fail"}});
  (void)flush_log(std::chrono::seconds(1));
  ::_exit(kEndedByPlugin);
}

void hear_exit(int status, void*) {
  if (process.load() != ::getpid() || leaving.exchange(true)) return;
  end_unmeant("exit(" + std::to_string(status) + ")");
}

void hear_quick_exit() {
  if (process.load() != ::getpid() || leaving.exchange(true)) return;
  end_unmeant("quick_exit");
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;  // it tells of faults itself, and better
#else
constexpr bool kIsSanitized = false;
#endif

}  // namespace

void prepare_last_words() noexcept {
  if (prepared.exchange(true)) return;
  process.store(::getpid());
  set_last_words_place(-1, LineFormat::kText);
  name_code();
  (void)std::at_quick_exit(hear_quick_exit);
  watch_for_exit();
  if (kIsSanitized) return;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    if (::sigaction(kSignals[i], nullptr, &before[i]) != 0) continue;
    if ((before[i].sa_flags & SA_SIGINFO) != 0 || before[i].sa_handler != SIG_DFL) continue;
    struct sigaction ours {};
    ours.sa_sigaction = hear;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    (void)::sigfillset(&ours.sa_mask);
    (void)::sigaction(kSignals[i], &ours, nullptr);
  }
  prepare_thread_for_last_words();
}

void prepare_thread_for_last_words() noexcept {
  if (kIsSanitized || !prepared.load(std::memory_order_relaxed)) return;
  static thread_local const SpareStack stack;
  (void)stack;
}

void set_last_words_place(int descriptor, LineFormat format) noexcept {
  form.store(format);
  place.store(descriptor < 0 ? own_error() : descriptor);
}

void mean_to_leave() noexcept { leaving.store(true); }

void watch_for_exit() noexcept {
  if (prepared.load()) (void)::on_exit(hear_exit, nullptr);
}

}  // namespace bourse::host
