// SPDX-License-Identifier: MIT
#include "host/validate/generated.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <deque>
#include <limits>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "host/calls/call.hpp"
#include "host/validate/random.hpp"

namespace bourse::host::validate {

struct GeneratedSource::State {
  mutable std::mutex mutex;
  Shape shape;
  std::optional<FailedAnswer> failed;
  std::atomic<std::size_t> asked{0};
  std::vector<Dataset> datasets;  ///< as the component declares them
};

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::size_t kLongText = 10'000;

// One thread makes it, between these two.
thread_local GeneratedSource::State* state_to_be = nullptr;

bourse_status generated_create(const bourse_host*, bourse_call*, const bourse_value*, void** self) {
  *self = state_to_be;
  return BOURSE_OK;
}

bourse_str text_of(std::string_view text) { return {text.data(), text.size()}; }

bourse_i128 wide(std::int64_t number) {
  return {static_cast<std::uint64_t>(number), number < 0 ? -1 : 0};
}

// 10^38 - 1, and its negative.
constexpr bourse_i128 kDecimalMax = {0x098a223fffffffffULL, 0x4b3b4ca85a86c47aLL};
constexpr bourse_i128 kDecimalMin = {0xf675ddc000000001ULL, -0x4b3b4ca85a86c47bLL};

const std::array<std::string, 8>& extreme_texts() {
  static const std::array<std::string, 8> kTexts = {
      "",
      std::string(kLongText, 'x'),
      "<script>alert(1)</script>&amp;\"'`",
      "tab\tand line\nand \x01 and \x7f",
      "\u202eright to left\u202c \u2066isolated\u2069",
      "\U0001F9EE \u00e4\u0301 \ufffe",
      "=1+1,\"quoted\";\r\n",
      "]]>]]&gt;{{7*7}}${7*7}%s%n"};
  return kTexts;
}

/// The words that a description puts between quotes: "\"bid\" or \"ask\"".
std::vector<std::string> quoted_words(const std::string& doc) {
  std::vector<std::string> words;
  std::size_t from = doc.find('"');
  while (from != std::string::npos) {
    const std::size_t to = doc.find('"', from + 1);
    if (to == std::string::npos) break;
    words.push_back(doc.substr(from + 1, to - from - 1));
    from = doc.find('"', to + 1);
  }
  return words;
}

/// "15m", "1d": how far apart somebody wants rows, if that is what it says.
std::optional<std::int64_t> length_of(bourse_str said) {
  static constexpr std::array<std::pair<char, std::int64_t>, 6> kUnits = {{{'s', kSecond},
                                                                           {'m', 60 * kSecond},
                                                                           {'h', kHour},
                                                                           {'d', 24 * kHour},
                                                                           {'w', 168 * kHour},
                                                                           {'M', 720 * kHour}}};
  if (said.len < 2 || said.len > 4) return std::nullopt;
  std::int64_t number = 0;
  const char* const unit = said.ptr + said.len - 1;
  const auto [end, error] = std::from_chars(said.ptr, unit, number);
  if (error != std::errc{} || end != unit || number <= 0) return std::nullopt;
  for (const auto& [letter, length] : kUnits) {
    if (letter == *unit) return number * length;
  }
  return std::nullopt;
}

/// A column's values, and what they point to.
struct Values {
  std::vector<std::int64_t> integers = {};
  std::vector<double> reals = {};
  std::vector<bourse_i128> decimals = {};
  std::vector<std::uint8_t> booleans = {};
  std::vector<bourse_str> texts = {};
  std::deque<std::string> owned = {};
  std::vector<std::uint8_t> valid = {};

  [[nodiscard]] bourse_array array(bourse_type type) const {
    const std::uint8_t* const bits = valid.empty() ? nullptr : valid.data();
    switch (type) {
      case BOURSE_TYPE_F64:
        return {reals.data(), bits};
      case BOURSE_TYPE_DECIMAL:
        return {decimals.data(), bits};
      case BOURSE_TYPE_BOOL:
        return {booleans.data(), bits};
      case BOURSE_TYPE_TEXT:
        return {texts.data(), bits};
      default:
        return {integers.data(), bits};
    }
  }
};

/// One answer, as it is made.
class Delivery {
 public:
  Delivery(const Dataset& dataset, const Shape& shape, const bourse_value* params, std::int64_t now)
      : dataset_(dataset), shape_(shape), params_(params), now_(now), random_(shape.seed) {
    rows_ = shape.rows;
    for (std::size_t i = 0; i < dataset.params.size(); ++i) {
      const bourse_value& value = params[i];
      if (value.type == BOURSE_TYPE_I64 && value.as.i64 > 0) {
        rows_ = std::min<std::size_t>(rows_, static_cast<std::size_t>(value.as.i64));
      }
    }
    for (const Field& field : dataset.fields) {
      if (const bourse_value* const items = items_for(field)) {
        rows_ = std::min(rows_, items->as.list.len);
      }
    }
    find_times();
  }

  bourse_status tell(bourse_call* call) {
    for (const Field& field : dataset_.fields) {
      if (!field.optional || shape_.has_optional) add(field);
    }
    if (shape_.has_unknown || fields_.empty()) {
      unknown_ = Field{.name = "x_not_declared", .type = BOURSE_TYPE_TEXT};
      add(unknown_);
    }
    std::vector<const bourse_field*> fields;
    std::vector<bourse_array> columns;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      fields.push_back(&fields_[i]);
      columns.push_back(values_[i].array(fields_[i].type));
    }
    const bourse_host& host = plugin_host().table;
    const bourse_meta as_of{.size = sizeof(bourse_meta),
                            .flags = 0,
                            .key = text_of("bourse.as_of"),
                            .value = {.type = BOURSE_TYPE_TIME, .scale = 0, .as = {.i64 = now_}}};
    if (const auto status = host.meta(call, &as_of); status != BOURSE_OK) return status;
    const bourse_table table{.size = sizeof(bourse_table),
                             .flags = 0,
                             .name = dataset_.name.c_str(),
                             .label = nullptr,
                             .n_fields = fields.size(),
                             .fields = fields.data(),
                             .n_rows = rows_,
                             .columns = columns.data()};
    return host.table(call, &table, nullptr);
  }

 private:
  /// How far the rows are apart, and when the first of them is: what arguments say of it.
  void find_times() {
    std::optional<std::int64_t> start;
    std::int64_t end = now_;
    for (std::size_t i = 0; i < dataset_.params.size(); ++i) {
      const std::string& name = dataset_.params[i].name;
      const bourse_value& value = params_[i];
      if (value.type == BOURSE_TYPE_TEXT) step_ = length_of(value.as.text).value_or(step_);
      if (value.type != BOURSE_TYPE_TIME) continue;
      if (name == "start" || name == "from") start = value.as.i64;
      if (name == "end" || name == "to") end = std::min(end, value.as.i64);
    }
    if (start && *start <= end) {
      rows_ = std::min<std::size_t>(rows_, static_cast<std::size_t>((end - *start) / step_) + 1);
      begin_ = *start;
    } else {
      const std::int64_t newest = end - (end % step_ + step_) % step_;
      begin_ = newest - step_ * (static_cast<std::int64_t>(rows_) - 1);
    }
  }

  /// The list argument that this column has an item of in each row; or null.
  [[nodiscard]] const bourse_value* items_for(const Field& field) const {
    if (field.type != BOURSE_TYPE_TEXT) return nullptr;
    for (std::size_t i = 0; i < dataset_.params.size(); ++i) {
      const bourse_value& value = params_[i];
      if (value.type == BOURSE_TYPE_LIST && value.as.list.len != 0 &&
          value.as.list.ptr[0].type == BOURSE_TYPE_TEXT &&
          dataset_.params[i].name == field.name + "s") {
        return &value;
      }
    }
    return nullptr;
  }
  [[nodiscard]] const bourse_value* text_for(const Field& field) const {
    for (std::size_t i = 0; i < dataset_.params.size(); ++i) {
      const bool is_it = dataset_.params[i].name == field.name;
      if (is_it && params_[i].type == BOURSE_TYPE_TEXT) return &params_[i];
    }
    return nullptr;
  }

  void add(const Field& field) {
    fields_.push_back({.size = sizeof(bourse_field),
                       .flags = 0,
                       .type = field.type,
                       .scale = field.type == BOURSE_TYPE_DECIMAL ? field.scale : 0,
                       .name = field.name.c_str(),
                       .label = nullptr,
                       .unit = nullptr,
                       .doc = nullptr,
                       .format = nullptr});
    Values& values = values_.emplace_back();
    switch (field.type) {
      case BOURSE_TYPE_F64:
        fill_reals(values);
        break;
      case BOURSE_TYPE_DECIMAL:
        fill_decimals(values, field.scale);
        break;
      case BOURSE_TYPE_BOOL:
        for (std::size_t row = 0; row < rows_; ++row) values.booleans.push_back(row % 3 != 1);
        break;
      case BOURSE_TYPE_TEXT:
        fill_texts(values, field);
        break;
      case BOURSE_TYPE_TIME:
        fill_times(values);
        break;
      default:
        fill_integers(values);
        break;
    }
    if (shape_.has_nulls) add_nulls(values);
  }

  void fill_reals(Values& values) {
    static constexpr double kInfinity = std::numeric_limits<double>::infinity();
    static constexpr std::array kExtremes = {std::numeric_limits<double>::max(),
                                             std::numeric_limits<double>::denorm_min(),
                                             -0.0,
                                             std::numeric_limits<double>::lowest(),
                                             std::numeric_limits<double>::quiet_NaN(),
                                             kInfinity,
                                             -kInfinity,
                                             1.0};
    double level = 1;
    for (std::size_t row = 0; row < rows_; ++row) {
      level *= 0.98 + 0.00004 * static_cast<double>(random_.below(1001));
      values.reals.push_back(shape_.is_extreme ? kExtremes[row % kExtremes.size()] : level);
    }
  }

  /// About 100, each 1 % around the one before.
  void fill_decimals(Values& values, std::int32_t scale) {
    static constexpr std::array kExtremes = {kDecimalMax, bourse_i128{}, kDecimalMin,
                                             bourse_i128{1, 0}};
    std::int64_t level = 100;
    for (std::int32_t i = 0; i < std::min(scale, 12); ++i) level *= 10;
    for (std::size_t row = 0; row < rows_; ++row) {
      level = std::max<std::int64_t>(
          1, level / 1000 * (990 + static_cast<std::int64_t>(random_.below(21))));
      values.decimals.push_back(shape_.is_extreme ? kExtremes[row % kExtremes.size()]
                                                  : wide(level));
    }
  }

  void fill_texts(Values& values, const Field& field) {
    const bourse_value* const items = items_for(field);
    const bourse_value* const same = text_for(field);
    const auto words = quoted_words(field.doc);
    for (std::size_t row = 0; row < rows_; ++row) {
      if (items != nullptr) {
        const bourse_list& list = items->as.list;
        values.texts.push_back(list.ptr[row % list.len].as.text);
      } else if (shape_.is_extreme) {
        values.texts.push_back(text_of(extreme_texts()[row % extreme_texts().size()]));
      } else if (same != nullptr) {
        values.texts.push_back(same->as.text);
      } else {
        values.owned.push_back(words.empty() ? "V" + std::to_string(row)
                                             : words[row * words.size() / rows_]);
        values.texts.push_back(text_of(values.owned.back()));
      }
    }
  }

  /// In the first column a row begins, in the others it ends.
  void fill_times(Values& values) {
    static constexpr std::array kExtremes = {std::numeric_limits<std::int64_t>::min(),
                                             std::int64_t{0}, std::int64_t{-1},
                                             std::numeric_limits<std::int64_t>::max()};
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::int64_t begin = begin_ + step_ * static_cast<std::int64_t>(row);
      const std::int64_t time = times_ == 0 ? begin : begin + step_ - kMillisecond;
      values.integers.push_back(shape_.is_extreme ? kExtremes[row % kExtremes.size()] : time);
    }
    ++times_;
  }

  void fill_integers(Values& values) {
    static constexpr std::array kExtremes = {
        std::numeric_limits<std::int64_t>::max(), std::int64_t{0},
        std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}};
    for (std::size_t row = 0; row < rows_; ++row) {
      values.integers.push_back(shape_.is_extreme ? kExtremes[row % kExtremes.size()]
                                                  : static_cast<std::int64_t>(row) + 1);
    }
  }

  void add_nulls(Values& values) {
    values.valid.assign(rows_ / 8 + 1, 0);
    for (std::size_t row = 0; row < rows_; ++row) {
      if (random_.below(4) != 0) {
        values.valid[row / 8] = static_cast<std::uint8_t>(values.valid[row / 8] | 1U << row % 8);
      }
    }
  }

  const Dataset& dataset_;
  const Shape& shape_;
  const bourse_value* params_;
  const std::int64_t now_;
  Random random_;
  std::size_t rows_ = 0;
  std::size_t times_ = 0;
  std::int64_t step_ = kHour;
  std::int64_t begin_ = 0;
  Field unknown_ = {};
  std::deque<bourse_field> fields_ = {};
  std::deque<Values> values_ = {};
};

bourse_status failed_on_purpose(bourse_call* call, bourse_status status) {
  const bourse_failure failure{
      .size = sizeof(bourse_failure),
      .status = status,
      .code = text_of("failed_on_purpose"),
      .message = text_of("The source fails on purpose, to see what is made of it."),
      .param = {},
      .retry_after = 0};
  return plugin_host().table.fail(call, &failure);
}

bourse_status generated_fetch(void* self, bourse_call* call, std::size_t dataset,
                              const bourse_value* params) {
  auto& state = *static_cast<GeneratedSource::State*>(self);
  const std::size_t nth = ++state.asked;
  Shape shape;
  std::optional<FailedAnswer> failed;
  {
    const std::lock_guard lock(state.mutex);
    shape = state.shape;
    failed = state.failed;
  }
  if (failed && (failed->nth == 0 || failed->nth == nth)) {
    return failed_on_purpose(call, failed->status);
  }
  return Delivery(state.datasets[dataset], shape, params, call->context.now).tell(call);
}

Parameter learnt(const AskedArgument& asked) {
  Parameter parameter{.name = asked.name, .type = asked.type};
  if (asked.type == BOURSE_TYPE_LIST) {
    parameter.item = asked.item;
    parameter.max = std::to_string(kListItemsLimit);
  }
  if (asked.type == BOURSE_TYPE_TEXT) parameter.max = std::to_string(kTextBytesLimit);
  return parameter;
}

/// What somebody declares to ask for, as one that delivers it declares it.
Dataset delivered(Dataset dataset, std::size_t index) {
  dataset.index = index;
  dataset.is_private = false;
  dataset.params_left_out.clear();
  return dataset;
}

}  // namespace

GeneratedSource::GeneratedSource(std::vector<Dataset> datasets)
    : datasets_(std::move(datasets)), state_(std::make_unique<State>()) {
  for (std::size_t i = 0; i < datasets_.size(); ++i) {
    datasets_[i] = delivered(std::move(datasets_[i]), i);
  }
  make();
}

GeneratedSource::~GeneratedSource() = default;

void GeneratedSource::make() {
  source_ = nullptr;
  state_->datasets = datasets_;
  auto component = std::make_shared<Component>();
  component->host = &plugin_host().table;
  component->kind = BOURSE_KIND_SOURCE;
  component->flags = BOURSE_COMPONENT_PURE;
  component->id = "generated";
  component->title = "Generated data";
  component->plugin = "validate";
  component->datasets = datasets_;
  component->create = generated_create;
  component->fetch = generated_fetch;
  state_to_be = state_.get();
  auto instance = Instance::create(std::move(component), nullptr, Arguments{});
  state_to_be = nullptr;
  source_ = std::make_shared<Source>("generated", *std::move(instance));
}

bool GeneratedSource::learn(const std::vector<AskedArgument>& asked) {
  bool is_new = false;
  for (const AskedArgument& argument : asked) {
    const auto dataset = std::find_if(datasets_.begin(), datasets_.end(),
                                      [&](const Dataset& d) { return d.name == argument.dataset; });
    if (dataset == datasets_.end() || argument.name.empty()) continue;
    const bool is_known = std::any_of(dataset->params.begin(), dataset->params.end(),
                                      [&](const Parameter& p) { return p.name == argument.name; });
    if (is_known) continue;
    dataset->params.push_back(learnt(argument));
    is_new = true;
  }
  if (is_new) make();
  return is_new;
}

void GeneratedSource::shape(const Shape& shape) {
  const std::lock_guard lock(state_->mutex);
  state_->shape = shape;
  state_->asked = 0;
}

void GeneratedSource::fail(std::optional<FailedAnswer> failed) {
  const std::lock_guard lock(state_->mutex);
  state_->failed = failed;
  state_->asked = 0;
}

std::size_t GeneratedSource::asked() const noexcept { return state_->asked; }

}  // namespace bourse::host::validate
