// SPDX-License-Identifier: MIT
#include "tests/exchange/exchange.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/exchange/admin.hpp"
#include "tests/exchange/pages.hpp"

namespace bourse::fake_exchange {
namespace {

using Kind = Admission::Kind;
using Security = Endpoint::Security;

constexpr std::size_t kRecordsMax = 100'000;
constexpr int kTooManyOrders = -1015;
constexpr std::int64_t kMillisecond = 1'000, kSecond = 1'000'000;
constexpr std::chrono::days kAccountAge{7};
constexpr std::size_t kStreamTargetMax = 8'192;

std::string client_or_default(const std::string& client) {
  return client.empty() ? "127.0.0.1" : client;
}

Clock clock_at(const ExchangeOptions& options, const Source& source) {
  if (options.now) return Clock(*options.now);
  // A recording is of its own time, not of now.
  const bool recorded = options.source.starts_with("replay");
  return recorded ? Clock(microseconds{source.own_now_us()}) : Clock();
}

Account account_since(microseconds opened) {
  Account out;
  out.opened_us = opened.count();
  return out;
}

std::optional<Tls> tls_of(const ExchangeOptions& options) {
  if (options.certificate.empty() && options.key.empty()) return std::nullopt;
  return Tls(options.certificate, options.key);
}

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// recvWindow: ms with up to three decimals, as us.
std::int64_t receive_window_us(Parameters& parameters) {
  constexpr std::int64_t kUsual = 5'000'000, kMost = 60'000'000;
  const auto text = parameters.find("recvWindow");
  if (!text) return kUsual;
  const auto value = text->size() <= 20 ? Decimal::parse(*text) : std::nullopt;
  if (!value || value->sign() < 0 || value->scale() > 3) throw illegal("recvWindow", kDecimalRange);
  const auto us = (*value * Decimal::of(1'000)).rescaled(0, Rounding::kDown).coefficient();
  if (us > kMost) throw ApiError(-1131, "recvWindow must be less than 60000.");
  return static_cast<std::int64_t>(us);
}

/// At arrival, and once more before it is handed over to the engine.
void check_timestamp(Parameters& parameters, std::int64_t now_us, std::int64_t handed_over_us) {
  const std::int64_t window = receive_window_us(parameters);
  if (parameters.peek("timestamp").empty()) throw missing("timestamp");
  const std::int64_t stamp = *parameters.time_us("timestamp");
  if (stamp >= now_us + kSecond) {
    throw ApiError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  // A stamp in ms is compared in ms: a request sent within the same millisecond is not early.
  const auto age = [stamp](std::int64_t at_us) {
    return stamp % kMillisecond == 0 ? at_us / kMillisecond * kMillisecond - stamp : at_us - stamp;
  };
  if (age(now_us) > window || age(handed_over_us) > window) {
    throw ApiError(-1021, "Timestamp for this request is outside of the recvWindow.");
  }
}

std::pair<std::string, std::string> retry_after(std::int64_t us) {
  const std::int64_t seconds = (us + kSecond - 1) / kSecond;
  return {"Retry-After", std::to_string(std::max<std::int64_t>(1, seconds))};
}

/// 1 for microseconds. -1194 for a word that is no unit.
bool wants_microseconds(const Request& request) {
  const auto unit = request.header("X-MBX-TIME-UNIT");
  if (!unit) return false;
  if (*unit == "MICROSECOND" || *unit == "microsecond") return true;
  if (*unit == "MILLISECOND" || *unit == "millisecond") return false;
  throw ApiError(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.");
}

/// Faults that leave nothing of an answer act on an upgrade as well; of the others only the delay.
Delivery upgrade(const Met& met) {
  Delivery out;
  out.end = Delivery::End::kUpgrade;
  if (!met.delivery) return out;
  switch (met.delivery->kind) {
    case FaultKind::kHang:
    case FaultKind::kResetBefore:
    case FaultKind::kCloseBefore:
    case FaultKind::kNotHttp:
      return deliver({}, {}, met.delivery, false);
    default:
      out.delay = met.delivery->delay;
      return out;
  }
}

/// Bodies count as parameters only where the exchange reads them.
std::string_view form_of(const Request& request) {
  return request.method == "GET" ? std::string_view() : std::string_view(request.body);
}

}  // namespace

Exchange::Exchange(ExchangeOptions options)
    : seed_(options.seed),
      compress_(options.compress),
      source_(SourceSpec::parse(options.source, options.seed, options.plugins)),
      clock_(clock_at(options, source_)),
      limits_(options.limits),
      keys_{{kExampleKey, {Key::hmac(kExampleSecret)}}},
      account_(account_since(clock_.market() - kAccountAge)),
      disruptions_{.stopped = {}, .holes = {}, .book_levels = options.book_levels},
      weight_headers_on_errors_(options.weight_headers_on_errors),
      latency_(options.latency),
      streams_(source_, clock_, faults_, [this] { return disruptions(); }),
      server_(options.address, options.port, *this, tls_of(options)) {}

Exchange::~Exchange() = default;

// ---- one request

Delivery Exchange::handle(const Request& request) {
  if (is_admin(request)) return deliver(administer(*this, request), request, std::nullopt, false);
  Record seen = arrival(request);
  const Met met = faults_.take(request.path());
  Answer answered = answer(request, met);
  const bool shown = answered.response.status < 400 || weight_headers_on_errors_;
  const bool proxied = met.instead && from_proxy(met.instead->kind);
  add_headers(answered, request, shown && !proxied && answered.weight >= 0);
  record(std::move(seen), answered, met);
  if (answered.response.status == 101) return upgrade(met);
  Delivery delivery = deliver(std::move(answered.response), request, met.delivery, compress_);
  if (met.instead) delivery.delay += met.instead->delay;
  const std::lock_guard lock(mutex_);
  delivery.delay += latency_;
  return delivery;
}

Exchange::Answer Exchange::answer(const Request& request, const Met& met) {
  if (met.instead && from_proxy(met.instead->kind)) return {instead(*met.instead, request), -1};
  if (Streams::is_stream_path(request.path())) return answer_stream(request, met);
  const auto all = endpoints();
  const auto same_path = [&](const Endpoint& e) { return e.path == request.path(); };
  const auto found = std::find_if(all.begin(), all.end(), [&](const Endpoint& e) {
    return same_path(e) && e.method == request.method;
  });
  if (found != all.end()) return answer_endpoint(request, *found, met);
  const bool other_method = std::any_of(all.begin(), all.end(), same_path);
  return {other_method ? json(405, "") : not_found(request)};
}

Exchange::Answer Exchange::answer_stream(const Request& request, const Met& met) {
  if (const auto until = streams_.refused(request.client)) {
    Response out = json(429, ApiError::body(-1003, "Too many connection attempts."));
    out.headers.push_back(retry_after((*until - clock_.now()).count()));
    return {std::move(out), -1};
  }
  if (met.instead) return {instead(*met.instead, request), -1};
  if (request.target.size() > kStreamTargetMax) return {html(414, ""), -1};
  const auto upgrade = request.header("Upgrade");
  if (request.method != "GET" || !upgrade || !equal_ignoring_case(*upgrade, "websocket")) {
    return {html(400, ""), -1};
  }
  return {{.status = 101}, -1};
}

Exchange::Answer Exchange::answer_endpoint(const Request& request, const Endpoint& endpoint,
                                           const Met& met) {
  Answer out;
  try {
    Parameters parameters("", "");
    std::optional<ApiError> malformed;
    try {
      parameters = Parameters(request.query(), form_of(request));
    } catch (const ApiError& error) {
      malformed = error;
    }
    out.weight = endpoint.weight(parameters);
    {
      const std::lock_guard lock(mutex_);
      const microseconds now = clock_.now();
      const Admission admission = limits_.admit(request.client, out.weight, now);
      out.used_weight = limits_.used_weight(request.client, now);
      if (auto refused = refusal(admission, now.count())) {
        out.response = std::move(*refused);
        if (admission.kind == Kind::kFirewall) out.weight = -1;
        return out;
      }
    }
    if (met.instead) {
      out.response = instead(*met.instead, request);
      return out;
    }
    if (malformed) throw ApiError(*malformed);
    out.response = json(200, run(request, endpoint, parameters, met));
    out.orders_shown = endpoint.security == Security::kTrade;
  } catch (const ApiError& error) {
    out.response = json(error.status(), error.body());
    if (error.code() == kTooManyOrders) out.response.headers.push_back(wait_for_orders());
  } catch (const std::exception& error) {
    out.response = json(500, ApiError::body(-1000, std::string("An unknown error occurred while "
                                                               "processing the request. (") +
                                                       error.what() + ")"));
  }
  return out;
}

std::string Exchange::run(const Request& request, const Endpoint& endpoint, Parameters& parameters,
                          const Met& met) {
  const bool microseconds_asked = wants_microseconds(request);
  if (endpoint.security != Security::kNone) {
    // What makes an order slow passes before the engine has it.
    const bool waits = endpoint.security == Security::kTrade && met.delivery &&
                       met.delivery->kind == FaultKind::kSlow;
    check_signed(request, endpoint, parameters,
                 waits ? microseconds(met.delivery->delay) : microseconds(0));
  }
  const Market market(source_, clock_.market().count(), disruptions());
  Call call{parameters, market, clock_.now().count(), seed_};
  call.microseconds = microseconds_asked || met.microseconds;
  call.unknown_enum = met.unknown_enum;
  call.unknown_field = met.unknown_field;
  call.reversed = met.reversed;
  call.content = met.content;
  {
    const std::lock_guard lock(mutex_);
    call.account = account_;
    call.limits = limits_.options();
    call.orders_10s = limits_.orders_10s(microseconds{call.now_us});
    call.orders_1d = limits_.orders_1d(microseconds{call.now_us});
    call.statuses = statuses_;
  }
  return endpoint.answer(call);
}

ApiKey Exchange::known_key(const Request& request) const {
  const auto name = request.header("X-MBX-APIKEY");
  if (!name || !api_key_has_right_form(*name)) throw ApiError(-2014, "API-key format invalid.");
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(std::string(*name));
  if (found == keys_.end()) {
    throw ApiError(-2015, "Invalid API-key, IP, or permissions for action.");
  }
  return found->second;
}

void Exchange::check_signed(const Request& request, const Endpoint& endpoint,
                            Parameters& parameters, microseconds waits) const {
  const ApiKey key = known_key(request);
  if (endpoint.security == Security::kTrade ? !key.can_trade : !key.can_read) {
    throw ApiError(-2015, "Invalid API-key, IP, or permissions for action.");
  }
  const microseconds now = clock_.now();
  check_timestamp(parameters, now.count(), (now + waits).count());
  const std::string signature = parameters.required("signature");
  const std::string payload =
      without_signature(request.query()) + without_signature(form_of(request));
  if (!signature_is_right(key.key, payload, signature)) {
    throw ApiError(-1022, "Signature for this request is not valid.");
  }
}

std::optional<Response> Exchange::refusal(const Admission& admission, std::int64_t now_us) const {
  if (admission.kind == Kind::kAdmitted) return std::nullopt;
  if (admission.kind == Kind::kFirewall) return firewall_page();
  const std::int64_t until = admission.until.count();
  const bool banned = admission.kind == Kind::kBanned;
  std::string text = "Too many requests queued.";
  if (banned) {
    text = "Way too much request weight used; IP banned until " +
           std::to_string(until / kMillisecond) +
           ". Please use WebSocket Streams for live updates to avoid bans.";
  } else if (admission.kind == Kind::kTooMuchWeight) {
    text = "Too much request weight used; current limit is " +
           std::to_string(limits_.options().weight_per_minute) +
           " request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid "
           "polling the API.";
  }
  Response out = json(banned ? 418 : 429, ApiError::body(-1003, text));
  out.headers.push_back(retry_after(until - now_us));
  return out;
}

std::pair<std::string, std::string> Exchange::wait_for_orders() const {
  const std::lock_guard lock(mutex_);
  const microseconds now = clock_.now();
  const bool day = limits_.orders_1d(now) >= limits_.options().orders_per_day;
  return retry_after(
      ((day ? limits_.orders_1d_end(now) : limits_.orders_10s_end(now)) - now).count());
}

void Exchange::add_headers(Answer& answer, const Request& request, bool weights) {
  Response& response = answer.response;
  const std::lock_guard lock(mutex_);
  const microseconds now = clock_.now();
  if (weights) {
    const std::string used = std::to_string(
        answer.used_weight ? *answer.used_weight : limits_.used_weight(request.client, now));
    response.headers.emplace_back("x-mbx-uuid", next_uuid());
    response.headers.emplace_back("x-mbx-used-weight", used);
    response.headers.emplace_back("x-mbx-used-weight-1m", used);
  }
  if (answer.orders_shown) {
    response.headers.emplace_back("x-mbx-order-count-10s", std::to_string(limits_.orders_10s(now)));
    response.headers.emplace_back("x-mbx-order-count-1d", std::to_string(limits_.orders_1d(now)));
  }
  response.headers.emplace_back("Cache-Control", "no-cache, no-store, must-revalidate");
}

std::string Exchange::next_uuid() {
  std::string out;
  for (int half = 0; half < 2; ++half) {
    std::uint64_t bits = mixed(seed_ ^ mixed(static_cast<std::uint64_t>(++answered_)));
    for (int i = 0; i < 16; ++i, bits >>= 4) out += "0123456789abcdef"[bits & 15];
  }
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) out.insert(dash, 1, '-');
  return out;
}

Record Exchange::arrival(const Request& request) {
  Record out;
  out.real = std::chrono::steady_clock::now();
  out.client = request.client;
  out.client_port = request.client_port;
  out.method = request.method;
  out.path = request.path();
  out.query = request.query();
  out.headers = request.headers;
  const std::lock_guard lock(mutex_);
  out.time = clock_.now();
  out.number = ++arrived_;
  out.during_wait = limits_.told_to_wait(request.client, out.time);
  if (out.during_wait) ++during_wait_;
  return out;
}

void Exchange::record(Record record, const Answer& answer, const Met& met) {
  record.weight = std::max<std::int64_t>(0, answer.weight);
  record.status = answer.response.status;
  record.faults = met.kinds;
  const std::lock_guard lock(mutex_);
  records_.push_back(std::move(record));
  if (records_.size() > kRecordsMax) records_.pop_front();
}

// ---- switches

void Exchange::set_limits(LimitOptions limits) {
  const std::lock_guard lock(mutex_);
  limits_.set_options(limits);
}

LimitOptions Exchange::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_.options();
}

void Exchange::reset_limits() {
  const std::lock_guard lock(mutex_);
  limits_.reset();
}

void Exchange::use_weight(std::int64_t weight, const std::string& client) {
  const std::lock_guard lock(mutex_);
  limits_.use(client_or_default(client), weight, clock_.now());
}

std::int64_t Exchange::used_weight(const std::string& client) const {
  const std::lock_guard lock(mutex_);
  return limits_.used_weight(client_or_default(client), clock_.now());
}

void Exchange::ban(std::chrono::microseconds length, const std::string& client) {
  const std::lock_guard lock(mutex_);
  limits_.ban(client_or_default(client), clock_.now() + length);
}

void Exchange::add_orders(std::int64_t orders) {
  const std::lock_guard lock(mutex_);
  limits_.add_orders(orders, clock_.now());
}

void Exchange::set_weight_headers_on_errors(bool on) {
  const std::lock_guard lock(mutex_);
  weight_headers_on_errors_ = on;
}

bool Exchange::weight_headers_on_errors() const {
  const std::lock_guard lock(mutex_);
  return weight_headers_on_errors_;
}

void Exchange::set_latency(std::chrono::milliseconds latency) {
  const std::lock_guard lock(mutex_);
  latency_ = latency;
}

void Exchange::set_key(const std::string& api_key, ApiKey key) {
  if (!api_key_has_right_form(api_key)) {
    throw std::invalid_argument("an API key has 64 characters of A-Z, a-z, 0-9");
  }
  const std::lock_guard lock(mutex_);
  keys_[api_key] = std::move(key);
}

void Exchange::remove_key(const std::string& api_key) {
  const std::lock_guard lock(mutex_);
  keys_.erase(api_key);
}

void Exchange::set_account(Account account) {
  const std::lock_guard lock(mutex_);
  account_ = std::move(account);
}

Account Exchange::account() const {
  const std::lock_guard lock(mutex_);
  return account_;
}

void Exchange::set_status(const std::string& symbol, const std::string& status,
                          std::optional<microseconds> since) {
  const std::lock_guard lock(mutex_);
  disruptions_.stopped.erase(symbol);
  if (since) disruptions_.stopped[symbol] = since->count();
  if (status.empty()) {
    statuses_.erase(symbol);
  } else {
    statuses_[symbol] = status;
  }
}

void Exchange::add_hole(Hole hole) {
  if (hole.from >= hole.to) throw std::invalid_argument("a hole ends after it begins");
  const std::lock_guard lock(mutex_);
  disruptions_.holes.push_back(std::move(hole));
}

void Exchange::clear_holes() {
  const std::lock_guard lock(mutex_);
  disruptions_.holes.clear();
}

Disruptions Exchange::disruptions() const {
  const std::lock_guard lock(mutex_);
  return disruptions_;
}

std::vector<Record> Exchange::requests() const {
  std::vector<Record> out;
  {
    const std::lock_guard lock(mutex_);
    out.assign(records_.begin(), records_.end());
  }
  // They are kept in the order in which they were answered.
  std::sort(out.begin(), out.end(),
            [](const Record& a, const Record& b) { return a.number < b.number; });
  return out;
}

std::int64_t Exchange::request_count() const {
  const std::lock_guard lock(mutex_);
  return arrived_;
}

std::int64_t Exchange::requests_during_wait() const {
  const std::lock_guard lock(mutex_);
  return during_wait_;
}

void Exchange::forget_requests() {
  const std::lock_guard lock(mutex_);
  records_.clear();
  arrived_ = during_wait_ = 0;
}

}  // namespace bourse::fake_exchange
