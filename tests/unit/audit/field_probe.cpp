#include "field_probe.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/audit/decode.h"

namespace tiercel::audit::tests {

namespace {

using nlohmann::json;

class Visitor final : public EventSink {
 public:
  explicit Visitor(const std::function<void(const AuditEvent&)>& visit) : visit_(visit) {}
  void on_event(AuditEvent& event) override { visit_(event); }
  void on_bad(const BadInput& bad) override {
    ADD_FAILURE() << "not taken: " << bad.code << ": " << bad.message;
  }

 private:
  const std::function<void(const AuditEvent&)>& visit_;
};

}  // namespace

bool with_event(std::string_view text, const std::function<void(const AuditEvent&)>& visit) {
  const std::string items = '[' + std::string(text) + ']';
  const std::string padded = items + std::string(kPadding, ' ');
  BatchDecoder decoder;
  Visitor visitor(visit);
  const std::string_view body = std::string_view(padded).substr(0, items.size());
  return decoder.decode(body, BatchForm::kItems, 0, visitor).events == 1;
}

std::string print(const base::Value& value) {
  const auto dump = [](const json& printed) {
    return printed.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  switch (value.kind()) {
    case base::Value::Kind::kAbsent:
      return "absent";
    case base::Value::Kind::kText:
      return dump(std::string(value.as_text()));
    case base::Value::Kind::kNumber:
      return dump(value.as_number());
    case base::Value::Kind::kBoolean:
      return dump(value.as_boolean());
    case base::Value::Kind::kList: {
      json list = json::array();
      for (const std::string_view element : value.as_list()) {
        list.push_back(std::string(element));
      }
      return dump(list);
    }
  }
  return {};
}

FieldRef field_ref(std::string_view written, const std::vector<std::string>& static_names) {
  const std::size_t bracket = written.find('[');
  std::optional<std::string> argument;
  bool quoted = false;
  if (bracket != std::string_view::npos) {
    argument = std::string(written.substr(bracket + 1, written.size() - bracket - 2));
    quoted = argument->starts_with('"');
    if (quoted) {
      argument = argument->substr(1, argument->size() - 2);
    }
  }
  auto reference = resolve_field(written.substr(0, bracket), argument, quoted, static_names);
  if (!reference) {
    ADD_FAILURE() << written << ": " << reference.error().message;
    return field_ref("evt.num");
  }
  return *reference;
}

std::string probe(const FieldRef& reference, const AuditEvent& event, const FieldContext& context) {
  base::Arena arena;
  return print(reference.field->extract({event, reference.argument, context}, arena));
}

std::string probe(std::string_view written, std::string_view event, const FieldContext& context) {
  std::vector<std::string> static_names;
  for (const auto& [name, value] : context.static_fields) {
    static_names.push_back(name);
  }
  const FieldRef reference = field_ref(written, static_names);
  std::string printed = "no event";
  with_event(event,
             [&](const AuditEvent& decoded) { printed = probe(reference, decoded, context); });
  return printed;
}

std::vector<std::string> data_lines(const std::string& name) {
  std::ifstream in(std::string(TIERCEL_TEST_DATA) + "/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) {
      lines.push_back(line);
    }
  }
  return lines;
}

}  // namespace tiercel::audit::tests
