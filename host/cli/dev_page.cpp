// SPDX-License-Identifier: MIT
#include "host/cli/dev_page.hpp"

#include <httplib.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kOutputMax = std::size_t{256} << 10;
constexpr std::size_t kLogMax = std::size_t{64} << 10;
constexpr std::chrono::seconds kNews{20};
constexpr time_t kAnswerSeconds = 120;

/// Scripts and styles of its own only; frames show what the server answers.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; frame-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

std::string_view name_of_phase(DevState::Phase phase) {
  switch (phase) {
    case DevState::Phase::kBuilding:
      return "building";
    case DevState::Phase::kBroken:
      return "failed";
    default:
      return "good";
  }
}

struct LoopbackAddress {
  std::string host;
  int port = 0;
};

std::optional<LoopbackAddress> loopback_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  LoopbackAddress address{text.substr(0, colon)};
  if (address.host == "[::1]") address.host = "::1";
  if (address.host != "127.0.0.1" && address.host != "::1" && address.host != "localhost") {
    return std::nullopt;
  }
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc{} || last != end || address.port < 0 || address.port > 65535) {
    return std::nullopt;
  }
  return address;
}

/// A page of somewhere else may not reach it by a name that it lets point here.
bool is_of_this_machine(const httplib::Request& request) {
  const std::string host = request.get_header_value("Host");
  const std::string name = host.substr(0, host.rfind(':'));
  return name == "127.0.0.1" || name == "[::1]" || name == "localhost";
}

class Page final : public DevPage {
 public:
  Page(LoopbackAddress address, std::string server_socket, DevState& state)
      : address_(std::move(address)), socket_(std::move(server_socket)), state_(state) {
    server_.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& out) {
      if (is_of_this_machine(request)) return httplib::Server::HandlerResponse::Unhandled;
      out.status = 403;
      out.set_content("This page is for browsers on this machine: 127.0.0.1, ::1 or localhost.\n",
                      "text/plain");
      return httplib::Server::HandlerResponse::Handled;
    });
    server_.Get("/",
                [](const httplib::Request&, httplib::Response& out) { out.set_redirect("/-/"); });
    server_.Get("/-/", [](const httplib::Request&, httplib::Response& out) {
      out.set_header("Content-Security-Policy", kPolicy);
      out.set_header("Cache-Control", "no-store");
      const std::string_view page = dev_page_html();
      out.set_content(page.data(), page.size(), "text/html; charset=utf-8");
    });
    server_.Get("/-/state", [this](const httplib::Request& request, httplib::Response& out) {
      std::uint64_t seen = 0;
      const std::string text = request.get_param_value("after");
      std::from_chars(text.data(), text.data() + text.size(), seen);
      out.set_header("Cache-Control", "no-store");
      out.set_content(state_.wait_for_news(seen), "application/json");
    });
    server_.Get("/.*", [this](const httplib::Request& request, httplib::Response& out) {
      pass_on(request, out);
    });
  }
  ~Page() override {
    state_.close();
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  Result<void> listen() {
    const int port = address_.port;
    const bool bound = port == 0 ? (address_.port = server_.bind_to_any_port(address_.host)) > 0
                                 : server_.bind_to_port(address_.host, port);
    if (!bound) {
      return Failure{.status = BOURSE_UNAVAILABLE,
                     .code = "cannot_listen",
                     .message = address_.host + ":" + std::to_string(port) +
                                " cannot be listened on: another program does; --listen "
                                "127.0.0.1:0 takes any free port"};
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    return {};
  }
  [[nodiscard]] std::string url() const override {
    const bool is_v6 = address_.host.find(':') != std::string::npos;
    return "http://" + (is_v6 ? "[" + address_.host + "]" : address_.host) + ":" +
           std::to_string(address_.port) + "/-/";
  }

 private:
  void pass_on(const httplib::Request& request, httplib::Response& out) const {
    const std::string accept = request.get_header_value("Accept");
    if (accept.find("text/event-stream") != std::string::npos) {
      out.status = 204;  // ends it for good: what changes here is the plugin
      return;
    }
    httplib::Client client(socket_);
    client.set_address_family(AF_UNIX);
    client.set_read_timeout(kAnswerSeconds);
    client.set_decompress(false);
    httplib::Headers headers;
    headers.emplace("Host", "localhost");
    if (!accept.empty()) headers.emplace("Accept", accept);
    const auto answer = client.Get(request.target, headers);
    if (!answer) {
      out.status = 503;
      out.set_content("The server does not answer: " + httplib::to_string(answer.error()) +
                          ". It starts as soon as the plugin can be built.\n",
                      "text/plain");
      return;
    }
    out.status = answer->status;
    for (const auto& [name, value] : answer->headers) {
      const std::string low = lower(name);
      if (low == "content-security-policy") {
        out.set_header(name, may_be_framed(value));
        continue;
      }
      if (low == "content-length" || low == "transfer-encoding" || low == "connection" ||
          low == "keep-alive" || low == "content-type") {
        continue;
      }
      out.set_header(name, value);
    }
    out.set_content(answer->body, answer->get_header_value("Content-Type"));
  }
  /// In the page, which is of the same origin.
  static std::string may_be_framed(std::string policy) {
    const std::string none = "frame-ancestors 'none'";
    const std::size_t at = policy.find(none);
    return at == std::string::npos ? policy
                                   : policy.replace(at, none.size(), "frame-ancestors 'self'");
  }
  static std::string lower(std::string text) {
    for (char& c : text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
  }

  LoopbackAddress address_;
  const std::string socket_;
  DevState& state_;
  httplib::Server server_;
  std::thread thread_;
};

/// Keeps the end, from the beginning of a line on.
void keep_end(std::string& text, std::size_t most) {
  if (text.size() <= most) return;
  const std::size_t line = text.find('\n', text.size() - most);
  text.erase(0, line == std::string::npos ? text.size() - most : line + 1);
}

}  // namespace

void DevState::begin() {
  const std::lock_guard lock(mutex_);
  phase_ = Phase::kBuilding;
  headline_ = "building";
  output_.clear();
  findings_.clear();
  ++version_;
  changed_.notify_all();
}

void DevState::add_output(std::string_view text) {
  const std::lock_guard lock(mutex_);
  // The first mistake is the one to look at: what comes after so much is left out.
  if (output_.size() < kOutputMax) output_.append(text.substr(0, kOutputMax - output_.size()));
}

void DevState::add_log(std::string_view text) {
  const std::lock_guard lock(mutex_);
  log_.append(text);
  keep_end(log_, kLogMax);
}

void DevState::end(Phase phase, std::string headline, std::string findings, std::string routes) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  headline_ = std::move(headline);
  findings_ = std::move(findings);
  if (!routes.empty()) routes_ = std::move(routes);
  ++version_;
  changed_.notify_all();
}

std::string DevState::wait_for_news(std::uint64_t seen) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kNews, [&] { return version_ != seen || closed_; });
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto member = [&](const char* name, std::string_view text) {
    const std::string clean = repair_utf8(text);
    json.Key(name);
    json.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  };
  json.StartObject();
  json.Key("version");
  json.Uint64(version_);
  member("phase", name_of_phase(phase_));
  member("headline", headline_);
  member("output", output_);
  member("findings", findings_);
  member("log", log_);
  json.Key("routes");
  json.RawValue(routes_.data(), routes_.size(), rapidjson::kArrayType);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

void DevState::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

Result<std::unique_ptr<DevPage>> DevPage::open(const std::string& listen,
                                               const std::string& server_socket, DevState& state) {
  auto address = loopback_of(listen);
  if (!address) {
    return Failure{.status = BOURSE_BAD_PARAM,
                   .code = "usage",
                   .message = "--listen is \"" + printable(listen, 200) +
                              "\"; it must be a loopback address and a port, such as "
                              "127.0.0.1:8090: the page runs what is built there for whoever asks"};
  }
  auto page = std::make_unique<Page>(*std::move(address), server_socket, state);
  if (auto listening = page->listen(); !listening) return std::move(listening).failure();
  return std::unique_ptr<DevPage>(std::move(page));
}

}  // namespace bourse::host
