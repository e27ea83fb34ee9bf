#include "tiercel/alert/rule_output.h"

#include <utility>

#include "tiercel/base/json_text.h"

#include "append_output.h"
#include "escape.h"
#include "json_member.h"
#include "output_fields.h"
#include "output_template.h"
#include "time_text.h"

namespace tiercel::alert {

namespace {

constexpr std::string_view kSelftestField = "tiercel_selftest";

// In front of the message, so that no output can show it without.
std::string_view mark_of(const AlertOrigin& origin) {
  return origin.selftest.empty() ? std::string_view{} : kSelftestMark;
}

}  // namespace

class RuleOutput::Impl {
 public:
  bool compile(const RuleMeta& meta, std::string_view output, const AlertOptions& options,
               audit::FieldSet& fields, std::vector<TemplateProblem>& out);
  void render(audit::FieldMap& map, const AlertId& id, const AlertOrigin& origin,
              std::string& out) const;
  void render_message(audit::FieldMap& map, std::string& out) const {
    RedactionMemo memo;
    template_->render(map, memo, out);
  }

 private:
  bool compile_template(const RuleMeta& meta, std::string_view output, const AlertOptions& options,
                        audit::FieldSet& fields, std::span<const std::string> static_names,
                        std::vector<TemplateProblem>& out);
  bool compile_fields(const RuleMeta& meta, const AlertOptions& options, audit::FieldSet& fields,
                      std::span<const std::string> static_names, std::vector<TemplateProblem>& out);
  void prepare_members(const RuleMeta& meta, const AlertOptions& options);

  void append_prefix(audit::FieldMap& map, std::string& out) const;
  void render_text(audit::FieldMap& map, const AlertOrigin& origin, std::string& out) const;
  void render_json(audit::FieldMap& map, const AlertId& id, const AlertOrigin& origin,
                   std::string& out) const;
  // The members that hold the message.
  void append_messages(audit::FieldMap& map, const AlertOrigin& origin, RedactionMemo& memo,
                       std::string& out) const;
  void append_fields(audit::FieldMap& map, const AlertOrigin& origin, RedactionMemo& memo,
                     std::string& out) const;

  bool json_ = false;
  bool escape_text_ = true;
  bool with_message_ = false;
  bool with_output_ = true;
  bool with_fields_ = true;
  bool with_apiserver_ = true;
  std::optional<OutputTemplate> template_;
  OutputFields fields_;
  audit::FieldId time_{};  // the field that begins every text alert
  std::string priority_;   // `: Warning `
  // What no event changes, in the order of the members, around what it does:
  std::string before_id_;  // `{"alert_id":"`, empty without that member
  std::string hostname_;   // `"hostname":"…"`
  std::string after_;  // `,"priority":…,"rule":…,"rules_hash":…,"source":…,"tags":[…]`
};

bool RuleOutput::Impl::compile(const RuleMeta& meta, std::string_view output,
                               const AlertOptions& options, audit::FieldSet& fields,
                               std::vector<TemplateProblem>& out) {
  std::vector<std::string> static_names;
  for (const auto& [name, value] : options.static_fields) {
    static_names.push_back(name);
  }
  const bool good = compile_template(meta, output, options, fields, static_names, out);
  const bool fields_good = compile_fields(meta, options, fields, static_names, out);
  prepare_members(meta, options);
  return good && fields_good;
}

bool RuleOutput::Impl::compile_template(const RuleMeta& meta, std::string_view output,
                                        const AlertOptions& options, audit::FieldSet& fields,
                                        std::span<const std::string> static_names,
                                        std::vector<TemplateProblem>& out) {
  const WholeTemplate whole = whole_template(meta, output, options, out);
  const std::size_t before = out.size();
  template_ = OutputTemplate::parse(whole.text, fields, static_names, out);
  for (std::size_t at = before; at < out.size(); ++at) {
    const std::size_t offset = whole.original_offset(out[at].offset);
    // A template of nothing but what was removed is the rule's mistake.
    out[at].offset = whole.text.empty() ? 0 : offset;
    out[at].in_rule = offset < output.size() || whole.text.empty();
  }
  if (template_ && options.redact) {
    template_->redact(fields);
  }
  return template_.has_value();
}

bool RuleOutput::Impl::compile_fields(const RuleMeta& meta, const AlertOptions& options,
                                      audit::FieldSet& fields,
                                      std::span<const std::string> static_names,
                                      std::vector<TemplateProblem>& out) {
  auto time = audit::resolve_field(options.time_format_iso_8601 ? "evt.time.iso8601" : "evt.time",
                                   std::nullopt, false);
  time_ = fields.add(std::move(*time));
  fields_ = OutputFields(options.redact);
  fields_.add(time_, fields);
  if (template_) {
    for (const audit::FieldId id : template_->fields()) {
      fields_.add(id, fields);
    }
  }
  bool good = true;
  for (const AppendOutput& entry : options.append_output) {
    if (applies(entry, meta)) {
      for (const AppendOutput::ExtraField& extra : entry.extra_fields) {
        good = fields_.add_extra(extra, fields, static_names, out) && good;
      }
    }
  }
  fields_.finish();
  return good;
}

void RuleOutput::Impl::prepare_members(const RuleMeta& meta, const AlertOptions& options) {
  json_ = options.json_output;
  escape_text_ = options.escape_text;
  with_message_ = options.json_include_message_property;
  with_output_ = options.json_include_output_property;
  with_fields_ = options.json_include_output_fields_property;
  const std::string_view priority = base::to_text(meta.priority);
  priority_ = ": " + std::string(priority) + " ";

  before_id_ = options.json_include_alert_id_property ? "{\"alert_id\":\"" : "";
  with_apiserver_ = options.json_include_apiserver_property;
  hostname_.clear();
  append_member(hostname_, "hostname", options.hostname);
  after_ = ",";
  append_member(after_, "priority", priority);
  after_ += ',';
  append_member(after_, "rule", meta.name);
  after_ += ',';
  if (options.json_include_rules_hash_property && !options.rules_hash.empty()) {
    append_member(after_, "rules_hash", options.rules_hash);
    after_ += ',';
  }
  append_member(after_, "source", meta.source);
  if (options.json_include_tags_property) {
    after_ += ",\"tags\":[";
    for (const std::string& tag : meta.tags) {
      after_ += &tag == meta.tags.data() ? "" : ",";
      base::append_json_string(after_, tag);
    }
    after_ += ']';
  }
}

// `03:04:06.123456000: Warning `; no byte of it needs an escape.
void RuleOutput::Impl::append_prefix(audit::FieldMap& map, std::string& out) const {
  out += map.get(time_).as_text();
  out += priority_;
}

void RuleOutput::Impl::render_text(audit::FieldMap& map, const AlertOrigin& origin,
                                   std::string& out) const {
  append_prefix(map, out);
  out += mark_of(origin);
  const std::size_t start = out.size();
  RedactionMemo memo;
  template_->render(map, memo, out);
  // DIFFERS FROM FALCO: 0.44.1 writes the raw bytes, so that a user name can forge a line;
  // later releases escape as we do.
  if (escape_text_) {
    escape_from(out, start, map.arena());
  }
}

void RuleOutput::Impl::append_messages(audit::FieldMap& map, const AlertOrigin& origin,
                                       RedactionMemo& memo, std::string& out) const {
  std::size_t start = 0;
  std::size_t length = 0;
  const auto render_message = [&] {
    start = out.size();
    out += mark_of(origin);
    const std::size_t text = out.size();
    template_->render(map, memo, out);
    escape_from(out, text, map.arena());
    length = out.size() - start;
  };
  if (with_message_) {
    out += ",\"message\":\"";
    render_message();
    out += '"';
  }
  if (with_output_) {
    out += ",\"output\":\"";
    append_prefix(map, out);
    if (with_message_) {
      out.append(out, start, length);
    } else {
      render_message();
    }
    out += '"';
  }
}

void RuleOutput::Impl::append_fields(audit::FieldMap& map, const AlertOrigin& origin,
                                     RedactionMemo& memo, std::string& out) const {
  out += ",\"output_fields\":";
  fields_.render(map, memo, out);
  if (!origin.selftest.empty()) {
    out.back() = ',';  // never empty: the time is always there
    append_member(out, kSelftestField, origin.selftest);
    out += '}';
  }
}

void RuleOutput::Impl::render_json(audit::FieldMap& map, const AlertId& id,
                                   const AlertOrigin& origin, std::string& out) const {
  // DIFFERS FROM FALCO: its alerts have neither an id nor an apiserver.
  if (!before_id_.empty()) {
    out += before_id_;
    append_text(out, id);
    out += "\",";
  } else {
    out += '{';
  }
  if (with_apiserver_ && !origin.apiserver.empty()) {
    append_member(out, "apiserver", origin.apiserver);
    out += ',';
  }
  out += hostname_;
  RedactionMemo memo;
  append_messages(map, origin, memo, out);
  if (with_fields_) {
    append_fields(map, origin, memo, out);
  }
  out += after_;
  // Where there are no output_fields there may be no message either, and it must not page anyone
  // as if it were real.
  if (!with_fields_ && !origin.selftest.empty()) {
    out += ',';
    append_member(out, kSelftestField, origin.selftest);
  }
  out += ",\"time\":\"";
  append_iso_time(out, map.event().time());
  out += "Z\"}";
}

void RuleOutput::Impl::render(audit::FieldMap& map, const AlertId& id, const AlertOrigin& origin,
                              std::string& out) const {
  if (json_) {
    render_json(map, id, origin, out);
  } else {
    render_text(map, origin, out);
  }
  out += '\n';
}

RuleOutput::RuleOutput(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
RuleOutput::~RuleOutput() = default;

std::unique_ptr<const RuleOutput> RuleOutput::compile(const RuleMeta& meta, std::string_view output,
                                                      const AlertOptions& options,
                                                      audit::FieldSet& fields,
                                                      std::vector<TemplateProblem>& out) {
  auto impl = std::make_unique<Impl>();
  if (!impl->compile(meta, output, options, fields, out)) {
    return nullptr;
  }
  return std::unique_ptr<const RuleOutput>(new RuleOutput(std::move(impl)));
}

void RuleOutput::render(audit::FieldMap& fields, const AlertId& id, const AlertOrigin& origin,
                        std::string& out) const {
  impl_->render(fields, id, origin, out);
}

void RuleOutput::render_message(audit::FieldMap& fields, std::string& out) const {
  impl_->render_message(fields, out);
}

}  // namespace tiercel::alert
