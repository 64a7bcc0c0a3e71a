// SPDX-License-Identifier: MIT
#include "host/http/passed_sockets.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace bourse::host {

namespace {

constexpr int kFirst = 3;
constexpr int kSocketsMax = 1024;

std::optional<std::string> variable(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

template <class Number>
std::optional<Number> parse(const std::string& text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && parsed_end == end ? std::optional(number) : std::nullopt;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t colon = text.find(':');
    names.emplace_back(text.substr(0, colon));
    if (colon == text.npos) return names;
    text.remove_prefix(colon + 1);
  }
}

Failure bad_environment(std::string message) {
  return {
      .status = BOURSE_BAD_PARAM, .code = "bad_socket_activation", .message = std::move(message)};
}

Failure not_passed(const std::string& name, const std::string& why) {
  return {.status = BOURSE_UNAVAILABLE,
          .code = "cannot_listen",
          .message = "cannot listen on systemd:" + name + ": " + why +
                     "; start the server by its socket unit (or by systemd-socket-activate "
                     "--fdname=" +
                     name + "), or listen on an address"};
}

struct Environment {
  std::optional<std::string> pid = variable("LISTEN_PID");
  std::optional<std::string> count = variable("LISTEN_FDS");
  std::optional<std::string> names = variable("LISTEN_FDNAMES");
};

}  // namespace

Result<PassedSockets> PassedSockets::take() {
  const Environment environment;
  for (const char* const name : {"LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    ::unsetenv(name);
  }
  PassedSockets passed;
  if (!environment.count || !environment.pid) return passed;
  const auto pid = parse<pid_t>(*environment.pid);
  if (!pid) return bad_environment("LISTEN_PID is not the number of a process");
  if (*pid != ::getpid()) {
    passed.why_none_ = "LISTEN_PID is " + std::to_string(*pid) + ", which is not this process (" +
                       std::to_string(::getpid()) + "): a shell between them must use exec";
    return passed;
  }
  const auto count = parse<int>(*environment.count);
  if (!count || *count < 1 || *count > kSocketsMax) {
    return bad_environment("LISTEN_FDS is not a number from 1 to " + std::to_string(kSocketsMax));
  }
  passed.named_ = environment.names.has_value();
  auto names = passed.named_ ? split(*environment.names)
                             : std::vector<std::string>(static_cast<std::size_t>(*count));
  if (names.size() != static_cast<std::size_t>(*count)) {
    return bad_environment("LISTEN_FDNAMES has " + std::to_string(names.size()) +
                           " names for the " + std::to_string(*count) + " sockets of LISTEN_FDS");
  }
  for (int i = 0; i < *count; ++i) {
    const int number = kFirst + i;
    const int flags = ::fcntl(number, F_GETFD);
    if (flags < 0 || ::fcntl(number, F_SETFD, flags | FD_CLOEXEC) < 0) {
      return bad_environment("LISTEN_FDS says " + std::to_string(*count) + ", but descriptor " +
                             std::to_string(number) + " is not open");
    }
    passed.add(std::move(names[static_cast<std::size_t>(i)]), Descriptor(number));
  }
  return passed;
}

void PassedSockets::add(std::string name, Descriptor descriptor) {
  sockets_.push_back({std::move(name), std::move(descriptor)});
}

std::string PassedSockets::what_was_passed() const {
  if (sockets_.empty()) return "no sockets were passed to this process: " + why_none_;
  std::string text = "sockets of this name were not passed, but of";
  for (const Passed& socket : sockets_) text += " " + socket.name;
  return text;
}

Result<std::vector<Descriptor>> PassedSockets::claim(const std::string& name) {
  if (!named_ && !unnamed_claimed_by_.empty()) {
    return not_passed(name, "the sockets have no names (LISTEN_FDNAMES is not set), so systemd:" +
                                unnamed_claimed_by_ + " has got all of them");
  }
  std::vector<Descriptor> claimed;
  std::vector<Passed> others;
  for (Passed& socket : sockets_) {
    if (!named_ || socket.name == name) {
      claimed.push_back(std::move(socket.descriptor));
    } else {
      others.push_back(std::move(socket));
    }
  }
  sockets_ = std::move(others);
  if (claimed.empty()) return not_passed(name, what_was_passed());
  if (!named_) unnamed_claimed_by_ = name;
  return claimed;
}

std::vector<std::string> PassedSockets::unwanted(const std::vector<ListenAddress>& by) const {
  std::vector<std::string> names;
  for (const Passed& socket : sockets_) {
    const bool wanted = std::any_of(by.begin(), by.end(), [&](const ListenAddress& address) {
      return !address.passed.empty() && (!named_ || address.passed == socket.name);
    });
    if (wanted) continue;
    names.push_back(named_ ? socket.name
                           : "descriptor " + std::to_string(socket.descriptor.number()));
  }
  return names;
}

}  // namespace bourse::host
