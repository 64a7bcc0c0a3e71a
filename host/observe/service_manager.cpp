// SPDX-License-Identifier: MIT
#include "host/observe/service_manager.hpp"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <utility>

#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using std::chrono::microseconds;

constexpr time_t kPatienceSeconds = 1;

std::string take_variable(const char* name) {
  const char* const text = std::getenv(name);
  std::string value = text == nullptr ? "" : text;
  ::unsetenv(name);
  return value;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && parsed_end == end ? std::optional(number) : std::nullopt;
}

void warn(const char* message) {
  log_event(BOURSE_LEVEL_WARN, "service_manager", {{"message", message}});
}

std::string take_socket() {
  std::string name = take_variable("NOTIFY_SOCKET");
  if (name.empty()) return name;
  const bool known = (name[0] == '/' || name[0] == '@') && name.size() > 1;
  if (known && name.size() < sizeof(sockaddr_un::sun_path)) return name;
  warn("NOTIFY_SOCKET is neither a path nor an abstract name that fits a socket; nobody is told");
  return {};
}

std::optional<microseconds> take_patience() {
  const std::string period = take_variable("WATCHDOG_USEC");
  const std::string pid = take_variable("WATCHDOG_PID");
  if (period.empty() || (!pid.empty() && whole_number(pid) != ::getpid())) return std::nullopt;
  const auto number = whole_number(period);
  if (number && *number > 1) return microseconds(*number);
  warn("WATCHDOG_USEC is not a number of microseconds; no sign of life is sent");
  return std::nullopt;
}

/// An errno, or 0.
int send_to(const std::string& name, const std::string& message) {
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  const timeval patience{kPatienceSeconds, 0};
  (void)::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  if (name[0] == '@') address.sun_path[0] = '\0';
  // The length counts in an abstract name: zeros behind it would be a part of it.
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  const ssize_t sent = ::sendto(socket, message.data(), message.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), size);
  const int error = sent < 0 ? errno : 0;
  ::close(socket);
  return error;
}

std::int64_t monotonic_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

/// A line end would begin another assignment.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

ServiceManager::ServiceManager() : socket_(take_socket()), patience_(take_patience()) {}

ServiceManager::~ServiceManager() { end_watch(); }

void ServiceManager::tell(const std::string& message) {
  if (socket_.empty()) return;
  if (const int error = send_to(socket_, message); error != 0) {
    log_event(BOURSE_LEVEL_WARN, "service_manager",
              {{"message", "it was not told \"" + message.substr(0, message.find('\n')) +
                               "\": " + std::generic_category().message(error)}});
  }
}

void ServiceManager::ready(std::string_view status) { tell("READY=1\nSTATUS=" + one_line(status)); }

void ServiceManager::reloading() {
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_us()) + "\nSTATUS=reloading");
}

void ServiceManager::stopping(microseconds limit) {
  tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(limit.count()) + "\nSTATUS=stopping");
}

void ServiceManager::watch(std::function<std::string()> stuck) {
  if (socket_.empty() || !patience_) return;
  stuck_ = std::move(stuck);
  watch_ = std::thread([this] { keep_watch(); });
  (void)::pthread_setname_np(watch_.native_handle(), "bourse-watch");
}

void ServiceManager::keep_watch() {
  bool was_stuck = false;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    const std::string what = stuck_();
    if (what.empty()) {
      tell("WATCHDOG=1");
    } else if (!was_stuck) {
      log_event(BOURSE_LEVEL_ERROR, "stuck",
                {{"what", what}, {"message", "no sign of life is sent until it goes on"}});
    }
    was_stuck = !what.empty();
    lock.lock();
    woken_.wait_for(lock, *patience_ / 2, [this] { return ending_; });
  }
}

void ServiceManager::end_watch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  woken_.notify_all();
  if (watch_.joinable()) watch_.join();
}

}  // namespace bourse::host
