// SPDX-License-Identifier: MIT
//
// What the tests of calls, routing and service share: the fixture plugin, configurations as text,
// requests without a network.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/load.hpp"
#include "host/http/message.hpp"
#include "host/plugins/load.hpp"
#include "host/routing/generation.hpp"
#include "host/routing/plan.hpp"
#include "tests/fixtures/plugins/pipeline_control.hpp"
#include "tests/host/support/gate.hpp"

namespace bourse::host::test {

/// The fixture plugin, loaded once.
const Loaded& fixture();

/// The plugin of tests/fixtures/plugins/tasks.cpp, loaded once.
const Loaded& tasks_fixture();

/// SECRET is "hunter2", NUMBER is "7777777" and TOKEN is "a-token-of-the-tests"; there are no
/// others.
std::optional<std::string> test_environment(const std::string& name);

struct Built {
  std::shared_ptr<const Generation> generation;  ///< null when there were errors
  std::string diagnostics;                       ///< as `bourse check` shows them
  std::vector<std::string> codes;                ///< of the errors
};

/// A configuration without its first line, "bourse: 1".
/// `before`: as build_generation() takes it.
Built build(const std::string& yaml, const Loaded& loaded = fixture(),
            const Generation* before = nullptr);

/// build(), which must succeed.
std::shared_ptr<const Generation> good_generation(const std::string& yaml,
                                                  const Generation* before = nullptr);

/// A configuration with one source "feed" of this component and settings, and these routes.
std::string with_feed(const std::string& use, const std::string& settings,
                      const std::string& routes);

/// The client's end: keeps the answer.
class TestSink : public Responder::Sink {
 public:
  void send(Response response) override;
  void attach(Attached attached) override { attached_ = std::move(attached); }
  [[nodiscard]] bool gone() const noexcept override { return gone_; }
  void leave() { gone_ = true; }

  /// Waits for the answer; a null when there was none.
  [[nodiscard]] const Response* wait() const { return answered_.wait() ? &response_ : nullptr; }
  [[nodiscard]] bool is_answered() const { return answered_.is_open(); }
  [[nodiscard]] int answers() const { return answers_; }
  /// The lines that go with the answer, as the front would write them behind it.
  [[nodiscard]] std::string attached_lines() const {
    return attached_.lines ? *attached_.lines : std::string();
  }

 private:
  Response response_;
  Attached attached_;
  Gate answered_;
  std::atomic<int> answers_{0};
  std::atomic<bool> gone_{false};
};

/// The value of a response's header; "" when there is none, all values with '|' between.
std::string header_of(const Response& response, std::string_view name);
std::string body_of(const Response& response);

}  // namespace bourse::host::test
