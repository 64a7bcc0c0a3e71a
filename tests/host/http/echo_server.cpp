// SPDX-License-Identifier: MIT
//
// The smallest program on the front, for benches and for looking at it with other tools:
//
//   echo_server [LISTEN] [IO_THREADS]      default 127.0.0.1:0 1; prints the port
//
//   /fixed         a fixed answer of 2 KB, given on the I/O thread
//   /worker        the same, given by another thread
//   /big?bytes=N   N bytes, at most 256 MiB
//   anything else  the request, as the front understood it
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "host/http/server.hpp"

namespace {

using namespace bourse::host;

std::shared_ptr<const std::string> text_body(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

std::size_t bytes_asked_for(const std::string& target) {
  std::size_t bytes = 0;
  const std::size_t begin = target.find('=');
  if (begin != std::string::npos) {
    std::from_chars(target.data() + begin + 1, target.data() + target.size(), bytes);
  }
  return std::min(bytes, std::size_t{256} << 20u);
}

std::string described(const Request& request) {
  std::string text = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text + "\n" + request.body;
}

class EchoHandler final : public Handler {
 public:
  EchoHandler() : worker_([this] { work(); }) {}
  ~EchoHandler() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    more_.notify_one();
    worker_.join();
  }

  void handle(Request request, Responder responder) noexcept override {
    if (request.target == "/fixed") return responder.send(fixed());
    if (request.target == "/worker") return hand_over(std::move(responder));
    if (request.target.compare(0, 4, "/big") == 0) {
      return responder.send({.body = text_body(std::string(bytes_asked_for(request.target), 'x'))});
    }
    responder.send(
        {.headers = {{"Content-Type", "text/plain"}}, .body = text_body(described(request))});
  }

 private:
  Response fixed() const { return {.headers = {{"Content-Type", "text/plain"}}, .body = fixed_}; }

  void hand_over(Responder responder) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(responder));
    }
    more_.notify_one();
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      more_.wait(lock, [this] { return ended_ || !jobs_.empty(); });
      if (ended_) return;
      Responder responder = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      responder.send(fixed());
      lock.lock();
    }
  }

  const std::shared_ptr<const std::string> fixed_ = text_body(std::string(2048, 'x'));
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<Responder> jobs_;  // at most pipeline_depth_max a connection
  bool ended_ = false;
  std::thread worker_;
};

}  // namespace

int main(int argc, char** argv) {
  // Before any thread is started, so that all of them leave these to sigwait().
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  EchoHandler handler;
  const auto address = parse_listen_address(argc > 1 ? argv[1] : "127.0.0.1:0");
  if (!address) {
    std::fprintf(stderr, "%s\n", address.failure().message.c_str());
    return 1;
  }
  ServerOptions options{.listen = {*address}};
  if (argc > 2) options.io_threads = static_cast<unsigned>(std::atoi(argv[2]));
  auto server = Server::start(options, handler);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.failure().message.c_str());
    return 1;
  }
  std::printf("%u\n", (*server)->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->stop();
  return 0;
}
