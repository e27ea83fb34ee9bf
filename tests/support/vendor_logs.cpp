// Elasticsearch, Loki, Splunk, Datadog.
#include <algorithm>
#include <set>

#include "vendor_check.h"

namespace tiercel::support {

namespace {

using Json = VendorCheck::Json;
using Need = VendorCheck::Need;

constexpr std::size_t kNoLimit = std::size_t{1} << 30U;

bool is_index_name(const std::string& name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         std::string_view("-_+").find(name.front()) == std::string_view::npos &&
         name.find_first_of("\\/*?\"<>| ,#:ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
}

// A field and an object of one name cannot both be: "a" beside "a.b".
void check_paths(VendorCheck& check, const Json& document) {
  std::set<std::string> names;
  for (const auto& [name, value] : document.items()) {
    names.insert(name);
  }
  for (const std::string& name : names) {
    for (std::size_t dot = name.find('.'); dot != std::string::npos;
         dot = name.find('.', dot + 1)) {
      const std::string parent = name.substr(0, dot);
      check.expect(!names.contains(parent) || document[parent].is_object(),
                   "`" + parent + "` is a value and holds `" + name + "`");
    }
  }
}

void check_bulk_action(VendorCheck& check, const Json& action) {
  check.expect(action.is_object() && action.size() == 1 && action.contains("create"),
               "a data stream takes `create` alone");
  const Json target = object_at(action, "create");
  check.only(target,
             {"_index", "_id", "pipeline", "routing", "require_alias", "dynamic_templates"});
  check.text(target, "_index", 255, Need::kOptional);
  check.expect(!target.contains("_index") || is_index_name(text_at(target, "_index")),
               "`_index` is no index's name");
  const std::string id = text_at(target, "_id");
  check.expect(!id.empty() && id.size() <= 512, "`_id` has no or over 512 bytes");
}

}  // namespace

Complaints check_elasticsearch(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("/_bulk", "application/x-ndjson");
  check.expect(request.body.ends_with('\n'), "the last line does not end");
  check.expect(request.body.size() <= std::size_t{100} << 20U, "the body is over 100 MB");
  std::size_t number = 0;
  for (std::size_t from = 0; from < request.body.size(); ++number) {
    const std::size_t end = std::min(request.body.find('\n', from), request.body.size());
    const Json line = check.parse(std::string_view(request.body).substr(from, end - from),
                                  "line " + std::to_string(number + 1));
    from = end + 1;
    if (number % 2 == 0) {
      check_bulk_action(check, line);
    } else {
      check.time(line, "@timestamp");
      check.expect(line.is_object(), "a document is no object");
      if (line.is_object()) {
        check_paths(check, line);
      }
    }
  }
  check.expect(number > 0 && number % 2 == 0, "actions and documents do not come in pairs");
  return check.complaints();
}

Complaints check_loki(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("/loki/api/v1/push", "application/json");
  const Json body = check.body();
  check.only(body, {"streams"});
  const Json streams = list_at(body, "streams");
  check.expect(streams.is_array() && !streams.empty(), "there are no streams");
  std::set<std::string> seen;
  for (const Json& stream : streams) {
    check.only(stream, {"stream", "values"});
    check.object(stream, "stream");
    const Json labels = object_at(stream, "stream");
    check.expect(labels.size() <= 15, "over 15 labels");
    check.expect(seen.insert(labels.dump()).second, "a stream comes twice");
    for (const auto& [name, value] : labels.items()) {
      check.expect(is_label_name(name) && name.size() <= 1024, "`" + name + "` is no label's name");
      check.expect(value.is_string() && !value.get<std::string>().empty() &&
                       value.get<std::string>().size() <= 2048,
                   "label `" + name + "` has no or over 2048 bytes");
    }
    const Json values = list_at(stream, "values");
    check.expect(values.is_array() && !values.empty(), "a stream has no values");
    std::uint64_t last = 0;
    for (const Json& value : values) {
      const bool is_entry =
          value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string() &&
          !value[0].get<std::string>().empty() &&
          value[0].get<std::string>().find_first_not_of("0123456789") == std::string::npos;
      check.expect(is_entry, "an entry is no pair of nanoseconds and a line, as texts");
      if (is_entry) {
        const std::uint64_t time = std::stoull(value[0].get<std::string>());
        check.expect(time > 0, "a time is 0");
        check.expect(time >= last, "times do not ascend in a stream");
        last = time;
        check.expect(value[1].get<std::string>().size() <= std::size_t{256} << 10U,
                     "a line is over 256 KiB");
      }
    }
  }
  return check.complaints();
}

Complaints check_splunk_hec(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("/services/collector/event", "application/json");
  check.header("authorization", "Splunk ");
  // Objects one behind the other: each ends where its braces close.
  std::string_view rest = request.body;
  check.expect(!rest.empty(), "no data");
  while (!rest.empty()) {
    std::size_t end = 0;
    int depth = 0;
    bool is_in_string = false;
    do {
      const char c = rest[end];
      if (is_in_string) {
        end += c == '\\' ? 1 : 0;
        is_in_string = c != '"';
      } else {
        is_in_string = c == '"';
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      }
      ++end;
    } while (end < rest.size() && depth > 0);
    const Json event = check.parse(rest.substr(0, end), "an event");
    rest.remove_prefix(std::min(end, rest.size()));
    check.only(event, {"time", "host", "source", "sourcetype", "index", "event", "fields"});
    check.number(event, "time");
    for (const char* const name : {"host", "source", "sourcetype"}) {
      check.text(event, name, kNoLimit, Need::kOptional);
    }
    if (event.is_object() && event.contains("index")) {
      check.text(event, "index", 80);
    }
    const Json said = at(event, "event");
    check.expect(!said.is_null() && said != "", "event field is required and cannot be blank");
    const Json fields = object_at(event, "fields");
    for (const auto& [name, value] : fields.items()) {
      check.expect(!value.is_object(), "`fields` is not flat at " + name);
    }
  }
  return check.complaints();
}

Complaints check_datadog(const PeerRequest& request) {
  VendorCheck check(request);
  check.posted("/api/v2/logs", "application/json");
  check.header("dd-api-key", "");
  check.expect(request.body.size() <= std::size_t{5} * 1000 * 1000, "the payload is over 5 MB");
  const Json logs = check.body();
  check.expect(logs.is_array() && !logs.empty(), "the body is no list of logs");
  check.expect(logs.size() <= 1000, "over 1000 logs");
  for (const Json& log : logs) {
    check.text(log, "message", kNoLimit);
    check.text(log, "ddsource", kNoLimit, Need::kOptional);
    check.text(log, "ddtags", kNoLimit, Need::kOptional);
    check.text(log, "hostname", kNoLimit, Need::kOptional);
    check.text(log, "service", kNoLimit, Need::kOptional);
    check.number(log, "timestamp", Need::kOptional);
    check.one_of(log, "status",
                 {"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"});
    check.expect(log.dump().size() <= 1000 * 1000, "a log is over 1 MB and would be cut");
  }
  return check.complaints();
}

}  // namespace tiercel::support
