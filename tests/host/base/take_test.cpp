// SPDX-License-Identifier: MIT
//
// Foreign structs: shorter and longer than this host's, on memory that ends where they end.
#include "host/base/take.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::host {
namespace {

/// A struct as another side wrote it: `size` bytes of noise and no more, so that a sanitizer sees
/// whoever reads on.
template <class Struct>
class Foreign {
 public:
  explicit Foreign(std::uint32_t size) : bytes_(std::make_unique<std::byte[]>(size)) {
    std::memset(bytes_.get(), 0xEE, size);
    std::memcpy(bytes_.get(), &size, sizeof size);
  }
  [[nodiscard]] const Struct* get() const { return reinterpret_cast<const Struct*>(bytes_.get()); }

 private:
  std::unique_ptr<std::byte[]> bytes_;
};

std::uint32_t up_to(std::size_t bytes, std::size_t alignment) {
  return static_cast<std::uint32_t>((bytes + alignment - 1) / alignment * alignment);
}

template <class Struct>
class Take : public testing::Test {};

using Structs =
    testing::Types<bourse_field, bourse_param, bourse_dataset, bourse_meta, bourse_note,
                   bourse_scalar, bourse_table, bourse_rows, bourse_channel, bourse_chart,
                   bourse_query, bourse_failure, bourse_component, bourse_plugin, bourse_datasets,
                   bourse_metric, bourse_metrics, bourse_finding, bourse_probe, bourse_task,
                   bourse_tasks, bourse_progress, bourse_watch>;
TYPED_TEST_SUITE(Take, Structs);

TYPED_TEST(Take, GivesOurSizeWhateverTheOthersIs) {
  const std::uint32_t least = up_to(kForeignRule<TypeParam>.least, alignof(TypeParam));
  for (std::uint32_t size = least; size <= sizeof(TypeParam) + 64; size += alignof(TypeParam)) {
    const Foreign<TypeParam> foreign(size);
    const auto taken = take(foreign.get(), "bad");
    ASSERT_TRUE(taken.ok()) << size << ": " << taken.failure().message;
    EXPECT_EQ(taken->size, sizeof(TypeParam));
  }
}

TYPED_TEST(Take, GivesZeroBeyondTheOthersEnd) {
  const std::uint32_t least = up_to(kForeignRule<TypeParam>.least, alignof(TypeParam));
  const Foreign<TypeParam> foreign(least);
  const auto taken = take(foreign.get(), "bad");
  ASSERT_TRUE(taken.ok());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&*taken);
  for (std::size_t i = least; i < sizeof(TypeParam); ++i) EXPECT_EQ(bytes[i], 0) << i;
  EXPECT_EQ(bytes[least - 1], least == sizeof taken->size ? 0 : 0xEE) << "what is there is copied";
}

TYPED_TEST(Take, RefusesWhatSaysNothingAndNamesTheRemedy) {
  constexpr ForeignRule kRule = kForeignRule<TypeParam>;
  const std::string name(kRule.name);
  const auto refusal = [](const TypeParam* foreign) {
    const auto taken = take(foreign, "bad_thing");
    EXPECT_FALSE(taken.ok());
    if (taken.ok()) return std::string();
    EXPECT_EQ(taken.failure().code, "bad_thing");
    EXPECT_EQ(taken.failure().status, BOURSE_INTERNAL);
    return taken.failure().message;
  };
  EXPECT_EQ(refusal(nullptr), "this " + name + " is a null pointer");
  alignas(16) std::byte room[sizeof(TypeParam) + 16] = {};
  EXPECT_EQ(refusal(reinterpret_cast<const TypeParam*>(room + 1)),
            "this " + name + " is a misaligned pointer");
  const std::uint32_t too_short =
      up_to(kRule.least, alignof(TypeParam)) - static_cast<std::uint32_t>(alignof(TypeParam));
  for (const std::uint32_t size :
       {0U, too_short, std::uint32_t{sizeof(TypeParam)} + 1, kForeignBytesMax + 8, 0xFFFFFFF8U}) {
    std::memcpy(room, &size, sizeof size);
    EXPECT_EQ(refusal(reinterpret_cast<const TypeParam*>(room)),
              "this " + name + " has size " + std::to_string(size) + "; set it to sizeof, " +
                  std::to_string(sizeof(TypeParam)) + " in this host");
  }
}

TYPED_TEST(Take, ClearsFlagsWithoutAName) {
  if constexpr (requires(TypeParam t) { t.flags; }) {
    const Foreign<TypeParam> foreign(sizeof(TypeParam));
    const auto taken = take(foreign.get(), "bad");
    ASSERT_TRUE(taken.ok());
    EXPECT_EQ(taken->flags, 0xEEEEEEEEU & kForeignRule<TypeParam>.flags_known);
  }
}

TEST(TakeMinima, AreWhereTheNeededFieldsEndInTheFirstContract) {
  // By hand, from the layout of bourse.h on a 64-bit machine: offset and size of the last of them.
  EXPECT_EQ(kForeignRule<bourse_field>.least, 16U + 8U);
  EXPECT_EQ(kForeignRule<bourse_param>.least, 16U + 8U);
  EXPECT_EQ(kForeignRule<bourse_dataset>.least, 8U + 8U);
  EXPECT_EQ(kForeignRule<bourse_meta>.least, 24U + 24U);
  EXPECT_EQ(kForeignRule<bourse_note>.least, 24U + 16U);
  EXPECT_EQ(kForeignRule<bourse_scalar>.least, 16U + 24U);
  EXPECT_EQ(kForeignRule<bourse_table>.least, 32U + 8U);
  EXPECT_EQ(kForeignRule<bourse_rows>.least, 24U + 8U);
  EXPECT_EQ(kForeignRule<bourse_channel>.least, 8U + 8U);
  EXPECT_EQ(kForeignRule<bourse_chart>.least, 56U + 8U);
  EXPECT_EQ(kForeignRule<bourse_query>.least, 8U + 16U);
  EXPECT_EQ(kForeignRule<bourse_failure>.least, 24U + 16U);
  EXPECT_EQ(kForeignRule<bourse_component>.least, 16U + 8U);
  EXPECT_EQ(kForeignRule<bourse_plugin>.least, 64U + 8U);
}

TEST(ForeignItem, NeedNotBeAligned) {
  std::vector<unsigned char> bytes(1 + 2 * sizeof(double), 0);
  const double second = 2.5;
  std::memcpy(bytes.data() + 1 + sizeof second, &second, sizeof second);
  EXPECT_EQ(foreign_item(reinterpret_cast<const double*>(bytes.data() + 1), 1), 2.5);
}

// ---- the only place

/// Whether the line reads `->size`, the field and not the function of a container, or asks a macro
/// to.
bool looks_at_size(std::string_view line) {
  constexpr std::string_view kField = "->size";
  if (line.find("BOURSE_HAS(") != line.npos || line.find("BOURSE_REACHES(") != line.npos)
    return true;
  for (std::size_t at = line.find(kField); at != line.npos; at = line.find(kField, at + 1)) {
    const std::string_view rest = line.substr(at + kField.size());
    const bool longer_name = !rest.empty() && (rest[0] == '_' || std::isalnum(rest[0]) != 0);
    if (!longer_name && !rest.starts_with("()") && !rest.starts_with(" = sizeof")) return true;
  }
  return false;
}

std::vector<std::string> lines_that_look_at_size(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    // What plays a host of other minors makes structs of other sizes.
    if (entry.path().parent_path().filename() == "validate") continue;
    const auto suffix = entry.path().extension();
    if (suffix != ".cpp" && suffix != ".hpp" && suffix != ".h") continue;
    std::ifstream file(entry.path());
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      if (!looks_at_size(line)) continue;
      found.push_back(entry.path().filename().string() + ":" + std::to_string(number) + ": " +
                      line);
    }
  }
  return found;
}

TEST(TakeIsTheOnlyPlace, OfTheHostThatLooksAtTheSizeOfAForeignStruct) {
  const std::filesystem::path host = std::filesystem::path(BOURSE_SOURCE_DIR) / "host";
  for (const std::string& line : lines_that_look_at_size(host)) {
    ADD_FAILURE() << line << "\ntake() it (host/base/take.hpp): what its size does not reach is "
                  << "zero in the copy";
  }
}

TEST(TakeIsTheOnlyPlace, AndWhoLooksIsFound) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "bourse_take_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "bad.cpp") << "if (chart->size < 8) return;\n"
                                    << "copy->size = sizeof(bourse_field);\n"
                                    << "n = texts->size();\n"
                                    << "if (BOURSE_HAS(field, doc)) doc = field->doc;\n";
  EXPECT_EQ(lines_that_look_at_size(folder).size(), 2U);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace bourse::host
