// SPDX-License-Identifier: MIT
#include "host/validate/exercise.hpp"

#include <array>
#include <string>
#include <vector>

#include "host/calls/job.hpp"
#include "host/routing/arguments.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::chrono::seconds kCallMax{5};

Context new_context() {
  return {.request_id = "",
          .route = "validate",
          .deadline = std::chrono::steady_clock::now() + kCallMax};
}

std::string example_of(const Parameter& parameter) {
  if (!parameter.choices.empty()) return parameter.choices.front();
  const bourse_type type = parameter.type == BOURSE_TYPE_LIST ? parameter.item : parameter.type;
  if (type != BOURSE_TYPE_TEXT && parameter.type != BOURSE_TYPE_LIST && parameter.min) {
    return *parameter.min;
  }
  switch (type) {
    case BOURSE_TYPE_TIME:
      return "2026-01-01";
    case BOURSE_TYPE_TEXT:
      return "ABC";
    default:
      return "1";
  }
}

bool run_once(const std::shared_ptr<Instance>& instance) {
  auto arguments = example_arguments(instance->component().params);
  if (!arguments) return false;
  const Job job{.analysis = instance,
                .analysis_arguments = *std::move(arguments),
                .serializer = nullptr,
                .serializer_arguments = {},
                .source = nullptr,
                .sources = std::make_shared<const Sources>(),
                .logs_mistakes = false};
  (void)analyse(job, new_context(), nullptr);
  return true;
}

bourse_str borrowed_text(std::string_view text) { return {text.data(), text.size()}; }

bourse_field field_of(const char* name, bourse_type type, std::int32_t scale = 0) {
  return {.size = sizeof(bourse_field),
          .flags = 0,
          .type = type,
          .scale = scale,
          .name = name,
          .label = nullptr,
          .unit = nullptr,
          .doc = nullptr,
          .format = nullptr};
}

void add_scalar(ReportBuilder& builder) {
  const bourse_field field = field_of("sum", BOURSE_TYPE_I64);
  bourse_scalar scalar = {};
  scalar.size = sizeof scalar;
  scalar.field = &field;
  scalar.value.type = BOURSE_TYPE_I64;
  scalar.value.as.i64 = 7;
  (void)builder.scalar(&scalar);
}

void add_table(ReportBuilder& builder) {
  const std::array<std::int64_t, 2> whole = {1, -2};
  const std::array<double, 2> real = {0.5, 1e-3};
  const std::array<bourse_i128, 2> decimal = {bourse_i128{12345, 0}, bourse_i128{1, 0}};
  const std::array<std::int64_t, 2> time = {1'795'249'800'000'000'000, 1'795'249'860'000'000'000};
  const std::array<bourse_str, 2> text = {borrowed_text("a"), borrowed_text("b & <c>")};
  const std::array<std::uint8_t, 2> truth = {1, 0};
  const std::array<bourse_field, 6> fields = {
      field_of("time", BOURSE_TYPE_TIME),  field_of("whole", BOURSE_TYPE_I64),
      field_of("real", BOURSE_TYPE_F64),   field_of("price", BOURSE_TYPE_DECIMAL, 2),
      field_of("words", BOURSE_TYPE_TEXT), field_of("truth", BOURSE_TYPE_BOOL)};
  std::array<const bourse_field*, 6> list{};
  for (std::size_t i = 0; i < fields.size(); ++i) list[i] = &fields[i];
  const std::array<bourse_array, 6> columns = {
      bourse_array{time.data(), nullptr}, bourse_array{whole.data(), nullptr},
      bourse_array{real.data(), nullptr}, bourse_array{decimal.data(), nullptr},
      bourse_array{text.data(), nullptr}, bourse_array{truth.data(), nullptr}};
  bourse_table table = {};
  table.size = sizeof table;
  table.name = "rows";
  table.n_fields = list.size();
  table.fields = list.data();
  table.n_rows = whole.size();
  table.columns = columns.data();
  (void)builder.table(&table, nullptr);
}

void add_chart(ReportBuilder& builder) {
  const std::array<bourse_channel, 2> channels = {
      bourse_channel{sizeof(bourse_channel), BOURSE_ROLE_X, "time", nullptr},
      bourse_channel{sizeof(bourse_channel), BOURSE_ROLE_Y, "real", nullptr}};
  const std::array<const bourse_channel*, 2> list = {&channels[0], &channels[1]};
  bourse_chart chart = {};
  chart.size = sizeof chart;
  chart.kind = BOURSE_CHART_LINE;
  chart.name = "line";
  chart.title = "A line";
  chart.table = "rows";
  chart.n_channels = list.size();
  chart.channels = list.data();
  (void)builder.chart(&chart);
}

bool render_once(const std::shared_ptr<Instance>& instance) {
  auto arguments = example_arguments(instance->component().params);
  const auto report = small_report();
  if (!arguments || report == nullptr) return false;
  const Job job{.analysis = nullptr,
                .analysis_arguments = {},
                .serializer = instance,
                .serializer_arguments = *std::move(arguments),
                .source = nullptr,
                .sources = std::make_shared<const Sources>(),
                .logs_mistakes = false};
  (void)render(job, *report, Truth{}, new_context(), nullptr);
  return true;
}

bool fetch_once(const std::shared_ptr<Instance>& instance) {
  const Component& component = instance->component();
  if ((component.flags & BOURSE_COMPONENT_BLOCKING) != 0) return false;
  Source source("validate", instance);
  bool called = false;
  for (const Dataset& dataset : component.datasets) {
    const auto arguments = example_arguments(dataset.params);
    if (!arguments) continue;
    std::vector<bourse_arg> args;
    for (std::size_t i = 0; i < arguments->size(); ++i) {
      if ((*arguments)[i].is_null()) continue;
      const std::string_view name = arguments->name(i);
      args.push_back({{name.data(), name.size()}, (*arguments)[i].view()});
    }
    bourse_query query = {};
    query.size = sizeof query;
    query.dataset = {dataset.name.data(), dataset.name.size()};
    query.n_args = args.size();
    query.args = args.data();
    (void)source.fetch(new_context(), query, nullptr);
    called = true;
  }
  return called;
}

}  // namespace

std::optional<Arguments> example_arguments(const std::vector<Parameter>& parameters) {
  NamedTexts texts;
  for (const Parameter& parameter : parameters) {
    if (parameter.required && !parameter.def) {
      texts.emplace_back(parameter.name, example_of(parameter));
    }
  }
  auto arguments = read_arguments(parameters, texts, wall_clock());
  return arguments ? std::optional(*std::move(arguments)) : std::nullopt;
}

std::shared_ptr<const Report> small_report() {
  ReportBuilder builder("validate/small", "A small report");
  bourse_note note = {};
  note.size = sizeof note;
  note.level = BOURSE_LEVEL_WARN;
  note.code = borrowed_text("partial");
  note.text = borrowed_text("It is small.");
  (void)builder.note(&note);
  add_scalar(builder);
  add_table(builder);
  add_chart(builder);
  auto report = builder.finish(1'795'249'800'000'000'000);
  return report ? *std::move(report) : nullptr;
}

bool call_once(const std::shared_ptr<Instance>& instance) {
  switch (instance->component().kind) {
    case BOURSE_KIND_ANALYSIS:
      return run_once(instance);
    case BOURSE_KIND_SERIALIZER:
      return render_once(instance);
    default:
      return fetch_once(instance);
  }
}

void use_all_once(Subject& subject) {
  std::vector<std::shared_ptr<Instance>> instances;
  for (const auto& component : subject.components()) {
    const std::string name = kind_and_id(*component);
    const auto settings =
        read_arguments(component->config, subject.texts_for(*component), wall_clock());
    if (!settings) continue;
    subject.findings().item("create of " + name);
    auto created = subject.create(component, *settings);
    if (!created) continue;
    instances.push_back(*created);
    subject.findings().item("a call of " + name);
    (void)call_once(instances.back());
  }
  for (auto& instance : instances) {
    subject.findings().item("destroy of " + kind_and_id(instance->component()));
    instance.reset();
  }
}

}  // namespace bourse::host::validate
