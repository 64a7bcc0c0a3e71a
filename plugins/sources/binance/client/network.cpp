// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/network.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kBetweenQuestions{50};
constexpr std::chrono::seconds kNamesKept{60};
constexpr std::size_t kNamesMax = 16;
constexpr std::size_t kLeftBehindMax = 8;
constexpr std::size_t kAddressesMax = 8;

std::string system_text(int error) { return std::generic_category().message(error); }

/// Until when to sleep before asking again whether to stop.
Instant next_question(const Call& call) {
  return call.stopped ? std::min(call.deadline, steady_clock::now() + kBetweenQuestions)
                      : call.deadline;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

std::vector<Address> addresses_of(const addrinfo* list) {
  std::vector<Address> addresses;
  for (; list != nullptr && addresses.size() < kAddressesMax; list = list->ai_next) {
    if (list->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address& address = addresses.emplace_back();
    const auto* const bytes = reinterpret_cast<const char*>(list->ai_addr);
    std::copy(bytes, bytes + list->ai_addrlen, reinterpret_cast<char*>(&address.storage));
    address.size = list->ai_addrlen;
  }
  return addresses;
}

/// Of a host that is an address already: nobody needs to be asked. Empty: it is a name.
std::vector<Address> numeric_address(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &list) != 0) return {};
  const std::unique_ptr<addrinfo, FreeAddresses> owner(list);
  return addresses_of(list);
}

}  // namespace

Error network_error(std::string message) {
  return {.kind = ErrorKind::kNetwork,
          .message = std::move(message),
          .advice = "Check the connection to the internet and the proxy settings."};
}

Error deadline_passed(std::string_view while_doing) {
  Error error = network_error("The deadline passed while " + std::string(while_doing) + ".");
  error.advice = "Allow more time, or check the connection.";
  error.deadline = true;
  return error;
}

Status go_on(const Call& call, std::string_view doing) {
  if (call.stopped && call.stopped()) {
    Error error = network_error("The caller asked to stop.");
    error.stopped = true;
    return error;
  }
  if (steady_clock::now() >= call.deadline) return deadline_passed(doing);
  return Done{};
}

Status wait_ready(int fd, short events, const Call& call, std::string_view doing) {
  while (true) {
    if (auto going = go_on(call, doing); !going) return going;
    const auto left = next_question(call) - steady_clock::now();
    const auto left_ms = std::chrono::ceil<milliseconds>(left).count();
    pollfd question{.fd = fd, .events = events, .revents = 0};
    const int ready =
        ::poll(&question, 1, static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, 60'000)));
    if (ready > 0) return Done{};
    if (ready < 0 && errno != EINTR) return network_error(system_text(errno) + ".");
  }
}

// ---- names

/// One question to getaddrinfo_a; must stay where it is until the answer is there.
struct Resolver::Lookup {
  Lookup(std::string name, std::uint16_t port)
      : host(std::move(name)), service(std::to_string(port)) {
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    request.ar_name = host.c_str();
    request.ar_service = service.c_str();
    request.ar_request = &hints;
  }
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup() {
    if (request.ar_result != nullptr) ::freeaddrinfo(request.ar_result);
  }
  [[nodiscard]] bool is_over() { return ::gai_error(&request) != EAI_INPROGRESS; }
  void sleep(std::chrono::nanoseconds time) {
    const timespec limit{.tv_sec = time.count() / 1'000'000'000,
                         .tv_nsec = time.count() % 1'000'000'000};
    const gaicb* const list[] = {&request};
    static_cast<void>(::gai_suspend(list, 1, &limit));
  }

  std::string host, service;
  addrinfo hints{};
  gaicb request{};
};

Resolver::Resolver() = default;

Resolver::~Resolver() {
  for (std::unique_ptr<Lookup>& lookup : left_behind_) {
    // The system still writes to it: given away for good, rather than freed under its feet.
    if (!lookup->is_over()) static_cast<void>(lookup.release());
  }
}

bool Resolver::may_start() {
  const std::lock_guard lock(mutex_);
  left_behind_.remove_if([](const std::unique_ptr<Lookup>& lookup) { return lookup->is_over(); });
  return left_behind_.size() < kLeftBehindMax;
}

void Resolver::leave_behind(std::unique_ptr<Lookup> lookup) {
  if (::gai_cancel(&lookup->request) != EAI_NOTCANCELED && lookup->is_over()) return;
  const std::lock_guard lock(mutex_);
  left_behind_.push_back(std::move(lookup));
}

Result<std::vector<Address>> Resolver::resolve(const std::string& host, std::uint16_t port,
                                               const Call& call) {
  if (auto numeric = numeric_address(host, std::to_string(port)); !numeric.empty()) return numeric;
  const std::string key = host + ":" + std::to_string(port);
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(key);
    if (known != known_.end() && steady_clock::now() - known->second.at < kNamesKept) {
      return known->second.addresses;
    }
  }
  if (!may_start()) return network_error("The name service does not answer.");
  auto lookup = std::make_unique<Lookup>(host, port);
  gaicb* list[] = {&lookup->request};
  if (::getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr) != 0) {
    return network_error("The name service cannot be asked.");
  }
  while (!lookup->is_over()) {
    if (auto going = go_on(call, "looking up " + host); !going) {
      leave_behind(std::move(lookup));
      return std::move(going).error();
    }
    const std::chrono::nanoseconds left = next_question(call) - steady_clock::now();
    lookup->sleep(std::max(left, std::chrono::nanoseconds(1'000'000)));
  }
  if (const int problem = ::gai_error(&lookup->request); problem != 0) {
    return network_error("The name " + host + " cannot be found: " + ::gai_strerror(problem) + ".");
  }
  std::vector<Address> addresses = addresses_of(lookup->request.ar_result);
  if (addresses.empty()) return network_error("The name " + host + " has no address.");
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kNamesMax) known_.clear();
  known_[key] = {addresses, steady_clock::now()};
  return addresses;
}

// ---- connections

namespace {

Result<Descriptor> connect_one(const Address& address, const Call& call) {
  Descriptor socket(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return network_error("No socket: " + system_text(errno) + ".");
  const int yes = 1;
  static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)));
  const auto* const where = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(socket.get(), where, address.size) == 0) return socket;
  if (errno != EINPROGRESS) {
    return network_error("The connection failed: " + system_text(errno) + ".");
  }
  if (auto ready = wait_ready(socket.get(), POLLOUT, call, "connecting"); !ready) {
    return std::move(ready).error();
  }
  int problem = 0;
  socklen_t size = sizeof(problem);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &size) != 0 || problem != 0) {
    return network_error("The connection failed: " + system_text(problem) + ".");
  }
  return socket;
}

class PlainStream final : public Stream {
 public:
  explicit PlainStream(int socket) : socket_(socket) {}

  Status write(std::string_view bytes, const Call& call) override {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        if (auto ready = wait_ready(socket_, POLLOUT, call, "sending"); !ready) return ready;
      } else if (errno != EINTR) {
        return network_error("Sending failed: " + system_text(errno) + ".");
      }
    }
    return Done{};
  }
  Result<std::size_t> read(std::span<char> into, const Call& call) override {
    while (true) {
      // Asked even when bytes are there: a peer that drips must not outlast the deadline.
      if (auto going = go_on(call, "waiting for the answer"); !going) {
        return std::move(going).error();
      }
      const ssize_t count = ::recv(socket_, into.data(), into.size(), 0);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EAGAIN) {
        auto ready = wait_ready(socket_, POLLIN, call, "waiting for the answer");
        if (!ready) return std::move(ready).error();
      } else if (errno != EINTR) {
        return network_error("Receiving failed: " + system_text(errno) + ".");
      }
    }
  }
  bool is_quiet() override {
    char byte = 0;
    return ::recv(socket_, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
  }

 private:
  int socket_;
};

}  // namespace

Result<Descriptor> connect_to(std::span<const Address> addresses, milliseconds patience,
                              const Call& call) {
  Error last = network_error("There is no address to connect to.");
  for (const Address& address : addresses) {
    Call limited = call;
    limited.deadline = std::min(call.deadline, steady_clock::now() + patience);
    auto socket = connect_one(address, limited);
    if (socket) return socket;
    last = std::move(socket).error();
    if (last.stopped || steady_clock::now() >= call.deadline) break;
    if (std::exchange(last.deadline, false)) {
      last.message = "No connection within " + std::to_string(patience.count()) + " ms.";
    }
  }
  return last;
}

std::unique_ptr<Stream> plain_stream(int socket) { return std::make_unique<PlainStream>(socket); }

}  // namespace bourse::binance
