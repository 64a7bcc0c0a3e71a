// SPDX-License-Identifier: MIT
//
// bourse_exchange: the fake exchange as a program, for people.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <optional>

#include "host/parameters/time_text.hpp"
#include "tests/exchange/exchange.hpp"
#include "tests/exchange/silent_address.hpp"

namespace {

using namespace bourse::fake_exchange;

struct Arguments {
  ExchangeOptions options;
  std::string now, latency = "0ms", silent;
};

void declare(CLI::App& app, Arguments& a) {
  app.add_option("--address", a.options.address, "of 127.0.0.0/8, or ::1")->capture_default_str();
  app.add_option("--silent", a.silent,
                 "another address whose same port never answers: 127.0.0.2, ::1");
  app.add_option("--port", a.options.port, "0: one that is free")->capture_default_str();
  app.add_option("--seed", a.options.seed, "chooses the synthetic market")->capture_default_str();
  app.add_option("--source", a.options.source, "synthetic, or replay:FOLDER")
      ->capture_default_str();
  app.add_option("--now", a.now,
                 "real, or a time at which the clock stands (2025-01-01T12:00:00Z); "
                 "default: real, of a recording its end");
  app.add_option("--plugins", a.options.plugins, "folder of the source plugins");
  app.add_option("--latency", a.latency, "before every answer")->capture_default_str();
  app.add_option("--cert", a.options.certificate, "certificate in PEM: speaks TLS and nothing else")
      ->check(CLI::ExistingFile);
  app.add_option("--key", a.options.key, "its key in PEM")->check(CLI::ExistingFile);
  app.add_option("--weight", a.options.limits.weight_per_minute, "request weight per minute")
      ->capture_default_str();
  app.add_option("--book-levels", a.options.book_levels, "of a side of a book, at most")
      ->check(CLI::Range(1, 5'000))
      ->capture_default_str();
}

/// Throws std::invalid_argument.
void complete(Arguments& a) {
  if (a.options.certificate.empty() != a.options.key.empty()) {
    throw std::invalid_argument("--cert and --key belong together");
  }
  if (!a.now.empty() && a.now != "real") {
    const auto time = bourse::host::parse_time(a.now);
    if (!time.ns) {
      throw std::invalid_argument("--now: expected real, or a time such as 2025-01-01T12:00:00Z");
    }
    a.options.now = std::chrono::seconds{*time.ns / 1'000'000'000};
  }
  const auto latency = parse_duration(a.latency);
  if (!latency || latency->count() < 0) {
    throw std::invalid_argument("--latency: expected a duration such as 50ms");
  }
  a.options.latency = std::chrono::duration_cast<std::chrono::milliseconds>(*latency);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "A fake exchange on this machine, for trying out and testing clients: REST, and streams at "
      "ws://HOST:PORT/ws and /stream, on one port.");
  Arguments arguments;
  declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  // Blocked before any thread starts, so that none of them takes the signal.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  try {
    complete(arguments);
    Exchange exchange(arguments.options);
    if (arguments.now == "real") exchange.clock().follow_machine();
    std::optional<SilentAddress> silent;
    if (!arguments.silent.empty()) silent.emplace(arguments.silent, exchange.port());
    std::cout << exchange.port() << '\n' << std::flush;
    std::cerr << "fake exchange at " << exchange.url() << ", switches: curl " << exchange.url()
              << "/_fake/\n";
    int signal = 0;
    sigwait(&ends, &signal);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bourse_exchange: " << error.what() << '\n';
    return 1;
  }
}
