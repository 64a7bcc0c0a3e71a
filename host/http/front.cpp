// SPDX-License-Identifier: MIT
#include "host/http/front.hpp"

#include <pistache/listener.h>
#include <pistache/peer.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "host/http/connection.hpp"
#include "host/http/descriptor.hpp"

namespace bourse::host {

namespace {

namespace aio = Pistache::Aio;
namespace polling = Pistache::Polling;
namespace tcp = Pistache::Tcp;
using polling::NotifyOn;
using std::chrono::milliseconds;

// A connection that arrives while Pistache empties its queue of arrivals can lose its wake-up
// (PollableQueue::pop reads the eventfd after it found the queue empty). So we look once more.
constexpr milliseconds kLookAgain{5};
constexpr int kBacklog = 1024;  // the kernel lowers it to net.core.somaxconn

// Deadlines are looked at four times within the shortest of them.
milliseconds tick_of(const Limits& limits) {
  const milliseconds shortest =
      std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout,
                limits.write_timeout, limits.linger_timeout});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(1000));
}

// Connections over the limit get a 503, but not without limit either: beyond these they are closed.
std::size_t turned_away_max(const Limits& limits) { return 64 + limits.connections_max / 8; }

class Arrivals;

// The connections of one I/O thread.
class Loop final : public tcp::Transport {
 public:
  // The first one is a prototype that only makes the others; see clone().
  explicit Loop(std::shared_ptr<ServerState> state);
  ~Loop() override;

  std::shared_ptr<aio::Handler> clone() const override { return std::make_shared<Loop>(state_); }
  void registerPoller(polling::Epoll& poller) override;
  void onReady(const aio::FdSet& ready) override;
  void arrived(const std::shared_ptr<tcp::Peer>& peer);

 private:
  struct Member {
    std::shared_ptr<tcp::Peer> peer;
    std::unique_ptr<Connection> connection;
    Connection::Interest interest;
  };

  void start_turn();
  void end_turn();
  void serve(std::size_t descriptor, const aio::FdSet::Entry& event);
  template <class Step>
  void run(std::size_t descriptor, Step step);
  void watch(std::size_t descriptor);
  void close(std::size_t descriptor);
  void collect_answers();
  void take_arrivals();
  void greet(std::size_t descriptor);
  void tick();
  void sweep();
  void stop_idle();
  void set_timer(milliseconds first);
  [[nodiscard]] bool is_open(std::size_t descriptor) const {
    return descriptor < members_.size() && members_[descriptor].connection;
  }

  std::shared_ptr<ServerState> state_;
  std::shared_ptr<IoThread> thread_;
  Descriptor timer_;
  bool adopted_ = false;
  bool stop_seen_ = false;
  bool looks_again_ = false;
  std::chrono::steady_clock::time_point next_sweep_;
  // Pistache's event that tells of new connections. It is the only one besides our own, so the
  // first unknown event is it; later unknown ones are echoes of connections just closed.
  std::uint64_t arrivals_tag_ = 0;
  std::vector<Member> members_;         // by descriptor
  std::vector<std::size_t> newcomers_;  // descriptors, not greeted yet
};

// What Pistache calls for a new connection. Input never gets to it: Loop reads.
class Arrivals final : public tcp::Handler {
  PROTOTYPE_OF(tcp::Handler, Arrivals)

 public:
  Arrivals() = default;
  Arrivals(const Arrivals&) : tcp::Handler() {}

  void serves(Loop* loop) { loop_ = loop; }
  void onConnection(const std::shared_ptr<tcp::Peer>& peer) override { loop_->arrived(peer); }
  void onInput(const char*, std::size_t, const std::shared_ptr<tcp::Peer>&) override {}

 private:
  Loop* loop_ = nullptr;
};

std::shared_ptr<Arrivals> make_arrivals() { return std::make_shared<Arrivals>(); }

// "::ffff:10.0.0.1" is how a dual-stack socket calls 10.0.0.1.
std::string readable_address(std::string host) {
  constexpr std::string_view kMapped = "::ffff:";
  const bool is_mapped =
      host.compare(0, kMapped.size(), kMapped) == 0 && host.find('.') != std::string::npos;
  return is_mapped ? host.substr(kMapped.size()) : host;
}

Loop::Loop(std::shared_ptr<ServerState> state)
    : tcp::Transport(make_arrivals()), state_(std::move(state)) {
  const auto arrivals = make_arrivals();
  arrivals->serves(this);
  init(arrivals);
}

// Runs after the thread was joined. Pistache leaves the connections open; we do not.
Loop::~Loop() {
  if (!thread_) return;
  thread_->mailbox->close();
  for (std::size_t descriptor = 0; descriptor < members_.size(); ++descriptor) {
    if (!is_open(descriptor)) continue;
    members_[descriptor].connection.reset();
    ::close(static_cast<int>(descriptor));
  }
}

void Loop::registerPoller(polling::Epoll& poller) {
  tcp::Transport::registerPoller(poller);
  thread_ = std::make_shared<IoThread>(*state_, static_cast<unsigned>(state_->threads.size()));
  timer_ = Descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (timer_.number() < 0) throw std::system_error(errno, std::generic_category(), "timerfd");
  for (const int own : {thread_->mailbox->descriptor(), timer_.number()}) {
    // Edge-triggered: the mailbox's need never be read then.
    poller.addFd(own, Pistache::Flags<NotifyOn>(NotifyOn::Read),
                 polling::Tag(static_cast<std::uint64_t>(own)), polling::Mode::Edge);
  }
  set_timer(tick_of(state_->options.limits));
  state_->threads.push_back(thread_);
}

void Loop::set_timer(milliseconds first) {
  const auto spec_of = [](milliseconds time) {
    return timespec{static_cast<time_t>(time.count() / 1000),
                    static_cast<long>(time.count() % 1000 * 1'000'000)};
  };
  itimerspec spec{};
  spec.it_value = spec_of(first);
  spec.it_interval = spec_of(tick_of(state_->options.limits));
  ::timerfd_settime(timer_.number(), 0, &spec, nullptr);
}

// ---- a turn of the event loop ----

void Loop::onReady(const aio::FdSet& ready) {
  start_turn();
  bool arrivals = false;
  for (const aio::FdSet::Entry& event : ready) {
    const std::uint64_t tag = event.getTag().value();
    if (is_open(tag)) {
      serve(tag, event);
    } else if (tag == static_cast<std::uint64_t>(thread_->mailbox->descriptor())) {
      continue;  // Answers are collected below in any case.
    } else if (tag == static_cast<std::uint64_t>(timer_.number())) {
      arrivals |= std::exchange(looks_again_, false);
      tick();
    } else {
      if (arrivals_tag_ == 0) arrivals_tag_ = tag;
      arrivals |= tag == arrivals_tag_;
    }
  }
  collect_answers();
  // Last: a new connection may have the number of one that was closed in this turn.
  if (arrivals) take_arrivals();
  end_turn();
}

void Loop::start_turn() {
  if (!std::exchange(adopted_, true)) thread_->mailbox->adopt();
  thread_->now = std::chrono::steady_clock::now();
}

void Loop::end_turn() {
  if (!thread_->stopping()) return;
  if (!std::exchange(stop_seen_, true)) stop_idle();
  if (thread_->counters.in_flight.value() == 0) {
    const std::lock_guard lock(state_->drained_mutex);
    state_->drained.notify_all();
  }
}

void Loop::serve(std::size_t descriptor, const aio::FdSet::Entry& event) {
  const Connection::Interest interest = members_[descriptor].interest;
  if (event.isReadable() && interest.read) {
    run(descriptor, [](Connection& connection) { return connection.on_readable(); });
  } else if (event.isHangup()) {
    return close(descriptor);
  }
  if (event.isWritable() && interest.write && is_open(descriptor)) {
    run(descriptor, [](Connection& connection) { return connection.on_writable(); });
  }
  if (event.isReadable() || event.isWritable()) return;
  // Pistache does not name it, but this is the end of the input, if we asked for that, or an error.
  if (!interest.end) return close(descriptor);
  run(descriptor, [](Connection& connection) { return connection.on_end(); });
}

template <class Step>
void Loop::run(std::size_t descriptor, Step step) {
  try {
    if (step(*members_[descriptor].connection)) return watch(descriptor);
  } catch (const std::exception&) {
    // Out of memory, or of the kernel's watches: this connection pays, the others go on.
  }
  close(descriptor);
}

void Loop::watch(std::size_t descriptor) {
  Member& member = members_[descriptor];
  const Connection::Interest interest = member.connection->interest();
  if (interest == member.interest) return;
  auto events = Pistache::Flags<NotifyOn>(NotifyOn::None);
  if (interest.read) events.setFlag(NotifyOn::Read);
  if (interest.write) events.setFlag(NotifyOn::Write);
  if (interest.end) events.setFlag(NotifyOn::Shutdown);
  member.interest = interest;
  // Level-triggered: reading may pause with input left, and one call of recv() an event is enough.
  reactor()->modifyFd(key(), static_cast<int>(descriptor), events, polling::Mode::Level);
}

void Loop::close(std::size_t descriptor) {
  const std::shared_ptr<tcp::Peer> peer = std::move(members_[descriptor].peer);
  members_[descriptor] = {};
  thread_->counters.connections_open.subtract();
  state_->connections_open.fetch_sub(1, std::memory_order_relaxed);
  try {
    removePeer(peer);
  } catch (const std::exception&) {
    ::close(static_cast<int>(descriptor));  // It was not watched; then this is left to do.
  }
}

void Loop::collect_answers() {
  while (const std::shared_ptr<Exchange> exchange = thread_->mailbox->collect()) {
    if (!exchange->connection) continue;
    run(static_cast<std::size_t>(exchange->connection->descriptor()),
        [](Connection& connection) { return connection.on_answered(); });
  }
}

// ---- connections come ----

void Loop::take_arrivals() {
  polling::Event event{polling::Tag(arrivals_tag_)};
  event.flags.setFlag(NotifyOn::Read);
  try {
    tcp::Transport::onReady(aio::FdSet({event}));
  } catch (const std::exception&) {
    // Could not be watched (the kernel's limit of epoll watches): greet() notices and closes it.
  }
  if (newcomers_.empty()) return;
  for (const std::size_t descriptor : std::exchange(newcomers_, {})) greet(descriptor);
  if (!std::exchange(looks_again_, true)) set_timer(kLookAgain);
}

void Loop::arrived(const std::shared_ptr<tcp::Peer>& peer) {
  const auto descriptor = static_cast<std::size_t>(peer->fd());
  if (descriptor >= members_.size()) members_.resize(descriptor + 64);
  Member& member = members_[descriptor];
  member.peer = peer;
  member.connection =
      std::make_unique<Connection>(peer->fd(), readable_address(peer->address().host()), *thread_);
  thread_->counters.connections_open.add();
  state_->connections_open.fetch_add(1, std::memory_order_relaxed);
  newcomers_.push_back(descriptor);
}

void Loop::greet(std::size_t descriptor) {
  const std::size_t open = state_->connections_open.load(std::memory_order_relaxed);
  const Limits& limits = thread_->limits();
  if (open <= limits.connections_max && !thread_->stopping()) {
    thread_->counters.connections_accepted.add();
    return run(descriptor, [](Connection&) { return true; });
  }
  thread_->counters.connections_refused.add();
  if (open > limits.connections_max + turned_away_max(limits)) return close(descriptor);
  const Failure failure{.status = BOURSE_UNAVAILABLE,
                        .code = thread_->stopping() ? "stopping" : "too_many_connections",
                        .message = thread_->stopping()
                                       ? "the server is stopping; try again, another one may answer"
                                       : "the server has as many connections as it allows",
                        .retry_after = std::chrono::seconds(1)};
  run(descriptor, [&](Connection& connection) { return connection.turn_away(failure); });
}

// ---- time ----

void Loop::tick() {
  std::uint64_t ticks = 0;
  (void)::read(timer_.number(), &ticks, sizeof ticks);  // or it would not be set again
  if (thread_->now < next_sweep_) return;
  next_sweep_ = thread_->now + tick_of(thread_->limits()) / 2;
  sweep();
}

void Loop::sweep() {
  for (std::size_t descriptor = 0; descriptor < members_.size(); ++descriptor) {
    if (!is_open(descriptor)) continue;
    run(descriptor, [](Connection& connection) { return connection.on_tick(); });
  }
}

void Loop::stop_idle() {
  for (std::size_t descriptor = 0; descriptor < members_.size(); ++descriptor) {
    if (!is_open(descriptor)) continue;
    run(descriptor, [](Connection& connection) { return connection.on_stopping(); });
  }
}

// ---- the listener ----

class PistacheFront final : public Front {
 public:
  PistacheFront(const ListenAddress& address, std::shared_ptr<ServerState> state)
      : state_(std::move(state)),
        listener_(Pistache::Address(address.ipv6 ? "[" + address.host + "]" : address.host,
                                    Pistache::Port(address.port))) {
    using tcp::Options;
    listener_.init(
        state_->options.io_threads,
        Pistache::Flags<Options>(Options::ReuseAddr) | Options::NoDelay | Options::CloseOnExec,
        "bourse-io", kBacklog);
    listener_.setTransportFactory([state = state_] { return std::make_shared<Loop>(state); });
    listener_.bind();
    listener_.runThreaded();
  }

  std::uint16_t port() const override { return listener_.getPort(); }

 private:
  std::shared_ptr<ServerState> state_;
  Pistache::Tcp::Listener listener_;
};

}  // namespace

Result<std::unique_ptr<Front>> Front::open(const ListenAddress& address,
                                           std::shared_ptr<ServerState> state) {
  try {
    return std::unique_ptr<Front>(std::make_unique<PistacheFront>(address, std::move(state)));
  } catch (const std::exception& error) {
    return listen_failure(address, error.what());
  }
}

}  // namespace bourse::host
