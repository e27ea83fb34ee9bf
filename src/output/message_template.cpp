#include <algorithm>
#include <array>
#include <optional>

#include "tiercel/base/json_text.h"
#include "tiercel/output/names.h"
#include "tiercel/output/routing.h"

#include "alert_facts.h"
#include "body_edit.h"

namespace tiercel::output {

namespace {

constexpr std::string_view kAbsent = "<NA>";

struct Token {
  std::string_view literal;   // stands before the name
  std::string_view name;      // with its argument in brackets; empty: a literal alone
  std::string_view argument;  // the end of `name`, brackets included
};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

// The length of the name at the start of `text`, without dots that end a sentence.
std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_name_char(text[length])) {
    ++length;
  }
  while (length > 0 && text[length - 1] == '.') {
    --length;
  }
  return length;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t begin = 0;
  std::size_t at = text.find('%');
  while (at != std::string_view::npos) {
    const std::size_t length = name_length(text.substr(at + 1));
    if (length == 0) {
      // A doubled % is one; any other is a literal.
      const bool is_doubled = text.substr(at + 1).starts_with('%');
      tokens.push_back({text.substr(begin, at + 1 - begin), {}, {}});
      begin = at + (is_doubled ? 2 : 1);
      at = text.find('%', begin);
      continue;
    }
    Token token{text.substr(begin, at - begin), text.substr(at + 1, length), {}};
    begin = at + 1 + length;
    if (begin < text.size() && text[begin] == '[') {
      const std::size_t close = text.find(']', begin);
      if (close != std::string_view::npos) {
        token.argument = text.substr(begin, close + 1 - begin);
        token.name = text.substr(at + 1, length + token.argument.size());
        begin = close + 1;
      }
    }
    tokens.push_back(token);
    at = text.find('%', begin);
  }
  tokens.push_back({text.substr(begin), {}, {}});
  return tokens;
}

// Members of the alert that are no column, and what a group's message has beside.
constexpr auto kMembers = std::to_array<std::string_view>(
    {"output", "message", "time", "hostname", "alert_id", "group.count", "group.first",
     "group.last", "group.ids", "group.key", "group.worst_priority"});

std::optional<std::string> member_text(const alert::AlertView& view, std::string_view name) {
  if (name == "output" || name == "message") {
    return alert::unescape_json(message_part(view));
  }
  if (name == "time") {
    return alert::unescape_json(view.time);
  }
  if (name == "hostname") {
    return alert::unescape_json(view.hostname);
  }
  if (name == "alert_id") {
    return alert::unescape_json(view.alert_id);
  }
  return std::nullopt;
}

class Renderer {
 public:
  Renderer(const store::StoredAlert& alert, std::string_view text)
      : tokens_(tokens_of(text)), facts_(alert, names_) {
    for (const Token& token : tokens_) {
      wanted_.push_back({names_.add(token.name), names_.add(bare_name(token))});
    }
  }

  // Nothing where the body is no alert of ours.
  [[nodiscard]] const alert::AlertView* view() { return facts_.view(); }

  [[nodiscard]] std::string render() {
    std::string out;
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      out += tokens_[at].literal;
      if (!tokens_[at].name.empty()) {
        append(out, at);
      }
    }
    return out;
  }

 private:
  struct Wanted {
    Fact whole;
    Fact bare;
  };

  static std::string_view bare_name(const Token& token) {
    return token.name.substr(0, token.name.size() - token.argument.size());
  }

  void append(std::string& out, std::size_t at) {
    const Token& token = tokens_[at];
    if (const auto member = member_text(*view(), token.name)) {
      out += member->empty() ? std::string(kAbsent) : *member;
    } else if (const auto whole = facts_.text(wanted_[at].whole)) {
      out += *whole;
    } else if (const auto bare = token.argument.empty() ? std::nullopt : bare_text(at)) {
      out += *bare;
      out += token.argument;  // brackets of the text, not of the field
    } else {
      out += kAbsent;
    }
  }

  std::optional<std::string> bare_text(std::size_t at) {
    const auto member = member_text(*view(), bare_name(tokens_[at]));
    return member ? member : facts_.text(wanted_[at].bare);
  }

  std::vector<Token> tokens_;
  FieldNames names_;
  std::vector<Wanted> wanted_;
  AlertFacts facts_;
};

}  // namespace

std::span<const std::string_view> template_members() { return kMembers; }

std::vector<std::string> names_in_template(std::string_view message_template) {
  std::vector<std::string> names;
  for (const Token& token : tokens_of(message_template)) {
    if (!token.name.empty()) {
      names.emplace_back(token.name);
    }
  }
  return names;
}

std::string with_template(const store::StoredAlert& alert, std::string_view message_template) {
  Renderer renderer(alert, message_template);
  const alert::AlertView* const view = renderer.view();
  if (view == nullptr || view->output.data() == nullptr) {
    return std::string(alert.body);
  }
  std::string message;
  base::append_json_escaped(message, renderer.render());
  BodyEdit edit(alert.body);
  edit.replace(message_part(*view), std::move(message));
  return edit.result();
}

}  // namespace tiercel::output
