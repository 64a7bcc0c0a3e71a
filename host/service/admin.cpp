// SPDX-License-Identifier: MIT
#include "host/service/admin.hpp"

#include <array>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "host/base/build.hpp"
#include "host/base/utf8.hpp"
#include "host/calls/call_watch.hpp"
#include "host/http/problem.hpp"
#include "host/http/text.hpp"
#include "host/observe/exposition.hpp"
#include "host/observe/log.hpp"
#include "host/observe/process.hpp"
#include "host/plugins/foreign_call.hpp"
#include "host/service/listings.hpp"
#include "host/service/origin.hpp"

namespace bourse::host {
namespace {

/// Requests for /metrics that wait for the one before them.
constexpr std::size_t kScrapesMax = 8;
/// For sources that do not return from collect. With four, one that does not is asked no more until
/// it has: a component's share is a quarter.
constexpr unsigned kScrapeSubstitutes = 4;
/// For a source that takes one call at a time (BOURSE_COMPONENT_SERIAL) and is busy.
constexpr std::chrono::milliseconds kTurnPatience{200};
constexpr std::chrono::minutes kReloadPatience{1};
constexpr const char* kText = "text/plain; charset=utf-8";

Response plain(int status, std::string body, std::string type) {
  Response response;
  response.status = status;
  response.headers = {{"Content-Type", std::move(type)},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"}};
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

/// Before "*/*", which whatever asks without a thought sends.
bool prefers_text(const Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (equal_ignoring_case(name, "Accept")) return value.starts_with("text/plain");
  }
  return false;
}

void add_front(Exposition& figures, const Stats& stats) {
  const auto add = [&](const char* name, const char* help, MetricKind kind, std::uint64_t value) {
    figures.add({name, help, kind}, {}, static_cast<double>(value));
  };
  using enum MetricKind;
  add("bourse_connections", "Connections open now.", kGauge, stats.connections_open);
  add("bourse_requests_in_flight", "Requests not completely answered yet.", kGauge,
      stats.requests_in_flight);
  add("bourse_unsent_bytes", "Bytes of answers that wait for slow readers or their turn.", kGauge,
      stats.unsent_bytes);
  add("bourse_held_bytes", "Bytes held for clients, of which server.memory is the bound.", kGauge,
      stats.held_bytes);
  add("bourse_connections_accepted_total", "Connections accepted.", kCounter,
      stats.connections_accepted);
  add("bourse_connections_refused_total", "Connections over the limit, or while stopping.",
      kCounter, stats.connections_refused);
  add("bourse_connections_shed_total", "Connections closed because they held too much.", kCounter,
      stats.overflows);
  add("bourse_requests_shed_total", "Requests refused because all clients held too much.", kCounter,
      stats.shed);
  add("bourse_answers_lost_total", "Answers whose client was gone.", kCounter, stats.answers_lost);
  add("bourse_timeouts_total", "Connections closed because a client was too slow.", kCounter,
      stats.request_timeouts + stats.write_timeouts);
}

void add_build(Exposition& figures) {
  const Build& of = build();
  figures.add(
      {"bourse_build_info", "What runs here, and of what it was built.", MetricKind::kGauge},
      {{"version", std::string(of.version)},
       {"commit", std::string(of.commit)},
       {"abi", std::string(of.abi)},
       {"compiler", std::string(of.compiler)}},
      1);
}

std::set<std::string> names_of(const Sources& sources) {
  std::set<std::string> names;
  for (const auto& [name, source] : sources) names.insert(name);
  return names;
}

/// What plugins left changed, and the host put back.
void add_restored(Exposition& figures) {
  for (const StateRestored& one : states_restored()) {
    figures.add({"bourse_state_restored_total",
                 "Times that a component left a thread or the process in another state than it "
                 "found, which was put back.",
                 MetricKind::kCounter},
                {{"component", one.component}, {"state", name_of(one.kind)}},
                static_cast<double>(one.times));
  }
}

/// Calls into plugins that do not return, of requests, of scrapes and of tasks.
void add_stuck(Exposition& figures, const Service& service, const CallWatch& scrapes,
               const Schedule* schedule) {
  std::map<std::string, CallWatch::OfComponent> by_name;
  for (const CallWatch* const watch :
       {&service.calls(), &scrapes, schedule == nullptr ? nullptr : &schedule->calls()}) {
    if (watch == nullptr) continue;
    for (const auto& of : watch->figures()) {
      auto& sum = by_name[of.name];
      sum.stuck += of.stuck;
      sum.total += of.total;
      sum.refused += of.refused;
    }
  }
  const MetricFamily stuck{
      "bourse_calls_stuck",
      "Calls that are past their deadline and have not returned, of components "
      "that ever had one.",
      MetricKind::kGauge};
  const MetricFamily total{"bourse_stuck_calls_total", "Calls that did not return in time.",
                           MetricKind::kCounter};
  const MetricFamily refused{"bourse_calls_refused_stuck_total",
                             "Calls refused because earlier ones did not return.",
                             MetricKind::kCounter};
  for (const auto& [name, of] : by_name) {
    const Exposition::Labels labels = {{"component", name}};
    figures.add(stuck, labels, static_cast<double>(of.stuck));
    figures.add(total, labels, static_cast<double>(of.total));
    figures.add(refused, labels, static_cast<double>(of.refused));
  }
  const Workers::Lost lost = service.lost();
  figures.add(
      {"bourse_substitutes", "Threads that have the place of one whose call does not return.",
       MetricKind::kGauge},
      {}, lost.now);
  figures.add({"bourse_substitutes_max", "server.substitutes.", MetricKind::kGauge}, {}, lost.max);
}

/// What is known already, and how it was of use.
void add_answers(Exposition& figures, const Answers::Figures& known) {
  using enum MetricKind;
  const auto number = [](auto value) { return static_cast<double>(value); };
  figures.add({"bourse_cache_bytes",
               "Memory that kept answers take, with all that belongs to them.", kGauge},
              {}, number(known.shelf.bytes));
  figures.add({"bourse_cache_bytes_max", "What they may take: server.cache.memory.", kGauge}, {},
              number(known.shelf.bytes_max));
  figures.add({"bourse_cache_too_large_total",
               "Answers that were not kept because one alone would take an eighth of the memory.",
               kCounter},
              {}, number(known.shelf.too_large));
  figures.add({"bourse_flights", "Questions that are being answered.", kGauge}, {},
              number(known.in_the_air));
  for (std::size_t kind = 0; kind < kQuestionKinds; ++kind) {
    const Exposition::Labels labels = {{"kind", kKindNames[kind]}};
    figures.add({"bourse_cache_bytes_of_kind", "Of bourse_cache_bytes.", kGauge}, labels,
                number(known.shelf.bytes_of[kind]));
    figures.add({"bourse_cache_entries", "Answers kept.", kGauge}, labels,
                number(known.shelf.entries[kind]));
    figures.add(
        {"bourse_cache_evictions_total", "Answers that went because room was needed.", kCounter},
        labels, number(known.shelf.evicted[kind]));
    figures.add({"bourse_cache_runs_total", "Answers that were made.", kCounter}, labels,
                number(known.runs[kind]));
    for (std::size_t way = 0; way < kWays; ++way) {
      figures.add(
          {"bourse_cache_answers_total", "Answers given, by how they were come by.", kCounter},
          {{"kind", kKindNames[kind]}, {"way", kWayNames[way]}}, number(known.ways[kind][way]));
    }
  }
}

void add_live(Exposition& figures, const Live::Figures& live) {
  using enum MetricKind;
  const auto add = [&](const char* name, const char* help, MetricKind kind, std::uint64_t value) {
    figures.add({name, help, kind}, {}, static_cast<double>(value));
  };
  add("bourse_live_streams", "Event streams open now.", kGauge, live.streams);
  add("bourse_live_questions", "Questions that are watched.", kGauge, live.questions);
  add("bourse_live_watches", "Questions to sources of which these are made.", kGauge, live.watches);
  add("bourse_live_streams_opened_total", "Event streams begun.", kCounter, live.opened);
  add("bourse_live_streams_refused_total", "Event streams for which there was no room.", kCounter,
      live.refused);
  add("bourse_live_runs_total", "Times a watched question was answered.", kCounter, live.runs);
  add("bourse_live_failures_total", "Of these, those that failed.", kCounter, live.failures);
  add("bourse_live_changes_total", "Of these, those that had something to tell.", kCounter,
      live.changes);
  add("bourse_live_pieces_total", "Pieces of event streams written, beats included.", kCounter,
      live.pieces);
}

const MetricFamily kCollected{"bourse_metrics_collected",
                              "1 if the source told its figures in time.", MetricKind::kGauge};
const MetricFamily kDropped{"bourse_metrics_dropped_total",
                            "Figures of the source that broke a rule, again with each scrape.",
                            MetricKind::kCounter};

/// A component's figures, with the names that bourse/ext/metrics.h promises. Those that cannot be
/// shown are dropped from the collection.
void add_source(Exposition& figures, const std::string& name, const Component& component,
                Collection& collection) {
  std::string prefix = "bourse_" + component.id + "_";
  for (char& c : prefix) c = c == '-' ? '_' : c;
  for (Metric& metric : collection.metrics) {
    Exposition::Labels labels = {{"source", name}, {"plugin", component.plugin}};
    for (auto& label : metric.labels) labels.push_back(std::move(label));
    const bool shown = figures.add({prefix + metric.name, metric.help,
                                    metric.is_counter ? MetricKind::kCounter : MetricKind::kGauge},
                                   labels, metric.value);
    if (!shown && collection.dropped++ == 0) {
      collection.why =
          in_quotes(metric.name) + ": " + prefix + metric.name + " is the name of another figure";
    }
  }
}

}  // namespace

/// One request for /metrics. Answered when all sources were asked, or when its time is over with
/// what is there by then.
class Admin::Scrape : public Watched {
 public:
  Scrape(Admin& admin, std::string id, Responder responder)
      : admin_(admin),
        id_(std::move(id)),
        generation_(admin.service_.generation()),
        pending_(std::move(responder)) {}

  /// Asks one source after the other. Nobody is asked any more once the answer is out.
  void run() {
    const Context context{.request_id = id_,
                          .route = "/metrics",
                          .deadline = std::chrono::steady_clock::now() + admin_.patience_};
    for (const auto& [name, source] : *generation_->sources()) {
      if (!source->has_metrics()) continue;
      if (pending_.answered()) return;
      auto metrics = source->metrics(std::chrono::steady_clock::now() + kTurnPatience, context,
                                     &admin_.asking_);
      if (!metrics) continue;
      const std::lock_guard lock(mutex_);
      collected_.emplace(name, *std::move(metrics));
    }
    answer();
  }
  void late() noexcept override {
    try {
      answer();
    } catch (const std::exception& e) {
      // Memory. The Responder answers 500 by itself when it goes.
      log_event(BOURSE_LEVEL_ERROR, "request_failed",
                {{"target", "/metrics"}, {"message", e.what()}});
    }
  }

 private:
  void answer() {
    if (!pending_.claim()) return;
    Collected collected;
    {
      const std::lock_guard lock(mutex_);
      collected.swap(collected_);
    }
    pending_.send(plain(200, admin_.metrics(*generation_, std::move(collected)), kExpositionType));
  }

  Admin& admin_;
  const std::string id_;
  const std::shared_ptr<const Generation> generation_;
  Pending pending_;
  std::mutex mutex_;  ///< of collected_: its time may be over while a source is being asked
  Collected collected_;
};

/// One request for a reload. The reload goes on when its time is over.
class Admin::Reload : public Watched {
 public:
  Reload(std::string id, Responder responder)
      : id_(std::move(id)), pending_(std::move(responder)) {}

  void answer(Response response) { (void)pending_.answer(std::move(response)); }
  void late() noexcept override {
    try {
      answer(problem_response(
          {.status = BOURSE_DEADLINE,
           .code = "reload_unfinished",
           .message = "The reload goes on, and has not come to its end in a minute: a plugin may "
                      "not return from create. The log will tell."},
          {.request_id = id_, .instance = "/reload"}));
    } catch (const std::exception& e) {
      log_event(BOURSE_LEVEL_ERROR, "request_failed",
                {{"target", "/reload"}, {"message", e.what()}});
    }
  }

 private:
  const std::string id_;
  Pending pending_;
};

Admin::Admin(const Service& service, Front front, std::chrono::nanoseconds patience)
    : service_(service),
      front_(std::move(front)),
      patience_(patience),
      asking_(
          {.computing = 1, .threads = 1, .queue = kScrapesMax, .substitutes = kScrapeSubstitutes}) {
}

Admin::~Admin() = default;

void Admin::scrape(std::string id, Responder responder) {
  const auto scrape = std::make_shared<Scrape>(*this, std::move(id), std::move(responder));
  const auto ticket = deadlines_.watch(std::chrono::steady_clock::now() + patience_, scrape);
  const bool taken = asking_.submit([this, scrape, ticket] {
    scrape->run();
    deadlines_.forget(ticket);
  });
  if (!taken) scrape->late();  // those before it wait for a source already
}

/// One warning a source: what it does wrong it does each time.
void Admin::count_dropped(const std::string& name, const Collection& collection) {
  const std::lock_guard lock(mutex_);
  std::uint64_t& count = dropped_[name];
  if (count == 0 && collection.dropped > 0) {
    log_event(BOURSE_LEVEL_WARN, "metrics_dropped",
              {{"source", name}, {"figures", collection.dropped}, {"first", collection.why}});
  }
  count += collection.dropped;
}

std::string Admin::metrics(const Generation& generation, Collected collected) {
  Exposition figures;
  add_build(figures);
  figures.add({"bourse_log_lines_lost_total",
               "Lines of the log that its reader did not take in time, or the system refused.",
               MetricKind::kCounter},
              {}, static_cast<double>(log_lines_lost()));
  figures.add(
      {"bourse_ready",
       "1 from when the server listens until it is told to stop, but for when calls that do "
       "not return hold all its turns.",
       MetricKind::kGauge},
      {}, is_ready() && service_.exhausted().empty() ? 1 : 0);
  expose_process(figures);
  add_front(figures, front_().value_or(Stats{}));
  service_.refusals().expose(figures);
  add_reloads(figures);
  service_.traffic().expose(figures);
  service_.fetches().expose(figures, names_of(*generation.sources()));
  figures.add({"bourse_calls_queued", "Requests that wait for a thread.", MetricKind::kGauge}, {},
              static_cast<double>(service_.queued()));
  figures.add({"bourse_calls_refused_total", "Requests refused because the queue was full.",
               MetricKind::kCounter},
              {}, static_cast<double>(service_.refused()));
  add_stuck(figures, service_, asking_.calls(), schedule_);
  add_restored(figures);
  service_.quotas().expose(figures);
  add_live(figures, service_.live());
  for (const auto& [name, source] : *generation.sources()) {
    figures.add(
        {"bourse_source_passed_over",
         "1 while the source is passed over where there is another one.", MetricKind::kGauge},
        {{"source", name}}, source->breaker().is_failing() ? 1 : 0);
  }
  add_tasks(figures);
  add_answers(figures, service_.answers().figures());
  // The host's names are all taken before any plugin says one.
  figures.declare(kCollected);
  figures.declare(kDropped);
  for (auto& [name, collection] : collected) {
    add_source(figures, name, generation.sources()->at(name)->component(), collection);
    count_dropped(name, collection);
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [name, source] : *generation.sources()) {
    if (!source->has_metrics()) continue;
    figures.add(kCollected, {{"source", name}}, collected.contains(name) ? 1 : 0);
    figures.add(kDropped, {{"source", name}}, static_cast<double>(dropped_[name]));
  }
  return figures.text();
}

const std::array<Page<Admin>, 9> Admin::kPages = {
    {{"/livez", "GET", &Admin::answer_alive},
     {"/readyz", "GET", &Admin::answer_ready},
     {"/metrics", "GET", &Admin::answer_metrics},
     {"/routes", "GET", &Admin::answer_routes},
     {"/plugins", "GET", &Admin::answer_plugins},
     {"/reload", "POST", &Admin::answer_reload},
     {"/tasks", "GET", &Admin::answer_tasks},
     {"/tasks/begin", "POST", &Admin::answer_begin},
     {"/tasks/cancel", "POST", &Admin::answer_cancel}}};

void Admin::answer_alive(const Request&, Responder& responder) {
  responder.send(plain(200, "ok\n", kText));
}

// A refused reload makes nobody unready: what was served before goes on.
void Admin::answer_ready(const Request&, Responder& responder) {
  if (!is_ready()) return responder.send(plain(503, "not ready\n", kText));
  if (const std::string why = service_.exhausted(); !why.empty()) {
    return responder.send(plain(503, "not ready: " + why + "\n", kText));
  }
  std::string text = "ok\n";
  if (reloading_) {
    const Reloads::Figures of = reloading_->reloads.figures();
    if (!of.last_was_taken) {
      text += "the last reload was refused, and what was served before goes on:\n" + of.report;
    }
  }
  responder.send(plain(200, std::move(text), kText));
}

void Admin::answer_metrics(const Request& request, Responder& responder) {
  scrape(request.id, std::move(responder));
}

void Admin::answer_routes(const Request&, Responder& responder) {
  responder.send(plain(200, routes_json(*service_.generation()), "application/json"));
}

void Admin::answer_plugins(const Request&, Responder& responder) {
  responder.send(plain(200, plugins_json(service_.generation()->catalog()), "application/json"));
}

void Admin::answer_tasks(const Request& request, Responder& responder) {
  const auto rows = schedule_ == nullptr ? std::vector<Schedule::Row>() : schedule_->rows();
  const bool text = prefers_text(request);
  responder.send(plain(200, text ? schedule_text(rows) : schedule_json(rows),
                       text ? kText : "application/json"));
}

void Admin::answer_begin(const Request& request, Responder& responder) {
  steer(request, responder, &Schedule::begin);
}

void Admin::answer_cancel(const Request& request, Responder& responder) {
  steer(request, responder, &Schedule::cancel);
}

void Admin::steer(const Request& request, Responder& responder,
                  Result<void> (Schedule::*what)(std::string_view name)) {
  const auto refuse = [&](const Failure& why) {
    responder.send(problem_response(why, {.request_id = request.id, .instance = request.target}));
  };
  const auto listed = reloading_ ? reloading_->listed : std::vector<std::string>();
  if (const auto why = foreign(request, listed)) return refuse(*why);
  constexpr std::string_view kName = "name=";
  const std::string_view target = request.target;
  const std::size_t question = std::min(target.find('?'), target.size() - 1);
  const std::string_view query = target.substr(question + 1);
  if (!query.starts_with(kName)) {
    return refuse({.status = BOURSE_BAD_PARAM,
                   .code = "missing_parameter",
                   .message = "Say which task: ?name=NAME. GET /tasks lists them.",
                   .parameter = "name"});
  }
  if (schedule_ == nullptr) return refuse(no_reload_failure());
  const auto done = (schedule_->*what)(query.substr(kName.size()));
  if (!done) return refuse(done.failure());
  responder.send(plain(202, "ok\n", kText));
}

void Admin::add_tasks(Exposition& figures) const {
  if (schedule_ == nullptr) return;
  using enum MetricKind;
  std::size_t running = 0;
  for (const Schedule::Row& row : schedule_->rows()) running += row.runs ? 1 : 0;
  figures.add({"bourse_tasks_running", "Tasks of the configuration that run now.", kGauge}, {},
              static_cast<double>(running));
  const auto in_seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
  };
  for (const auto& [name, tally] : schedule_->tallies()) {
    const MetricFamily runs{"bourse_task_runs_total", "Runs that ended, and those skipped.",
                            kCounter};
    for (std::size_t end = 0; end < Schedule::kEnds; ++end) {
      figures.add(runs,
                  {{"task", name}, {"outcome", std::string(name_of(static_cast<TaskEnd>(end)))}},
                  static_cast<double>(tally.runs[end]));
    }
    figures.add(runs, {{"task", name}, {"outcome", "skipped"}}, static_cast<double>(tally.skipped));
    figures.add({"bourse_task_seconds_total", "Time that runs took, until they ended.", kCounter},
                {{"task", name}}, in_seconds(tally.took));
    if (tally.succeeded == 0) continue;
    figures.add({"bourse_task_last_success_time_seconds",
                 "Unix time at which the last run ended that was done.", kGauge},
                {{"task", name}}, in_seconds(std::chrono::nanoseconds(tally.succeeded)));
  }
}

void Admin::add_reloads(Exposition& figures) const {
  if (!reloading_) return;
  const Reloads::Figures of = reloading_->reloads.figures();
  using enum MetricKind;
  const auto add = [&](const char* name, const char* help, MetricKind kind, auto value) {
    figures.add({name, help, kind}, {}, static_cast<double>(value));
  };
  const Served served = reloading_->served();
  add("bourse_generation", "Number of the generation that serves; the start made 1.", kGauge,
      served.generation);
  figures.add({"bourse_configuration_info", "The file that is served.", kGauge},
              {{"sha256", served.sha256}}, 1);
  add("bourse_configuration_time_seconds", "Unix time since which it is served.", kGauge,
      served.since);
  add("bourse_generations_alive", "Generations that serve, or whose requests or plugins go on.",
      kGauge, reloading_->alive());
  add("bourse_reloads_total", "Reloads that were taken.", kCounter, of.taken);
  add("bourse_reloads_refused_total", "Reloads that changed nothing, for errors.", kCounter,
      of.refused);
  add("bourse_last_reload_successful", "0 if the last reload was refused.", kGauge,
      of.last_was_taken ? 1 : 0);
  if (of.last == 0) return;
  add("bourse_last_reload_time_seconds", "Unix time at which the last reload ended.", kGauge,
      of.last);
}

void Admin::answer_reload(const Request& request, Responder& responder) {
  const auto refuse = [&](const Failure& why) {
    responder.send(problem_response(why, {.request_id = request.id, .instance = request.target}));
  };
  if (!reloading_) return refuse(no_reload_failure());
  if (const auto why = foreign(request, reloading_->listed)) return refuse(*why);
  const auto reload = std::make_shared<Reload>(request.id, std::move(responder));
  const auto ticket = deadlines_.watch(std::chrono::steady_clock::now() + kReloadPatience, reload);
  const bool taken = reloading_->reloads.ask([this, reload, ticket](const ReloadVerdict& verdict) {
    deadlines_.forget(ticket);
    reload->answer(verdict.response);
  });
  if (taken) return;
  deadlines_.forget(ticket);
  reload->answer(problem_response(no_reload_failure(), {.request_id = request.id, .instance = ""}));
}

Response Admin::refusal(const Request& request, std::string_view path) const {
  const std::string allowed = allowed_methods(std::span<const Page<Admin>>(kPages), path);
  Failure failure;
  if (allowed.empty()) {
    failure = {.status = BOURSE_NOT_FOUND,
               .code = "no_route",
               .message = "The admin listener has no such page."};
    for (const Page<Admin>& page : kPages) failure.offer.emplace_back(page.path);
  } else {
    failure = {
        .status = 405, .code = "method_not_allowed", .message = "This page takes " + allowed + "."};
  }
  Response response =
      problem_response(failure, {.request_id = request.id, .instance = request.target});
  if (!allowed.empty()) response.headers.emplace_back("Allow", allowed);
  return response;
}

void Admin::handle(Request request, Responder responder) noexcept {
  try {
    const std::string_view path =
        std::string_view(request.target).substr(0, request.target.find('?'));
    const auto* const page = find_page(std::span<const Page<Admin>>(kPages), path, request.method);
    if (page == nullptr && is_reading(request)) {
      if (auto of_api = service_.api_page(request, ApiPlace::kAdmin)) {
        return responder.send(*std::move(of_api));
      }
    }
    if (page == nullptr) return responder.send(refusal(request, path));
    (this->*page->answer)(request, responder);
  } catch (const std::exception& e) {
    // Memory. The Responder answers 500 by itself when it goes.
    log_event(BOURSE_LEVEL_ERROR, "request_failed",
              {{"request_id", request.id}, {"message", e.what()}});
  }
}

}  // namespace bourse::host
