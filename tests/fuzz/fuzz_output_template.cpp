// Any bytes as an output template, and as what an event holds: compiling ends, what is
// refused is said and located, and every alert is one line of valid UTF-8; a JSON alert
// parses.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/alert/rule_output.h"
#include "tiercel/audit/decode.h"
#include "tiercel/base/json_text.h"

namespace {

namespace alert = tiercel::alert;
namespace audit = tiercel::audit;
namespace base = tiercel::base;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

class Sink final : public audit::EventSink {
 public:
  Sink(const alert::RuleOutput& rule, const audit::FieldSet& fields)
      : rule_(rule), fields_(fields) {}
  void on_event(audit::AuditEvent& event) override {
    map_.bind(fields_, context_, event);
    rule_.render(map_, {}, line);
  }
  void on_bad(const audit::BadInput& /*bad*/) override {}
  std::string line;

 private:
  const alert::RuleOutput& rule_;
  const audit::FieldSet& fields_;
  audit::FieldContext context_;
  audit::FieldMap map_;
};

class Counter final : public audit::EventSink {
 public:
  void on_event(audit::AuditEvent& /*event*/) override {}
  void on_bad(const audit::BadInput& /*bad*/) override {}
};

audit::DecodeCounts decode(std::string_view item, audit::EventSink& sink) {
  const std::string body = "[" + std::string(item) + "]";
  const std::string padded = body + std::string(audit::kPadding, ' ');
  audit::BatchDecoder decoder;
  return decoder.decode(std::string_view(padded).substr(0, body.size()), audit::BatchForm::kItems,
                        0, sink);
}

// The bytes as a user name, as they are where JSON allows it.
std::string event_with(std::string_view bytes) {
  std::string name(bytes);
  for (char& c : name) {
    c = static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' ? '_' : c;
  }
  std::string event = R"({"auditID":"a","verb":"create","user":{"groups":["","g"],"username":")" +
                      name + R"("},"userAgent":)";
  base::append_json_string(event, bytes);
  return event + "}";
}

void check_line(std::string_view line, bool json) {
  require(line.ends_with('\n'));
  line.remove_suffix(1);
  for (const char c : line) {
    require(static_cast<unsigned char>(c) >= 0x20);
  }
  require(base::to_valid_utf8(line) == line);
  if (json) {
    Counter counter;
    const audit::DecodeCounts counts = decode(line, counter);
    require(counts.events == 1 && counts.repaired_items == 0);
  }
}

void run(std::string_view text, bool json) {
  alert::RuleMeta meta;
  meta.name = "r";
  meta.source = "k8s_audit";
  alert::AlertOptions options;
  options.json_output = json;
  options.json_include_message_property = true;
  options.append_output.resize(1);
  options.append_output.front().extra_fields = {{"f", "%ka.user.name%3ka.user.name", false}};
  options.static_fields = {{"team", "blue"}};

  audit::FieldSet fields;
  std::vector<alert::TemplateProblem> problems;
  const auto rule = alert::RuleOutput::compile(meta, text, options, fields, problems);
  bool refused = false;
  for (const alert::TemplateProblem& problem : problems) {
    require(problem.offset <= text.size() && !problem.message.empty());
    refused = refused || problem.kind == alert::TemplateProblem::Kind::kError ||
              problem.kind == alert::TemplateProblem::Kind::kUnknownFilter;
  }
  require(refused == (rule == nullptr));
  if (rule != nullptr) {
    Sink sink(*rule, fields);
    decode(event_with(text), sink);
    require(!sink.line.empty());
    check_line(sink.line, json);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  run(text, true);
  run(text, false);
  return 0;
}
