#include "source_files.h"

#include <algorithm>
#include <utility>

namespace tiercel::rules {

namespace {

constexpr std::size_t kWidestSnippet = 400;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::uint32_t SourceFiles::add(const std::string& name, std::string_view content) {
  if (content.starts_with(kByteOrderMark)) {
    content.remove_prefix(kByteOrderMark.size());
  }
  File file{name, std::string(content), {0}};
  for (std::size_t at = 0; at < content.size(); ++at) {
    if (content[at] == '\n') {
      file.line_starts.push_back(static_cast<std::uint32_t>(at + 1));
    }
  }
  files_.push_back(std::move(file));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

base::Location SourceFiles::locate(Origin origin) const {
  if (origin.file >= files_.size()) {
    return {};
  }
  const File& file = files_[origin.file];
  const auto size = static_cast<std::uint32_t>(file.content.size());
  const std::uint32_t offset = std::min(origin.offset, size);
  const auto next = std::upper_bound(file.line_starts.begin(), file.line_starts.end(), offset);
  const auto line = static_cast<std::uint32_t>(next - file.line_starts.begin());
  return {file.name, line, offset - file.line_starts[line - 1] + 1};
}

void SourceFiles::place(base::Diagnostic& diagnostic, Origin origin) const {
  diagnostic.location = locate(origin);
  if (origin.file >= files_.size()) {
    return;
  }
  const File& file = files_[origin.file];
  const std::size_t start = file.line_starts[diagnostic.location.line - 1];
  const std::size_t end = std::min(file.content.find('\n', start), file.content.size());
  std::string_view line(file.content.data() + start, end - start);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  std::size_t caret = std::min<std::size_t>(diagnostic.location.column - 1, line.size());
  if (line.size() > kWidestSnippet) {
    const std::size_t cut = caret > kWidestSnippet / 2 ? caret - kWidestSnippet / 2 : 0;
    line = line.substr(cut, kWidestSnippet);
    caret -= cut;
  }
  diagnostic.snippet = line;
  diagnostic.caret = static_cast<std::uint32_t>(caret);
}

}  // namespace tiercel::rules
