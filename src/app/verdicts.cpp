#include "verdicts.h"

#include "tiercel/base/json_text.h"

#include "deliveries.h"

namespace tiercel::app {

std::unique_ptr<Verdicts> Verdicts::load(const CommonOptions& options) {
  base::Diagnostics diagnostics;
  CommonOptions common = options;
  if (!common.config) {
    common.config = kDefaultConfig;
  }
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  std::unique_ptr<Verdicts> verdicts(new Verdicts());
  if (!diagnostics.has_errors()) {
    verdicts->routing_ =
        compile_routing(loaded.settings.routing, loaded.settings.outputs, diagnostics);
  }
  if (verdicts->routing_ == nullptr) {
    print_diagnostics(diagnostics);
    return nullptr;
  }
  for (const config::NamedOutput& output : loaded.settings.outputs.list) {
    if (output.enabled) {
      verdicts->outputs_.push_back(output);
    }
  }
  return verdicts;
}

std::string Verdicts::verdict(const config::NamedOutput& output,
                              const store::StoredAlert& alert) const {
  if (alert.priority > static_cast<std::uint8_t>(output.delivery.minimum_priority)) {
    return "left out, below minimum_priority " +
           std::string(base::to_text(output.delivery.minimum_priority));
  }
  const output::Verdict verdict = routing_->verdict(alert, output.name);
  if (verdict.action == nullptr) {
    return "no route leads there";
  }
  if (!verdict.silence.empty()) {
    return "held back by silence " + std::string(verdict.silence);
  }
  std::string text = verdict.action->grouping.by.empty() ? "goes there" : "goes there in a group";
  if (!verdict.action->name.empty()) {
    text += ", by " + verdict.action->name;
  }
  return text;
}

std::map<std::string, std::string> Verdicts::of(const store::StoredAlert& alert) const {
  std::map<std::string, std::string> all;
  for (const config::NamedOutput& output : outputs_) {
    all[output.name] = verdict(output, alert);
  }
  return all;
}

std::string Verdicts::text(const store::StoredAlert& alert) const {
  std::string text;
  for (const config::NamedOutput& output : outputs_) {
    text += "    " + output.name + ": ";
    base::append_json_escaped(text, verdict(output, alert));
    text += '\n';
  }
  return text;
}

std::string Verdicts::json(const store::StoredAlert& alert) const {
  std::string_view body = alert.body;
  body.remove_suffix(body.ends_with('\n') ? 1 : 0);
  std::string text = "{\"alert\":" + std::string(body) + ",\"outputs\":{";
  for (const config::NamedOutput& output : outputs_) {
    text += text.back() == '{' ? "" : ",";
    base::append_json_string(text, output.name);
    text += ':';
    base::append_json_string(text, verdict(output, alert));
  }
  return text + "}}\n";
}

}  // namespace tiercel::app
