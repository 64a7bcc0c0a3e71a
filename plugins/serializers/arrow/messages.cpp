// SPDX-License-Identifier: MIT
#include "plugins/serializers/arrow/messages.hpp"

#include <flatbuffers/flatbuffers.h>

#include <cstring>

namespace bourse::arrow {
namespace {

using flatbuffers::FlatBufferBuilder;
using Table = flatbuffers::Offset<void>;

constexpr std::int16_t kVersion5 = 4, kDouble = 2, kNanosecond = 3;
constexpr std::uint8_t kSchema = 1, kDictionaryBatch = 2, kRecordBatch = 3;
constexpr std::uint8_t kInt = 2, kFloat = 3, kUtf8 = 5, kBool = 6, kDecimal = 7, kTimestamp = 10;
constexpr std::int32_t kDecimalPrecision = 38;

constexpr flatbuffers::voffset_t slot(int number) {
  return static_cast<flatbuffers::voffset_t>(4 + 2 * number);
}

/// Fields that equal the format's default are not stored, as flatbuffers ask.
template <class Fill>
Table table(FlatBufferBuilder& to, const Fill& fill) {
  const auto start = to.StartTable();
  fill();
  return Table(to.EndTable(start));
}

Table int_type(FlatBufferBuilder& to, std::int32_t bits) {
  return table(to, [&] {
    to.AddElement<std::int32_t>(slot(0), bits, 0);
    to.AddElement<std::uint8_t>(slot(1), 1, 0);
  });
}

std::pair<std::uint8_t, Table> type_of(FlatBufferBuilder& to, const FieldDescription& field) {
  switch (field.type) {
    case BOURSE_TYPE_BOOL:
      return {kBool, table(to, [] {})};
    case BOURSE_TYPE_I64:
      return {kInt, int_type(to, 64)};
    case BOURSE_TYPE_F64:
      return {kFloat, table(to, [&] { to.AddElement<std::int16_t>(slot(0), kDouble, 0); })};
    case BOURSE_TYPE_DECIMAL:
      return {kDecimal, table(to, [&] {
                to.AddElement<std::int32_t>(slot(0), kDecimalPrecision, 0);
                to.AddElement<std::int32_t>(slot(1), field.scale, 0);
                to.AddElement<std::int32_t>(slot(2), 128, 128);
              })};
    case BOURSE_TYPE_TIME: {
      const auto zone = to.CreateString("UTC");
      return {kTimestamp, table(to, [&] {
                to.AddElement<std::int16_t>(slot(0), kNanosecond, 0);
                to.AddOffset(slot(1), zone);
              })};
    }
    default:
      return {kUtf8, table(to, [] {})};
  }
}

auto metadata_of(FlatBufferBuilder& to, const Metadata& metadata) {
  std::vector<Table> pairs;
  for (const auto& [key, value] : metadata) {
    const auto key_at = to.CreateString(key), value_at = to.CreateString(value);
    pairs.push_back(table(to, [&] {
      to.AddOffset(slot(0), key_at);
      to.AddOffset(slot(1), value_at);
    }));
  }
  return to.CreateVector(pairs);
}

Table field_of(FlatBufferBuilder& to, const FieldDescription& field) {
  const auto name = to.CreateString(field.name);
  const auto [type, type_at] = type_of(to, field);
  Table dictionary;
  if (field.dictionary) {
    const Table index = int_type(to, 32);
    dictionary = table(to, [&] {
      to.AddElement<std::int64_t>(slot(0), *field.dictionary, 0);
      to.AddOffset(slot(1), index);
    });
  }
  const auto children = to.CreateVector(std::vector<Table>{});
  const auto metadata = metadata_of(to, field.metadata);
  return table(to, [&, type = type, type_at = type_at] {
    to.AddOffset(slot(0), name);
    to.AddElement<std::uint8_t>(slot(1), 1, 0);
    to.AddElement<std::uint8_t>(slot(2), type, 0);
    to.AddOffset(slot(3), type_at);
    if (field.dictionary) to.AddOffset(slot(4), dictionary);
    to.AddOffset(slot(5), children);
    to.AddOffset(slot(6), metadata);
  });
}

Table batch_of(FlatBufferBuilder& to, const Batch& batch) {
  const auto nodes = to.CreateVectorOfStructs(batch.nodes);
  const auto buffers = to.CreateVectorOfStructs(batch.buffers);
  return table(to, [&] {
    to.AddElement<std::int64_t>(slot(0), batch.rows, 0);
    to.AddOffset(slot(1), nodes);
    to.AddOffset(slot(2), buffers);
  });
}

std::string message(FlatBufferBuilder& to, std::uint8_t type, Table header, std::int64_t body) {
  to.Finish(table(to, [&] {
    to.AddElement<std::int64_t>(slot(3), body, 0);
    to.AddOffset(slot(2), header);
    to.AddElement<std::int16_t>(slot(0), kVersion5, 0);
    to.AddElement<std::uint8_t>(slot(1), type, 0);
  }));
  const std::size_t padded = (to.GetSize() + 7) / 8 * 8;
  std::string out("\xFF\xFF\xFF\xFF\0\0\0\0", 8);
  const auto length = static_cast<std::int32_t>(padded);
  std::memcpy(out.data() + 4, &length, sizeof length);
  out.append(reinterpret_cast<const char*>(to.GetBufferPointer()), to.GetSize());
  out.resize(8 + padded);
  return out;
}

}  // namespace

std::string schema_message(const std::vector<FieldDescription>& fields, const Metadata& metadata) {
  FlatBufferBuilder to;
  std::vector<Table> at;
  for (const FieldDescription& field : fields) at.push_back(field_of(to, field));
  const auto fields_at = to.CreateVector(at);
  const auto metadata_at = metadata_of(to, metadata);
  const Table schema = table(to, [&] {
    to.AddOffset(slot(1), fields_at);
    to.AddOffset(slot(2), metadata_at);
  });
  return message(to, kSchema, schema, 0);
}

std::string record_batch_message(const Batch& batch) {
  FlatBufferBuilder to;
  const Table data = batch_of(to, batch);
  return message(to, kRecordBatch, data, batch.body_bytes);
}

std::string dictionary_message(std::int64_t id, const Batch& batch) {
  FlatBufferBuilder to;
  const Table data = batch_of(to, batch);
  const Table dictionary = table(to, [&] {
    to.AddElement<std::int64_t>(slot(0), id, 0);
    to.AddOffset(slot(1), data);
  });
  return message(to, kDictionaryBatch, dictionary, batch.body_bytes);
}

std::string end_mark() { return std::string("\xFF\xFF\xFF\xFF\0\0\0\0", 8); }

}  // namespace bourse::arrow
