// SPDX-License-Identifier: MIT
#include "host/validate/bench.hpp"

#include <algorithm>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/parameters/parse.hpp"
#include "host/validate/printed.hpp"
#include "host/validate/reports.hpp"

namespace bourse::host::validate {
namespace {

// The same each time, so that a finding is the same each time.
constexpr std::int64_t kGeneratedNow = 1'767'225'600'000'000'000;  // 2026-01-01
constexpr std::int64_t kLearningRounds = 20;
constexpr std::size_t kToldMax = 200;

Played played_of(Result<Answer> answer, const Stage& stage) {
  Played played{.observed = stage.observed()};
  if (answer) {
    played.report = answer->report;
  } else {
    played.failure = std::move(answer).failure();
  }
  return played;
}

/// "Market, such as EURUSD." tells a legal value.
std::string example_of(const std::string& doc) {
  static constexpr std::string_view kSuchAs = "such as ";
  const std::size_t at = doc.find(kSuchAs);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kSuchAs.size();
  const std::size_t end = doc.find_first_of(" ,.;:)", begin);
  return doc.substr(begin, end == std::string::npos ? end : end - begin);
}

std::string example_text(const Parameter& parameter) {
  if (const std::string told = example_of(parameter.doc);
      !told.empty() && parameter.choices.empty()) {
    return told;
  }
  const auto length = length_bounds(parameter);
  std::string example = "EXAMPLE";
  while (static_cast<std::int64_t>(example.size()) < length.min) example += "E";
  if (static_cast<std::int64_t>(example.size()) > length.max) {
    example.resize(static_cast<std::size_t>(length.max));
  }
  return example;
}

/// A legal text of one item of that type.
std::string example_item(const Parameter& parameter, bourse_type type) {
  if (!parameter.choices.empty()) return parameter.choices.front();
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return "true";
    case BOURSE_TYPE_TIME:
      return "2025-12-01";
    case BOURSE_TYPE_TEXT:
      return example_text(parameter);
    default:
      return parameter.min.value_or(parameter.max.value_or("1"));
  }
}

std::string example(const Parameter& parameter) {
  if (parameter.type != BOURSE_TYPE_LIST) return example_item(parameter, parameter.type);
  Parameter item = parameter;
  item.min.reset();
  item.max.reset();
  std::string list;
  const std::int64_t n = std::max<std::int64_t>(1, length_bounds(parameter).min);
  for (std::int64_t i = 0; i < n; ++i) {
    if (i != 0) list += ',';
    list += parameter.choices.empty()
                ? example_item(item, parameter.item) + (i == 0 ? "" : std::to_string(i))
                : parameter.choices[static_cast<std::size_t>(i) % parameter.choices.size()];
  }
  return list;
}

const std::string* text_named(const NamedTexts& texts, std::string_view name) {
  const auto found = std::find_if(texts.begin(), texts.end(),
                                  [&](const auto& text) { return text.first == name; });
  return found == texts.end() ? nullptr : &found->second;
}

std::string item_of(const NamedTexts& texts) {
  std::string item;
  for (const auto& [name, text] : texts) {
    if (!item.empty()) item += ", ";
    item += name + "=" + in_quotes(text);
  }
  return item.empty() ? "defaults" : item;
}

}  // namespace

std::string Played::product() const {
  if (report) return printed(report->wire());
  std::string all;
  for (const auto& [name, value] : headers) all += name + ": " + value + "\n";
  return all + bytes;
}

std::string Played::told() const {
  if (!failure) return report ? "a report" : "an answer";
  return std::to_string(failure->status) + " " + failure->code + ": " +
         printable(failure->message, kToldMax);
}

NamedTexts example_texts(std::span<const Parameter> parameters, const NamedTexts& given) {
  NamedTexts texts;
  for (const Parameter& parameter : parameters) {
    const std::string* const told = text_named(given, parameter.name);
    if (told != nullptr) {
      texts.emplace_back(parameter.name, *told);
    } else if (parameter.required && !parameter.def) {
      texts.emplace_back(parameter.name, example(parameter));
    }
  }
  return texts;
}

Bench::Bench(Subject& subject, std::shared_ptr<const Component> component, Arguments settings)
    : subject_(subject),
      component_(std::move(component)),
      staged_(staged(component_)),
      settings_(std::move(settings)),
      now_(kGeneratedNow),
      sources_(std::make_shared<Sources>()) {}

Result<void> Bench::find_data() {
  const Component& c = *component_;
  const Request& request = subject_.request();
  others_ = load_plugins({.folders = request.plugins, .host = &plugin_host()});
  const bool asks = c.kind == BOURSE_KIND_ANALYSIS || (c.flags & BOURSE_COMPONENT_LAYER) != 0;
  if (!asks) return {};
  if (request.use.empty()) {
    generated_ = std::make_unique<GeneratedSource>(c.datasets);
    below_ = generated_->source();
    return {};
  }
  const auto component = others().find_source(request.use);
  if (!component) {
    return Failure{.status = BOURSE_NOT_FOUND,
                   .code = "no_such_source",
                   .message = "the folders of --plugins hold no source " + in_quotes(request.use)};
  }
  const auto settings = subject_.settings(*component);
  if (!settings) {
    return Failure{.code = "no_settings",
                   .message = "source " + request.use + " needs settings; give them by --set"};
  }
  const Context context{.request_id = "validate", .route = "validate"};
  bourse_call call(context, *component);
  auto instance = Instance::create(component, &call, *settings);
  auto done = instance ? Result<void>() : Result<void>(instance.failure());
  if (auto why = call.outcome(std::move(done))) return *std::move(why);
  below_ = std::make_shared<Source>(request.use, *std::move(instance));
  now_ = wall_clock();  // it may know no other
  return {};
}

bool Bench::is_pure() const noexcept { return (component_->flags & BOURSE_COMPONENT_PURE) != 0; }
bool Bench::is_serial() const noexcept {
  return (component_->flags & BOURSE_COMPONENT_SERIAL) != 0;
}
bool Bench::is_blocking() const noexcept {
  return (component_->flags & BOURSE_COMPONENT_BLOCKING) != 0;
}

std::unique_ptr<Bench> Bench::make(Subject& subject) {
  if (!subject.load(staged_host())) return nullptr;
  auto settings = subject.settings(*subject.component());
  if (!settings) return nullptr;
  const Findings& findings = subject.findings();
  std::unique_ptr<Bench> bench(new Bench(subject, subject.component(), *std::move(settings)));
  if (auto found = bench->find_data(); !found) {
    findings.skip(found.failure().message);
    return nullptr;
  }
  findings.item("create");
  Stage stage(bench->component(), {}, bench->now_);
  auto instance = bench->create(stage);
  if (!instance) {
    findings.skip("create failed: " + printable(instance.failure().message, 300));
    return nullptr;
  }
  bench->instance_ = *std::move(instance);
  bench->find_acts();
  return bench;
}

Result<std::shared_ptr<Instance>> Bench::create(Stage& stage) const {
  bourse_call call(stage.context(), *component_);
  auto instance = Instance::create(staged_, &call, settings_);
  auto done = instance ? Result<void>() : Result<void>(instance.failure());
  if (auto why = call.outcome(std::move(done))) return *std::move(why);
  return instance;
}

bool Bench::renew() {
  subject_.findings().item("another instance: create");
  Stage stage(*component_, {}, now_);
  auto instance = create(stage);
  if (!instance) {
    subject_.findings().fail(
        "create", "another instance cannot be made: " + printable(instance.failure().message, 300));
    return false;
  }
  instance_ = *std::move(instance);
  return true;
}

Played Bench::create_another(const Script& script) const {
  Stage stage(*component_, script, now_);
  auto instance = create(stage);
  Played played{.observed = stage.observed()};
  if (!instance) played.failure = std::move(instance).failure();
  return played;
}

NamedTexts Bench::offered_examples() const {
  if (component_->kind != BOURSE_KIND_SOURCE) return {};
  return instance_->probe_offer().examples;
}

void Bench::find_acts() {
  if (component_->kind == BOURSE_KIND_SOURCE) {
    const auto examples = offered_examples();
    for (const Dataset& dataset : staged_->datasets) {
      acts_.push_back(Act{.item = dataset.name, .dataset = &dataset});
      const auto texts = example_texts(dataset.params, examples);
      if (auto act = with(acts_.back(), texts, dataset.name + ": " + item_of(texts))) {
        acts_.back() = *std::move(act);
      } else {
        acts_.pop_back();
      }
    }
    return;
  }
  std::vector<Act> acts(1, Act{.item = ""});
  if (component_->kind == BOURSE_KIND_SERIALIZER) {
    // Others have rules of their own, and who stumbles over them is to be told so once.
    acts = {Act{.item = "an ordinary report", .report = ordinary()}};
  }
  const auto texts = example_texts(component_->params);
  for (const Act& act : acts) {
    const std::string item = act.item.empty() ? item_of(texts) : act.item;
    if (auto made = with(act, texts, item)) acts_.push_back(*std::move(made));
  }
}

std::span<const Parameter> Bench::parameters(const Act& act) const {
  return act.dataset != nullptr ? act.dataset->params : component_->params;
}

Result<Act> Bench::with(const Act& act, const NamedTexts& texts, const std::string& item) const {
  auto arguments = read_arguments(parameters(act), texts, now_);
  if (!arguments) return std::move(arguments).failure();
  Act made = act;
  made.item = item;
  made.arguments = *std::move(arguments);
  return made;
}

NamedTexts Bench::texts(const Act& act) const {
  return example_texts(parameters(act), act.dataset != nullptr ? offered_examples() : NamedTexts{});
}

const std::vector<Act>& Bench::good_acts() {
  if (good_) return *good_;
  const Findings& findings = subject_.findings();
  good_.emplace();
  std::string why;
  for (const Act& act : acts_) {
    findings.item(act.item);
    Played played = play(act);
    for (std::int64_t i = 0; generated_ && !played.ok() && i < kLearningRounds; ++i) {
      if (!generated_->learn(played.observed.asked)) break;
      below_ = generated_->source();
      played = play(act);
    }
    if (played.ok()) {
      good_->push_back(act);
    } else if (why.empty()) {
      why = act.item + " gives " + played.told();
    }
  }
  if (good_->empty()) {
    findings.skip("no call succeeds" + (why.empty() ? "" : ": " + why) +
                  (generated_ ? "; its data is generated from what it declares, and --plugins and "
                                "--use give it a real source"
                              : ""));
  }
  return *good_;
}

Played Bench::play(const Act& act, const Script& script, Outlet* outlet) const {
  if (component_->kind == BOURSE_KIND_ANALYSIS) return run(act, script);
  if (component_->kind == BOURSE_KIND_SOURCE) return fetch(act, script);
  return render(act, script, outlet);
}

Played Bench::run(const Act& act, const Script& script) const {
  Stage stage(*component_, script, now_);
  Job job;
  job.analysis = instance_;
  job.analysis_arguments = act.arguments;
  job.source = below_;
  job.sources = sources_;
  job.logs_mistakes = false;
  auto answer = analyse(job, stage.context(), nullptr);
  return played_of(std::move(answer), stage);
}

Played Bench::fetch(const Act& act, const Script& script) const {
  Stage stage(*component_, script, now_);
  std::vector<bourse_arg> args;
  for (std::size_t i = 0; i < act.arguments.size(); ++i) {
    const std::string_view name = act.arguments.name(i);
    args.push_back({{name.data(), name.size()}, act.arguments.data()[i]});
  }
  const bourse_query query{.size = sizeof(bourse_query),
                           .flags = 0,
                           .dataset = {act.dataset->name.data(), act.dataset->name.size()},
                           .source = {},
                           .n_args = args.size(),
                           .args = args.data()};
  // One of its own: equal fetches at the same time would be one, and here they are to be many.
  auto answer = Source("examined", instance_, below_).fetch(stage.context(), query, nullptr);
  return played_of(std::move(answer), stage);
}

Played Bench::render(const Act& act, const Script& script, Outlet* outlet) const {
  Stage stage(*component_, script, now_);
  Job job;
  job.serializer = instance_;
  job.serializer_arguments = act.arguments;
  job.sources = sources_;
  job.response_bytes_max = std::size_t{1} << 30;
  job.logs_mistakes = false;
  auto rendered = host::render(job, *act.report, {}, stage.context(), nullptr, outlet);
  Played played{.observed = stage.observed()};
  if (rendered) {
    played.bytes = std::move(rendered->bytes);
    played.headers = std::move(rendered->headers);
  } else {
    played.failure = std::move(rendered).failure();
  }
  return played;
}

}  // namespace bourse::host::validate
