#include "alert_probe.h"

#include <algorithm>
#include <array>
#include <fstream>

#include <gtest/gtest.h>

#include "tiercel/audit/decode.h"

namespace tiercel::alert::tests {

namespace {

class Visitor final : public audit::EventSink {
 public:
  explicit Visitor(const std::function<void(audit::AuditEvent&)>& visit) : visit_(visit) {}
  void on_event(audit::AuditEvent& event) override { visit_(event); }
  void on_bad(const audit::BadInput& bad) override {
    ADD_FAILURE() << "not taken: " << bad.code << ": " << bad.message;
  }

 private:
  const std::function<void(audit::AuditEvent&)>& visit_;
};

std::string_view to_text(TemplateProblem::Kind kind) {
  constexpr std::array<std::string_view, 4> kNames{"error", "unknown", "deprecated", "advice"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string e0() {
  return R"({"kind":"Event","auditID":"a1","stage":"ResponseComplete",)"
         R"("stageTimestamp":"2020-01-02T03:04:06.123456Z","verb":"create",)"
         R"("requestURI":"/api/v1/namespaces/default/pods?foo=bar&command=sh&command=ls",)"
         R"("user":{"username":"alice","groups":["g1","system:authenticated"]},)"
         R"("sourceIPs":["10.0.0.1"],"userAgent":"kubectl",)"
         R"("objectRef":{"resource":"pods","namespace":"default","name":"p1"},)"
         R"("responseStatus":{"code":201},)"
         R"("annotations":{"authorization.k8s.io/decision":"allow",)"
         R"("authorization.k8s.io/reason":""},)"
         R"("requestObject":{"spec":{"containers":[)"
         R"({"name":"c1","image":"nginx:1","securityContext":{"privileged":true,)"
         R"("capabilities":{"add":["SYS_ADMIN"]}}},{"name":"c2","image":"redis:2"}],)"
         R"("volumes":[{"name":"v","hostPath":{"path":"/etc/foo"}}]}},)"
         R"("responseObject":{"metadata":{"name":"p1"}}})";
}

std::string e0_with(const std::string& dotted_path, std::string_view json) {
  auto event = nlohmann::ordered_json::parse(e0());
  std::string path = "/" + dotted_path;
  std::replace(path.begin(), path.end(), '.', '/');
  event[nlohmann::ordered_json::json_pointer(path)] = nlohmann::ordered_json::parse(json);
  return event.dump();
}

nlohmann::json parsed(std::string_view line) {
  EXPECT_TRUE(line.ends_with('\n')) << line;
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  auto json = nlohmann::json::parse(line, nullptr, false);
  EXPECT_TRUE(json.is_object()) << line;
  if (json.is_object()) {
    // Printed again members are sorted by bytes and nothing stands between tokens.
    EXPECT_EQ(json.dump(), line);
  }
  return json;
}

std::string print(const std::vector<TemplateProblem>& problems) {
  std::string text;
  for (const TemplateProblem& problem : problems) {
    text += text.empty() ? "" : "; ";
    text += to_text(problem.kind);
    text += " " + problem.code + " at " + std::to_string(problem.offset);
    text += problem.in_rule ? "" : " of the options";
    text += problem.nearest.empty() ? "" : ", near " + problem.nearest;
    EXPECT_FALSE(problem.message.empty()) << text;
  }
  return text;
}

Probe::Probe() {
  options.hostname = "h1";
  options.json_include_alert_id_property = false;
  meta.name = "r";
  meta.priority = base::Priority::kWarning;
  meta.source = "k8s_audit";
  context.hostname = "h1";
  context.zone = audit::LocalZone(std::chrono::seconds(0));
}

std::string Probe::rendered(std::string_view output, std::string_view event, const Render& render) {
  context.static_fields = options.static_fields;
  audit::FieldSet fields;
  std::vector<TemplateProblem> problems;
  const auto compiled = RuleOutput::compile(meta, output, options, fields, problems);
  if (compiled == nullptr) {
    EXPECT_FALSE(problems.empty());
    return "refused: " + print(problems);
  }
  std::string out;
  with_event(event.empty() ? e0() : event, [&](audit::AuditEvent& decoded) {
    decoded.set_number(1);
    audit::FieldMap map;
    map.bind(fields, context, decoded);
    render(*compiled, map, out);
  });
  return out;
}

std::string Probe::line(std::string_view output, std::string_view event) {
  return rendered(output, event,
                  [this](const RuleOutput& rule, audit::FieldMap& map, std::string& out) {
                    AlertId id;
                    id.bytes[0] = 0x0A;
                    id.bytes[15] = 0xBC;
                    rule.render(map, id, origin, out);
                  });
}

std::string Probe::message(std::string_view output, std::string_view event) {
  return rendered(output, event,
                  [](const RuleOutput& rule, audit::FieldMap& map, std::string& out) {
                    rule.render_message(map, out);
                  });
}

std::vector<TemplateProblem> Probe::problems(std::string_view output) {
  audit::FieldSet fields;
  std::vector<TemplateProblem> problems;
  const auto compiled = RuleOutput::compile(meta, output, options, fields, problems);
  const bool bad =
      std::any_of(problems.begin(), problems.end(), [](const TemplateProblem& problem) {
        return problem.kind == TemplateProblem::Kind::kError ||
               problem.kind == TemplateProblem::Kind::kUnknownFilter;
      });
  EXPECT_EQ(compiled == nullptr, bad) << output;
  return problems;
}

void with_event(std::string_view json, const std::function<void(audit::AuditEvent&)>& visit) {
  const std::string items = '[' + std::string(json) + ']';
  const std::string padded = items + std::string(audit::kPadding, ' ');
  audit::BatchDecoder decoder;
  Visitor visitor(visit);
  const std::string_view body = std::string_view(padded).substr(0, items.size());
  EXPECT_EQ(decoder.decode(body, audit::BatchForm::kItems, 0, visitor).events, 1U) << json;
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

}  // namespace tiercel::alert::tests
