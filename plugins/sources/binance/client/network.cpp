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
#include <cstring>
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
/// Of a name. Large sites have eight of IPv6, sorted before those of IPv4.
constexpr std::size_t kAddressesMax = 64;
/// For one connection.
constexpr std::size_t kTriedMax = 8;

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

Error spoilt_answer(std::string message) {
  return {.kind = ErrorKind::kNetwork,
          .message = std::move(message),
          .advice =
              "If that goes on, look at what stands between this machine and the exchange: a "
              "proxy may change answers."};
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

bool equal(const Address& a, const Address& b) noexcept {
  return a.size == b.size && std::memcmp(&a.storage, &b.storage, a.size) == 0;
}

std::string text_of(const Address& address) {
  std::array<char, NI_MAXHOST> host{};
  const auto* const where = reinterpret_cast<const sockaddr*>(&address.storage);
  const int problem =
      ::getnameinfo(where, address.size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  return problem == 0 ? host.data() : "an address";
}

/// Attempts to connect to one after the other, while those before go on. One thread.
class Race {
 public:
  Race(std::span<const Address> addresses, const Connector::Pace& pace)
      : addresses_(addresses), pace_(pace) {}

  /// The socket, and to which address.
  Result<std::pair<Descriptor, Address>> run(const Call& call) {
    while (true) {
      if (auto going = go_on(call, "connecting"); !going) return std::move(going).error();
      const Instant now = steady_clock::now();
      give_up_slow(now);
      if (next_ < addresses_.size() && (running_.empty() || now >= next_at_)) {
        begin(addresses_[next_++], now);
      } else if (running_.empty()) {
        return all_failed();
      } else {
        wait(call);
      }
      if (winner_) return std::pair(std::move(winner_->socket), winner_->address);
    }
  }

 private:
  struct Attempt {
    Descriptor socket;
    Address address;
    Instant until;
  };

  void begin(const Address& address, Instant now) {
    next_at_ = now + pace_.next_after;
    Attempt attempt{Descriptor(::socket(address.storage.ss_family,
                                        SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
                    address, now + pace_.patience};
    if (!attempt.socket) return failed(address, system_text(errno));
    const int fd = attempt.socket.get(), yes = 1;
    static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)));
    const auto* const where = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(fd, where, address.size) == 0) {
      winner_ = std::move(attempt);
    } else if (errno == EINPROGRESS) {
      running_.push_back(std::move(attempt));
    } else {
      failed(address, system_text(errno));
    }
  }
  /// Until one of them has come to an end, or something else is due.
  void wait(const Call& call) {
    Instant until = next_question(call);
    if (next_ < addresses_.size()) until = std::min(until, next_at_);
    std::vector<pollfd> questions;
    for (const Attempt& attempt : running_) {
      until = std::min(until, attempt.until);
      questions.push_back({.fd = attempt.socket.get(), .events = POLLOUT, .revents = 0});
    }
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
    const int ready = ::poll(questions.data(), questions.size(),
                             static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    if (ready <= 0) return;  // interrupted, or due
    for (std::size_t i = questions.size(); i-- > 0;) {
      if (questions[i].revents != 0) finish(i);
    }
  }
  void finish(std::size_t i) {
    Attempt attempt = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    int problem = 0;
    socklen_t size = sizeof(problem);
    if (::getsockopt(attempt.socket.get(), SOL_SOCKET, SO_ERROR, &problem, &size) != 0) {
      problem = errno;
    }
    if (problem != 0) return failed(attempt.address, system_text(problem));
    winner_ = std::move(attempt);  // of two at once the one that was tried first
  }
  void give_up_slow(Instant now) {
    std::erase_if(running_, [&](const Attempt& attempt) {
      if (attempt.until > now) return false;
      failed(attempt.address, "no answer within " + std::to_string(pace_.patience.count()) + " ms");
      return true;
    });
  }
  /// The next one need not wait for its moment.
  void failed(const Address& address, std::string why) {
    next_at_ = Instant::min();
    failures_.emplace_back(address, std::move(why));
  }
  [[nodiscard]] Error all_failed() const {
    if (failures_.empty()) return network_error("There is no address to connect to.");
    if (failures_.size() == 1) {
      return network_error("The connection failed: " + failures_.front().second + ".");
    }
    std::string text;
    for (const auto& [address, why] : failures_) {
      text.append(text.empty() ? "" : "; ").append(text_of(address)).append(": ").append(why);
    }
    return network_error("None of the addresses can be connected to: " + text + ".");
  }

  const std::span<const Address> addresses_;
  const Connector::Pace pace_;
  std::vector<Attempt> running_;  ///< the one tried first in front
  std::vector<std::pair<Address, std::string>> failures_;
  std::optional<Attempt> winner_;
  std::size_t next_ = 0;  ///< the address that is tried next
  Instant next_at_ = Instant::min();
};

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

std::vector<Address> in_turn(std::vector<Address> addresses,
                             const std::optional<Address>& answered) {
  if (addresses.empty()) return addresses;
  auto first = addresses.begin();
  if (answered) {
    const auto same = std::ranges::find_if(
        addresses, [&](const Address& address) { return equal(address, *answered); });
    const auto kin = std::ranges::find_if(addresses, [&](const Address& address) {
      return address.storage.ss_family == answered->storage.ss_family;
    });
    if (same != addresses.end()) {
      first = same;
    } else if (kin != addresses.end()) {
      first = kin;
    }
  }
  std::rotate(addresses.begin(), first, first + 1);
  const auto family = addresses.front().storage.ss_family;
  std::array<std::vector<Address>, 2> families;
  for (const Address& address : addresses) {
    families[address.storage.ss_family == family ? 0 : 1].push_back(address);
  }
  std::vector<Address> order;
  for (std::size_t i = 0; order.size() < addresses.size(); ++i) {
    for (const auto& one : families) {
      if (i < one.size()) order.push_back(one[i]);
    }
  }
  order.resize(std::min(order.size(), kTriedMax));
  return order;
}

Result<Descriptor> Connector::connect(std::vector<Address> addresses, const Call& call) {
  std::optional<Address> answered, avoided;
  {
    const std::lock_guard lock(mutex_);
    answered = answered_;
    avoided = avoided_;
  }
  std::vector<Address> order = in_turn(std::move(addresses), answered);
  if (avoided) {
    std::ranges::stable_partition(
        order, [&](const Address& address) { return !equal(address, *avoided); });
  }
  auto won = Race(order, pace_).run(call);
  if (!won) return std::move(won).error();
  const std::lock_guard lock(mutex_);
  answered_ = won->second;
  return std::move(won->first);
}

void Connector::avoid(const Address& address) {
  const std::lock_guard lock(mutex_);
  avoided_ = address;
  if (answered_ && equal(*answered_, address)) answered_.reset();
}

std::optional<Address> other_side_of(int socket) {
  Address address;
  address.size = sizeof(address.storage);
  auto* const into = reinterpret_cast<sockaddr*>(&address.storage);
  if (::getpeername(socket, into, &address.size) != 0) return std::nullopt;
  return address;
}

std::unique_ptr<Stream> plain_stream(int socket) { return std::make_unique<PlainStream>(socket); }

}  // namespace bourse::binance
