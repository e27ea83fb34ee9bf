#include "journal_entry.h"

#include "tiercel/alert/alert_view.h"

#include "origin_members.h"

namespace tiercel::output {

namespace {

class Entry {
 public:
  explicit Entry(std::vector<std::string>& out) : out_(out) { out_.clear(); }
  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) {
      out_.push_back(std::string(name) + "=" + std::string(value));
    }
  }

 private:
  std::vector<std::string>& out_;
};

// The journal takes capitals, digits and underscores.
std::string field_name(std::string_view member) {
  std::string name = "TIERCEL_";
  for (const char c : member) {
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

}  // namespace

void make_journal_entry(const Message& message, std::string_view identifier,
                        std::vector<std::string>& out) {
  const store::StoredAlert& alert = *message.alert;
  std::string_view line = message.line;
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  Entry entry(out);
  entry.add("MESSAGE", line);
  entry.add("PRIORITY", std::to_string(alert.priority));
  entry.add("SYSLOG_IDENTIFIER", identifier);
  entry.add("TIERCEL_RULE", alert.rule);
  entry.add("TIERCEL_TAGS", alert.tags);
  entry.add("TIERCEL_USER", alert.user);
  entry.add("TIERCEL_NAMESPACE", alert.name_space);
  entry.add("TIERCEL_CLUSTER", alert.cluster);
  if (const auto view = alert::AlertView::parse(alert.body)) {
    entry.add("TIERCEL_ALERT_ID", view->alert_id);
    entry.add("TIERCEL_TIME", view->time);
    for (const OriginMember& member : kOriginMembers) {
      entry.add(field_name(member.name), member.text(*view));
    }
    entry.add("TIERCEL_OUTPUT_FIELDS", view->output_fields);
  }
}

}  // namespace tiercel::output
