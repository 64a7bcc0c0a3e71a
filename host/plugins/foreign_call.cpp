// SPDX-License-Identifier: MIT
#include "host/plugins/foreign_call.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cfenv>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "host/base/own_streams.hpp"
#include "host/observe/last_words.hpp"
#include "host/observe/log.hpp"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace bourse::host {

class Foreigner {
 public:
  explicit Foreigner(std::string called) : name(std::move(called)) {}
  const std::string name;
  std::array<std::atomic<std::uint64_t>, kStateKinds> restored{};
};

namespace {

// ---- floating point -----------------------------------------------------------------------------

#if defined(__x86_64__)
constexpr std::uint32_t kSticky = 0x3f;     // what has happened, not what shall
constexpr std::uint32_t kControl = 0x1f80;  // as the ABI has a process begin
constexpr std::uint16_t kX87Control = 0x037f;

std::uint32_t rounding() noexcept { return _mm_getcsr() & ~kSticky; }
void set_rounding(std::uint32_t control) noexcept {
  _mm_setcsr(control | (_mm_getcsr() & kSticky));
}
// Whoever changes one of the two by fesetround changes both.
bool restore_x87() noexcept {
  std::uint16_t now = 0;
  __asm__ volatile("fnstcw %0" : "=m"(now));
  if (now == kX87Control) return false;
  __asm__ volatile("fldcw %0" : : "m"(kX87Control));
  return true;
}
#elif defined(__aarch64__)
constexpr std::uint32_t kControl = 0;
std::uint32_t rounding() noexcept {
  std::uint64_t control = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return static_cast<std::uint32_t>(control);
}
void set_rounding(std::uint32_t control) noexcept {
  __asm__ volatile("msr fpcr, %0" : : "r"(std::uint64_t{control}));
}
bool restore_x87() noexcept { return false; }
#else
constexpr std::uint32_t kControl = FE_TONEAREST;
std::uint32_t rounding() noexcept { return static_cast<std::uint32_t>(std::fegetround()); }
void set_rounding(std::uint32_t control) noexcept { std::fesetround(static_cast<int>(control)); }
bool restore_x87() noexcept { return false; }
#endif

// ---- who ----------------------------------------------------------------------------------------

struct Register {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<Foreigner>, std::less<>> all;
};

// Never freed: a call may go on while the process ends.
Register& known() {
  static auto* const all = new Register;
  return *all;
}

// ---- a thread -----------------------------------------------------------------------------------

constexpr unsigned kCallsBetween = 1000;
constexpr std::size_t kRecentMax = 8;
/// Looked at one by one, once something was found that several may have done.
constexpr int kWatchedCalls = 10'000;

std::uint64_t signal_mask() noexcept {
  sigset_t now;
  std::uint64_t bits = 0;
  if (pthread_sigmask(SIG_SETMASK, nullptr, &now) == 0) std::memcpy(&bits, &now, sizeof bits);
  return bits;
}
void set_signal_mask(std::uint64_t bits) noexcept {
  sigset_t mask;
  sigemptyset(&mask);
  std::memcpy(&mask, &bits, sizeof bits);
  (void)pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

struct ThreadState {
  bool is_known = false;
  std::uint64_t mask = 0;  ///< the host's
  unsigned calls = 0;      ///< since the last look
  std::size_t n_recent = 0;
  std::array<Foreigner*, kRecentMax> recent = {};  ///< those who were at work since, the last 8

  void note(Foreigner& who) noexcept {
    if (n_recent != 0 && recent[(n_recent - 1) % kRecentMax] == &who) return;
    recent[n_recent++ % kRecentMax] = &who;
  }
  void begin() noexcept {
    is_known = true;
    mask = signal_mask();
    prepare_thread_for_last_words();
  }
};
constinit thread_local ThreadState this_thread;

std::atomic<int> watched_calls{0};

// ---- the process --------------------------------------------------------------------------------

/// As it was before any plugin was loaded.
class ProcessState {
 public:
  ProcessState() {
    const char* const now = std::setlocale(LC_ALL, nullptr);
    locale_ = now == nullptr ? "C" : now;
    folder_ = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder_ >= 0) folder_ = out_of_reach(folder_);
    held_folder_ = HeldDescriptor(folder_);
    umask_ = current_umask();
    (void)sigaction(SIGPIPE, nullptr, &pipe_);
  }

  // Each returns whether there was something to put back.
  bool restore_locale() const noexcept {
    const char* const now = std::setlocale(LC_ALL, nullptr);
    if (now != nullptr && locale_ == now) return false;
    (void)std::setlocale(LC_ALL, locale_.c_str());
    return true;
  }
  bool restore_folder() const noexcept {
    struct stat here {};
    struct stat ours {};
    if (!held_folder_.is_intact() || fstat(folder_, &ours) != 0) return false;
    if (stat(".", &here) == 0 && here.st_dev == ours.st_dev && here.st_ino == ours.st_ino) {
      return false;
    }
    return fchdir(folder_) == 0;
  }
  bool restore_umask() const noexcept {
    if (!umask_ || current_umask() == umask_) return false;
    (void)umask(*umask_);
    return true;
  }
  bool restore_signals() const noexcept {
    struct sigaction now {};
    if (sigaction(SIGPIPE, nullptr, &now) != 0 || now.sa_handler == pipe_.sa_handler) return false;
    return sigaction(SIGPIPE, &pipe_, nullptr) == 0;
  }

 private:
  // umask() can only be asked by setting it, and another thread may be making a file.
  static std::optional<mode_t> current_umask() noexcept {
    std::array<char, 256> text{};
    const int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (status < 0) return std::nullopt;
    const ssize_t got = read(status, text.data(), text.size() - 1);
    close(status);
    const char* const found = got <= 0 ? nullptr : std::strstr(text.data(), "Umask:");
    unsigned value = 0;
    if (found == nullptr || std::sscanf(found, "Umask: %o", &value) != 1) return std::nullopt;
    return value;
  }

  std::string locale_;
  int folder_ = -1;
  HeldDescriptor held_folder_;
  std::optional<mode_t> umask_;
  struct sigaction pipe_ {};
};

const ProcessState& process_state() {
  static auto* const state = new ProcessState;
  return *state;
}

// ---- what was found -----------------------------------------------------------------------------

const char* advice(StateKind kind) noexcept {
  switch (kind) {
    case StateKind::kFloatingPoint:
      return "it left another rounding behind, or denormals that count as zero, with which other "
             "plugins would have computed; link without -Ofast and -ffast-math, and undo "
             "fesetround before returning";
    case StateKind::kSignalMask:
      return "it left other signals blocked than it found; put the mask back before returning";
    case StateKind::kLocale:
      return "it changed the locale, by which others write numbers; use newlocale and the "
             "functions that end in _l";
    case StateKind::kFolder:
      return "it changed the working folder of the process; use absolute paths or openat";
    case StateKind::kUmask:
      return "it changed the umask of the process; use fchmod";
    case StateKind::kSignals:
      return "it changed what SIGPIPE does, which would end the server when a client leaves; use "
             "MSG_NOSIGNAL";
    default:
      return "it closed standard output or standard error, which are not its own";
  }
}

void tell(const std::string& who, StateKind kind) noexcept {
  try {
    log_event(BOURSE_LEVEL_WARN, "state_restored",
              {{"component", who}, {"state", name_of(kind)}, {"message", advice(kind)}});
  } catch (const std::exception&) {
    log_event(BOURSE_LEVEL_WARN, "state_restored");
  }
}

/// One component did it.
void blame(Foreigner& who, StateKind kind) noexcept {
  if (who.restored[static_cast<std::size_t>(kind)].fetch_add(1) == 0) tell(who.name, kind);
}

/// One of those that were at work since the last look did it.
void blame_recent(const ThreadState& thread, StateKind kind) noexcept {
  const std::size_t n = std::min(thread.n_recent, kRecentMax);
  std::vector<Foreigner*> all;
  try {
    for (std::size_t i = 0; i < n; ++i) {
      Foreigner* const one = thread.recent[i];
      if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
    if (all.size() == 1) return blame(*all[0], kind);
    watched_calls.store(kWatchedCalls);
    std::string names;
    for (const Foreigner* one : all) names += (names.empty() ? "" : ", ") + one->name;
    blame(foreigner(names), kind);
  } catch (const std::exception&) {
    tell({}, kind);
  }
}

template <class Blame>
void look_at_process(bool with_umask, const Blame& found) {
  const ProcessState& process = process_state();
  if (process.restore_locale()) found(StateKind::kLocale);
  if (process.restore_folder()) found(StateKind::kFolder);
  if (process.restore_signals()) found(StateKind::kSignals);
  if (mend_standard_streams()) found(StateKind::kDescriptors);
  if (with_umask && process.restore_umask()) found(StateKind::kUmask);
}

template <class Blame>
void look_at_thread(std::uint64_t mask, locale_t locale, const Blame& found) {
  if (const std::uint64_t now = signal_mask(); now != mask) {
    set_signal_mask(mask);
    found(StateKind::kSignalMask);
  }
  if (uselocale(nullptr) != locale) {
    (void)uselocale(locale);
    found(StateKind::kLocale);
  }
}

void look(ThreadState& thread, bool with_umask) {
  const auto found = [&](StateKind kind) { blame_recent(thread, kind); };
  look_at_thread(thread.mask, LC_GLOBAL_LOCALE, found);
  look_at_process(with_umask, found);
  thread.calls = 0;
  thread.n_recent = 0;
}

}  // namespace

const char* name_of(StateKind kind) noexcept {
  switch (kind) {
    case StateKind::kFloatingPoint:
      return "floating_point";
    case StateKind::kSignalMask:
      return "signal_mask";
    case StateKind::kLocale:
      return "locale";
    case StateKind::kFolder:
      return "folder";
    case StateKind::kUmask:
      return "umask";
    case StateKind::kSignals:
      return "signals";
    default:
      return "descriptors";
  }
}

Foreigner& foreigner(std::string_view name) {
  Register& all = known();
  const std::lock_guard lock(all.mutex);
  const auto found = all.all.find(name);
  if (found != all.all.end()) return *found->second;
  auto made = std::make_unique<Foreigner>(std::string(name));
  return *all.all.emplace(std::string(name), std::move(made)).first->second;
}

std::vector<StateRestored> states_restored() {
  std::vector<StateRestored> restored;
  Register& all = known();
  const std::lock_guard lock(all.mutex);
  for (const auto& [name, one] : all.all) {
    for (std::size_t kind = 0; kind < kStateKinds; ++kind) {
      const std::uint64_t times = one->restored[kind].load();
      if (times != 0) restored.push_back({name, static_cast<StateKind>(kind), times});
    }
  }
  return restored;
}

void adopt_process_state() noexcept { (void)process_state(); }

void look_at_idle_thread() noexcept {
  ThreadState& thread = this_thread;
  if (thread.calls == 0 || Crumb::innermost() != nullptr) return;
  look(thread, false);
}

void adopt_signal_mask() noexcept { this_thread.mask = signal_mask(); }

// What is asked of the system only in calls that are watched, or rare.
ForeignCall::ForeignCall(Foreigner& of, std::string_view who, const char* verb,
                         CallWeight weight) noexcept
    : of_(of), weight_(weight), errno_(errno), crumb_(who, verb) {
  ThreadState& thread = this_thread;
  if (!thread.is_known) [[unlikely]] {
    thread.begin();
    (void)process_state();
  }
  // What others left behind is not blamed on this one.
  if (weight_ == CallWeight::kRare && crumb_.outer() == nullptr && thread.n_recent != 0) {
    look(thread, false);
  }
  if (watched_calls.load(std::memory_order_relaxed) > 0) [[unlikely]] {
    is_watched_ = watched_calls.fetch_sub(1) > 0;
    mask_ = signal_mask();
    locale_ = uselocale(nullptr);
  }
}

ForeignCall::~ForeignCall() {
  if (rounding() != kControl) [[unlikely]] {
    set_rounding(kControl);
    (void)restore_x87();
    blame(of_, StateKind::kFloatingPoint);
  }
  if (is_watched_) [[unlikely]] {
    look_at_thread(mask_, locale_, [this](StateKind kind) { blame(of_, kind); });
  }
  ThreadState& thread = this_thread;
  thread.note(of_);
  const bool is_outermost = crumb_.outer() == nullptr;
  if (weight_ == CallWeight::kRare) {
    if (restore_x87()) blame(of_, StateKind::kFloatingPoint);
    if (is_outermost) look(thread, true);
  } else if (++thread.calls >= kCallsBetween && is_outermost) [[unlikely]] {
    look(thread, false);
  }
  errno = errno_;
}

HostRounding::HostRounding() noexcept : theirs_(rounding()) {
  if (theirs_ != kControl) set_rounding(kControl);
}
HostRounding::~HostRounding() {
  if (theirs_ != kControl) set_rounding(theirs_);
}

}  // namespace bourse::host
