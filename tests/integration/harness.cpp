#include "harness.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zstd.h>

#include "tiercel/pipeline/internal_alerts.h"

namespace tiercel::tests {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOwnRule = "tiercel: ";

std::string unpacked(const std::string& packed) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                          &ZSTD_freeDStream);
  std::string out;
  std::vector<char> room(ZSTD_DStreamOutSize());
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  while (in.pos < in.size) {
    ZSTD_outBuffer piece{room.data(), room.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(stream.get(), &piece, &in)) != 0) {
      ADD_FAILURE() << "test data is no zstd";
      return {};
    }
    out.append(room.data(), piece.pos);
  }
  return out;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void split_off_own(Lines& alerts, bool want_own) {
  std::erase_if(alerts, [want_own](const std::string& alert) {
    return rule_of(alert).starts_with(kOwnRule) != want_own;
  });
}

}  // namespace

std::string shipped_rules() {
  return std::string(TIERCEL_SOURCE_DIR) + "/rules/k8s_audit_rules.yaml";
}

std::string every_event_rule(std::string_view name) {
  return "- rule: " + std::string(name) +
         "\n  desc: Any audit event.\n  condition: ka.verb exists\n"
         "  output: \"seen (id=%ka.auditid verb=%ka.verb)\"\n  priority: NOTICE\n"
         "  source: k8s_audit\n";
}

Lines recorded(const std::string& name) {
  std::string content = content_of(std::string(TIERCEL_TEST_DATA) + "/" + name);
  EXPECT_FALSE(content.empty()) << name;
  if (name.ends_with(".zst")) {
    content = unpacked(content);
  }
  return lines_of(content);
}

const Lines& bulk() {
  static const Lines lines = recorded("bulk.jsonl.zst");
  return lines;
}

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Lines lines_of_file(const std::string& path) { return lines_of(content_of(path)); }

std::string joined(std::span<const std::string> lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line;
    text += '\n';
  }
  return text;
}

std::string event_list(std::span<const std::string> items) {
  std::string text =
      R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)";
  for (const std::string& item : items) {
    text += text.back() == '[' ? "" : ",";
    text += item;
  }
  return text + "]}\n";
}

std::string small_event(std::string_view audit_id, std::string_view more) {
  return R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":")" +
         std::string(audit_id) +
         R"(","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list",)"
         R"("user":{"username":"kubernetes-admin","groups":["system:masters"]},)"
         R"("sourceIPs":["10.0.0.7"],"objectRef":{"resource":"pods","apiVersion":"v1"},)"
         R"("responseStatus":{"metadata":{},"code":200},)"
         R"("requestReceivedTimestamp":"2026-11-20T10:00:00.000001Z",)"
         R"("stageTimestamp":"2026-11-20T10:00:00.000002Z")" +
         std::string(more) + "}";
}

Lines replayed(const Lines& rules, std::span<const std::string> events,
               const Lines& more_arguments) {
  Lines arguments{"replay", "-q", "--json", "--redact", "-"};
  for (const std::string& file : rules) {
    arguments.insert(arguments.end(), {"-r", file});
  }
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  const auto result = support::run_program(arguments, joined(events));
  EXPECT_EQ(result.status, 0) << result.err;
  return lines_of(result.out);
}

Lines distinct(const Lines& alerts) {
  std::set<std::string> ids;
  return distinct(alerts, ids);
}

Lines distinct(const Lines& alerts, std::set<std::string>& ids) {
  Lines once;
  for (const std::string& alert : alerts) {
    if (ids.insert(nlohmann::json::parse(alert, nullptr, false).value("alert_id", alert)).second) {
      once.push_back(alert);
    }
  }
  return once;
}

void expect_same_lines(Lines actual, Lines expected) {
  std::sort(actual.begin(), actual.end());
  std::sort(expected.begin(), expected.end());
  Lines missing;
  Lines extra;
  std::set_difference(expected.begin(), expected.end(), actual.begin(), actual.end(),
                      std::back_inserter(missing));
  std::set_difference(actual.begin(), actual.end(), expected.begin(), expected.end(),
                      std::back_inserter(extra));
  EXPECT_TRUE(missing.empty() && extra.empty())
      << missing.size() << " missing and " << extra.size() << " too many of " << expected.size()
      << "\n  missing: " << (missing.empty() ? "" : missing.front())
      << "\n  too many: " << (extra.empty() ? "" : extra.front());
}

std::string output_field(const std::string& alert, const std::string& name) {
  const auto json = nlohmann::json::parse(alert, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << alert;
  const auto fields = json.is_object() ? json.value("output_fields", nlohmann::json::object())
                                       : nlohmann::json::object();
  const auto found = fields.find(name);
  if (found == fields.end()) {
    return {};
  }
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::map<std::string, int> alerts_by_event(const Lines& alerts) {
  std::map<std::string, int> ids;
  for (const std::string& alert : alerts) {
    const auto json = nlohmann::json::parse(alert, nullptr, false);
    if (json.is_object() && json["output_fields"].contains("ka.auditid")) {
      ++ids[json["output_fields"]["ka.auditid"].get<std::string>()];
    }
  }
  return ids;
}

unsigned from_environment(const char* name, unsigned otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

std::string rule_of(const std::string& alert) {
  const auto json = nlohmann::json::parse(alert, nullptr, false);
  EXPECT_TRUE(json.is_object()) << alert;
  return json.is_object() ? json.value("rule", "") : "";
}

AuditDaemon::AuditDaemon(Lines rules, const Lines& more, const Lines& program) {
  std::string config = "rules_files:\n";
  for (const std::string& file : rules) {
    config += "  - " + file + "\n";
  }
  config +=
      "webserver: {listen_port: 0}\nadmin: {listen_port: 0}\nstdout_output: {enabled: false}\n";
  config += "file_output: {enabled: true, filename: " + alerts_path() + "}\n";
  config += "watch_config_files: false\n";  // a test says when
  config += "quarantine: {path: " + quarantine_path() + "}\njson_output: true\n";
  // What `tiercel replay` prints is compared, and it has no apiserver.
  config += "json_include_apiserver_property: false\n";
  // What was recorded is old.
  config += "watch: {late: 0}\n";
  // The tests' disk may be nearly full, and need not survive the loss of power.
  config += "store: {path: " + folder_.path("store") +
            ", min_free: 0, min_free_percent: 0, durability: normal}\n";
  Lines arguments = program;
  if (!program.empty()) {
    arguments.emplace_back("run");
  }
  arguments.insert(arguments.end(), {"-c", folder_.write("tiercel.yaml", config)});
  arguments.insert(arguments.end(), more.begin(), more.end());
  process_ = std::make_unique<support::Daemon>(std::move(arguments));
}

int AuditDaemon::post(std::string_view body) {
  support::HttpClient client(port());
  client.set_timeout(support::kDeadline);
  return client.exchange(support::post("/k8s_audit", body)).status;
}

bool AuditDaemon::is_healthy() {
  support::HttpClient client(port());
  return client.exchange(support::get("/healthz")).status == 200;
}

std::string AuditDaemon::get(const std::string& path) {
  support::HttpClient client(admin_port());
  client.set_timeout(support::kDeadline);
  const support::HttpAnswer answer = client.exchange(support::get(path));
  return answer.status == 200 ? answer.body : std::string();
}

bool AuditDaemon::has_delivered() {
  return support::wait_until([this] {
    const std::string body = get("/outputs");
    const auto outputs = nlohmann::json::parse(body, nullptr, false);
    return outputs.is_array() && std::all_of(outputs.begin(), outputs.end(), [](const auto& one) {
             return one["lag_alerts"] == 0;
           });
  });
}

Lines AuditDaemon::new_alerts() {
  // A daemon that has ended delivered everything before.
  if (process_->is_running()) {
    EXPECT_TRUE(has_delivered());
  }
  std::ifstream file(alerts_path(), std::ios::binary);
  file.seekg(static_cast<std::streamoff>(seen_));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  // An alert of its own may be under way.
  text.resize(text.rfind('\n') + 1);
  seen_ += text.size();
  Lines alerts = lines_of(text);
  split_off_own(alerts, false);
  return alerts;
}

AuditDaemon::~AuditDaemon() {
  for (const std::string& line : lines_of_file(alerts_path())) {
    const auto alert = nlohmann::json::parse(line, nullptr, false);
    if (!alert.is_object() || alert.value("source", "") != "tiercel") {
      continue;  // A rule's, or written as text.
    }
    EXPECT_EQ(alert.value("alert_id", "").size(), 32U) << line;
    const auto codes = pipeline::internal_codes();
    EXPECT_TRUE(std::any_of(codes.begin(), codes.end(), [&alert](const auto& one) {
      return alert.value("rule", "") == "tiercel: " + std::string(one.code);
    })) << line;
    for (const auto& [name, value] : alert["output_fields"].items()) {
      EXPECT_TRUE(name == "evt.time" ||
                  std::find(pipeline::kInternalFields.begin(), pipeline::kInternalFields.end(),
                            name) != pipeline::kInternalFields.end())
          << name << " is missing in kInternalFields: " << line;
    }
  }
}

Lines AuditDaemon::own_alerts() const {
  Lines alerts = lines_of_file(alerts_path());
  split_off_own(alerts, true);
  return alerts;
}

// The names are TIME-NUMBER-CODE.json.
std::map<std::string, int> AuditDaemon::quarantined() const {
  std::map<std::string, int> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(quarantine_path(), error)) {
    const std::string name = entry.path().stem().string();
    ++found[name.substr(name.rfind('-') + 1)];
  }
  return found;
}

}  // namespace tiercel::tests
