// SPDX-License-Identifier: MIT
//
// What an analysis may go without, and what it must be told before a request tells it.
#include "host/routing/dataset_rules.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace bourse::host::test {
namespace {

Field column(const char* name, bourse_type type = BOURSE_TYPE_I64, bool optional = false) {
  return Field{.name = name, .type = type, .optional = optional};
}

Parameter argument(const char* name, bourse_type type = BOURSE_TYPE_I64, bool optional = false) {
  Parameter parameter{.name = name};
  parameter.type = type;
  parameter.optional = optional;
  return parameter;
}

Dataset dataset(std::vector<Field> fields, std::vector<Parameter> params = {}) {
  return Dataset{.name = "series", .params = std::move(params), .fields = std::move(fields)};
}

/// "code: message" of each problem.
std::vector<std::string> told(const Dataset& wanted, const std::optional<Dataset>& offered,
                              bool is_public = true) {
  std::vector<std::string> out;
  for (const DatasetProblem& problem :
       check_dataset(wanted, offered ? &*offered : nullptr, {.analysis = "trend", .source = "feed"},
                     is_public)) {
    EXPECT_NE(problem.hint, "") << "what to do: " << problem.message;
    out.push_back(problem.code + ": " + problem.message);
  }
  return out;
}

using Told = std::vector<std::string>;

TEST(DatasetRules, WhatFitsIsNotTold) {
  EXPECT_EQ(told(dataset({column("a"), column("b")}), dataset({column("b"), column("a")})), Told{})
      << "by name, whatever the order";
  EXPECT_EQ(told(dataset({column("a")}), dataset({column("z"), column("a"), column("x_more")})),
            Told{})
      << "more is no harm";
}

TEST(DatasetRules, ADatasetThatIsNotThereIsToldUnlessItIsOptional) {
  Dataset wanted = dataset({column("a")});
  EXPECT_EQ(told(wanted, std::nullopt),
            Told{"dataset_not_offered: trend needs \"series\", which source \"feed\" does not "
                 "deliver"});
  wanted.optional = true;
  EXPECT_EQ(told(wanted, std::nullopt), Told{});
}

/// Every way in which a source can stand to a column, needed and optional.
TEST(DatasetRules, AColumnIsThereOrMayBeMissingOrIsTold) {
  const Told kFine = {};
  const std::string start =
      "dataset_differs: trend reads column \"a\" of \"series\", which source "
      "\"feed\" ";
  struct Case {
    const char* what;
    std::vector<Field> offered;
    Told needed;
    Told optional;
  };
  const std::vector<Case> cases = {
      {"there", {column("a")}, kFine, kFine},
      {"absent", {column("b")}, {start + "does not deliver"}, kFine},
      {"of another type",
       {column("a", BOURSE_TYPE_TEXT)},
       {start + "delivers as text, not as whole numbers"},
       {start + "delivers as text, not as whole numbers"}},
      {"may be left out",
       {column("a", BOURSE_TYPE_I64, true)},
       {start + "may leave out: it declares it optional"},
       kFine},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(told(dataset({column("a")}), dataset(one.offered)), one.needed) << one.what;
    EXPECT_EQ(told(dataset({column("a", BOURSE_TYPE_I64, true)}), dataset(one.offered)),
              one.optional)
        << one.what;
  }
}

TEST(DatasetRules, AnArgumentIsKnownOrOptionalOrTold) {
  const std::string start =
      "dataset_differs: trend may give argument \"depth\" of \"series\", "
      "which source \"feed\" ";
  const auto wanted = [](bool optional) {
    return dataset({}, {argument("depth", BOURSE_TYPE_I64, optional)});
  };
  EXPECT_EQ(told(wanted(false), dataset({}, {argument("depth")})), Told{});
  EXPECT_EQ(told(wanted(false), dataset({})), Told{start + "does not take"});
  EXPECT_EQ(told(wanted(true), dataset({})), Told{});
  const Dataset other = dataset({}, {argument("depth", BOURSE_TYPE_TEXT)});
  EXPECT_EQ(told(wanted(false), other), Told{start + "takes as text, not as whole numbers"});
  EXPECT_EQ(told(wanted(true), other), Told{start + "takes as text, not as whole numbers"});
  EXPECT_EQ(told(dataset({}), dataset({}, {argument("depth")})), Told{})
      << "nobody has to say all that a source takes";
}

TEST(DatasetRules, AListOfOtherItemsIsAnotherType) {
  Parameter texts = argument("names", BOURSE_TYPE_LIST);
  texts.item = BOURSE_TYPE_TEXT;
  Parameter numbers = texts;
  numbers.item = BOURSE_TYPE_I64;
  EXPECT_EQ(told(dataset({}, {texts}), dataset({}, {texts})), Told{});
  EXPECT_EQ(told(dataset({}, {texts}), dataset({}, {numbers})).size(), 1U);
}

TEST(DatasetRules, WhatIsPrivateForEitherSideNeedsAccess) {
  const Dataset open = dataset({column("a")});
  Dataset secret = open;
  secret.is_private = true;
  for (const auto& [wanted, offered] :
       std::vector<std::pair<Dataset, Dataset>>{{secret, open}, {open, secret}, {secret, secret}}) {
    EXPECT_EQ(told(wanted, offered, true).size(), 1U);
    EXPECT_EQ(told(wanted, offered, false), Told{});
  }
  secret.optional = true;
  EXPECT_EQ(told(secret, secret, true).size(), 1U)
      << "each request would ask for it, and be refused";
}

TEST(DatasetRules, EverythingIsToldAtOnce) {
  EXPECT_EQ(told(dataset({column("a"), column("b"), column("c")}, {argument("depth")}),
                 dataset({column("b")}))
                .size(),
            3U);
}

}  // namespace
}  // namespace bourse::host::test
