// SPDX-License-Identifier: MIT
#include "tests/plugins/serializers/charting/sample_reports.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <string_view>
#include <tuple>

namespace bourse::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'734'688'800 * kSecond;  // 2024-12-20 10:00 UTC
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The same numbers on every machine: std's distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  /// About normal: the sum of twelve.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += unit();
    return sum;
  }

 private:
  std::mt19937_64 engine_;
};

using Reals = std::vector<double>;

Reals simple_average(const Reals& values, std::size_t period) {
  Reals out(values.size(), kNan);
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    if (i >= period) sum -= values[i - period];
    if (i + 1 >= period) out[i] = sum / static_cast<double>(period);
  }
  return out;
}

Reals exponential_average(const Reals& values, std::size_t period) {
  Reals out = values;
  const double k = 2.0 / (static_cast<double>(period) + 1);
  for (std::size_t i = 1; i < out.size(); ++i) out[i] = k * values[i] + (1 - k) * out[i - 1];
  return out;
}

Reals deviation(const Reals& values, std::size_t period) {
  Reals out(values.size(), kNan);
  for (std::size_t i = period; i <= values.size(); ++i) {
    double sum = 0, squares = 0;
    for (std::size_t j = i - period; j < i; ++j) {
      sum += values[j];
      squares += values[j] * values[j];
    }
    const auto n = static_cast<double>(period);
    out[i - 1] = std::sqrt(std::max(0.0, squares / n - sum / n * sum / n));
  }
  return out;
}

Reals relative_strength(const Reals& closes) {
  Reals out(closes.size(), 50);
  double gain = 0, loss = 0;
  for (std::size_t i = 1; i < closes.size(); ++i) {
    const double change = closes[i] - closes[i - 1];
    gain += (std::max(change, 0.0) - gain) / 14;
    loss += (std::max(-change, 0.0) - loss) / 14;
    out[i] = gain + loss == 0 ? 50 : 100 * gain / (gain + loss);
  }
  return out;
}

Reals combine(const Reals& a, const Reals& b, double factor) {
  Reals out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] + factor * b[i];
  return out;
}

struct Walk {
  std::vector<std::int64_t> times;
  Reals open, high, low, close, volume;
};

/// Volatility that comes and goes, and volume that follows it.
Walk walk(const TechnicalSample& sample, std::size_t rows) {
  Random random(sample.seed);
  Walk w;
  double price = sample.price, heat = 1;
  const double unit = 0.0035 * std::sqrt(static_cast<double>(sample.seconds) / 3600.0);
  const std::int64_t last = kStart - kStart % (sample.seconds * kSecond);
  for (std::size_t i = 0; i < rows; ++i) {
    heat = std::clamp(heat * std::exp(0.12 * random.normal()) * 0.97 + 0.03, 0.35, 3.0);
    const double open = price;
    price *= std::exp(unit * heat * random.normal());
    const double top = std::max(open, price) * (1 + unit * heat * random.unit());
    const double bottom = std::min(open, price) * (1 - unit * heat * random.unit());
    w.times.push_back(last - static_cast<std::int64_t>(rows - 1 - i) * sample.seconds * kSecond);
    w.open.push_back(open);
    w.high.push_back(top);
    w.low.push_back(bottom);
    w.close.push_back(price);
    w.volume.push_back(900 * heat * heat * (0.4 + random.unit()));
  }
  return w;
}

std::vector<std::optional<Decimal>> decimals(const Reals& values, int scale, std::size_t from) {
  std::vector<std::optional<Decimal>> out;
  for (std::size_t i = from; i < values.size(); ++i) {
    // As exchanges send prices: eight decimals, of which the tick size uses the first ones.
    out.push_back(Decimal::nearest(values[i], scale).rescaled(std::max(scale, 8), Rounding::kDown));
  }
  return out;
}

std::span<const double> tail(const Reals& values, std::size_t from) {
  return std::span(values).subspan(from);
}

void blank(Reals& values, std::size_t from, std::size_t count) {
  for (std::size_t i = from; i < std::min(values.size(), from + count); ++i) values[i] = kNan;
}

void add_technical_charts(const Call& call) {
  const auto chart = [](bourse_chart_kind kind, const char* name, const char* title,
                        const char* pane) {
    return Chart(kind, name, title).of("series").pane(pane).channel(BOURSE_ROLE_X, "open_time");
  };
  call.add(chart(BOURSE_CHART_CANDLE, "price", "Price", "price")
               .channel(BOURSE_ROLE_OPEN, "open")
               .channel(BOURSE_ROLE_HIGH, "high")
               .channel(BOURSE_ROLE_LOW, "low")
               .channel(BOURSE_ROLE_CLOSE, "close"));
  call.add(chart(BOURSE_CHART_AREA, "bollinger", "Bollinger bands", "price")
               .channel(BOURSE_ROLE_LOWER, "bollinger_lower", "Lower band")
               .channel(BOURSE_ROLE_UPPER, "bollinger_upper", "Upper band"));
  call.add(chart(BOURSE_CHART_LINE, "averages", "Simple averages", "price")
               .channel(BOURSE_ROLE_Y, "sma_fast", "SMA 20")
               .channel(BOURSE_ROLE_Y, "sma_slow", "SMA 50"));
  call.add(chart(BOURSE_CHART_BAR, "volume", "Volume", "volume").channel(BOURSE_ROLE_Y, "volume"));
  call.add(chart(BOURSE_CHART_LINE, "rsi", "RSI 14", "rsi")
               .channel(BOURSE_ROLE_Y, "rsi", "RSI")
               .level(30)
               .level(70)
               .range(0, 100));
  call.add(chart(BOURSE_CHART_BAR, "macd_histogram", "MACD histogram", "macd")
               .channel(BOURSE_ROLE_Y, "macd_histogram", "Histogram")
               .channel(BOURSE_ROLE_COLOR, "macd_histogram"));
  call.add(chart(BOURSE_CHART_LINE, "macd", "MACD 12, 26, 9", "macd")
               .channel(BOURSE_ROLE_Y, "macd", "MACD")
               .channel(BOURSE_ROLE_Y, "macd_signal", "Signal"));
}

std::string symbol_name(std::size_t i) {
  static constexpr std::array<const char*, 12> kNames = {
      "BTC", "ETH", "BNB", "ADA", "XRP", "SOL", "DOT", "LINK", "1000SATS", "SHIB", "AVAX", "DOGE"};
  const std::string name = kNames[i % kNames.size()];
  return i < kNames.size() ? name + "USDT" : name + std::to_string(i) + "USDT";
}

std::vector<std::string> symbol_names(std::size_t n) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(symbol_name(i));
  return out;
}

}  // namespace

ReportPtr technical_sample(const TechnicalSample& sample) {
  constexpr std::size_t kWarmUp = 60;
  const Walk w = walk(sample, sample.rows + kWarmUp);
  const auto& close = w.close;
  Reals fast = simple_average(close, 20), slow = simple_average(close, 50);
  const Reals spread = deviation(close, 20);
  Reals upper = combine(fast, spread, 2), lower = combine(fast, spread, -2);
  const Reals rsi = relative_strength(close);
  const Reals macd = combine(exponential_average(close, 12), exponential_average(close, 26), -1);
  const Reals signal = exponential_average(macd, 9);
  const Reals histogram = combine(macd, signal, -1);
  for (Reals* column : {&fast, &slow, &upper, &lower}) blank(*column, kWarmUp, sample.missing);
  return make_report([&](const Call& call) {
    call.title(sample.title);
    call.as_of(Time{w.times.back()});
    call.note(BOURSE_LEVEL_INFO, "forming_candle",
              "The newest candle is still forming: its row changes until it closes.");
    if (sample.missing > 0) {
      call.warn("insufficient_history",
                "History is too short for some values, which are null: sma_fast, sma_slow.");
    }
    TableBuilder table("series", "Candles and indicators");
    const std::vector<std::int64_t> times(w.times.begin() + kWarmUp, w.times.end());
    const auto price = [&](const char* name, const Reals& values) {
      table.column(Field(name, BOURSE_TYPE_DECIMAL).in("USDT"),
                   decimals(values, sample.decimals, kWarmUp));
    };
    const auto real = [&](const char* name, const Reals& values) {
      table.column(Field(name, BOURSE_TYPE_F64), tail(values, kWarmUp));
    };
    table.column(Field("open_time", BOURSE_TYPE_TIME), std::span<const std::int64_t>(times));
    price("open", w.open);
    price("high", w.high);
    price("low", w.low);
    price("close", w.close);
    table.column(Field("volume", BOURSE_TYPE_DECIMAL).in("BTC"), decimals(w.volume, 5, kWarmUp));
    real("sma_fast", fast);
    real("sma_slow", slow);
    real("bollinger_upper", upper);
    real("bollinger_lower", lower);
    real("rsi", rsi);
    real("macd", macd);
    real("macd_signal", signal);
    real("macd_histogram", histogram);
    call.add(table);
    add_technical_charts(call);
  });
}

ReportPtr statistics_sample(std::size_t symbols) {
  Random random(3);
  Reals changes, volatilities;
  for (std::size_t i = 0; i < symbols; ++i) {
    changes.push_back(3 * random.normal());
    volatilities.push_back(2 + std::fabs(3 * random.normal()));
  }
  const auto names = symbol_names(symbols);
  return make_report([&](const Call& call) {
    call.title("Market statistics");
    call.as_of(Time{kStart});
    TableBuilder table("tickers", "Tickers");
    table.column(Field("symbol", BOURSE_TYPE_TEXT).labelled("Symbol"), names)
        .column(Field("price_change_percent", BOURSE_TYPE_F64).labelled("Change").in("%"),
                std::span<const double>(changes))
        .column(Field("volatility_percent", BOURSE_TYPE_F64).labelled("Volatility").in("%"),
                std::span<const double>(volatilities));
    call.add(table);
    call.add(Chart(BOURSE_CHART_BAR, "change", "Price change in 24 hours, %")
                 .of("tickers")
                 .channel(BOURSE_ROLE_X, "symbol")
                 .channel(BOURSE_ROLE_Y, "price_change_percent", "Change")
                 .channel(BOURSE_ROLE_COLOR, "price_change_percent"));
    call.add(Chart(BOURSE_CHART_BAR, "volatility", "Volatility in 24 hours, %")
                 .of("tickers")
                 .channel(BOURSE_ROLE_X, "symbol")
                 .channel(BOURSE_ROLE_Y, "volatility_percent", "Volatility"));
  });
}

ReportPtr correlation_sample(std::size_t symbols) {
  Random random(5);
  const auto names = symbol_names(symbols);
  std::vector<std::string> rows, columns, pairs;
  Reals values, strongest;
  std::vector<Reals> matrix(symbols, Reals(symbols, 1));
  for (std::size_t i = 0; i < symbols; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      matrix[i][j] = matrix[j][i] = std::clamp(0.45 + 0.3 * random.normal(), -1.0, 1.0);
    }
  }
  std::vector<std::pair<double, std::string>> ranked;
  for (std::size_t i = 0; i < symbols; ++i) {
    for (std::size_t j = 0; j < symbols; ++j) {
      rows.push_back(names[i]);
      columns.push_back(names[j]);
      values.push_back(i == 2 && j == 5 ? kNan : matrix[i][j]);
      if (j < i) ranked.emplace_back(-std::fabs(matrix[i][j]), names[i] + " / " + names[j]);
    }
  }
  std::sort(ranked.begin(), ranked.end());
  for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), 15); ++i) {
    pairs.push_back(ranked[i].second);
    strongest.push_back(i == 3 ? ranked[i].first : -ranked[i].first);
  }
  return make_report([&](const Call& call) {
    call.title("Correlation of " + std::to_string(symbols) + " assets, 30 days");
    call.as_of(Time{kStart});
    call.warn("dropped_rows", "2 rows had no candle of every asset and were dropped.");
    TableBuilder matrix_table("matrix", "Correlations"), pairs_table("pairs", "Pairs");
    matrix_table.column(Field("asset", BOURSE_TYPE_TEXT), rows)
        .column(Field("other", BOURSE_TYPE_TEXT), columns)
        .column(Field("correlation", BOURSE_TYPE_F64), std::span<const double>(values));
    pairs_table.column(Field("pair", BOURSE_TYPE_TEXT), pairs)
        .column(Field("correlation", BOURSE_TYPE_F64), std::span<const double>(strongest));
    call.add(matrix_table);
    call.add(pairs_table);
    call.add(Chart(BOURSE_CHART_HEATMAP, "correlations", "Correlation of returns")
                 .of("matrix")
                 .channel(BOURSE_ROLE_X, "other")
                 .channel(BOURSE_ROLE_Y, "asset")
                 .channel(BOURSE_ROLE_HEAT, "correlation")
                 .range(-1, 1));
    call.add(Chart(BOURSE_CHART_BAR, "strongest", "Strongest pairs")
                 .of("pairs")
                 .channel(BOURSE_ROLE_X, "pair")
                 .channel(BOURSE_ROLE_Y, "correlation", "Correlation")
                 .range(-1, 1));
  });
}

ReportPtr depth_sample(std::size_t levels) {
  Random random(11);
  std::vector<std::string> sides;
  std::vector<std::optional<Decimal>> prices;
  Reals quantities, cumulative;
  for (const bool bid : {true, false}) {
    double price = 96'407.99 + (bid ? -0.5 : 0.5), total = 0;
    for (std::size_t i = 0; i < levels; ++i) {
      const double quantity = 0.05 + 2 * random.unit() * random.unit() * random.unit() +
                              (random.below(25) == 0 ? 4 * random.unit() : 0);
      total += quantity;
      sides.push_back(bid ? "bid" : "ask");
      prices.push_back(Decimal::nearest(price, 2));
      quantities.push_back(quantity);
      cumulative.push_back(total);
      price += (bid ? -1 : 1) * (0.2 + 3 * random.unit());
    }
  }
  return make_report([&](const Call& call) {
    call.title("BTCUSDT: liquidity");
    call.as_of(Time{kStart});
    TableBuilder table("levels", "Levels");
    table.column(Field("side", BOURSE_TYPE_TEXT), sides)
        .column(Field("price", BOURSE_TYPE_DECIMAL).labelled("Price").in("USDT"), prices)
        .column(Field("quantity", BOURSE_TYPE_F64).in("BTC"), std::span<const double>(quantities))
        .column(Field("cumulative_quantity", BOURSE_TYPE_F64).in("BTC"),
                std::span<const double>(cumulative));
    call.add(table);
    call.add(Chart(BOURSE_CHART_AREA, "depth", "Cumulative depth, BTC")
                 .of("levels")
                 .channel(BOURSE_ROLE_X, "price")
                 .channel(BOURSE_ROLE_Y, "cumulative_quantity")
                 .channel(BOURSE_ROLE_GROUP, "side"));
    call.add(Chart(BOURSE_CHART_BAR, "quantity", "Quantity per level, BTC")
                 .of("levels")
                 .channel(BOURSE_ROLE_X, "price")
                 .channel(BOURSE_ROLE_Y, "quantity")
                 .channel(BOURSE_ROLE_GROUP, "side"));
  });
}

ReportPtr line_sample(const std::vector<double>& values) {
  std::vector<std::int64_t> times;
  Reals numbers;
  for (std::size_t i = 0; i < values.size(); ++i) {
    times.push_back(kStart + static_cast<std::int64_t>(i) * 60 * kSecond);
    numbers.push_back(static_cast<double>(i) * 0.25);
  }
  return make_report([&](const Call& call) {
    call.title("Lines");
    TableBuilder table("lines", "Lines");
    table.column(Field("time", BOURSE_TYPE_TIME), std::span<const std::int64_t>(times))
        .column(Field("number", BOURSE_TYPE_F64), std::span<const double>(numbers))
        .column(Field("value", BOURSE_TYPE_F64), std::span<const double>(values));
    call.add(table);
    call.add(Chart(BOURSE_CHART_LINE, "over_time", "Over time")
                 .of("lines")
                 .channel(BOURSE_ROLE_X, "time")
                 .channel(BOURSE_ROLE_Y, "value"));
    call.add(Chart(BOURSE_CHART_SCATTER, "over_numbers", "Over numbers")
                 .of("lines")
                 .channel(BOURSE_ROLE_X, "number")
                 .channel(BOURSE_ROLE_Y, "value"));
  });
}

ReportPtr logarithmic_sample() {
  constexpr std::size_t kDays = 3650;
  constexpr std::int64_t kDay = 86'400 * kSecond, kFirst = 1'419'984'000 * kSecond;  // 2014-12-31
  Random random(13);
  std::vector<std::int64_t> times;
  Reals price, interest;
  double at = 0.8, open = 2e6;
  for (std::size_t i = 0; i < kDays; ++i) {
    times.push_back(kFirst + static_cast<std::int64_t>(i) * kDay);
    at *= std::exp(0.0031 + 0.04 * random.normal());
    open *= std::exp(0.012 * random.normal());
    price.push_back(i % 700 == 350 ? 0 : at);
    interest.push_back(open);
  }
  return make_report([&](const Call& call) {
    call.title("Ten years of a price");
    call.as_of(Time{times.back()});
    TableBuilder table("days", "Days");
    table
        .column(Field("day", BOURSE_TYPE_TIME).formatted("date"),
                std::span<const std::int64_t>(times))
        .column(Field("close", BOURSE_TYPE_F64).in("USDT"), std::span<const double>(price))
        .column(Field("interest", BOURSE_TYPE_F64).labelled("Open interest").in("BTC"),
                std::span<const double>(interest));
    call.add(table);
    call.add(Chart(BOURSE_CHART_LINE, "close", "Close")
                 .of("days")
                 .pane("price")
                 .logarithmic()
                 .level(1000, "first thousand")
                 .level(20'000)
                 .guide(Time{1'468'022'400 * kSecond}, "halving 2016")
                 .guide(Time{1'589'155'200 * kSecond}, "halving 2020")
                 .guide(Time{946'684'800 * kSecond}, "long ago")
                 .channel(BOURSE_ROLE_X, "day")
                 .channel(BOURSE_ROLE_Y, "close", "Close"));
    call.add(Chart(BOURSE_CHART_LINE, "interest", "Open interest")
                 .of("days")
                 .pane("price")
                 .on_second_axis()
                 .channel(BOURSE_ROLE_X, "day")
                 .channel(BOURSE_ROLE_Y, "interest"));
    call.add(Chart(BOURSE_CHART_LINE, "linear", "Close, linear")
                 .of("days")
                 .channel(BOURSE_ROLE_X, "day")
                 .channel(BOURSE_ROLE_Y, "close", "Close"));
  });
}

ReportPtr stacked_sample() {
  constexpr std::size_t kWeeks = 150;
  static constexpr std::array<const char*, 5> kAssets = {"BTC", "ETH", "SOL", "USDT", "other"};
  Random random(17);
  std::vector<std::int64_t> times;
  std::vector<std::string> assets;
  Reals values;
  std::array<double, 5> worth = {52'000, 31'000, 9'000, 20'000, 6'000};
  for (std::size_t i = 0; i < kWeeks; ++i) {
    for (std::size_t a = 0; a < kAssets.size(); ++a) {
      worth[a] *= std::exp((a == 3 ? 0.004 : 0.05) * random.normal());
      if (a == 2 && i < 30) continue;  // not held yet
      times.push_back(kStart + static_cast<std::int64_t>(i) * 7 * 86'400 * kSecond);
      assets.push_back(kAssets[a]);
      values.push_back(worth[a]);
    }
  }
  return make_report([&](const Call& call) {
    call.title("Holdings");
    call.as_of(Time{times.back()});
    TableBuilder table("holdings", "Holdings");
    table.column(Field("week", BOURSE_TYPE_TIME), std::span<const std::int64_t>(times))
        .column(Field("asset", BOURSE_TYPE_TEXT), assets)
        .column(Field("worth", BOURSE_TYPE_F64).in("USDT"), std::span<const double>(values));
    call.add(table);
    for (const auto& [kind, name, title] :
         {std::tuple{BOURSE_CHART_AREA, "areas", "Worth by asset"},
          {BOURSE_CHART_BAR, "bars", "The same in bars"}}) {
      call.add(Chart(kind, name, title)
                   .of("holdings")
                   .stacked()
                   .channel(BOURSE_ROLE_X, "week")
                   .channel(BOURSE_ROLE_Y, "worth")
                   .channel(BOURSE_ROLE_GROUP, "asset"));
    }
  });
}

ReportPtr venues_sample(std::size_t markets) {
  static constexpr std::array<const char*, 3> kVenues = {"spot", "futures", "options"};
  Random random(19);
  std::vector<std::string> names, venues;
  Reals traded, changes;
  for (std::size_t i = 0; i < markets; ++i) {
    for (const char* venue : kVenues) {
      names.push_back(symbol_name(i));
      venues.emplace_back(venue);
      traded.push_back(1e6 * (0.2 + random.unit() * random.unit() * 9));
      changes.push_back(5 * random.normal());
    }
  }
  return make_report([&](const Call& call) {
    call.title("Traded value by venue");
    call.as_of(Time{kStart});
    TableBuilder table("venues", "Venues");
    table.column(Field("market", BOURSE_TYPE_TEXT), names)
        .column(Field("venue", BOURSE_TYPE_TEXT), venues)
        .column(Field("traded", BOURSE_TYPE_F64).in("USDT"), std::span<const double>(traded))
        .column(Field("change", BOURSE_TYPE_F64).formatted("percent"),
                std::span<const double>(changes));
    call.add(table);
    const auto chart = [&](const char* name, const char* title, const char* y) {
      return Chart(BOURSE_CHART_BAR, name, title)
          .of("venues")
          .channel(BOURSE_ROLE_X, "market")
          .channel(BOURSE_ROLE_Y, y)
          .channel(BOURSE_ROLE_GROUP, "venue");
    };
    call.add(chart("lying", "Traded", "traded").stacked().horizontal().level(1.2e7, "goal"));
    call.add(chart("standing", "Traded, standing", "traded").stacked());
    call.add(chart("changes", "Change, side by side", "change")
                 .horizontal()
                 .guide(std::string_view("BNBUSDT"), "ours"));
    call.add(chart("moves", "Change, upon one another", "change").stacked());
  });
}

ReportPtr points_sample(std::size_t assets) {
  Random random(23);
  Reals volatility, returns, worth, share;
  for (std::size_t i = 0; i < assets; ++i) {
    volatility.push_back(20 + 60 * random.unit());
    returns.push_back(volatility.back() * 0.4 * random.normal());
    worth.push_back(i == 3 ? kNan : 1e9 * std::exp(2 * random.normal()));
    share.push_back(i == 5 ? kNan : returns.back() / volatility.back());
  }
  const auto names = symbol_names(assets);
  return make_report([&](const Call& call) {
    call.title("Return and risk");
    call.as_of(Time{kStart});
    TableBuilder table("assets", "Assets");
    table.column(Field("asset", BOURSE_TYPE_TEXT), names)
        .column(Field("volatility", BOURSE_TYPE_F64).labelled("Volatility").in("%"),
                std::span<const double>(volatility))
        .column(Field("return", BOURSE_TYPE_F64).labelled("Return").in("%"),
                std::span<const double>(returns))
        .column(Field("worth", BOURSE_TYPE_F64).labelled("Worth"), std::span<const double>(worth))
        .column(Field("sharpe", BOURSE_TYPE_F64).labelled("Sharpe ratio"),
                std::span<const double>(share));
    call.add(table);
    call.add(Chart(BOURSE_CHART_SCATTER, "risk", "Return against volatility")
                 .of("assets")
                 .level(0, "no gain")
                 .guide(50.0, "half")
                 .channel(BOURSE_ROLE_X, "volatility")
                 .channel(BOURSE_ROLE_Y, "return")
                 .channel(BOURSE_ROLE_SIZE, "worth")
                 .channel(BOURSE_ROLE_COLOR, "sharpe")
                 .channel(BOURSE_ROLE_LABEL, "asset"));
  });
}

ReportPtr card_sample() {
  const auto names = symbol_names(12);
  return make_report([&](const Call& call) {
    call.title("Trading rules");
    call.as_of(Time{kStart});
    call.warn("stale", "The exchange did not answer: these rules are 12 minutes old.");
    call.scalar(Field("summary.total_symbols", BOURSE_TYPE_I64), std::int64_t{1'912});
    call.scalar(Field("summary.average_spread", BOURSE_TYPE_F64).in("%"), 0.0312345678);
    call.scalar(Field("summary.newest_listing", BOURSE_TYPE_TIME).labelled("Newest listing"),
                Time{kStart});
    call.scalar(Field("summary.largest_volume", BOURSE_TYPE_DECIMAL).in("USDT"),
                Decimal::from("1234567890.50000000"));
    call.scalar(Field("summary.trading", BOURSE_TYPE_BOOL), true);
    call.scalar(Field("summary.halted_since", BOURSE_TYPE_TIME), std::optional<Time>());
    TableBuilder table("symbols", "Symbols");
    std::vector<std::optional<Decimal>> ticks;
    std::vector<double> volumes;
    Random random(2);
    for (std::size_t i = 0; i < names.size(); ++i) {
      ticks.push_back(i == 4 ? std::nullopt : std::optional(Decimal::from("0.00001000")));
      volumes.push_back(1e6 * random.unit());
    }
    table.column(Field("symbol", BOURSE_TYPE_TEXT).labelled("Symbol"), names)
        .column(Field("tick_size", BOURSE_TYPE_DECIMAL).labelled("Tick size").in("USDT"), ticks)
        .column(Field("volume", BOURSE_TYPE_F64).labelled("Volume"),
                std::span<const double>(volumes))
        .column(Field("status", BOURSE_TYPE_TEXT).labelled("Status"),
                std::vector<std::string>(names.size(), "TRADING"));
    call.add(table);
  });
}

// ---- hostile ------------------------------------------------------------------------------------

namespace {

double odd_real(Random& random) {
  switch (random.below(14)) {
    case 0:
      return kNan;
    case 1:
      return std::numeric_limits<double>::infinity();
    case 2:
      return -std::numeric_limits<double>::infinity();
    case 3:
      return std::numeric_limits<double>::max();
    case 4:
      return -std::numeric_limits<double>::max();
    case 5:
      return std::numeric_limits<double>::denorm_min();
    case 6:
      return 0;
    case 7:
      return 1e18 * random.normal();
    case 8:
      return 1e-18 * random.normal();
    default:
      return 100 * random.normal();
  }
}

/// Values of one of several characters, so that not every report spans all of double.
Reals odd_column(Random& random, std::size_t rows) {
  Reals out(rows);
  const std::uint64_t character = random.below(6);
  const double scale = std::pow(10, static_cast<double>(random.below(30)) - 15);
  for (double& v : out) {
    switch (character) {
      case 0:
        v = odd_real(random);
        break;
      case 1:
        v = kNan;
        break;
      case 2:
        v = scale;
        break;
      case 3:
        v = scale * (1e6 + random.unit());
        break;
      default:
        v = random.below(10) == 0 ? kNan : scale * random.normal();
    }
  }
  return out;
}

std::vector<std::int64_t> odd_times(Random& random, std::size_t rows) {
  static constexpr std::array<std::int64_t, 8> kSteps = {
      0, 1, 1'000, kSecond, 60 * kSecond, 86'400 * kSecond, 31 * 86'400 * kSecond, -kSecond};
  std::vector<std::int64_t> out(rows);
  const std::uint64_t character = random.below(4);
  const std::int64_t step = kSteps[random.below(kSteps.size())];
  for (std::size_t i = 0; i < rows; ++i) {
    const auto n = static_cast<std::int64_t>(i);
    out[i] = kStart + n * step;
    if (character == 0) out[i] = static_cast<std::int64_t>(random.below(~std::uint64_t{0}));
    if (character == 1 && random.below(5) == 0) out[i] = kStart;
  }
  return out;
}

std::string odd_text(Random& random) {
  static const std::vector<std::string> kTexts = {"",
                                                  " ",
                                                  "BTCUSDT",
                                                  "plain",
                                                  std::string(2000, 'W'),
                                                  "line\nfeed\ttab\r\n",
                                                  std::string("nul\0inside", 10),
                                                  "<script>&\"'",
                                                  "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
                                                  "\xE2\x80\xAE"
                                                  "evil\xE2\x80\xAC",
                                                  "\xF0\x9F\x9A\x80\xF0\x9F\x9A\x80 to the moon",
                                                  "\xE4\xBA\xA4\xE6\x98\x93\xE6\x89\x80",
                                                  "e\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81",
                                                  "\xEF\xBF\xBE\xEF\xBB\xBF",
                                                  "bid",
                                                  "ask",
                                                  "-",
                                                  "\xE2\x82\xBF \xE2\x82\xAC"};
  const std::string& text = kTexts[random.below(kTexts.size())];
  return random.below(3) == 0 ? text + std::to_string(random.below(40)) : text;
}

std::vector<std::string> odd_texts(Random& random, std::size_t rows) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows; ++i) out.push_back(odd_text(random));
  return out;
}

Chart odd_chart(Random& random, std::size_t i, const std::vector<std::string>& labels) {
  static constexpr std::array<const char*, 4> kX = {"time", "number", "name", "flag"};
  static constexpr std::array<const char*, 5> kY = {"a", "b", "c", "price", "count"};
  const auto y = [&] { return kY[random.below(kY.size())]; };
  const auto label = [&] { return labels[random.below(labels.size())]; };
  const auto kind = static_cast<bourse_chart_kind>(1 + random.below(7));
  Chart chart(kind, "chart_" + std::to_string(i), label());
  // In place: assigning the result would move the chart onto itself.
  std::move(chart).of("data").channel(BOURSE_ROLE_X, kX[random.below(kX.size())]);
  if (random.below(2) == 0) std::move(chart).pane("pane" + std::to_string(random.below(3)));
  if (kind == BOURSE_CHART_CANDLE) {
    return std::move(chart)
        .channel(BOURSE_ROLE_OPEN, y())
        .channel(BOURSE_ROLE_HIGH, y())
        .channel(BOURSE_ROLE_LOW, y())
        .channel(BOURSE_ROLE_CLOSE, y());
  }
  if (kind == BOURSE_CHART_HEATMAP) {
    return std::move(chart).channel(BOURSE_ROLE_Y, "other").channel(BOURSE_ROLE_HEAT, y());
  }
  for (std::size_t n = 1 + random.below(3); n > 0; --n) {
    std::move(chart).channel(BOURSE_ROLE_Y, y(), label());
  }
  if (random.below(3) == 0) {
    std::move(chart).channel(BOURSE_ROLE_LOWER, y()).channel(BOURSE_ROLE_UPPER, y(), label());
  }
  if (random.below(3) == 0) {
    std::move(chart).channel(BOURSE_ROLE_GROUP, random.below(2) == 0 ? "name" : "flag");
  }
  if (random.below(4) == 0) std::move(chart).level(100 * random.normal()).level(1e300);
  if (random.below(4) == 0) std::move(chart).range(-1e308, 1e308);
  if (random.below(4) == 0) std::move(chart).range(0, 100);
  return chart;
}

}  // namespace

namespace {

/// Whatever a chart may have, on top of what it is.
Chart with_looks(Random& random, Chart chart, const std::vector<std::string>& labels) {
  const auto label = [&] { return labels[random.below(labels.size())]; };
  if (random.below(3) == 0) chart.logarithmic();
  if (random.below(3) == 0) chart.stacked();
  if (random.below(4) == 0) chart.horizontal();
  if (random.below(4) == 0) chart.on_second_axis();
  if (random.below(4) == 0) chart.channel(BOURSE_ROLE_SIZE, "a", label());
  if (random.below(4) == 0) chart.channel(BOURSE_ROLE_COLOR, "b");
  if (random.below(4) == 0) chart.channel(BOURSE_ROLE_LABEL, "name");
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    chart.level(odd_real(random) * 0 == 0 ? 100 * random.normal() : 1e-300, label());
  }
  return chart;
}

/// Of the type of the chart's x, which is its first channel.
Chart with_guides(Random& random, Chart chart, const std::vector<std::string>& labels) {
  const std::string x = chart.with_wire(
      [](const bourse_chart& wire) { return std::string(wire.channels[0]->field); });
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    const std::string& label = labels[random.below(labels.size())];
    if (x == "time")
      chart.guide(Time{kStart + static_cast<std::int64_t>(random.below(3'600)) * kSecond}, label);
    if (x == "number") chart.guide(100 * random.normal(), label);
    if (x == "name") chart.guide(std::string_view("BTCUSDT"), label);
    if (x == "flag") chart.guide(random.below(2) == 0, label);
  }
  return chart;
}

ReportPtr hostile(std::uint64_t seed, bool looks) {
  Random random(seed);
  static constexpr std::array<std::size_t, 8> kRows = {0, 1, 2, 3, 17, 60, 300, 2000};
  const std::size_t rows = kRows[random.below(kRows.size())];
  const auto times = odd_times(random, rows);
  const Reals numbers = odd_column(random, rows), a = odd_column(random, rows),
              b = odd_column(random, rows), c = odd_column(random, rows);
  const auto names = odd_texts(random, rows), others = odd_texts(random, rows),
             labels = odd_texts(random, 8);
  std::vector<std::optional<Decimal>> prices(rows);
  std::vector<std::optional<std::int64_t>> counts(rows);
  std::vector<std::uint8_t> flags(rows);
  const int scale = static_cast<int>(random.below(39));
  for (std::size_t i = 0; i < rows; ++i) {
    if (random.below(6) != 0) {
      const auto digits = static_cast<std::int64_t>(random.below(1'000'000'000'000));
      prices[i] = Decimal::make(digits, scale);
    }
    if (random.below(6) != 0) counts[i] = static_cast<std::int64_t>(random.below(~0ULL));
    flags[i] = random.below(2) == 0 ? 1 : 0;
  }
  return make_report([&](const Call& call) {
    call.title(labels.front());
    call.as_of(Time{times.empty() ? 0 : times.back()});
    for (const std::string& label : labels) call.warn("odd", label);
    for (int i = 0; i < 40; ++i) call.note(BOURSE_LEVEL_INFO, "many", "One of many notes.");
    TableBuilder table("data", "Data");
    table.column(Field("time", BOURSE_TYPE_TIME), std::span<const std::int64_t>(times))
        .column(Field("number", BOURSE_TYPE_F64), std::span<const double>(numbers))
        .column(Field("name", BOURSE_TYPE_TEXT), names)
        .column(Field("other", BOURSE_TYPE_TEXT), others)
        .column(Field("flag", BOURSE_TYPE_BOOL), std::span<const std::uint8_t>(flags))
        .column(Field("a", BOURSE_TYPE_F64), std::span<const double>(a))
        .column(Field("b", BOURSE_TYPE_F64).labelled(labels[1].c_str()), std::span<const double>(b))
        .column(Field("c", BOURSE_TYPE_F64).in("%"), std::span<const double>(c))
        .column(Field("price", BOURSE_TYPE_DECIMAL), prices)
        .column(Field("count", BOURSE_TYPE_I64), counts);
    call.add(table);
    const std::size_t charts = random.below(9);
    for (std::size_t i = 0; i < charts; ++i) {
      Chart chart = odd_chart(random, i, labels);
      if (looks) chart = with_guides(random, with_looks(random, std::move(chart), labels), labels);
      call.add(chart);
    }
  });
}

}  // namespace

ReportPtr hostile_sample(std::uint64_t seed) { return hostile(seed, false); }

ReportPtr hostile_looks_sample(std::uint64_t seed) { return hostile(seed, true); }

std::vector<std::pair<std::string, ReportPtr>> all_samples() {
  std::vector<std::pair<std::string, ReportPtr>> out;
  for (const std::size_t rows : {50, 200, 1000}) {
    out.emplace_back("technical_1h_" + std::to_string(rows), technical_sample({.rows = rows}));
  }
  out.emplace_back("technical_1d_200", technical_sample({.rows = 200,
                                                         .seconds = 86'400,
                                                         .missing = 49,
                                                         .title = "BTCUSDT, 1d: technical analysis",
                                                         .seed = 21}));
  out.emplace_back("technical_small_price",
                   technical_sample({.rows = 120,
                                     .seconds = 900,
                                     .price = 0.00001234,
                                     .decimals = 8,
                                     .title = "SHIBUSDT, 15m: technical analysis",
                                     .seed = 4}));
  out.emplace_back("technical_one_row", technical_sample({.rows = 1}));
  out.emplace_back("technical_empty", technical_sample({.rows = 0}));
  for (const std::size_t n : {1, 5, 20, 100}) {
    out.emplace_back("statistics_" + std::to_string(n), statistics_sample(n));
  }
  for (const std::size_t n : {2, 8, 50}) {
    out.emplace_back("correlation_" + std::to_string(n), correlation_sample(n));
  }
  out.emplace_back("depth_100", depth_sample(100));
  out.emplace_back("depth_5000", depth_sample(5000));
  out.emplace_back("logarithmic", logarithmic_sample());
  out.emplace_back("stacked", stacked_sample());
  for (const std::size_t n : {4, 12, 200}) {
    out.emplace_back("venues_" + std::to_string(n), venues_sample(n));
  }
  for (const std::size_t n : {25, 400}) {
    out.emplace_back("points_" + std::to_string(n), points_sample(n));
  }
  out.emplace_back("card", card_sample());
  std::vector<double> values;
  Random random(9);
  double at = -5;
  for (int i = 0; i < 100'000; ++i) values.push_back(at += 0.1 * random.normal());
  values[40'000] = 400;
  for (std::size_t i = 60'000; i < 70'000; ++i) values[i] = kNan;
  out.emplace_back("lines_100000", line_sample(values));
  out.emplace_back("lines_constant", line_sample(std::vector<double>(50, 42.5)));
  out.emplace_back("lines_none", line_sample(std::vector<double>(50, kNan)));
  return out;
}

}  // namespace bourse::test
