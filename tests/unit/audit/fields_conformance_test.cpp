#include <map>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "field_cases.h"
#include "field_probe.h"

// What Falco 0.44.1 answered about 580 events of a real API server.

namespace tiercel::audit::tests {
namespace {

using nlohmann::json;

// jevt.obj was asked for on these events only.
constexpr std::size_t kObjectStride = 40;

// How the recording shows a value: as in output_fields.
json as_recorded(const FieldRef& reference, const AuditEvent& event) {
  if (reference.field->json == FieldJson::kEventTime) {
    return event.time();
  }
  const std::string printed = probe(reference, event);
  return printed == "absent" ? json() : json::parse(printed);
}

class Recording {
 public:
  Recording() : events_(data_lines("conformance/events.jsonl")), answers_(events_.size()) {
    for (const std::string& line : data_lines("conformance/fields.jsonl")) {
      const json row = json::parse(line);
      json& answer = answers_.at(row.at("event").get<std::size_t>());
      answer = row.at("fields");
      for (const auto& [token, value] : answer.items()) {
        if (!references_.contains(token)) {
          references_.emplace(token, field_ref(token));
        }
      }
    }
  }
  [[nodiscard]] const std::vector<std::string>& events() const { return events_; }
  [[nodiscard]] const json& answer(std::size_t event) const { return answers_[event]; }
  [[nodiscard]] const std::map<std::string, FieldRef>& references() const { return references_; }

 private:
  std::vector<std::string> events_;
  std::vector<json> answers_;
  std::map<std::string, FieldRef> references_;
};

const Recording& recording() {
  static const Recording recorded;
  return recorded;
}

TEST(FieldsConformance, EveryRecordedValueAndEveryAbsence) {
  std::size_t values = 0;
  std::size_t absences = 0;
  for (std::size_t number = 0; number < recording().events().size(); ++number) {
    const json& answer = recording().answer(number);
    ASSERT_TRUE(answer.is_object()) << number;
    ASSERT_TRUE(with_event(recording().events()[number], [&](const AuditEvent& event) {
      for (const auto& [token, reference] : recording().references()) {
        const auto want = answer.find(token);
        if (want != answer.end()) {
          ++values;
          EXPECT_EQ(as_recorded(reference, event), *want) << token << " of event " << number;
        } else if (token != "jevt.obj" || number % kObjectStride == 0) {
          ++absences;
          EXPECT_EQ(as_recorded(reference, event), json()) << token << " of event " << number;
        }
      }
    })) << number;
  }
  EXPECT_GT(values, 15'000U);
  EXPECT_GT(absences, 60'000U);
}

// The keys of output_fields are the spellings of the recording.
TEST(FieldsConformance, KeysAreSpelledAsRecorded) {
  for (const auto& [token, reference] : recording().references()) {
    EXPECT_EQ(reference.key, token);
  }
}

std::string_view name_of(std::string_view written) { return written.substr(0, written.find('[')); }

TEST(FieldsConformance, EveryFieldHasACaseInWhichItIsPresent) {
  std::set<std::string> present;
  for (const auto& [token, reference] : recording().references()) {
    present.emplace(name_of(token));
  }
  for (const auto& cases : {observed_field_cases(), further_field_cases()}) {
    for (const FieldCase& row : cases) {
      if (std::string_view(row.want) != "absent") {
        present.emplace(name_of(row.field));
      }
    }
  }
  for (const FieldCase& row : pod_cases()) {
    if (std::string_view(row.want) != "absent") {
      present.insert("ka.req.pod." + std::string(name_of(row.field)));
      present.insert("ka.workload." + std::string(name_of(row.field)));
    }
  }
  present.insert("evt.asynctype");  // never present, see F cases
  present.insert("static.");        // its cases name static.site
  for (const Field& field : fields()) {
    EXPECT_TRUE(present.contains(std::string(field.name)))
        << field.name << " has no case: add one to tests/unit/audit/further_field_cases.cpp, or "
        << "for a field of pods to pod_field_cases.cpp";
  }
}

}  // namespace
}  // namespace tiercel::audit::tests
