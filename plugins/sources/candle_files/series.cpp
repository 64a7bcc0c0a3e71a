// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/series.hpp"

#include <algorithm>

namespace bourse::candle_files {

void Decimals::push(Decimal value) {
  if (value.scale() > scale_) {  // rare: once a file has more decimals than those before
    const int scale = value.scale();
    std::vector<bourse_i128> wider;
    wider.reserve(data_.size() + 1);
    for (const bourse_i128& each : data_) {
      wider.push_back(Decimal::from_wire(each, scale_)->rescaled(scale, Rounding::kDown).wire());
    }
    wider.push_back(value.wire());
    data_ = std::move(wider);
    scale_ = scale;
    return;
  }
  data_.push_back(value.rescaled(scale_, Rounding::kDown).wire());
}

void Decimals::pick(const std::vector<std::size_t>& rows) {
  std::vector<bourse_i128> kept;
  kept.reserve(rows.size());
  for (const std::size_t row : rows) kept.push_back(data_[row]);
  data_ = std::move(kept);
}

void Series::show(Time now, bool is_later) {
  const std::size_t all = open_time.size();
  std::size_t rows = is_later ? size() : 0;
  while (rows < all && close_time[rows] < now.ns) ++rows;
  hidden = all - rows;
}

void Series::truncate(std::size_t rows) {
  for (Decimals* column : decimals()) column->truncate(rows);
  for (auto* column : {&open_time, &close_time, &trades}) {
    if (column->size() > rows) column->resize(rows);
  }
  for (auto* marked : {&mended, &odd}) {
    while (!marked->empty() && marked->back() >= rows) marked->pop_back();
  }
}

void LeftOut::add_row(const std::string& reason) {
  if (rows++ == 0) first_row = reason;
}

void LeftOut::add_file(const std::string& reason) {
  if (files++ == 0) first_file = reason;
}

void LeftOut::add(const LeftOut& other) {
  if (rows == 0) first_row = other.first_row;
  if (files == 0) first_file = other.first_file;
  rows += other.rows;
  files += other.files;
}

}  // namespace bourse::candle_files
