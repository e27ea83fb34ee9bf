// The column `part` of the field table against what fields read: they are asked of recorded events
// with and without their bodies.
#include <filesystem>

#include <gtest/gtest.h>

#include "tiercel/audit/field.h"

#include "events.h"

namespace tiercel::tests {
namespace {

using audit::FieldPart;
using json = nlohmann::ordered_json;

std::string text_of(const base::Value& value) {
  if (value.is_text()) {
    return "text " + std::string(value.as_text());
  }
  std::string out = value.is_absent() ? "absent" : "other";
  if (value.is_list()) {
    for (const std::string_view element : value.as_list()) {
      out += " | " + std::string(element);
    }
  }
  return out;
}

// The values of all fields that can be asked without an argument.
std::vector<std::string> values_of(const std::string& event) {
  std::vector<std::string> out;
  const audit::FieldContext context;
  base::Arena arena;
  for_each_event(event, [&](const audit::AuditEvent& decoded) {
    for (const audit::Field& field : audit::fields()) {
      audit::FieldArgument argument;
      out.push_back(field.arg_required || field.name == "static."
                        ? ""
                        : text_of(field.extract({decoded, argument, context}, arena)));
    }
  });
  return out;
}

TEST(FieldParts, SayWhichBodyAFieldReads) {
  std::size_t of_request = 0;
  std::size_t of_response = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(TIERCEL_TEST_DATA) + "/scenarios")) {
    if (file.path().extension() != ".jsonl") {
      continue;
    }
    for (const std::string& line : data_lines("scenarios/" + file.path().filename().string())) {
      json event = json::parse(line, nullptr, false);
      if (!event.is_object() || !event.contains("requestObject")) {
        continue;
      }
      const bool is_patch = event["verb"] == "patch";
      const auto full = values_of(event.dump());
      event.erase("responseObject");
      const auto request = values_of(event.dump());
      event.erase("requestObject");
      const auto metadata = values_of(event.dump());
      for (std::size_t at = 0; at < full.size(); ++at) {
        const audit::Field& field = audit::fields()[at];
        const FieldPart part = field.part;
        if (full[at] != request[at]) {
          ++of_response;
          EXPECT_TRUE(part == FieldPart::kResponseObject || part == FieldPart::kEvent ||
                      (part == FieldPart::kResultObject && is_patch))
              << field.name;
        }
        if (request[at] != metadata[at]) {
          ++of_request;
          EXPECT_TRUE(part == FieldPart::kRequestObject || part == FieldPart::kEvent ||
                      (part == FieldPart::kResultObject && !is_patch))
              << field.name;
        }
        if (!field.arg_required &&
            (part == FieldPart::kRequestObject || part == FieldPart::kResponseObject)) {
          EXPECT_EQ(metadata[at], "absent") << field.name << ": what is not recorded is absent";
        }
      }
    }
  }
  EXPECT_GT(of_request, 1000U);
  EXPECT_GT(of_response, 100U);
}

TEST(FieldParts, AreGivenToWholeFamilies) {
  for (const audit::Field& field : audit::fields()) {
    const std::string_view name = field.name;
    if (name.starts_with("ka.req.") && name != "ka.req.configmap.name" &&
        name != "ka.req.binding.subject.has_name") {
      EXPECT_EQ(field.part, FieldPart::kRequestObject) << name;
    }
    if (name.starts_with("ka.workload.")) {
      EXPECT_EQ(field.part, FieldPart::kResultObject) << name;
    }
  }
}

}  // namespace
}  // namespace tiercel::tests
