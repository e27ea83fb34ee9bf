#include "queue_name.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tiercel/base/priority.h"

namespace tiercel::output {

namespace {

// Kafka's own limit for a topic; subjects keep to it too.
constexpr std::size_t kLongestName = 249;
constexpr std::size_t kLongestPart = 80;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool may_stand(char c, QueueName::Kind kind) {
  if (kind == QueueName::Kind::kTopic) {
    return is_plain(c) || c == '.';
  }
  return c > ' ' && c < '\x7f' && c != '*' && c != '>';
}

void append_part(std::string& out, std::string_view value) {
  const std::size_t begin = out.size();
  for (const char c : value) {
    if (out.size() - begin == kLongestPart) {
      break;
    }
    if (is_plain(c)) {
      out += c;
    } else if (out.size() == begin || out.back() != '_') {
      out += '_';
    }
  }
  if (out.size() == begin) {
    out += "none";
  }
}

base::Error bad_name(std::string_view text, const std::string& why) {
  return {"bad_name", why, std::string(text)};
}

}  // namespace

base::Result<void> QueueName::add_part(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Part>, 3> kParts{
      {{"rule", Part::kRule}, {"priority", Part::kPriority}, {"cluster", Part::kCluster}}};
  const auto* const known = std::find_if(kParts.begin(), kParts.end(),
                                         [name](const auto& part) { return part.first == name; });
  if (known == kParts.end()) {
    return bad_name(name, "behind a % may stand: " + std::string(kNames));
  }
  pieces_.push_back({known->second});
  return {};
}

base::Result<QueueName> QueueName::parse(std::string_view text, Kind kind) {
  QueueName name;
  std::string literal;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '%') {
      if (!may_stand(text[at], kind)) {
        return bad_name(text, kind == Kind::kTopic
                                  ? "a topic is made of letters, digits, '.', '_' and '-'"
                                  : "a subject to publish to has no blanks, '*' and '>'");
      }
      literal += text[at++];
      continue;
    }
    const auto* const end = std::find_if_not(text.begin() + at + 1, text.end(), is_letter);
    const auto length = static_cast<std::size_t>(end - text.begin()) - at;
    name.pieces_.push_back({Part::kLiteral, std::exchange(literal, {})});
    if (auto added = name.add_part(text.substr(at + 1, length - 1)); !added) {
      return added.error();
    }
    at += length;
  }
  name.pieces_.push_back({Part::kLiteral, literal});
  const bool has_empty_level = text.empty() || text.front() == '.' || text.back() == '.' ||
                               text.find("..") != std::string_view::npos;
  if (has_empty_level) {
    return bad_name(text, "between dots, and before and behind them, something must stand");
  }
  std::size_t longest = 0;
  for (const Piece& piece : name.pieces_) {
    longest += piece.part == Part::kLiteral ? piece.literal.size() : kLongestPart;
  }
  if (longest > kLongestName) {
    return bad_name(text, "is longer than 249 characters, where each filled part counts 80");
  }
  return name;
}

std::string QueueName::of(const store::StoredAlert& alert) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    switch (piece.part) {
      case Part::kLiteral:
        out += piece.literal;
        break;
      case Part::kRule:
        append_part(out, alert.rule);
        break;
      case Part::kPriority:
        append_part(
            out,
            base::to_text(static_cast<base::Priority>(std::min<std::uint8_t>(alert.priority, 7))));
        break;
      case Part::kCluster:
        append_part(out, alert.cluster);
        break;
    }
  }
  return out;
}

}  // namespace tiercel::output
