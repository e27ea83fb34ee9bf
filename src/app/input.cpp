#include "input.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "unpack.h"

namespace tiercel::app {

namespace {

namespace fs = std::filesystem;

// A block holds about this much, or one line that is longer.
constexpr std::size_t kBlockBytes = std::size_t{256} << 10U;
// A file whose first two lines are not whole within so much is taken as lines.
constexpr std::size_t kSettleWithin = std::size_t{16} << 20U;
constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) {
    return {};
  }
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

// The first lines that are not blank, at most two; an unfinished last one counts.
std::pair<std::string_view, std::string_view> first_lines(std::string_view text) {
  std::array<std::string_view, 2> lines;
  std::size_t count = 0;
  while (!text.empty() && count < lines.size()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty()) {
      lines[count++] = line;
    }
  }
  return {lines[0], lines[1]};
}

bool is_whole_object(std::string_view line) {
  return line.starts_with('{') && line.ends_with('}') && value_end(line, 0) == line.size();
}

// Reads one file and cuts it.
class FileCutter {
 public:
  FileCutter(const std::string& path, const std::function<void(InputBlock)>& take)
      : path_(path),
        file_(std::make_shared<const std::string>(path == "-" ? "standard input" : path)),
        take_(take),
        buffer_(kBlockBytes + audit::kPadding) {}

  base::Result<void> run() {
    auto opened = open_bytes(path_);
    if (!opened) {
      return opened.error();
    }
    while (true) {
      if (used_ + audit::kPadding >= buffer_.size()) {
        buffer_.resize(buffer_.size() * 2);
      }
      const auto got = (*opened)->read(
          std::span(buffer_).subspan(used_, buffer_.size() - used_ - audit::kPadding));
      if (!got) {
        return got.error();
      }
      if (*got == 0) {
        break;
      }
      used_ += *got;
      if (settle_form(false) && form_ == InputBlock::Form::kLines) {
        hand_on_lines();
      }
    }
    (void)settle_form(true);
    if (form_ == InputBlock::Form::kLines) {
      hand_on(used_, {});
    } else {
      hand_on_values();
    }
    return {};
  }

 private:
  // Decides once two lines are there. True when it is decided.
  bool settle_form(bool at_end) {
    if (is_settled_) {
      return true;
    }
    const std::string_view text(buffer_.data(), used_);
    const bool is_far = used_ > kSettleWithin;
    const bool has_line_end = text.find('\n', searched_) != std::string_view::npos;
    searched_ = used_;
    if (!has_line_end && !is_far && !at_end) {
      return false;
    }
    const auto [first, second] = first_lines(text);
    // The second line is whole when a line end follows it.
    const bool has_two =
        !second.empty() && text.find('\n', static_cast<std::size_t>(second.data() - text.data()) +
                                               second.size()) != std::string_view::npos;
    if (!has_two && !is_far && !at_end) {
      return false;
    }
    is_settled_ = true;
    form_ = spans_lines(text) ? InputBlock::Form::kBody : InputBlock::Form::kLines;
    searched_ = 0;
    return true;
  }

  // The lines that are whole; the rest begins the next block.
  void hand_on_lines() {
    const void* const last = ::memrchr(buffer_.data() + searched_, '\n', used_ - searched_);
    searched_ = used_;
    if (last == nullptr) {
      return;
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(last) - buffer_.data()) + 1;
    const std::string rest(buffer_.data() + end, used_ - end);
    hand_on(end, rest);
  }

  void hand_on_values() {
    const std::vector<char> whole = std::exchange(buffer_, {});
    const std::string_view text(whole.data(), used_);
    for (std::size_t from = text.find_first_not_of(kBlank); from < text.size();
         from = text.find_first_not_of(kBlank, from)) {
      const std::size_t end = value_end(text, from).value_or(text.size());
      buffer_.assign(text.begin() + static_cast<std::ptrdiff_t>(from),
                     text.begin() + static_cast<std::ptrdiff_t>(end));
      hand_on(end - from, {});
      from = end;
    }
  }

  // Gives the buffer's first `size` bytes away and begins the next with `rest`.
  void hand_on(std::size_t size, std::string_view rest) {
    InputBlock block;
    block.bytes = std::exchange(buffer_, {});
    block.bytes.resize(size + audit::kPadding);
    std::fill(block.bytes.end() - static_cast<std::ptrdiff_t>(audit::kPadding), block.bytes.end(),
              '\0');
    block.size = size;
    block.form = form_;
    block.file = file_;
    buffer_.resize(std::max(kBlockBytes, 2 * rest.size()) + audit::kPadding);
    std::copy(rest.begin(), rest.end(), buffer_.begin());
    used_ = rest.size();
    searched_ = used_;
    if (size != 0) {
      take_(std::move(block));
    }
  }

  const std::string& path_;
  std::shared_ptr<const std::string> file_;
  const std::function<void(InputBlock)>& take_;
  InputBlock::Form form_ = InputBlock::Form::kLines;
  bool is_settled_ = false;
  std::vector<char> buffer_;  // always kPadding longer than what may be read into it
  std::size_t used_ = 0;
  std::size_t searched_ = 0;  // no line end before it
};

// A folder as its regular files, the oldest first; anything else is itself.
base::Result<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code error;
  if (path == "-" || !fs::is_directory(path, error)) {
    return std::vector<std::string>{path};
  }
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) {
      found.emplace_back(it->last_write_time(ignored), it->path().string());
    }
  }
  if (error) {
    return base::Error{"read_failed", "cannot read the folder: " + error.message(), path};
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> files;
  for (auto& [time, file] : found) {
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

std::optional<std::size_t> value_end(std::string_view text, std::size_t from) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = std::min(text.find_first_not_of(kBlank, from), text.size());
       at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      at += c == '\\' ? 1U : 0U;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth != 0) {
      if (--depth == 0) {
        return at + 1;
      }
    } else if (depth == 0 && kBlank.find(c) != std::string_view::npos) {
      return at;
    }
  }
  return depth == 0 && !in_string ? std::optional(text.size()) : std::nullopt;
}

bool spans_lines(std::string_view beginning) {
  const auto [first, second] = first_lines(beginning);
  if (second.empty() || (first.front() != '{' && first.front() != '[') || value_end(first, 0)) {
    return false;
  }
  // A value goes on after such an end; otherwise the line may be a damaged event, which an
  // event on a line of its own behind it tells.
  return std::string_view("{[,:").find(first.back()) != std::string_view::npos ||
         !is_whole_object(second);
}

base::Result<void> read_inputs(const std::vector<std::string>& paths,
                               const std::function<void(InputBlock)>& take) {
  for (const std::string& path : paths) {
    const auto files = files_of(path);
    if (!files) {
      return files.error();
    }
    for (const std::string& file : *files) {
      if (auto done = FileCutter(file, take).run(); !done) {
        return done.error();
      }
    }
  }
  return {};
}

std::uint64_t for_each_body(
    const InputBlock& block,
    const std::function<void(std::uint64_t line, std::string_view body)>& take) {
  if (block.form == InputBlock::Form::kBody) {
    take(0, block.view());
    return 0;
  }
  std::uint64_t lines = 0;
  for (std::string_view rest = block.view(); !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++lines;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      take(lines, line);
    }
  }
  return lines;
}

}  // namespace tiercel::app
