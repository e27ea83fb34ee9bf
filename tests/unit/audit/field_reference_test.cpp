#include "tiercel/audit/field_reference.h"

#include <algorithm>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/audit/field.h"

namespace tiercel::audit {
namespace {

std::string reference(ReferenceForm form) {
  ReferenceOptions options;
  options.form = form;
  return field_reference(options);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(FieldReference, PrintsTheTextForm) {
  const std::string text = reference(ReferenceForm::kText);
  EXPECT_TRUE(
      text.starts_with("-------------------------------\n"
                       "Field Class:                  evt (All event types)\n"
                       "Event Sources:                k8s_audit \n"
                       "\n"
                       "evt.num                       The number of the event"))
      << text.substr(0, 400);
  EXPECT_TRUE(contains(text, "Field Class:                  k8saudit (plugin)\n"));
  EXPECT_TRUE(contains(text, "Field Class:                  json (plugin)\n"));
  EXPECT_TRUE(contains(text, "\nka.uri.param                  (ARG_KEY,ARG_REQUIRED) The decoded"));
  EXPECT_TRUE(contains(text, "\nka.user.groups                (EPF_IS_LIST) The groups"));
  EXPECT_TRUE(
      contains(text,
               "\nka.req.pod.containers.privileged\n"
               "                              (ARG_ALLOWED,ARG_INDEX,EPF_IS_LIST) The flag"));
  EXPECT_TRUE(contains(text, "\nstatic.NAME "));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 120U) << line;
  }
}

TEST(FieldReference, ShowsTypesWhenAsked) {
  ReferenceOptions options;
  options.types = true;
  const std::string text = field_reference(options);
  EXPECT_TRUE(contains(text, "\nevt.rawtime                   (ABSTIME) The time"));
  EXPECT_TRUE(contains(text, "\nka.user.groups                (LIST(CHARBUF),EPF_IS_LIST) The"));
}

TEST(FieldReference, PrintsMarkdown) {
  const std::string text = reference(ReferenceForm::kMarkdown);
  EXPECT_TRUE(contains(text, "## Field Class: k8saudit\n"));
  EXPECT_TRUE(contains(text, "\nName | Type | Description\n"));
  EXPECT_TRUE(contains(text, "\n`ka.user.groups` | LIST(CHARBUF) | The groups of the user.\n"));
  EXPECT_TRUE(contains(text, "\n`evt.num` | UINT64 | "));
  ReferenceOptions options;
  options.form = ReferenceForm::kMarkdown;
  options.since = true;
  const std::string longer = field_reference(options);
  EXPECT_TRUE(
      contains(longer, "\n`ka.user.extra[key]` | LIST(CHARBUF) | tiercel 0.1 (ours) | The"));
}

TEST(FieldReference, PrintsJsonWithEveryField) {
  const auto text = nlohmann::json::parse(reference(ReferenceForm::kJson));
  std::size_t count = 0;
  for (const auto& field_class : text.at("fieldclasses")) {
    EXPECT_EQ(field_class.at("event_sources"), nlohmann::json::array({"k8s_audit"}));
    for (const auto& field : field_class.at("fields")) {
      ++count;
      EXPECT_TRUE(field.at("desc").get<std::string>().ends_with('.'));
      if (field.at("name") == "ka.req.role.rules.verbs") {
        EXPECT_EQ(field.at("type"), "LIST(CHARBUF)");
        EXPECT_EQ(field.at("is_list"), true);
        EXPECT_EQ(field.at("argument").dump(), R"({"required":false,"type":["index"]})");
      }
      if (field.at("name") == "ka.verb") {
        EXPECT_TRUE(field.at("argument").is_null());
      }
    }
  }
  EXPECT_EQ(count, fields().size());
}

TEST(FieldReference, PrintsNamesOnly) {
  ReferenceOptions options;
  options.names_only = true;
  const std::string names = field_reference(options);
  EXPECT_TRUE(names.starts_with("evt.num\n"));
  EXPECT_EQ(static_cast<std::size_t>(std::count(names.begin(), names.end(), '\n')),
            fields().size());
  options.form = ReferenceForm::kJson;
  const auto list = nlohmann::json::parse(field_reference(options)).at("fieldnames");
  EXPECT_EQ(list.size(), fields().size());
}

TEST(FieldReference, ListsBySource) {
  ReferenceOptions options;
  options.source = "k8s_audit";
  EXPECT_EQ(field_reference(options), reference(ReferenceForm::kText));
  options.source = "syscall";
  EXPECT_EQ(field_reference(options), "");
  EXPECT_TRUE(is_known_source("k8s_audit"));
  EXPECT_FALSE(is_known_source("syscall"));
}

}  // namespace
}  // namespace tiercel::audit
