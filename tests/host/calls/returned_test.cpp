// SPDX-License-Identifier: MIT
#include "host/calls/returned.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace bourse::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A report of scalars and tables without rows.
class Made {
 public:
  Made() = default;
  Made(const Made&) = delete;  // what points into it would point elsewhere
  Made& operator=(const Made&) = delete;
  Made& scalar(const char* name, bourse_type type) {
    scalars_.push_back({sizeof(bourse_scalar), 0, field(name, type), {}});
    return *this;
  }
  Made& table(const char* name, const std::vector<std::pair<const char*, bourse_type>>& columns) {
    auto& fields = fields_of_.emplace_back();
    for (const auto& [column, type] : columns) fields.push_back(field(column, type));
    tables_.push_back(
        {sizeof(bourse_table), 0, name, nullptr, fields.size(), fields.data(), 0, nullptr});
    return *this;
  }
  const bourse_report& wire() {
    for (const auto& scalar : scalars_) scalar_pointers_.push_back(&scalar);
    for (const auto& table : tables_) table_pointers_.push_back(&table);
    report_.n_scalars = scalar_pointers_.size();
    report_.scalars = scalar_pointers_.data();
    report_.n_tables = table_pointers_.size();
    report_.tables = table_pointers_.data();
    return report_;
  }

 private:
  const bourse_field* field(const char* name, bourse_type type) {
    bourse_field& made = fields_.emplace_back();
    made.size = sizeof made;
    made.name = name;
    made.type = type;
    return &made;
  }
  std::deque<bourse_field> fields_;
  std::deque<bourse_scalar> scalars_;
  std::deque<bourse_table> tables_;
  std::deque<std::vector<const bourse_field*>> fields_of_;
  std::vector<const bourse_scalar*> scalar_pointers_;
  std::vector<const bourse_table*> table_pointers_;
  bourse_report report_ = {};
};

Returned declared() {
  return {
      .scalars = {{.name = "total", .type = BOURSE_TYPE_I64},
                  {.name = "mean", .type = BOURSE_TYPE_F64, .optional = true}},
      .tables = {
          {.name = "rows",
           .fields = {{.name = "at", .type = BOURSE_TYPE_TIME},
                      {.name = "note", .type = BOURSE_TYPE_TEXT, .optional = true}}},
          {.name = "more", .fields = {{.name = "n", .type = BOURSE_TYPE_I64}}, .optional = true}}};
}

TEST(Returned, AReportThatKeepsToItHasNoDifferences) {
  EXPECT_THAT(
      differences(
          Made().scalar("total", BOURSE_TYPE_I64).table("rows", {{"at", BOURSE_TYPE_TIME}}).wire(),
          declared()),
      IsEmpty());
  EXPECT_THAT(differences(Made()
                              .scalar("mean", BOURSE_TYPE_F64)
                              .scalar("total", BOURSE_TYPE_I64)
                              .table("more", {{"n", BOURSE_TYPE_I64}})
                              .table("rows", {{"note", BOURSE_TYPE_TEXT}, {"at", BOURSE_TYPE_TIME}})
                              .wire(),
                          declared()),
              IsEmpty())
      << "in any order, with all that is optional";
}

TEST(Returned, WhatIsMissingIsNamed) {
  EXPECT_THAT(differences(Made().table("rows", {}).wire(), declared()),
              ElementsAre("scalar \"total\" is declared and not there",
                          "column \"at\" of table \"rows\" is declared and not there"));
  EXPECT_THAT(differences(Made().scalar("total", BOURSE_TYPE_I64).wire(), declared()),
              ElementsAre("table \"rows\" is declared and not there"));
}

TEST(Returned, WhatWasNotDeclaredIsNamed) {
  EXPECT_THAT(differences(Made()
                              .scalar("total", BOURSE_TYPE_I64)
                              .scalar("extra", BOURSE_TYPE_I64)
                              .table("rows", {{"at", BOURSE_TYPE_TIME}, {"odd", BOURSE_TYPE_TIME}})
                              .table("other", {{"n", BOURSE_TYPE_I64}})
                              .wire(),
                          declared()),
              ElementsAre("scalar \"extra\" is not declared",
                          "column \"odd\" of table \"rows\" is not declared",
                          "table \"other\" is not declared"));
}

TEST(Returned, AnotherTypeIsADifference) {
  EXPECT_THAT(
      differences(Made()
                      .scalar("total", BOURSE_TYPE_F64)
                      .table("rows", {{"at", BOURSE_TYPE_DECIMAL}})
                      .wire(),
                  declared()),
      ElementsAre("scalar \"total\" is declared as an integer and is a real",
                  "column \"at\" of table \"rows\" is declared as a time and is a decimal"));
}

TEST(Returned, AnOpenTableMayHaveMoreColumnsAndAnOpenAnalysisMoreOfAll) {
  Returned open = declared();
  open.tables[0].open = true;
  Made made;
  made.scalar("total", BOURSE_TYPE_I64)
      .scalar("extra", BOURSE_TYPE_I64)
      .table("rows", {{"at", BOURSE_TYPE_TIME}, {"odd", BOURSE_TYPE_TIME}})
      .table("other", {{"n", BOURSE_TYPE_I64}});
  const bourse_report& report = made.wire();
  EXPECT_THAT(differences(report, open),
              ElementsAre("scalar \"extra\" is not declared", "table \"other\" is not declared"));
  open.open = true;
  EXPECT_THAT(differences(report, open), IsEmpty());
  EXPECT_THAT(differences(Made().wire(), open), testing::SizeIs(2)) << "what is declared must come";
}

TEST(Returned, NoMoreThanTwentyAreTold) {
  Made many;
  std::deque<std::string> names;
  for (int i = 0; i < 30; ++i) {
    names.push_back("extra_" + std::to_string(i));
    many.scalar(names.back().c_str(), BOURSE_TYPE_I64);
  }
  EXPECT_THAT(differences(many.wire(), declared()), testing::SizeIs(20));
}

}  // namespace
}  // namespace bourse::host
