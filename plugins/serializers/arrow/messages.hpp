// SPDX-License-Identifier: MIT
//
// Messages of the Arrow IPC stream, Columnar Format 1.4, metadata version V5, as flatbuffers.
//
// A stream is a schema, a dictionary batch for each encoded column, record batches, an end mark.
// A message is FFFFFFFF, int32 length of the metadata with its padding, the metadata (a flatbuffer,
// padded to 8), and the body. Tables and the numbers of their fields, as the format publishes them:
//
//   Message             0 version i16 (V5 = 4), 1 header_type u8, 2 header, 3 bodyLength i64
//   Schema              0 endianness i16 (little = 0), 1 fields, 2 custom_metadata
//   Field               0 name, 1 nullable, 2 type_type u8, 3 type, 4 dictionary, 5 children,
//                       6 custom_metadata
//   DictionaryEncoding  0 id i64, 1 indexType, 2 isOrdered
//   KeyValue            0 key, 1 value
//   Int                 0 bitWidth i32, 1 is_signed
//   FloatingPoint       0 precision i16 (double = 2)
//   Decimal             0 precision i32, 1 scale i32, 2 bitWidth i32
//   Timestamp           0 unit i16 (nanosecond = 3), 1 timezone
//   RecordBatch         0 length i64, 1 nodes {length, null_count}, 2 buffers {offset, length}
//   DictionaryBatch     0 id i64, 1 data
//
// header_type: Schema 1, DictionaryBatch 2, RecordBatch 3. type_type: Int 2, FloatingPoint 3,
// Utf8 5, Bool 6, Decimal 7, Timestamp 10.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bourse/bourse.h"

namespace bourse::arrow {

using Metadata = std::vector<std::pair<std::string, std::string>>;

struct FieldDescription {
  std::string name;
  bourse_type type = BOURSE_TYPE_TEXT;
  std::int32_t scale = 0;                  ///< of a decimal
  std::optional<std::int64_t> dictionary;  ///< its id, of an encoded column
  Metadata metadata;
};

struct Node {
  std::int64_t length, null_count;
};
struct Buffer {
  std::int64_t offset, length;
};
struct Batch {
  std::int64_t rows = 0, body_bytes = 0;
  std::vector<Node> nodes;
  std::vector<Buffer> buffers;
};

/// All that comes before the body, prefix and padding included.
[[nodiscard]] std::string schema_message(const std::vector<FieldDescription>& fields,
                                         const Metadata& metadata);
[[nodiscard]] std::string record_batch_message(const Batch& batch);
[[nodiscard]] std::string dictionary_message(std::int64_t id, const Batch& batch);
[[nodiscard]] std::string end_mark();

}  // namespace bourse::arrow
