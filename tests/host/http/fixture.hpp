// SPDX-License-Identifier: MIT
//
// A server on a port of the system's choice, and a handler that a test directs.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/http/server.hpp"
#include "tests/host/http/client.hpp"

namespace bourse::host::test {

inline std::shared_ptr<const std::string> body_of(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// REQUIRES: it is one.
inline ListenAddress at(const std::string& address) { return *parse_listen_address(address); }

/// /held...      kept until the test answers it
/// /fixed        "ok", at once
/// /worker       "worked", from another thread
/// /lost         never answered
/// /attached/... "ok", with the lines and the Vary of attached()
/// /pages/NAME   what the test put there
/// others        method, target, and the body, one a line
class DirectedHandler final : public Handler {
 public:
  struct Held {
    Request request;
    Responder responder;
  };

  ~DirectedHandler() override {
    for (std::thread& worker : workers_) worker.join();
  }

  void handle(Request request, Responder responder) noexcept override {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request.method + " " + request.target);
    if (request.target.compare(0, 5, "/held") == 0) {
      held_.push_back({std::move(request), std::move(responder)});
      more_.notify_all();
    } else if (request.target == "/worker") {
      workers_.emplace_back(
          [answer = std::move(responder)]() mutable { answer.send({.body = body_of("worked")}); });
    } else if (request.target.starts_with("/attached")) {
      responder.attach(attached());
      if (request.target != "/attached/lost") responder.send({.body = body_of("ok")});
    } else if (request.target == "/fixed") {
      responder.send({.body = body_of("ok")});
    } else if (const auto page = pages_.find(request.target); page != pages_.end()) {
      responder.send(page->second);
    } else if (request.target != "/lost") {
      responder.send(
          {.body = body_of(request.method + "\n" + request.target + "\n" + request.body)});
    }
  }

  /// What it attaches where it is told to, and to refusals.
  static Attached attached() {
    static const auto kLines = std::make_shared<const std::string>("X-Attached: yes\r\n");
    return {.lines = kLines, .by_origin = true};
  }
  Attached attached_to_refusal(const Request& request) noexcept override {
    const std::lock_guard lock(mutex_);
    refused_.push_back(request.header("Origin"));
    return attached();
  }
  /// The Origin of each refused request.
  std::vector<std::string> refused_origins() {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

  void put_page(const std::string& target, Response response) {
    const std::lock_guard lock(mutex_);
    pages_[target] = std::move(response);
  }
  /// Takes the oldest held request; waits for one.
  Held take_held() {
    std::unique_lock lock(mutex_);
    if (!more_.wait_for(lock, kPatience, [this] { return !held_.empty(); })) {
      ADD_FAILURE() << "no request came";
      return {};
    }
    Held held = std::move(held_.front());
    held_.erase(held_.begin());
    return held;
  }
  std::size_t held_count() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  /// While the result lives, handle() does not return.
  [[nodiscard]] std::unique_lock<std::mutex> hold_up() { return std::unique_lock(mutex_); }
  std::vector<std::string> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<Held> held_;
  std::vector<std::string> seen_;
  std::vector<std::string> refused_;
  std::map<std::string, Response> pages_;
  std::vector<std::thread> workers_;
};

class ServerTest : public ::testing::Test {
 protected:
  /// Starts with `options` as the test left them; only once.
  void start() {
    auto started = Server::start(options, handler);
    ASSERT_TRUE(started.ok()) << started.failure().message;
    server = *std::move(started);
  }
  std::uint16_t port() {
    if (!server) start();
    return server ? server->port() : std::uint16_t{0};
  }
  Limits& limits() { return options.limits; }

  ServerOptions options{.listen = {at("127.0.0.1:0")}};
  DirectedHandler handler;
  std::unique_ptr<Server> server;  // ends first
};

}  // namespace bourse::host::test
