#include "tiercel/config/node.h"

#include <algorithm>
#include <array>

namespace tiercel::config {

namespace {

constexpr std::array<std::string_view, 4> kKindTexts{"nothing", "a text", "a list", "a map"};

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto member = std::find_if(members.begin(), members.end(),
                                   [key](const Member& candidate) { return candidate.key == key; });
  return member == members.end() ? nullptr : &member->value;
}

Node* Node::find(std::string_view key) {
  const auto member = std::find_if(members.begin(), members.end(),
                                   [key](const Member& candidate) { return candidate.key == key; });
  return member == members.end() ? nullptr : &member->value;
}

std::string_view kind_text(const Node& node) {
  return kKindTexts[static_cast<std::size_t>(node.kind)];
}

std::uint32_t Sources::add(Text text) {
  texts_.push_back(std::move(text));
  return static_cast<std::uint32_t>(texts_.size() - 1);
}

base::Location Sources::locate(Place place) const {
  if (place.source >= texts_.size()) {
    return {};
  }
  const Text& text = texts_[place.source];
  // A word of the command line is its own place.
  return text.is_flag ? base::Location{text.name, 0, 0}
                      : base::Location{text.name, place.line, place.column};
}

std::string_view Sources::line(Place place) const {
  if (place.source >= texts_.size() || place.line == 0 || texts_[place.source].is_flag) {
    return {};
  }
  std::string_view rest = texts_[place.source].content;
  for (std::uint32_t line = 1; line < place.line; ++line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      return {};
    }
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) {
    rest.remove_suffix(1);
  }
  return rest;
}

}  // namespace tiercel::config
