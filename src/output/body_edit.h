#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/alert/alert_view.h"

namespace tiercel::output {

/// Replaces parts of an alert's body, and leaves every other byte as it was stored.
///
/// Lifetime: looks into the body.
class BodyEdit {
 public:
  explicit BodyEdit(std::string_view body) : body_(body) {}

  /// `part` is a view into the body, an empty one a place to insert at. Parts do not overlap.
  void replace(std::string_view part, std::string text) {
    const auto at = static_cast<std::size_t>(part.data() - body_.data());
    edits_.push_back({at, part.size(), std::move(text)});
  }
  [[nodiscard]] std::string result();

 private:
  struct Edit {
    std::size_t at = 0;
    std::size_t length = 0;
    std::string text;
  };
  std::string_view body_;
  std::vector<Edit> edits_;
};

/// The part of the text alert that is the message, behind time and priority; still escaped.
[[nodiscard]] std::string_view message_part(const alert::AlertView& view);

}  // namespace tiercel::output
