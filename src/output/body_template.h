#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/error.h"
#include "tiercel/output/output.h"

namespace tiercel::output {

/// A request's body as a template. `${name}` becomes the text of a member or output field,
/// escaped for the inside of a JSON string; `${json:name}` its JSON value; `${name:1024}` the text
/// cut to so many bytes, escapes counted; `${name:-none}` or `${name:1024:-none}` another text
/// where it is empty; `${json:output_fields:1024}` those fields that fit, long texts cut;
/// `${priority:MAP}` a vendor's word for the priority.
///
/// Names: alert_id, apiserver, rules_hash, hostname, output, message, priority, rule, source, tags,
/// time, time_iso (to the millisecond), time_unix (seconds), time_ms, output_fields, user,
/// namespace, cluster, any output field, and the constants that the kind gives. What an alert does
/// not have is an empty text, or null.
///
/// Immutable; any thread.
class BodyTemplate {
 public:
  /// `constants`: names that stand for texts of the configuration. An error says which
  /// placeholder cannot be understood.
  [[nodiscard]] static base::Result<BodyTemplate> parse(
      std::string_view text, std::vector<std::pair<std::string, std::string>> constants);

  /// The names that it asks for, but for the constants.
  [[nodiscard]] std::vector<std::string> names() const;

  void render(const Message& message, std::string& out) const;

 private:
  enum class Form : std::uint8_t { kLiteral, kText, kJson };
  struct Piece {
    Form form = Form::kLiteral;
    std::string text;  // the literal, or the name
    std::string map;   // words for the priorities
    std::string otherwise;
    std::size_t most = 0;
  };
  std::vector<Piece> pieces_;
  std::vector<std::pair<std::string, std::string>> constants_;
};

/// A vendor's words for the priorities, emergency first; empty where there is no such map.
[[nodiscard]] std::string_view priority_word(std::string_view map, std::size_t priority);
[[nodiscard]] bool is_priority_map(std::string_view map);
[[nodiscard]] std::span<const std::string_view> priority_maps();

/// The template of a kind that needs nothing else.
struct ReadyBody {
  std::string_view kind;
  std::string_view body;
};
[[nodiscard]] std::span<const ReadyBody> ready_bodies();

}  // namespace tiercel::output
