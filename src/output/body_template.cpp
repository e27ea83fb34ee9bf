#include "body_template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"
#include "tiercel/base/json_text.h"
#include "tiercel/base/priority.h"
#include "tiercel/output/names.h"

#include "http_peer.h"
#include "origin_members.h"
#include "time_texts.h"

namespace tiercel::output {

namespace {

struct PriorityMap {
  std::string_view name;
  std::array<std::string_view, 8> words;  // emergency … debug
};

constexpr std::array<PriorityMap, 4> kMaps{{
    {"pagerduty", {"critical", "critical", "critical", "error", "warning", "info", "info", "info"}},
    {"datadog", {"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"}},
    {"colour",
     {"#e20b0b", "#e20b0b", "#e20b0b", "#e20b0b", "#ffc700", "#5bffb5", "#68c2ff", "#cccccc"}},
    // The same as numbers, for vendors that take no other.
    {"colour_number",
     {"14813963", "14813963", "14813963", "14813963", "16762624", "6029237", "6865663",
      "13421772"}},
}};

// Cuts what was appended behind `start` to so many bytes: behind a whole character or escape,
// with an ellipsis.
void cut_escaped(std::string& out, std::size_t start, std::size_t most) {
  constexpr std::string_view kEllipsis = "\u2026";
  if (out.size() - start <= most) {
    return;
  }
  const std::size_t room = most > kEllipsis.size() ? most - kEllipsis.size() : 0;
  std::size_t end = start;
  while (true) {
    std::size_t next = end + 1;
    if (out[end] == '\\') {
      next = end + (out[end + 1] == 'u' ? 6 : 2);
    }
    while (next < out.size() && (static_cast<unsigned char>(out[next]) & 0xC0U) == 0x80U) {
      ++next;
    }
    if (next - start > room) {
      break;
    }
    end = next;
  }
  out.resize(end);
  out += kEllipsis;
}

// An object of those fields that fit into so many bytes.
std::string fitting_fields(const alert::AlertView& view, std::size_t most) {
  constexpr std::size_t kMostValue = 4096;
  std::string out = "{";
  view.for_each_field([&](std::string_view name, std::string_view value) {
    const std::size_t before = out.size();
    out += out.size() > 1 ? "," : "";
    base::append_json_string(out, name);
    out += ':';
    if (value.size() <= kMostValue) {
      out += value;
    } else {
      base::append_json_string(out, cut_text(alert::json_value_text(value), kMostValue));
    }
    if (out.size() >= most) {
      out.resize(before);
    }
    return true;
  });
  return out + '}';
}

// What a message's alert holds under a name: a text, or JSON where it is no text.
struct Value {
  std::string text;
  std::string json;  // empty: the text as a JSON string
  bool exists = true;
};

class Facts {
 public:
  explicit Facts(const Message& message)
      : alert_(*message.alert), view_(alert::AlertView::parse(alert_.body)) {}

  [[nodiscard]] Value get(const std::string& name) const {
    if (const auto column = of_column(name)) {
      return *column;
    }
    if (!view_) {
      return name == "output" || name == "message" ? Value{std::string(alert_.body), {}, true}
                                                   : Value{{}, "null", false};
    }
    if (const auto member = of_member(name)) {
      return *member;
    }
    std::string json = view_->field_json(name);
    if (json.empty()) {
      return {{}, "null", false};
    }
    std::string text = alert::json_value_text(json);
    return {std::move(text), std::move(json), true};
  }

  // Of an alert whose fields are an object.
  [[nodiscard]] std::string fields_within(std::size_t most) const {
    return fitting_fields(*view_, most);
  }

 private:
  [[nodiscard]] std::optional<Value> of_column(const std::string& name) const {
    if (name == "alert_id") {
      return Value{alert::to_text(alert::AlertId{alert_.id}), {}, true};
    }
    if (name == "time_unix" || name == "time_ms") {
      const std::int64_t milliseconds = told_time(alert_) / 1'000'000;
      std::string number = std::to_string(milliseconds);
      if (name == "time_unix") {
        const std::string rest = std::to_string(1000 + milliseconds % 1000);
        number = std::to_string(milliseconds / 1000) + '.' + rest.substr(1);
      }
      return Value{number, number, true};
    }
    if (name == "time_iso") {
      return Value{rfc3339(told_time(alert_)), {}, true};
    }
    for (const auto& [known, text] : {std::pair{"rule", alert_.rule},
                                      {"user", alert_.user},
                                      {"namespace", alert_.name_space},
                                      {"cluster", alert_.cluster}}) {
      if (name == known) {
        return Value{std::string(text), {}, !text.empty()};
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Value> of_member(const std::string& name) const {
    if (name == "message") {
      // Peers refuse an empty text.
      std::string message = view_->message();
      return Value{message.empty() ? std::string(alert_.rule) : std::move(message), {}, true};
    }
    if (name == "tags" || name == "output_fields") {
      const std::string_view json = name == "tags" ? view_->tags : view_->output_fields;
      return Value{name == "tags" ? alert::json_value_text(json) : std::string(json),
                   json.empty() ? "null" : std::string(json), true};
    }
    for (const OriginMember& member : kOriginMembers) {
      if (name == member.name) {
        std::string text = member.text(*view_);
        const bool exists = !text.empty();
        return Value{std::move(text), {}, exists};
      }
    }
    for (const auto& [known, inside] : {std::pair{"hostname", view_->hostname},
                                        {"output", view_->output},
                                        {"priority", view_->priority},
                                        {"source", view_->source},
                                        {"time", view_->time}}) {
      if (name == known) {
        return Value{alert::unescape_json(inside), {}, true};
      }
    }
    return std::nullopt;
  }

  const store::StoredAlert& alert_;
  std::optional<alert::AlertView> view_;
};

constexpr auto kMembers = std::to_array<std::string_view>(
    {"alert_id", "apiserver", "hostname", "output", "message", "priority", "rule", "source", "tags",
     "time", "time_iso", "time_unix", "time_ms", "output_fields", "user", "namespace", "cluster",
     "rules_hash"});

base::Error bad_placeholder(std::string_view text) {
  return {"bad_template",
          "a placeholder is ${name}, ${json:name}, ${name:BYTES}, ${name:-TEXT}, "
          "${json:output_fields:BYTES} or ${priority:MAP}",
          std::string(text)};
}

}  // namespace

std::span<const std::string_view> body_members() { return kMembers; }

std::span<const std::string_view> priority_maps() {
  static constexpr auto kNames = [] {
    std::array<std::string_view, kMaps.size()> names{};
    for (std::size_t at = 0; at < names.size(); ++at) {
      names[at] = kMaps[at].name;
    }
    return names;
  }();
  return kNames;
}

bool is_priority_map(std::string_view map) {
  return std::any_of(kMaps.begin(), kMaps.end(),
                     [map](const PriorityMap& one) { return one.name == map; });
}

std::string_view priority_word(std::string_view map, std::size_t priority) {
  for (const PriorityMap& one : kMaps) {
    if (one.name == map) {
      return one.words[std::min<std::size_t>(priority, 7)];
    }
  }
  return {};
}

base::Result<BodyTemplate> BodyTemplate::parse(
    std::string_view text, std::vector<std::pair<std::string, std::string>> constants) {
  BodyTemplate out;
  out.constants_ = std::move(constants);
  while (!text.empty()) {
    const std::size_t start = std::min(text.find("${"), text.size());
    if (start != 0) {
      out.pieces_.push_back({Form::kLiteral, std::string(text.substr(0, start)), {}, {}, 0});
      text.remove_prefix(start);
      continue;
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos || end == 2) {
      return bad_placeholder(text.substr(0, 40));
    }
    std::string_view inside = text.substr(2, end - 2);
    Piece piece;
    piece.form = inside.starts_with("json:") ? Form::kJson : Form::kText;
    inside.remove_prefix(piece.form == Form::kJson ? 5 : 0);
    const std::size_t otherwise = inside.rfind(":-");
    if (otherwise != std::string_view::npos && piece.form == Form::kText &&
        inside.find(']', otherwise) == std::string_view::npos) {
      piece.otherwise = inside.substr(otherwise + 2);
      inside = inside.substr(0, otherwise);
    }
    // A colon stands in no name, but a field's argument may hold one.
    const std::size_t colon = inside.ends_with(']') ? std::string_view::npos : inside.rfind(':');
    if (colon != std::string_view::npos) {
      const std::string_view tail = inside.substr(colon + 1);
      const auto number = std::from_chars(tail.data(), tail.data() + tail.size(), piece.most);
      const bool is_cut_json =
          piece.form == Form::kJson && inside.substr(0, colon) != "output_fields";
      if (is_priority_map(tail) && inside.substr(0, colon) == "priority") {
        piece.map = tail;
      } else if (is_cut_json || number.ec != std::errc{} ||
                 number.ptr != tail.data() + tail.size()) {
        return bad_placeholder(text.substr(0, end + 1));
      }
      inside = inside.substr(0, colon);
    }
    piece.text = inside;
    out.pieces_.push_back(std::move(piece));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::vector<std::string> BodyTemplate::names() const {
  std::vector<std::string> names;
  for (const Piece& piece : pieces_) {
    const bool is_constant =
        std::any_of(constants_.begin(), constants_.end(),
                    [&piece](const auto& one) { return one.first == piece.text; });
    if (piece.form != Form::kLiteral && !is_constant) {
      names.push_back(piece.text);
    }
  }
  return names;
}

void BodyTemplate::render(const Message& message, std::string& out) const {
  const Facts facts(message);
  for (const Piece& piece : pieces_) {
    if (piece.form == Form::kLiteral) {
      out += piece.text;
      continue;
    }
    if (!piece.map.empty()) {
      out += priority_word(piece.map, message.alert->priority);
      continue;
    }
    const auto constant =
        std::find_if(constants_.begin(), constants_.end(),
                     [&piece](const auto& one) { return one.first == piece.text; });
    Value value =
        constant == constants_.end() ? facts.get(piece.text) : Value{constant->second, {}, true};
    if (piece.form == Form::kText) {
      const std::size_t start = out.size();
      base::append_json_escaped(out, value.text.empty() ? piece.otherwise : value.text);
      cut_escaped(out, start, piece.most == 0 ? out.size() : piece.most);
    } else if (piece.most != 0 && value.json.size() > piece.most) {
      out += facts.fields_within(piece.most);
    } else if (!value.json.empty()) {
      out += value.json;
    } else if (value.exists) {
      base::append_json_string(out, value.text);
    } else {
      out += "null";
    }
  }
}

}  // namespace tiercel::output
