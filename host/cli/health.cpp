// SPDX-License-Identifier: MIT
#include "host/cli/health.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <system_error>

#include "host/base/listen_address.hpp"
#include "host/base/own_streams.hpp"
#include "host/cli/setup.hpp"

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kFirstLineBytesMax = 512;

Failure bad_url(std::string_view url, const std::string& why) {
  return {.status = BOURSE_BAD_PARAM,
          .code = "bad_url",
          .message = "\"" + std::string(url.substr(0, 256)) + "\": " + why +
                     "; write it like http://127.0.0.1:8080/health"};
}

Failure unhealthy(std::string why) {
  return {.status = BOURSE_UPSTREAM, .code = "unhealthy", .message = std::move(why)};
}

Failure failed(const char* what, int error) {
  return unhealthy(std::string(what) + ": " + std::generic_category().message(error));
}

// One connection, and the time that is left for it.
class Connection {
 public:
  explicit Connection(milliseconds timeout) : end_(steady_clock::now() + timeout) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }

  Result<void> open(const HealthTarget& target) {
    sockaddr_storage address = {};
    const socklen_t size = fill(address, target);
    fd_ = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd_ < 0) return failed("no socket", errno);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0) return {};
    if (errno != EINPROGRESS) return failed("cannot connect", errno);
    if (auto ready = await(POLLOUT, "no connection"); !ready) return ready;
    int error = 0;
    socklen_t error_size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &error_size);
    if (error != 0) return failed("cannot connect", error);
    return {};
  }

  Result<void> send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno != EINTR && errno != EAGAIN) {
        return failed("cannot send", errno);
      } else if (auto ready = await(POLLOUT, "the request was not taken"); !ready) {
        return ready;
      }
    }
    return {};
  }

  // What came first: at least one line, or all there was.
  Result<std::string> read_line() {
    std::string line;
    std::array<char, kFirstLineBytesMax> buffer;
    while (line.find('\n') == std::string::npos && line.size() < kFirstLineBytesMax) {
      if (auto ready = await(POLLIN, "no answer"); !ready) return std::move(ready).failure();
      const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
      if (n == 0) break;
      if (n < 0 && errno != EINTR && errno != EAGAIN) return failed("no answer", errno);
      if (n > 0) line.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return line;
  }

 private:
  static socklen_t fill(sockaddr_storage& address, const HealthTarget& target) {
    if (!target.socket.empty()) {
      auto* const file = reinterpret_cast<sockaddr_un*>(&address);
      file->sun_family = AF_UNIX;
      target.socket.copy(file->sun_path, sizeof file->sun_path - 1);
      return sizeof *file;
    }
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address);
    if (inet_pton(AF_INET, target.host.c_str(), &v4->sin_addr) == 1) {
      v4->sin_family = AF_INET;
      v4->sin_port = htons(target.port);
      return sizeof *v4;
    }
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address);
    inet_pton(AF_INET6, target.host.c_str(), &v6->sin6_addr);  // parse_health_url knows that it is
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(target.port);
    return sizeof *v6;
  }

  Result<void> await(short what, const char* otherwise) {
    while (true) {
      const auto left = duration_cast<milliseconds>(end_ - steady_clock::now());
      pollfd wanted{fd_, what, 0};
      const int n = poll(&wanted, 1, static_cast<int>(std::max(left, milliseconds(0)).count()));
      if (n > 0) return {};
      if (n == 0) return unhealthy(std::string(otherwise) + " in time");
      if (errno != EINTR) return failed("cannot wait", errno);
    }
  }

  steady_clock::time_point end_;
  int fd_ = -1;
};

// A server that listens everywhere is asked here.
std::string reachable(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "::1";
  return address;
}

Result<HealthTarget> configured_target(const std::filesystem::path& given) {
  const auto file = find_config(given);
  if (!file) {
    return unhealthy(
        "no configuration tells the port: name the URL, or --port, or --config, or set "
        "BOURSE_CONFIG");
  }
  const LoadedConfig read = load_config(*file, process_environment());
  if (!read.config) {
    std::fputs(read.diagnostics.render().c_str(), stderr);
    return unhealthy("the configuration is not valid, so its port is not known");
  }
  for (const ListenAddress& listen : read.config->server.listen.value) {
    if (!listen.path.empty()) return HealthTarget{"", 0, "/health", listen.path};
    if (listen.port != 0) return HealthTarget{reachable(listen.host), listen.port, "/health"};
  }
  const bool passed = !read.config->server.listen.value.front().passed.empty();
  return unhealthy(std::string("the configuration lets ") +
                   (passed ? "a service manager pass the sockets" : "the system pick the port") +
                   ": name the URL, or --port");
}

Result<HealthTarget> target_of(const HealthOptions& options) {
  if (!options.url.empty()) return parse_health_url(options.url);
  if (options.port != 0) return HealthTarget{"127.0.0.1", options.port, "/health"};
  return configured_target(options.config);
}

int report(const Failure& failure) {
  std::fprintf(stderr, "error: %s\n", failure.message.c_str());
  return failure.code == "bad_url" ? kUsage : kFailed;
}

}  // namespace

std::string HealthTarget::url() const {
  if (!socket.empty()) return "unix:" + socket;
  return "http://" + ListenAddress{host, host.find(':') != std::string::npos, port}.text() + path;
}

Result<HealthTarget> parse_health_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (url.starts_with("unix:")) {
    auto address = parse_listen_address(url);
    if (!address) return bad_url(url, "this is not \"unix:\" and the absolute path of a socket");
    return HealthTarget{"", 0, "/health", address->path};
  }
  if (!url.starts_with(kScheme)) {
    return bad_url(url, "only http:// can be asked, TLS ends in front of the server");
  }
  std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string authority(rest.substr(0, slash));
  const std::string_view path = rest.substr(slash);
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (!std::all_of(url.begin(), url.end(), printable)) {
    return bad_url(url, "it holds spaces, controls or letters that must be percent-encoded");
  }
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  if (colon == authority.npos) authority += ":80";
  auto address = parse_listen_address(authority);
  if (!address || address->port == 0) {
    return bad_url(url,
                   "the host must be an IP address or localhost, names are not looked up; the "
                   "port a number from 1 to 65535");
  }
  return HealthTarget{reachable(address->host), address->port,
                      path.empty() ? "/health" : std::string(path)};
}

Result<int> ask_health(const HealthTarget& target, milliseconds timeout) {
  Connection connection(timeout);
  if (auto opened = connection.open(target); !opened) return std::move(opened).failure();
  const ListenAddress address{target.host, target.host.find(':') != std::string::npos, target.port};
  const std::string host = target.socket.empty() ? address.text() : "localhost";
  if (auto sent = connection.send("GET " + target.path + " HTTP/1.1\r\nHost: " + host +
                                  "\r\nUser-Agent: bourse-health\r\nConnection: close\r\n\r\n");
      !sent) {
    return std::move(sent).failure();
  }
  const auto line = connection.read_line();
  if (!line) return line.failure();
  // "HTTP/1.1 200 OK"
  const std::string_view text = *line;
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() < 13 || !text.starts_with("HTTP/1.") || text[8] != ' ' || !digit(9) ||
      !digit(10) || !digit(11)) {
    return unhealthy("what answers does not speak HTTP/1");
  }
  return (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
}

int health(const HealthOptions& options) {
  const auto target = target_of(options);
  if (!target) return report(target.failure());
  const auto timeout = duration_cast<milliseconds>(
      std::chrono::duration<double>(std::clamp(options.timeout_seconds, 0.001, 3600.0)));
  const auto status = ask_health(*target, timeout);
  if (!status) return report(unhealthy(target->url() + ": " + status.failure().message));
  if (*status != 200) {
    return report(unhealthy(target->url() + " answers " + std::to_string(*status)));
  }
  std::fprintf(own_output(), "healthy: %s answers 200\n", target->url().c_str());
  return kDone;
}

}  // namespace bourse::host
