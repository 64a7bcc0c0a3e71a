// SPDX-License-Identifier: MIT
//
// The published schema: what it accepts and what it refuses, by libxml2's validator.
#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <memory>
#include <string>
#include <vector>

#include "plugins/serializers/xml/xml_report.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::xml {
namespace {

std::string written(const test::ReportPtr& report, Options options = {}) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  write_report(ReportView(report->wire()), options, out);
  return bytes;
}

void gather(void* to, xmlErrorPtr error) {
  *static_cast<std::string*>(to) += "line " + std::to_string(error->line) + ": " + error->message;
}

struct SchemaDeleter {
  void operator()(xmlSchema* schema) const { xmlSchemaFree(schema); }
};
struct DocDeleter {
  void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};
struct ParserDeleter {
  void operator()(xmlSchemaParserCtxt* context) const { xmlSchemaFreeParserCtxt(context); }
};
struct ValidatorDeleter {
  void operator()(xmlSchemaValidCtxt* context) const { xmlSchemaFreeValidCtxt(context); }
};

xmlSchema& schema() {
  static const std::unique_ptr<xmlSchema, SchemaDeleter> made = [] {
    const std::string file = std::string(BOURSE_SOURCE_DIR) + "/docs/reference/report.xsd";
    const std::unique_ptr<xmlSchemaParserCtxt, ParserDeleter> parser(
        xmlSchemaNewParserCtxt(file.c_str()));
    std::string errors;
    xmlSchemaSetParserStructuredErrors(parser.get(), gather, &errors);
    std::unique_ptr<xmlSchema, SchemaDeleter> parsed(xmlSchemaParse(parser.get()));
    EXPECT_EQ(errors, "");
    return parsed;
  }();
  return *made;
}

/// What is wrong with a document, nothing when it is valid.
std::string complaints(const std::string& xml) {
  const std::unique_ptr<xmlDoc, DocDeleter> doc(
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), "report.xml", nullptr,
                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (!doc) return "not well-formed";
  const std::unique_ptr<xmlSchemaValidCtxt, ValidatorDeleter> validator(
      xmlSchemaNewValidCtxt(&schema()));
  std::string errors;
  xmlSchemaSetValidStructuredErrors(validator.get(), gather, &errors);
  const int result = xmlSchemaValidateDoc(validator.get(), doc.get());
  EXPECT_EQ(result == 0, errors.empty()) << result;
  return errors;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

TEST(XmlSchema, HoldsForWhateverAReportHolds) {
  for (const auto& report : {test::kitchen_sink(), test::empty_report(), test::large_report(50),
                             test::technical_report(50)}) {
    EXPECT_EQ(complaints(written(report)), "");
    EXPECT_EQ(complaints(written(report, {.pretty = true})), "");
  }
}

TEST(XmlSchema, HoldsForFieldsThatAreNamedAsXmlsOwnOrAsTheReportsParts) {
  const auto report = test::make_report([](const Call& call) {
    TableBuilder table("xml", "Names");
    const std::vector<std::string> cells = {"<report/>"};
    for (const char* name : {"xml", "xmlns", "xml_space", "xsi", "report", "row", "title", "x"}) {
      table.column(Field(name, BOURSE_TYPE_TEXT), cells);
    }
    call.add(table);
    call.scalar(Field("xml.xmlns", BOURSE_TYPE_TEXT), "x");
  });
  const std::string xml = written(report);
  EXPECT_EQ(complaints(xml), "");
  EXPECT_NE(xml.find("<_x0078_mlns>&lt;report/&gt;</_x0078_mlns>"), std::string::npos);
  EXPECT_NE(xml.find("<report>&lt;report/&gt;</report>"), std::string::npos);
}

TEST(XmlSchema, RefusesOtherShapes) {
  const std::string good = written(test::kitchen_sink());
  const auto bad = [&](const std::string& what, const std::string& by) {
    return complaints(replaced(good, what, by));
  };
  EXPECT_NE(bad("urn:bourse:report:1", "urn:bourse:report:2"), "");
  EXPECT_NE(bad("<charts>", "<pictures/><charts>"), "") << "an unknown part";
  EXPECT_NE(bad("<title>", "<title/><title>"), "") << "a part twice";
  EXPECT_NE(bad("as_of=\"2024-12-20T10:00:00.123456789Z\"", "as_of=\"1734688800\""), "");
  EXPECT_NE(bad("10:00:00.123456789Z", "10:00:00.123456789+01:00"), "") << "not UTC";
  EXPECT_NE(bad("level=\"info\"", "level=\"loud\""), "");
  EXPECT_NE(bad("kind=\"candle\"", "kind=\"pie\""), "");
  EXPECT_NE(bad("role=\"open\"", "role=\"first\""), "");
  EXPECT_NE(bad("type=\"decimal\"", "type=\"money\""), "");
  EXPECT_NE(bad("rows=\"12\"", ""), "") << "how many rows is not said";
  EXPECT_NE(bad("xsi:nil=\"true\"/>", "xsi:nil=\"true\">1</value>"), "") << "missing, with a text";
  EXPECT_NE(bad("<level>30.0</level>", "<level>low</level>"), "");
}

TEST(XmlSchema, RefusesNamesThatAreThereTwiceOrNotAtAll) {
  const std::string good = written(test::kitchen_sink());
  const auto bad = [&](const std::string& what, const std::string& by) {
    return complaints(replaced(good, what, by));
  };
  EXPECT_NE(bad("<table name=\"one\"", "<table name=\"edges\""), "");
  EXPECT_NE(bad("<value name=\"plain\"", "<value name=\"flag\""), "");
  EXPECT_NE(bad("<entry key=\"odd\"", "<entry key=\"symbol\""), "");
  EXPECT_NE(bad("<field name=\"count\"", "<field name=\"flag\""), "");
  EXPECT_NE(bad("table=\"candles\"", "table=\"sticks\""), "") << "a chart of no table";
}

}  // namespace
}  // namespace bourse::xml
