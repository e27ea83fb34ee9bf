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
  files.reserve(found.size());
  for (auto& [time, file] : found) {
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

// Reads one file and cuts it.
class InputReader::FileCutter {
 public:
  FileCutter(const std::string& path, std::unique_ptr<ByteReader> bytes)
      : file_(std::make_shared<const std::string>(path == "-" ? "standard input" : path)),
        bytes_(std::move(bytes)) {}

  base::Result<bool> next(InputBlock& block) {
    if (has_ended_) {
      return next_value(block);
    }
    std::vector<char>& buffer = block.bytes;
    std::size_t used = rest_.size();
    make_room(buffer, used);
    std::copy(rest_.begin(), rest_.end(), buffer.begin());
    rest_.clear();
    std::size_t searched = used;  // no line end before it
    while (true) {
      if (used + audit::kPadding >= buffer.size()) {
        buffer.resize(buffer.size() * 2);
      }
      const auto got =
          bytes_->read(std::span(buffer).subspan(used, buffer.size() - used - audit::kPadding));
      if (!got) {
        return got.error();
      }
      used += *got;
      has_ended_ = *got == 0;
      const std::string_view text(buffer.data(), used);
      const bool is_lines = settle_form(text, searched) && form_ == audit::BatchForm::kLines;
      if (has_ended_ && is_lines) {
        return give(block, used);
      }
      if (has_ended_) {
        values_ = std::exchange(buffer, {});
        values_size_ = used;
        return next_value(block);
      }
      const std::size_t end = is_lines ? behind_last_line(text, searched) : 0;
      searched = is_lines ? used : searched;
      if (end != 0) {
        rest_ = text.substr(end);
        return give(block, end);
      }
    }
  }

 private:
  // The room of one long line is not kept for all that follow.
  static void make_room(std::vector<char>& buffer, std::size_t used) {
    const std::size_t wanted = used + kBlockBytes + audit::kPadding;
    if (buffer.size() < wanted) {
      buffer.resize(wanted);
    } else if (buffer.size() > 8 * wanted) {
      buffer = std::vector<char>(wanted);
    }
  }

  base::Result<bool> give(InputBlock& block, std::size_t size) {
    block.size = size;
    block.form = form_;
    block.file = file_;
    return size != 0;
  }

  static std::size_t behind_last_line(std::string_view text, std::size_t from) {
    const void* const last = ::memrchr(text.data() + from, '\n', text.size() - from);
    return last == nullptr
               ? 0
               : static_cast<std::size_t>(static_cast<const char*>(last) - text.data()) + 1;
  }

  // Decides once two lines are there, or nothing more comes. True when it is decided. Each call
  // looks for line ends behind `searched` only until then.
  bool settle_form(std::string_view text, std::size_t& searched) {
    if (is_settled_) {
      return true;
    }
    const bool is_due = has_ended_ || text.size() > kSettleWithin;
    const bool has_line_end = text.find('\n', searched) != std::string_view::npos;
    searched = text.size();
    if (!has_line_end && !is_due) {
      return false;
    }
    const auto [first, second] = first_lines(text);
    // The second line is whole when a line end follows it.
    const bool has_two =
        !second.empty() && text.find('\n', static_cast<std::size_t>(second.data() - text.data()) +
                                               second.size()) != std::string_view::npos;
    if (!has_two && !is_due) {
      return false;
    }
    is_settled_ = true;
    form_ = spans_lines(text) ? audit::BatchForm::kBody : audit::BatchForm::kLines;
    searched = 0;
    return true;
  }

  base::Result<bool> next_value(InputBlock& block) {
    const std::string_view text(values_.data(), values_size_);
    const std::size_t from = text.find_first_not_of(kBlank, taken_);
    if (from == std::string_view::npos) {
      return false;
    }
    taken_ = value_end(text, from).value_or(text.size());
    const std::string_view value = text.substr(from, taken_ - from);
    block.bytes.assign(value.begin(), value.end());
    block.bytes.resize(value.size() + audit::kPadding);
    return give(block, value.size());
  }

  const std::shared_ptr<const std::string> file_;
  const std::unique_ptr<ByteReader> bytes_;
  audit::BatchForm form_ = audit::BatchForm::kLines;
  bool is_settled_ = false;
  bool has_ended_ = false;
  std::string rest_;          // the beginning of a line, behind the lines that were given
  std::vector<char> values_;  // all of a file whose values span lines
  std::size_t values_size_ = 0;
  std::size_t taken_ = 0;  // of values_
};

InputReader::InputReader(std::vector<std::string> paths) : paths_(std::move(paths)) {
  std::reverse(paths_.begin(), paths_.end());
}
InputReader::~InputReader() = default;

base::Result<bool> InputReader::open_next() {
  while (files_.empty()) {
    if (paths_.empty()) {
      return false;
    }
    auto files = files_of(paths_.back());
    if (!files) {
      return files.error();
    }
    paths_.pop_back();
    files_ = std::move(*files);
    std::reverse(files_.begin(), files_.end());
  }
  auto opened = open_bytes(files_.back());
  if (!opened) {
    return opened.error();
  }
  file_ = std::make_unique<FileCutter>(files_.back(), std::move(*opened));
  files_.pop_back();
  return true;
}

base::Result<bool> InputReader::next(InputBlock& block) {
  while (true) {
    if (file_ == nullptr) {
      if (auto opened = open_next(); !opened || !*opened) {
        return opened;
      }
    }
    if (auto got = file_->next(block); !got || *got) {
      return got;
    }
    file_.reset();
  }
}

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

}  // namespace tiercel::app
