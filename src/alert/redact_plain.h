#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "redact_chars.h"
#include "redact_engine.h"

namespace tiercel::alert {

/// One pass over text for patterns: each trigger character, such as an equals sign, is
/// looked at with the name before it and the value behind it. What is masked is skipped.
class PlainRedactor {
 public:
  PlainRedactor(std::string_view text, const RedactScope& scope, ArgumentState& state)
      : text_(text), scope_(scope), state_(state) {}

  /// All patterns.
  void run();
  /// Only what has the shape of a credential by itself.
  void run_shapes();
  [[nodiscard]] bool write(std::string& out);

 private:
  /// The name before a separator, and whether it begins its line.
  struct Name {
    std::string_view text;
    std::size_t begin = 0;
    bool quoted = false;
  };

  // Each looks at `at_` and moves on, behind what it masked.
  void equals(std::size_t length);
  void colon();
  void user_info();
  void dash();
  [[nodiscard]] ArgumentState::Next user_and_password() const;
  void piped_pair(std::size_t program);
  void flag();
  [[nodiscard]] bool has_habit(Habit habit) const { return (state_.habits & habit) != 0; }
  void query();
  void word();
  void tag();
  void data_source();
  void hash();
  void keyword(std::string_view word);
  [[nodiscard]] bool is_named_attribute(std::string_view name, std::size_t begin) const;
  [[nodiscard]] bool is_header(std::string_view name, std::size_t begin, std::size_t value) const;
  [[nodiscard]] bool scheme_word();
  [[nodiscard]] bool shape();
  [[nodiscard]] bool base64();

  // The element of a list that follows a flag.
  [[nodiscard]] bool first_argument();
  void follow_flag(ArgumentState::Next next);
  void mask_argument(ArgumentState::Next next, std::size_t begin, std::size_t end);
  void mask(std::size_t begin, std::size_t end);
  // Pays for bytes that were looked at and may be again; masks the rest when it cannot.
  void looked_in_vain(std::size_t bytes);
  // Masks the value that begins at `begin`: in quotes, up to the end of the line, or a word.
  void mask_value(std::size_t begin, bool whole_line, const CharSet& stops);
  void mask_block(std::size_t line_end, std::size_t indent);

  [[nodiscard]] Name name_before(std::size_t separator) const;
  [[nodiscard]] bool is_prose(std::string_view name, std::size_t value) const;
  [[nodiscard]] bool begins_line(std::size_t at) const;
  [[nodiscard]] bool begins_word(std::size_t at) const;
  [[nodiscard]] bool begins_token(std::size_t at) const;
  [[nodiscard]] std::size_t quoted_end(std::size_t begin, std::size_t& content) const;
  [[nodiscard]] std::size_t find_end(std::size_t from, const CharSet& stops) const {
    return stops.find(text_, from);
  }
  [[nodiscard]] char at(std::size_t index) const {
    return index < text_.size() ? text_[index] : '\0';
  }

  std::string_view text_;
  const RedactScope& scope_;
  ArgumentState& state_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;
  // Up to these nothing more can be found of the kind: the whole stays linear.
  std::size_t base64_seen_ = 0;
  std::size_t query_seen_ = 0;
  std::size_t web_token_seen_ = 0;
  // The last < before `tag_seen_`, and whether its name is a credential's.
  std::size_t tag_ = std::string_view::npos;
  std::size_t tag_seen_ = 0;
  bool tag_named_ = false;
  std::optional<bool> oracle_;  // whether an address of Oracle stands anywhere
  bool changed_ = false;
  std::string out_;
};

}  // namespace tiercel::alert
