#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "group_message.h"
#include "http_support.h"

namespace tiercel::output {

inline std::string repeated(std::string_view piece, std::size_t times) {
  std::string all;
  for (std::size_t at = 0; at < times; ++at) {
    all += piece;
  }
  return all;
}

// An alert of our own: neither tags nor an id in its body.
inline void add_internal(support::AlertList& list) {
  store::StoredAlert alert;
  alert.rule = "tiercel: output_failed";
  alert.priority = 4;
  alert.time = support::HandClock::kStart;
  alert.body =
      R"({"hostname":"cp-1","output":"tiercel: output_failed: x","output_fields":{"evt.time":1},)"
      R"("priority":"Warning","rule":"tiercel: output_failed","source":"tiercel",)"
      R"("time":"2026-01-02T03:04:05.000000000Z"})"
      "\n";
  list.add(alert);
}

inline void add_group(support::AlertList& list) {
  GroupFacts facts;
  facts.key = "rule=A rule, ka.target.namespace=web";
  facts.count = 12;
  facts.first = support::HandClock::kStart;
  facts.last = support::HandClock::kStart + 5'000'000'000;
  facts.samples.resize(5);
  facts.worst = 4;
  const support::AlertText text;
  const std::string first = support::alert_body(text);
  const std::string body = group_body(stored(text, first), facts, {});
  list.add(stored(text, body));
}

// Columns are what the event says, byte by byte.
inline void add_raw_columns(support::AlertList& list) {
  const support::AlertText text;
  const std::string body = support::alert_body(text);
  store::StoredAlert alert = stored(text, body);
  alert.user = "sys\xFF\xFE\"\\\n<!channel>&\x01";
  alert.name_space = "\xED\xA0\x80";
  alert.cluster = "prod \u20ac";
  alert.tags = "a,b";
  list.add(alert);
}

inline void add_times(support::AlertList& list) {
  for (const std::int64_t time :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-62'135'596'800} * 100'000'000,
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    const support::AlertText text;
    const std::string body = support::alert_body(text);
    store::StoredAlert alert = stored(text, body);
    alert.time = time;
    list.add(alert);
  }
}

/// Alerts with all that an event or a rule can put into them.
inline support::AlertList awkward_alerts() {
  support::AlertList list;
  add(list,
      {.message = "quotes \" and \\ back, \n\r\t\b\f\x01\x1F\x7F lines, <b>&amp;</b> @everyone"});
  add(list, {.message = "\u00e9\u4e2d\U0001F600 \u2028 \u202E <@U024BE7LH> <!channel>"});
  add(list, {.message = "not UTF-8 \xFF\xC3\x28 here"});
  add(list, {.message = ""});
  add(list, {.rule = "A \"rule\" <of> & 'many'\n\u4e2d\U0001F600", .message = "${rule} %s {{x}}"});
  add(list, {.rule = std::string(5000, 'r'), .message = "long name"});
  add(list, {.message = "no fields, no tags", .fields = {}, .tags = {}});
  add(list, {.message = std::string(100'000, 'x')});
  add(list, {.message = repeated("\"\\", 40'000)});
  add(list, {.message = repeated("\x01", 40'000)});
  add(list, {.message = repeated("\u4e2d\U0001F600", 20'000)});
  add(list, {.message = "many fields", .fields = [] {
               std::vector<std::pair<std::string, std::string>> fields;
               for (int at = 0; at < 300; ++at) {
                 fields.emplace_back("jevt.value[/a/" + std::to_string(at) + "]",
                                     std::string(9000, 'v') + "\n\"");
               }
               return fields;
             }()});
  add(list, {.apiserver = "/var/log/\"<a>\" \\&\n\x01 \u00e9/" + std::string(5000, 'p')});
  add_internal(list);
  add_group(list);
  add_raw_columns(list);
  add_times(list);
  return list;
}

}  // namespace tiercel::output
