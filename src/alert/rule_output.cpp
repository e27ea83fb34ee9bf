#include "tiercel/alert/rule_output.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "tiercel/base/json_text.h"

#include "output_fields.h"
#include "output_template.h"
#include "time_text.h"

namespace tiercel::alert {

namespace {

constexpr std::string_view kContainerInfo = "%container.info";

bool applies(const AppendOutput& entry, const RuleMeta& meta) {
  if (entry.match_source && *entry.match_source != meta.source) {
    return false;
  }
  if (entry.match_rule && *entry.match_rule != meta.name) {
    return false;
  }
  return std::all_of(entry.match_tags.begin(), entry.match_tags.end(), [&](const std::string& tag) {
    return std::find(meta.tags.begin(), meta.tags.end(), tag) != meta.tags.end();
  });
}

void append_word(std::string& text, const std::string& word) {
  if (!word.empty()) {
    text += ' ';
    text += word;
  }
}

// The rule's template with what the configuration appends to it.
std::string whole_template(const RuleMeta& meta, std::string_view output,
                           const AlertOptions& options, std::vector<TemplateProblem>& problems) {
  std::string text(output);
  for (const AppendOutput& entry : options.append_output) {
    if (!applies(entry, meta)) {
      continue;
    }
    append_word(text, entry.extra_output);
    if (entry.suggested_output) {
      auto names = options.static_fields;
      std::sort(names.begin(), names.end());
      for (const auto& [name, value] : names) {
        append_word(text, "static_" + name + "=%static." + name);
      }
    }
  }
  append_word(text, options.print_format);
  std::size_t at = text.find(kContainerInfo);
  if (at != std::string::npos) {
    problems.push_back({TemplateProblem::Kind::kDeprecated,
                        "deprecated_token",
                        "%container.info prints nothing since Falco 0.41; it is removed",
                        {},
                        at,
                        at < output.size()});
    for (; at != std::string::npos; at = text.find(kContainerInfo, at)) {
      text.erase(at, kContainerInfo.size());
    }
  }
  return text;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  base::append_json_string(out, name);
  out += ':';
  base::append_json_string(out, value);
}

}  // namespace

class RuleOutput::Impl {
 public:
  bool compile(const RuleMeta& meta, std::string_view output, const AlertOptions& options,
               audit::FieldSet& fields, std::vector<TemplateProblem>& out);
  void render(audit::FieldMap& map, const AlertId& id, std::string& out) const;
  void render_message(audit::FieldMap& map, std::string& out) const {
    template_->render(map, Escape::kNone, out);
  }

 private:
  void pre_render(const RuleMeta& meta, const AlertOptions& options);
  void render_text(audit::FieldMap& map, Escape escape, std::string& out) const;
  void render_json(audit::FieldMap& map, const AlertId& id, std::string& out) const;

  AlertOptions options_;
  std::optional<OutputTemplate> template_;
  OutputFields fields_;
  std::optional<audit::FieldId> prefix_time_;
  std::string priority_;  // ": Warning "
  std::string head_;      // "hostname":"…",
  std::string tail_;      // "priority":…,"rule":…,"source":…,"tags":[…],"time":"
};

bool RuleOutput::Impl::compile(const RuleMeta& meta, std::string_view output,
                               const AlertOptions& options, audit::FieldSet& fields,
                               std::vector<TemplateProblem>& out) {
  options_ = options;
  std::vector<std::string> static_names;
  for (const auto& [name, value] : options.static_fields) {
    static_names.push_back(name);
  }
  const std::size_t before = out.size();
  template_ =
      OutputTemplate::parse(whole_template(meta, output, options, out), fields, static_names, out);
  for (std::size_t at = before; at < out.size(); ++at) {
    out[at].in_rule = out[at].in_rule && out[at].offset < std::max<std::size_t>(output.size(), 1);
  }
  auto prefix = audit::resolve_field(options.time_format_iso_8601 ? "evt.time.iso8601" : "evt.time",
                                     std::nullopt, false);
  prefix_time_ = fields.add(std::move(*prefix));

  fields_.add(*prefix_time_, fields);
  if (template_) {
    for (const audit::FieldId id : template_->fields()) {
      fields_.add(id, fields);
    }
  }
  bool good = template_.has_value();
  for (const AppendOutput& entry : options.append_output) {
    if (applies(entry, meta)) {
      for (const AppendOutput::ExtraField& extra : entry.extra_fields) {
        good = fields_.add_extra(extra, fields, static_names, out) && good;
      }
    }
  }
  fields_.finish();
  pre_render(meta, options);
  return good;
}

// Members that no event changes, in byte order around those that it does.
void RuleOutput::Impl::pre_render(const RuleMeta& meta, const AlertOptions& options) {
  const std::string_view priority = base::to_text(meta.priority);
  priority_ = ": " + std::string(priority) + " ";
  append_member(head_, "hostname", options.hostname);
  append_member(tail_, "priority", priority);
  tail_ += ',';
  append_member(tail_, "rule", meta.name);
  tail_ += ',';
  append_member(tail_, "source", meta.source);
  if (options.json_include_tags_property) {
    tail_ += ",\"tags\":[";
    for (std::size_t at = 0; at < meta.tags.size(); ++at) {
      tail_ += at == 0 ? "" : ",";
      base::append_json_string(tail_, meta.tags[at]);
    }
    tail_ += ']';
  }
  tail_ += ",\"time\":\"";
}

// "TIME: PRIORITY MESSAGE".
void RuleOutput::Impl::render_text(audit::FieldMap& map, Escape escape, std::string& out) const {
  const base::Value& time = map.get(*prefix_time_);
  out += time.is_text() ? time.as_text() : std::string_view{};
  out += priority_;
  template_->render(map, escape, out);
}

void RuleOutput::Impl::render_json(audit::FieldMap& map, const AlertId& id,
                                   std::string& out) const {
  out += '{';
  if (options_.json_include_alert_id_property) {
    out += "\"alert_id\":\"";
    append_text(out, id);
    out += "\",";
  }
  out += head_;
  if (options_.json_include_message_property) {
    out += ",\"message\":\"";
    template_->render(map, Escape::kJson, out);
    out += '"';
  }
  if (options_.json_include_output_property) {
    out += ",\"output\":\"";
    render_text(map, Escape::kJson, out);
    out += '"';
  }
  if (options_.json_include_output_fields_property) {
    out += ",\"output_fields\":";
    fields_.render(map, out);
  }
  out += ',';
  out += tail_;
  append_iso_time(out, map.event().time());
  out += "Z\"}";
}

void RuleOutput::Impl::render(audit::FieldMap& map, const AlertId& id, std::string& out) const {
  if (options_.json_output) {
    render_json(map, id, out);
  } else {
    render_text(map, options_.escape_text ? Escape::kJson : Escape::kNone, out);
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

void RuleOutput::render(audit::FieldMap& fields, const AlertId& id, std::string& out) const {
  impl_->render(fields, id, out);
}
void RuleOutput::render_message(audit::FieldMap& fields, std::string& out) const {
  impl_->render_message(fields, out);
}

}  // namespace tiercel::alert
