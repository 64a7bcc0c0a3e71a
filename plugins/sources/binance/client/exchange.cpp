// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/exchange.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/sources/binance/client/block_file.hpp"
#include "plugins/sources/binance/client/classify.hpp"
#include "plugins/sources/binance/client/http_transport.hpp"
#include "plugins/sources/binance/client/parse.hpp"
#include "plugins/sources/binance/client/proxy.hpp"
#include "plugins/sources/binance/client/redact.hpp"
#include "plugins/sources/binance/client/target.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int kClockSamples = 4;
constexpr milliseconds kReceiveWindowMax{60'000};
/// Keeping the clock right may hold up a caller by this at most, every 20 minutes.
constexpr milliseconds kClockPatience{1000};
/// Where that failed, for so long nobody is held up again.
constexpr std::chrono::minutes kClockRetry{1};
constexpr std::int64_t kInvalidTimestamp = -1021;

/// Done before anything is cut out of the answer, as half a key would not be recognised.
void remove_secrets(HttpResponse& response, const Credentials& credentials,
                    const SignedTarget& target) {
  const std::array<std::string_view, 3> secrets = {credentials.api_key().reveal(), target.signature,
                                                   target.signature_encoded};
  redact(response.body, secrets);
  for (auto& header : response.headers) redact(header.second, secrets);
}

/// Who stands in line for a connection does not go on when the one in front has been refused, and
/// is signed with the time at which it leaves, not with that at which it began to wait.
class LastMoment final : public Gate {
 public:
  LastMoment(const Exchange::Request& request, milliseconds receive_window, const Clock& clock,
             const ServerClock& server, RateLimiter& limiter)
      : request_(request),
        receive_window_(receive_window),
        clock_(clock),
        server_(server),
        limiter_(limiter) {}

  Result<std::string_view> may_leave() override {
    if (auto open = limiter_.still_open(); !open) return std::move(open).error();
    if (auto made = make(); !made) return std::move(made).error();
    const ServerClock::Estimate time = server_.estimate();
    asked_ = {.at = clock_.now(), .surely = Time{time.now.ns - time.error.count()}};
    return std::string_view(target_.target);
  }
  void arrived(const HttpResponse& response) override {
    if (response.status == 200) return;
    const Error error = classify(response, server_.estimate().now);
    if (!is_shut_out(error.kind)) return;
    limiter_.block(error);
    has_blocked_ = true;
  }
  [[nodiscard]] bool has_blocked() const noexcept { return has_blocked_; }
  /// As they were when it left.
  [[nodiscard]] const SignedTarget& target() const noexcept { return target_; }
  [[nodiscard]] const Exchange::Asked& asked() const noexcept { return asked_; }

 private:
  Status make() {
    if (!info_of(request_.endpoint).is_signed) {
      target_.target = make_target(request_.endpoint, request_.query);
      return Done{};
    }
    auto made = make_signed_target(request_.endpoint, request_.query,
                                   {.signer = request_.credentials->signer(),
                                    .timestamp_ms = server_.timestamp_ms(),
                                    .receive_window = receive_window_});
    if (!made) return std::move(made).error();
    target_ = *std::move(made);
    return Done{};
  }

  const Exchange::Request& request_;
  const milliseconds receive_window_;
  const Clock& clock_;
  const ServerClock& server_;
  RateLimiter& limiter_;
  SignedTarget target_;
  Exchange::Asked asked_{};
  bool has_blocked_ = false;
};

Error late() {
  Error error{.kind = ErrorKind::kNetwork,
              .message = "The deadline passed before the request was sent.",
              .advice = "Allow more time."};
  error.deadline = true;
  return error;
}

std::string ms_text(nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
}

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

/// Names as the source's configuration has them; those that it does not have are of programs.
std::vector<std::pair<std::string_view, std::string>> texts_of(const ExchangeOptions& options) {
  const auto path = [](const std::string& text) { return text.empty() ? "none" : text; };
  return {{"site", std::string(name_of(options.site))},
          {"block_file", path(options.block_file)},
          {"reserve", number_text(options.rate.reserve)},
          {"connections", std::to_string(options.connections_max)},
          {"authorities", path(options.authorities)},
          {"answer_memory", std::to_string(options.answer_megabytes_max)},
          {"receive_window", ms_text(options.receive_window)},
          {"idle_max", ms_text(options.idle_max)},
          {"attempts_max", std::to_string(options.retry.attempts_max)},
          {"pause_base", ms_text(options.retry.pause_base)},
          {"pause_long", ms_text(options.retry.pause_long)},
          {"pause_max", ms_text(options.retry.pause_max)}};
}

Status check_equal(const ExchangeOptions& here, const ExchangeOptions& there,
                   const std::string& origin) {
  const auto ours = texts_of(here);
  const auto theirs = texts_of(there);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (ours[i].second == theirs[i].second) continue;
    const std::string name(ours[i].first);
    return invalid("The setting " + name + " is " + ours[i].second + " here, and " +
                       theirs[i].second + " in another source that asks " + origin +
                       ": they share connections, limits and bans.",
                   "Say the same " + name + " in both.");
  }
  return Done{};
}

}  // namespace

Result<std::shared_ptr<Exchange>> Exchange::open(ExchangeOptions options, Environment environment) {
  Origin origin = origin_of(options.site);
  if (!options.base_url.empty()) {
    auto custom = parse_loopback(options.base_url);
    if (!custom) return std::move(custom).error();
    origin = *std::move(custom);
  }
  if (options.receive_window <= milliseconds(0) || options.receive_window > kReceiveWindowMax) {
    return invalid("The receive window is out of range.", "Set it to 1 to 60000 ms.");
  }
  if (environment.clock == nullptr) environment.clock = real_clock();
  if (environment.random == nullptr) environment.random = real_random();
  if (environment.transport == nullptr) {
    auto proxy = proxy_for(origin);
    if (!proxy) return std::move(proxy).error();
    auto transport =
        HttpTransport::make(origin, {.connections_max = options.connections_max,
                                     .idle_max = options.idle_max,
                                     .answers_bytes_max = options.answer_megabytes_max << 20U,
                                     .proxy = *std::move(proxy),
                                     .authorities = options.authorities});
    if (!transport) return std::move(transport).error();
    environment.transport = *std::move(transport);
  }
  return std::shared_ptr<Exchange>(
      new Exchange(std::move(options), std::move(origin), std::move(environment)));
}

Exchange::Exchange(ExchangeOptions options, Origin origin, Environment environment)
    : options_(std::move(options)),
      origin_(std::move(origin)),
      environment_(std::move(environment)),
      server_(std::make_shared<ServerClock>(environment_.clock)),
      limiter_(environment_.clock, server_,
               options_.block_file.empty()
                   ? nullptr
                   : std::make_unique<BlockFile>(options_.block_file, origin_.host_and_port()),
               options_.rate) {}

Status Exchange::check(const Request& request) const {
  const EndpointInfo& info = info_of(request.endpoint);
  const bool custom = !options_.base_url.empty();
  if (options_.site == Site::kData && !custom && !info.on_data_host) {
    return invalid("The site for public data does not serve " + std::string(info.path) + ".",
                   "Set the site to testnet or live.");
  }
  if (!info.is_signed) return Done{};
  if (request.credentials == nullptr) {
    return Error{
        .kind = ErrorKind::kAuthentication,
        .message = std::string(info.path) + " needs an API key, and none is set.",
        .advice = "Configure a key_file, or an api_key with its api_secret or private_key_file."};
  }
  if (options_.site == Site::kLive && !custom && !request.credentials->live_allowed()) {
    return invalid("Signed calls to the live exchange are switched off for this key.",
                   "Use the testnet, or allow live keys explicitly.");
  }
  return Done{};
}

Status Exchange::attempt(const Request& request, const Call& call, const Read& read, bool fresh) {
  if (environment_.clock->now() >= call.deadline) return late();
  const EndpointInfo& info = info_of(request.endpoint);
  auto ticket = limiter_.acquire(info.weight(request.shape), call);
  if (!ticket) return std::move(ticket).error();
  LastMoment gate(request, options_.receive_window, *environment_.clock, *server_, limiter_);
  auto response = environment_.transport->send(
      {.method = info.method,
       .api_key = info.is_signed ? &request.credentials->api_key() : nullptr,
       .fresh_connection = fresh,
       .gate = &gate},
      call);
  limiter_.finish(*ticket, response ? used_weights(*response) : std::vector<UsedWeight>{});
  if (!response) return std::move(response).error();
  if (info.is_signed) remove_secrets(*response, *request.credentials, gate.target());
  if (response->damage && !says_enough(response->status)) return *std::move(response->damage);
  if (response->status != 200) {
    Error error = classify(*response, server_->estimate().now);
    if (is_shut_out(error.kind) && !gate.has_blocked()) limiter_.block(error);
    return error;
  }
  auto done = read(*response, gate.asked());
  if (!done) {
    done.error().http_status = 200;
    done.error().request_id = printable(response->header("x-mbx-uuid"), 64);
  }
  return done;
}

bool Exchange::pause(milliseconds time, const Call& call, Error& error) {
  const Instant until = environment_.clock->now() + time;
  if (until >= call.deadline) {
    error.gave_up = true;
    return false;
  }
  error.stopped = !wait_until(*environment_.clock, until, call);
  return !error.stopped;
}

void Exchange::explain_timestamp(Error& error) const {
  const ServerClock::State clock = server_->state();
  error.message.append(" The exchange's clock is ahead of this machine's by ")
      .append(ms_text(clock.offset))
      .append(", its answers take ")
      .append(ms_text(clock.round_trip))
      .append(", and requests are good for ")
      .append(ms_text(options_.receive_window))
      .append(".");
}

Status Exchange::send(const Request& request, const Call& call, const Read& read) {
  if (auto checked = check(request); !checked) return checked;
  if (info_of(request.endpoint).is_signed && server_->is_due()) {
    if (auto set = set_clock(call); !set && !server_->known()) return set;
  }
  Tries tries;
  std::optional<Error> before;  // what the attempt before failed for
  bool fresh = false;
  while (true) {
    auto done = attempt(request, call, read, fresh);
    if (done) {
      keep_clock(call);
      return done;
    }
    Error error = std::move(done).error();
    error.attempts = tries.attempts;
    if (before && error.deadline && error.kind == ErrorKind::kNetwork &&
        error.reach == Reach::kNotSent) {
      before->gave_up = true;  // that there was no time for another try says less
      return *std::move(before);
    }
    const Next next = decide(error, tries, request.changes_state, options_.retry);
    fresh = next == Next::kAtOnce;
    bool again = true;
    switch (next) {
      case Next::kReturnUnknown:
        error.kind = ErrorKind::kUnknownOutcome;
        error.advice = "It may have been carried out: ask for its state before sending it again.";
        return error;
      case Next::kReturn:
        again = false;
        break;
      case Next::kAtOnce:
        tries.at_once = true;
        break;
      case Next::kAfterLimit:
        break;  // the limiter holds the next attempt back
      case Next::kAfterClock:
        tries.clock_set = true;
        again = set_clock(call).ok();
        break;
      case Next::kAfterPause:
      case Next::kAfterLongPause:
        tries.parsed = tries.parsed || error.kind == ErrorKind::kProtocol;
        again = pause(std::max(pause_before(tries.attempts, next == Next::kAfterLongPause,
                                            environment_.random->unit(), options_.retry),
                               error.retry_after.value_or(milliseconds(0))),
                      call, error);
        break;
    }
    if (!again) {
      if (error.code == kInvalidTimestamp) explain_timestamp(error);
      return error;
    }
    ++retries_[static_cast<std::size_t>(error.kind)];
    before = std::move(error);
    ++tries.attempts;
  }
}

Result<ServerClock::Sample> Exchange::ask_time(const Call& call) {
  ServerClock::Sample sample{};
  const Clock& clock = *environment_.clock;
  auto done = attempt(
      {.endpoint = Endpoint::kTime}, call,
      [&](HttpResponse& response, const Asked& asked) -> Status {
        sample.sent = asked.at;
        sample.received = clock.now();
        auto time = parse_server_time(response.body);
        if (!time) return std::move(time).error();
        sample.server = *time;
        return Done{};
      },
      false);
  if (!done) return std::move(done).error();
  return sample;
}

Status Exchange::set_clock(const Call& call) {
  std::vector<ServerClock::Sample> samples;
  std::optional<Error> last;
  for (int i = 0; i < kClockSamples; ++i) {
    auto sample = ask_time(call);
    if (sample) {
      samples.push_back(*sample);
    } else {
      last = std::move(sample).error();
      if (last->deadline || last->stopped || is_shut_out(last->kind)) break;
    }
  }
  if (samples.empty()) return *std::move(last);
  server_->adopt(samples);
  return Done{};
}

void Exchange::keep_clock(const Call& call) {
  if (!server_->known() || !server_->is_due()) return;
  const std::unique_lock one(keeping_clock_, std::try_to_lock);
  const Instant now = environment_.clock->now();
  if (!one || now < clock_not_before_) return;
  clock_not_before_ = now + kClockRetry;  // whatever happens
  Call limited = call;
  limited.deadline = std::min(call.deadline, now + kClockPatience);
  if (set_clock(limited)) clock_not_before_ = {};
}

Result<std::shared_ptr<Exchange>> Exchanges::open(const ExchangeOptions& options,
                                                  const Environment& environment) {
  const std::string key =
      options.base_url.empty() ? std::string(name_of(options.site)) : options.base_url;
  const std::lock_guard lock(mutex_);
  if (auto known = open_[key].lock()) {
    auto equal = check_equal(options, known->options(), known->origin().host_and_port());
    if (!equal) return std::move(equal).error();
    return known;
  }
  auto opened = Exchange::open(options, environment);
  if (opened) open_[key] = *opened;
  return opened;
}

}  // namespace bourse::binance
