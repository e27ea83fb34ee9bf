#include "tiercel/condition/reference.h"

#include <gtest/gtest.h>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/parser.h"
#include "tiercel/condition/transformer.h"

namespace tiercel::condition {
namespace {

void expect_complete(const ReferenceRow& row) {
  EXPECT_FALSE(row.name.empty());
  EXPECT_FALSE(row.forms.empty()) << row.name;
  EXPECT_FALSE(row.takes.empty()) << row.name;
  EXPECT_FALSE(row.since.empty()) << row.name;
  EXPECT_TRUE(row.doc.ends_with('.')) << row.name << ": a sentence ends with a full stop";
}

TEST(Reference, DescribesEveryOperatorInFormsThatParse) {
  const std::vector<ReferenceRow> rows = operator_reference();
  EXPECT_EQ(rows.size(), operators().size());
  for (const ReferenceRow& row : rows) {
    expect_complete(row);
    for (const std::string& form : row.forms) {
      std::string text = form;
      for (std::size_t at = text.find("field"); at != std::string::npos;
           at = text.find("field", at + 8)) {
        text.replace(at, 5, "ka.field");
      }
      EXPECT_NE(parse(text).tree, nullptr) << text;
    }
  }
}

TEST(Reference, DescribesEveryTransformer) {
  const std::vector<ReferenceRow> rows = transformer_reference();
  EXPECT_EQ(rows.size(), transformers().size());
  for (const ReferenceRow& row : rows) {
    expect_complete(row);
    EXPECT_FALSE(row.gives.empty()) << row.name;
  }
  EXPECT_EQ(rows.front().forms, (std::vector<std::string>{"tolower(text)", "tolower(list)"}));
}

TEST(Reference, DescribesModifiers) {
  EXPECT_EQ(modifier_reference().size(), 3U);
  for (const ReferenceRow& row : modifier_reference()) {
    expect_complete(row);
  }
}

}  // namespace
}  // namespace tiercel::condition
