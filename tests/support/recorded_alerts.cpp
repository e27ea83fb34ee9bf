#include "recorded_alerts.h"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "tiercel/pipeline/evaluate_batch.h"

#include "events.h"
#include "hand_clock.h"

namespace tiercel::support {

namespace {

std::string rules() {
  std::string yaml;
  for (int number = 0; number < 8; ++number) {
    const auto priority = std::string(base::to_text(static_cast<base::Priority>(number)));
    yaml += "- rule: Any event at " + priority +
            "\n  desc: d\n  condition: ka.verb exists\n  source: k8s_audit\n  tags: [k8s, mitre]\n"
            "  priority: " +
            priority +
            "\n  output: \"%ka.user.name did %ka.verb (uri=%ka.uri resource=%ka.target.resource "
            "namespace=%ka.target.namespace reason=%ka.auth.reason agent=%ka.useragent)\"\n";
  }
  return yaml;
}

}  // namespace

void AlertList::add(store::StoredAlert alert) {
  const std::uint64_t number = alerts_.size() + 1;
  alert.position = alert.position == 0 ? number : alert.position;
  if (alert.id == decltype(alert.id){}) {
    alert.id[14] = static_cast<std::uint8_t>(number >> 8U);
    alert.id[15] = static_cast<std::uint8_t>(number);
  }
  alert.stored = alert.stored == 0 ? HandClock::kStart : alert.stored;
  for (std::string_view* const text :
       {&alert.rule, &alert.tags, &alert.user, &alert.name_space, &alert.cluster, &alert.body}) {
    *text = keep(*text);
  }
  alerts_.push_back(alert);
}

void AlertList::add(const store::RecordBatch& batch) {
  for (const store::Record& record : batch.records) {
    store::StoredAlert alert;
    alert.id = record.id;
    alert.time = record.time;
    alert.priority = record.priority;
    alert.rule = record.rule;
    alert.tags = record.tags;
    alert.user = batch.key(record.user);
    alert.name_space = batch.key(record.name_space);
    alert.cluster = batch.key(record.cluster);
    alert.body = batch.line(record);
    add(alert);
  }
}

AlertList recorded_alerts(std::size_t events) {
  engine::CompileOptions options;
  options.matching = engine::Matching::kAll;
  options.alerts.json_output = true;
  options.alerts.hostname = "cp-1";
  const engine::LoadResult loaded = engine::load_rules({{"all.yaml", rules()}}, options);
  if (loaded.rule_set == nullptr) {
    throw std::runtime_error(base::to_text(loaded.diagnostics));
  }
  AlertList list;
  pipeline::StreamState stream;
  pipeline::Scratch scratch({}, {}, stream, false);
  for (const std::string& line : tests::data_lines("conformance/events.jsonl")) {
    if (list.alerts().size() >= events * 8) {
      break;
    }
    std::string padded = line;
    padded.append(audit::kPadding, '\0');
    store::RecordBatch batch;
    (void)scratch.evaluate(std::string_view(padded).substr(0, line.size()), audit::BatchForm::kBody,
                           HandClock::kStart, loaded.rule_set, batch, {});
    list.add(batch);
  }
  return list;
}

std::string alert_body(const AlertText& text) {
  nlohmann::json fields = {{"evt.time", HandClock::kStart}};
  for (const auto& [name, value] : text.fields) {
    fields[name] = value;
  }
  const std::string priority(base::to_text(text.priority));
  nlohmann::json body = {{"alert_id", "0"},
                         {"hostname", "cp-1"},
                         {"output", "03:04:05.000000000: " + priority + " " + text.message},
                         {"output_fields", fields},
                         {"priority", priority},
                         {"rule", text.rule},
                         {"source", "k8s_audit"},
                         {"tags", text.tags},
                         {"time", "2026-01-02T03:04:05.000000000Z"}};
  for (const auto& [name, value] :
       {std::pair{"apiserver", &text.apiserver}, {"rules_hash", &text.rules_hash}}) {
    if (!value->empty()) {
      body[name] = *value;
    }
  }
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace tiercel::support
