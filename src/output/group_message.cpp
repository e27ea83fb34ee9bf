#include "group_message.h"

#include <algorithm>
#include <cstring>

#include "tiercel/alert/alert_id.h"
#include "tiercel/base/json_text.h"
#include "tiercel/base/priority.h"
#include "tiercel/base/utc_time.h"
#include "tiercel/output/routing.h"

#include "body_edit.h"

namespace tiercel::output {

namespace {

// As fine as the times of audit events are.
std::string time_text(std::int64_t nanoseconds) { return base::utc_text(nanoseconds, 6); }

std::string id_text(const std::array<std::uint8_t, 16>& id) {
  return alert::to_text(alert::AlertId{id});
}

bool has_worse(const store::StoredAlert& first, const GroupFacts& facts) {
  return facts.worst < first.priority;
}

// " (3 alerts like this one since …, last …; ids: …)"
std::string count_text(const store::StoredAlert& first, const GroupFacts& facts) {
  std::string out = " (" + std::to_string(facts.count) + " alerts like this one since " +
                    time_text(facts.first) + ", last " + time_text(facts.last);
  if (has_worse(first, facts)) {
    out += "; the worst is ";
    out += base::kPriorityNames[facts.worst];
  }
  out += "; ids: ";
  for (std::size_t at = 0; at < facts.samples.size(); ++at) {
    out += (at == 0 ? "" : ", ") + id_text(facts.samples[at]);
  }
  out += facts.samples.size() < facts.count ? ", …)" : ")";
  return out;
}

// `"name":"text",`
void append_text_member(std::string& out, std::string_view name, std::string_view text) {
  base::append_json_string(out, name);
  out += ':';
  base::append_json_string(out, text);
  out += ',';
}

// The members in byte order of their names, a comma behind each.
std::string group_members(const store::StoredAlert& first, const GroupFacts& facts) {
  std::string out = "\"group.count\":" + std::to_string(facts.count) + ",";
  append_text_member(out, "group.first", time_text(facts.first));
  out += "\"group.ids\":[";
  for (std::size_t at = 0; at < facts.samples.size(); ++at) {
    out += at == 0 ? "\"" : ",\"";
    out += id_text(facts.samples[at]) + "\"";
  }
  out += "],";
  append_text_member(out, "group.key", facts.key);
  append_text_member(out, "group.last", time_text(facts.last));
  if (has_worse(first, facts)) {
    append_text_member(out, "group.worst_priority", base::kPriorityNames[facts.worst]);
  }
  return out;
}

// The fields with ours among them; in byte order where they were.
std::string fields_with_group(const alert::AlertView& view, const std::string& members) {
  constexpr std::string_view kPrefix = "group.";
  std::string out = "{";
  bool has_group = false;
  view.for_each_field([&](std::string_view name, std::string_view value) {
    if (name.starts_with(kPrefix)) {
      return true;  // never twice
    }
    if (!has_group && name > kPrefix) {
      out += members;
      has_group = true;
    }
    base::append_json_string(out, name);
    out += ':';
    out += value;
    out += ',';
    return true;
  });
  if (!has_group) {
    out += members;
  }
  out.back() = '}';
  return out;
}

std::string with_group_members(const store::StoredAlert& first, const GroupFacts& facts,
                               const alert::AlertView& view) {
  const std::string id = id_text(group_id(first, facts));
  const std::string fields = fields_with_group(view, group_members(first, facts));
  BodyEdit edit(first.body);
  // What is missing is put in at the front.
  std::string front;
  if (view.alert_id.data() != nullptr) {
    edit.replace(view.alert_id, id);
  } else {
    front += "\"alert_id\":\"" + id + "\",";
  }
  if (view.output_fields.data() != nullptr) {
    edit.replace(view.output_fields, fields);
  } else {
    front += "\"output_fields\":" + fields + ",";
  }
  if (!front.empty()) {
    edit.replace(first.body.substr(1, 0), front);
  }
  return edit.result();
}

std::uint64_t word_of(const std::array<std::uint8_t, 16>& id, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, id.data() + at, sizeof word);
  return word;
}

}  // namespace

std::array<std::uint8_t, 16> group_id(const store::StoredAlert& first, const GroupFacts& facts) {
  constexpr std::size_t kTimeBytes = 6;
  const std::string what = "group of " + std::to_string(facts.count) + " " + id_text(first.id) +
                           " " + id_text(facts.last_id);
  alert::AlertId id = alert::make_alert_id(
      first.time, false, {{word_of(first.id, 8), word_of(facts.last_id, 8)}}, what);
  std::copy_n(first.id.begin(), kTimeBytes, id.bytes.begin());
  return id.bytes;
}

std::string group_body(const store::StoredAlert& first, const GroupFacts& facts,
                       std::string_view message_template) {
  const auto view = alert::AlertView::parse(first.body);
  if (!view) {
    return std::string(first.body);
  }
  std::string body = with_group_members(first, facts, *view);
  if (!message_template.empty()) {
    store::StoredAlert grouped = first;
    grouped.body = body;
    body = with_template(grouped, message_template);
  }
  std::string count;
  base::append_json_escaped(count, count_text(first, facts));
  const auto told = alert::AlertView::parse(body);
  BodyEdit edit(body);
  if (told && told->output.data() != nullptr) {
    edit.replace(told->output.substr(told->output.size()), std::move(count));
  } else {
    edit.replace(std::string_view(body).substr(1, 0), "\"output\":\"" + count + "\",");
  }
  return edit.result();
}

}  // namespace tiercel::output
