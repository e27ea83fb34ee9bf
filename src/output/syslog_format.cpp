#include "syslog_format.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"
#include "tiercel/base/cut_utf8.h"
#include "tiercel/base/utc_time.h"

#include "origin_members.h"
#include "time_texts.h"

namespace tiercel::output {

namespace {

// The private enterprise number that RFC 5612 sets aside for documentation.
constexpr std::string_view kDataId = "tiercel@32473";

// "Jan  2 03:04:05", local time, English whatever the locale.
void append_time_3164(std::string& out, std::int64_t time) {
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = time / 1'000'000'000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%s %2d %02d:%02d:%02d",
                kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_mday, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  out += text.data();
}

// A header field: printable ASCII without blanks, `-` for nothing.
void append_header(std::string& out, std::string_view text, std::size_t most) {
  const std::size_t before = out.size();
  for (const char c : text.substr(0, most)) {
    out += c > ' ' && c < '\x7F' ? c : '_';
  }
  if (out.size() == before) {
    out += '-';
  }
}

// No byte of a value may end a message or begin another.
char shown(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F' ? ' ' : c; }

enum class Escapes : std::uint8_t { kNone, kBackslash };

// Cuts what stands behind `start` to so many bytes: behind a whole character, and a whole escape
// where a backslash begins one.
void cut(std::string& out, std::size_t start, std::size_t most, Escapes escapes) {
  if (out.size() - start <= most) {
    return;
  }
  const std::size_t end = start + base::cut_utf8(std::string_view(out).substr(start), most).size();
  std::size_t backslashes = 0;
  while (end - backslashes > start && out[end - backslashes - 1] == '\\') {
    ++backslashes;
  }
  out.resize(end - (escapes == Escapes::kBackslash ? backslashes % 2 : 0));
}

// A parameter of structured data, of so many bytes at most: quote, backslash and bracket are
// escaped.
void append_parameter(std::string& out, std::string_view name, std::string_view value,
                      std::size_t most) {
  const std::size_t frame = name.size() + 4;  // a blank, the equals sign, two quotes
  if (value.empty() || most <= frame) {
    return;
  }
  out += ' ';
  out += name;
  out += "=\"";
  const std::size_t start = out.size();
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == ']') {
      out += '\\';
    }
    out += shown(c);
  }
  cut(out, start, most - frame, Escapes::kBackslash);
  out += '"';
}

// An element, of so many bytes at most: whatever is cut, it stays one.
void append_structured_data(std::string& out, const store::StoredAlert& alert, std::size_t most) {
  const std::size_t start = out.size();
  out += '[';
  out += kDataId;
  const std::string id = alert::to_text(alert::AlertId{alert.id});
  const auto add = [&](std::string_view name, std::string_view value) {
    const std::size_t used = out.size() - start + 1;
    append_parameter(out, name, value, most > used ? most - used : 0);
  };
  for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{"id", id},
                                    {"rule", alert.rule},
                                    {"tags", alert.tags},
                                    {"user", alert.user},
                                    {"namespace", alert.name_space},
                                    {"cluster", alert.cluster}}) {
    add(name, value);
  }
  if (const auto view = alert::AlertView::parse(alert.body)) {
    for (const OriginMember& member : kOriginMembers) {
      add(member.name, member.text(*view));
    }
  }
  out += ']';
}

void append_message(std::string& out, std::string_view line) {
  while (line.ends_with('\n')) {
    line.remove_suffix(1);
  }
  for (const char c : line) {
    out += shown(c);
  }
}

void append_cef_header(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '|' || c == '\\') {
      out += '\\';
    }
    out += shown(c);
  }
}

void append_cef_extension(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) {
    return;
  }
  out += out.ends_with('|') ? "" : " ";
  out += name;
  out += '=';
  for (const char c : value) {
    if (c == '\n' || c == '\r') {
      out += c == '\n' ? "\\n" : "\\r";
      continue;
    }
    if (c == '=' || c == '\\') {
      out += '\\';
    }
    out += shown(c);
  }
}

}  // namespace

void append_cef(std::string& out, const Message& message) {
  // CEF counts upward from 0 (unimportant) to 10.
  static constexpr std::array<std::string_view, 8> kSeverities{"10", "9", "8", "7",
                                                               "6",  "4", "2", "1"};
  const store::StoredAlert& alert = *message.alert;
  out += "CEF:0|tiercel|tiercel|" TIERCEL_VERSION "|";
  append_cef_header(out, alert.rule);
  out += '|';
  append_cef_header(out, alert.rule);
  out += '|';
  out += kSeverities[std::min<std::size_t>(alert.priority, 7)];
  out += '|';
  append_cef_extension(out, "rt", std::to_string(told_time(alert) / 1'000'000));
  append_cef_extension(out, "externalId", alert::to_text(alert::AlertId{alert.id}));
  append_cef_extension(out, "suser", alert.user);
  // The six texts of a device's own.
  const auto custom = [&out](int number, std::string_view what, std::string_view value) {
    if (!value.empty()) {
      const std::string name = "cs" + std::to_string(number);
      append_cef_extension(out, name + "Label", what);
      append_cef_extension(out, name, value);
    }
  };
  custom(1, "namespace", alert.name_space);
  custom(2, "cluster", alert.cluster);
  custom(3, "tags", alert.tags);
  if (const auto view = alert::AlertView::parse(alert.body)) {
    static_assert(kOriginMembers.size() <= 3);
    int number = 4;
    for (const OriginMember& member : kOriginMembers) {
      custom(number++, member.name, member.text(*view));
    }
    append_cef_extension(out, "dvchost", alert::unescape_json(view->hostname));
    append_cef_extension(out, "msg", view->message());
  }
}

void append_syslog(std::string& out, const Message& message, const SyslogFormat& format) {
  using Protocol = SyslogFormat::Protocol;
  const store::StoredAlert& alert = *message.alert;
  const std::size_t start = out.size();
  const std::uint32_t severity = format.severities[std::min<std::size_t>(alert.priority, 7)];
  out += '<' + std::to_string(format.facility * 8 + severity) + '>';
  if (format.protocol == Protocol::kRfc5424) {
    out += "1 ";
    out += base::utc_text(told_time(alert), 6);
    out += ' ';
    append_header(out, format.hostname, 255);
    out += ' ';
    append_header(out, format.app_name, 48);
    out += " - alert ";
    const std::size_t used = out.size() - start + 1;  // a blank follows
    append_structured_data(out, alert, format.max_message > used ? format.max_message - used : 0);
    out += ' ';
  } else {
    append_time_3164(out, told_time(alert));
    out += ' ';
    if (format.protocol == Protocol::kRfc3164) {
      append_header(out, format.hostname, 255);
      out += ' ';
    }
    append_header(out, format.app_name, 32);
    out += ": ";
  }
  if (format.cef) {
    append_cef(out, message);
  } else {
    append_message(out, message.line);
  }
  cut(out, start, format.max_message, format.cef ? Escapes::kBackslash : Escapes::kNone);
}

}  // namespace tiercel::output
