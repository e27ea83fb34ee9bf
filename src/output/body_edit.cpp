#include "body_edit.h"

#include <algorithm>

namespace tiercel::output {

std::string BodyEdit::result() {
  std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) { return a.at < b.at; });
  std::string out;
  std::size_t at = 0;
  for (const Edit& edit : edits_) {
    out += body_.substr(at, edit.at - at);
    out += edit.text;
    at = edit.at + edit.length;
  }
  out += body_.substr(at);
  return out;
}

std::string_view message_part(const alert::AlertView& view) {
  const std::size_t colon = view.output.find(": ");
  if (colon == std::string_view::npos ||
      !view.output.substr(colon + 2).starts_with(view.priority)) {
    return view.output;
  }
  return view.output.substr(std::min(colon + 3 + view.priority.size(), view.output.size()));
}

}  // namespace tiercel::output
