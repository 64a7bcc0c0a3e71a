// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/rate_limiter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "bourse/words.hpp"
#include "plugins/sources/binance/client/block_file.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// The documented limits of 2026-07-21, in force until the exchange is asked for its own. Halved, as
// they may have been lowered since.
constexpr std::array<Limit, 2> kAssumed = {{
    {LimitKind::kRequestWeight, 60'000, 6'000 / 2},
    {LimitKind::kRawRequests, 300'000, 300'000 / 2},
}};

constexpr double kReserveMax = 0.9;
/// Retry-After is in whole seconds, perhaps rounded down: when our window ends this soon after it,
/// that is when it really ends.
constexpr nanoseconds kRounding = milliseconds(1500);
/// After a 429 that does not say how long.
constexpr nanoseconds kPauseMin = milliseconds(1000);
/// A disk that was full may have room again.
constexpr nanoseconds kSaveAgain = std::chrono::seconds(30);

std::int64_t index_at(std::int64_t time_ns, std::int64_t window_ms) noexcept {
  return time_ns / (window_ms * kNsPerMs);
}

/// No use being unsure by more than a window.
nanoseconds clock_error(const ServerClock::Estimate& time, std::int64_t window_ms) noexcept {
  return std::min(time.error, nanoseconds(window_ms * kNsPerMs / 2 - 1));
}

bool is_counted(LimitKind kind) noexcept {
  return kind == LimitKind::kRequestWeight || kind == LimitKind::kRawRequests;
}

}  // namespace

RateLimiter::RateLimiter(std::shared_ptr<Clock> clock, std::shared_ptr<const ServerClock> server,
                         std::unique_ptr<BlockFile> file, RateLimiterOptions options)
    : clock_(std::move(clock)),
      server_(std::move(server)),
      file_(std::move(file)),
      share_(1.0 - std::clamp(options.reserve, 0.0, kReserveMax)) {
  for (const Limit& limit : kAssumed) windows_.push_back({limit, {}});
  if (file_ == nullptr) return;
  if (const auto saved = file_->load(server_->estimate().now)) {
    block_ = Block{.kind = saved->kind, .until = saved->until, .code = 0, .http_status = 0};
  }
}

RateLimiter::~RateLimiter() = default;

std::int64_t RateLimiter::budget_of(const Limit& limit) const noexcept {
  const double budget = std::floor(static_cast<double>(limit.limit) * share_);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(budget));
}

std::int64_t RateLimiter::under_way(LimitKind kind) const noexcept {
  return kind == LimitKind::kRequestWeight ? weight_under_way_ : requests_under_way_;
}

RateLimiter::Count& RateLimiter::count_of(Window& window, std::int64_t index) {
  for (Count& count : window.counts) {
    if (count.index == index) return count;
  }
  // What is under way may arrive there after the border.
  return window.counts.emplace_back(Count{index, under_way(window.limit.kind)});
}

RateLimiter::Verdict RateLimiter::judge(int weight, const ServerClock::Estimate& time) {
  Verdict verdict{Verdict::Kind::kGo, time.now};
  for (Window& window : windows_) {
    const std::int64_t length = window.limit.window_ms;
    const nanoseconds error = clock_error(time, length);
    const std::int64_t first = index_at(time.now.ns - error.count(), length);
    const std::int64_t last = index_at(time.now.ns + error.count(), length);
    // Later ones are of a clock that was ahead, until it was set: what was sent since did not go
    // into them.
    std::erase_if(window.counts,
                  [&](const Count& count) { return count.index < first || count.index > last; });
    const std::int64_t cost = window.limit.kind == LimitKind::kRequestWeight ? weight : 1;
    const std::int64_t budget = budget_of(window.limit);
    if (cost > budget) return {Verdict::Kind::kRefuse, time.now};
    for (std::int64_t index = first; index <= last; ++index) {
      if (count_of(window, index).used + cost <= budget) continue;
      const Time over{(index + 1) * length * kNsPerMs + error.count() + 1};
      verdict.kind = Verdict::Kind::kWait;
      verdict.until = std::max(verdict.until, over);
    }
  }
  return verdict;
}

Error RateLimiter::shut_out(const Block& block, Time now) const {
  static constexpr std::array<std::pair<ErrorKind, std::string_view>, 4> kTexts = {{
      {ErrorKind::kRateLimit, "The exchange has asked for silence after too many requests."},
      {ErrorKind::kBanned, "The exchange has banned this IP address."},
      {ErrorKind::kFirewall, "The firewall in front of the exchange blocks this IP address."},
      {ErrorKind::kGeoBlock, "The exchange does not serve this country."},
  }};
  const auto text =
      std::ranges::find(kTexts, block.kind, &std::pair<ErrorKind, std::string_view>::first);
  Error error;
  error.kind = block.kind;
  error.message.append(text->second).append(" Nothing was sent.");
  error.advice = "Requests are sent again after " + time_text(whole_second(block.until)) + ".";
  error.code = block.code;
  error.http_status = block.http_status;
  error.until = block.until;
  error.retry_after = milliseconds((block.until.ns - now.ns) / kNsPerMs + 1);
  error.reach = Reach::kNotSent;
  return error;
}

Error RateLimiter::no_room(Time until, Time now, int weight) {
  Error error;
  error.kind = ErrorKind::kRateLimit;
  error.message = "The exchange's rate limit leaves no room for a request of weight " +
                  std::to_string(weight) + " before the call's deadline.";
  error.advice = "Ask less often, or allow more time.";
  error.until = until;
  error.retry_after = milliseconds((until.ns - now.ns) / kNsPerMs + 1);
  return error;
}

Result<RateLimiter::Ticket> RateLimiter::acquire(int weight, const Call& call) {
  bool waited = false;
  while (true) {
    Instant now;
    ServerClock::Estimate time{};
    Time resume;
    std::optional<Error> refusal;
    {
      const std::lock_guard lock(mutex_);
      now = clock_->now();
      time = server_->estimate();  // nobody may be ahead of us: their window would be forgotten
      resume = time.now;
      if (block_ && block_->until <= time.now) block_.reset();
      if (block_) {
        resume = block_->until;
        refusal = shut_out(*block_, time.now);
        if (block_->kind != ErrorKind::kRateLimit) {
          if (unsaved_ && now >= save_again_) save(time.now);
          ++refusals_;
          return *std::move(refusal);
        }
      } else {
        const Verdict verdict = judge(weight, time);
        if (verdict.kind == Verdict::Kind::kRefuse) {
          ++refusals_;
          return invalid("A request of weight " + std::to_string(weight) +
                             " does not fit into the exchange's rate limit at all.",
                         "Ask for less at once, or reserve less for others.");
        }
        if (verdict.kind == Verdict::Kind::kGo) {
          for (Window& window : windows_) {
            const std::int64_t cost = window.limit.kind == LimitKind::kRequestWeight ? weight : 1;
            for (Count& count : window.counts) count.used += cost;
          }
          ++requests_under_way_;
          weight_under_way_ += weight;
          ++requests_;
          waits_ += waited ? 1 : 0;
          return Ticket{.weight = weight, .taken = time.now, .clock_error = time.error};
        }
        resume = verdict.until;
        refusal = no_room(resume, time.now, weight);
      }
      if (now + nanoseconds(resume.ns - time.now.ns) > call.deadline) {
        ++refusals_;
        refusal->deadline = true;
        return *std::move(refusal);
      }
    }
    waited = true;
    if (!wait_until(*clock_, now + nanoseconds(resume.ns - time.now.ns), call)) {
      refusal->stopped = true;
      return *std::move(refusal);
    }
  }
}

void RateLimiter::raise(Window& window, const Ticket& ticket, std::int64_t used) {
  const ServerClock::Estimate time = server_->estimate();
  const std::int64_t length = window.limit.window_ms;
  const nanoseconds error = clock_error(time, length);
  const std::int64_t first = index_at(ticket.taken.ns - ticket.clock_error.count(), length);
  const std::int64_t last = index_at(time.now.ns + error.count(), length);
  Count& newest = count_of(window, last);
  if (first != last) {
    // A border lies between request and answer, so the figure is of one window or the other. It is
    // of the new one if it is far below what was used up in the old one.
    const auto old = std::ranges::find(window.counts, first, &Count::index);
    if (old == window.counts.end() || used >= old->used - under_way(window.limit.kind)) return;
  }
  newest.used = std::max(newest.used, used);
}

void RateLimiter::finish(const Ticket& ticket, std::span<const UsedWeight> used) {
  const std::lock_guard lock(mutex_);
  for (Window& window : windows_) {
    if (window.limit.kind != LimitKind::kRequestWeight) continue;
    for (const UsedWeight& stated : used) {
      if (stated.window_ms == window.limit.window_ms) raise(window, ticket, stated.used);
    }
  }
  --requests_under_way_;
  weight_under_way_ -= ticket.weight;
}

void RateLimiter::learn(std::span<const Limit> limits) {
  const std::lock_guard lock(mutex_);
  std::vector<Window> learned;
  for (const Limit& limit : limits) {
    if (!is_counted(limit.kind) || limit.window_ms <= 0 || limit.limit <= 0) continue;
    const auto known = std::ranges::find_if(windows_, [&](const Window& window) {
      return window.limit.kind == limit.kind && window.limit.window_ms == limit.window_ms;
    });
    // Who states a limit of 2^63 has none; a double could not be turned back into that.
    const Limit sane{limit.kind, limit.window_ms, std::min(limit.limit, kUsedWeightMax)};
    learned.push_back({sane, known == windows_.end() ? std::vector<Count>{} : known->counts});
  }
  if (learned.empty()) return;  // better the old ones than none
  windows_ = std::move(learned);
  assumed_ = false;
}

Status RateLimiter::still_open() const {
  const Time now = server_->estimate().now;
  const std::lock_guard lock(mutex_);
  if (block_ && block_->until > now) return shut_out(*block_, now);
  return Done{};
}

void RateLimiter::block(const Error& error) {
  const ServerClock::Estimate time = server_->estimate();
  Time until = error.until.value_or(Time{time.now.ns + nanoseconds(kPauseMin).count()});
  const std::lock_guard lock(mutex_);
  if (error.kind == ErrorKind::kRateLimit) {
    for (const Window& window : windows_) {
      if (window.limit.kind != LimitKind::kRequestWeight) continue;
      const std::int64_t length = window.limit.window_ms * kNsPerMs;
      const Time end{(time.now.ns / length + 1) * length + time.error.count()};
      const bool is_meant = !error.until || end.ns - until.ns <= nanoseconds(kRounding).count();
      if (is_meant) until = std::max(until, end);
    }
  }
  // Several requests may be under way: a rate limit does not end a block, and of two blocks, or two
  // rate limits, the longer one holds.
  if (block_ && block_->until > time.now) {
    const bool holds_back = error.kind == ErrorKind::kRateLimit;
    const bool held_back = block_->kind == ErrorKind::kRateLimit;
    if (holds_back && !held_back) return;
    if (holds_back == held_back && until <= block_->until) return;
  }
  const Block block{
      .kind = error.kind, .until = until, .code = error.code, .http_status = error.http_status};
  // What is only made longer, by another request that was under way, has been told already.
  const bool goes_on = block_ && block_->until > time.now && unsaved_;
  block_ = block;
  unsaved_ = {};
  unsaved_told_ = unsaved_told_ && goes_on;
  save(time.now);
}

/// Under the lock; where there is something to save, and somewhere to save it.
void RateLimiter::save(Time now) {
  if (file_ == nullptr || block_->kind == ErrorKind::kRateLimit) return;
  // By this machine's clock, which is all that a new process has.
  const std::int64_t ahead_ns = now.ns - clock_->wall().ns;
  unsaved_ = file_->save({.kind = block_->kind, .until = Time{block_->until.ns - ahead_ns}});
  save_again_ = clock_->now() + kSaveAgain;
}

std::optional<UnsavedBlock> RateLimiter::take_unsaved() {
  const std::lock_guard lock(mutex_);
  if (!block_ || !unsaved_ || unsaved_told_) return std::nullopt;
  UnsavedBlock unsaved{.kind = block_->kind,
                       .until = whole_second(block_->until),
                       .file = file_->path(),
                       .why = unsaved_};
  unsaved_told_ = true;
  return unsaved;
}

RateState RateLimiter::state() const {
  const ServerClock::Estimate time = server_->estimate();
  const std::lock_guard lock(mutex_);
  RateState state;
  state.now = time.now;
  for (const Window& window : windows_) {
    const std::int64_t length = window.limit.window_ms;
    const std::int64_t index = index_at(time.now.ns, length);
    const auto count = std::ranges::find(window.counts, index, &Count::index);
    state.windows.push_back({.limit = window.limit,
                             .budget = budget_of(window.limit),
                             .used = count == window.counts.end() ? 0 : count->used,
                             .ends = Time{(index + 1) * length * kNsPerMs}});
  }
  state.assumed = assumed_;
  state.under_way = requests_under_way_;
  state.requests = requests_;
  state.waits = waits_;
  state.refusals = refusals_;
  if (block_ && block_->until > time.now) {
    state.blocked = block_->kind;
    state.blocked_until = block_->until;
    state.unsaved = unsaved_;
  }
  return state;
}

}  // namespace bourse::binance
