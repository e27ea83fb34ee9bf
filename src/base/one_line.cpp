#include "tiercel/base/one_line.h"

#include "tiercel/base/cut_utf8.h"

namespace tiercel::base {

std::string one_line(std::string_view text) {
  constexpr std::size_t kMost = 500;
  std::string line(cut_utf8(text, kMost));
  for (std::size_t at = 0; at < line.size(); ++at) {
    const auto c = static_cast<unsigned char>(line[at]);
    const auto next = static_cast<unsigned char>(at + 1 < line.size() ? line[at + 1] : 0);
    // U+0080 to U+009F: some terminals take U+009B for the beginning of a command.
    if (c == 0xC2 && next >= 0x80 && next < 0xA0) {
      line.replace(at, 2, 1, ' ');
    } else if (c < 0x20 || c == 0x7F) {
      line[at] = ' ';
    }
  }
  return text.size() > kMost ? line + "..." : line;
}

}  // namespace tiercel::base
