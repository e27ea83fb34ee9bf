#include "input.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <sys/stat.h>

#include "tiercel/base/clock.h"

#include "unpack.h"

namespace tiercel::app {

namespace {

namespace fs = std::filesystem;

// Lines are gathered into batches of about this size.
constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;
// How far into a line its kind is looked for.
constexpr std::size_t kKindWithin = 256;

// Whether brackets and quotes of `text` balance: a whole JSON value on one line.
bool is_balanced(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  bool escaped = false;
  for (const char c : text) {
    if (in_string) {
      in_string = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      depth -= depth == 0 ? 0U : 1U;
    }
  }
  return depth == 0 && !in_string;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) {
    return {};
  }
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

// A line that is one event: many of them can be read as one array.
bool is_event_line(std::string_view line) {
  return line.starts_with('{') &&
         line.substr(0, kKindWithin).find("\"EventList\"") == std::string_view::npos;
}

// Cuts one file into batches.
class FileCutter {
 public:
  FileCutter(std::string file, const std::function<bool(InputBatch)>& take)
      : file_(std::move(file)), take_(take) {}

  base::Result<bool> run() {
    auto opened = open_bytes(file_);
    if (!opened) {
      return opened.error();
    }
    ByteReader& reader = **opened;
    while (true) {
      auto more = reader.read(text_);
      if (!more) {
        return more.error();
      }
      if (!*more) {
        break;
      }
      if (!cut_lines(false)) {
        return false;
      }
    }
    return cut_lines(true) && flush();
  }

 private:
  // Takes the whole lines that have arrived; at the end what is left is a line too.
  bool cut_lines(bool at_end) {
    std::size_t from = 0;
    while (from < text_.size()) {
      std::size_t end = text_.find('\n', std::max(from, searched_));
      if (end == std::string::npos) {
        searched_ = text_.size();
        if (!at_end) {
          break;
        }
        end = text_.size();
      }
      if (form_ == Form::kUnknown) {
        const std::string_view first = trimmed(std::string_view(text_).substr(from, end - from));
        if (!first.empty()) {
          form_ = is_balanced(first) ? Form::kLines : Form::kBody;
        }
      }
      if (form_ == Form::kBody) {
        break;
      }
      ++line_;
      if (!take_line(trimmed(std::string_view(text_).substr(from, end - from)))) {
        return false;
      }
      from = end + 1;
      searched_ = std::min(from, text_.size());
    }
    if (form_ == Form::kBody) {
      // One value over many lines: the whole file is one body.
      return !at_end || hand_on(std::exchange(text_, {}), 0);
    }
    text_.erase(0, std::min(from, text_.size()));
    searched_ -= std::min(searched_, from);
    return true;
  }

  bool take_line(std::string_view line) {
    if (line.empty()) {
      return true;
    }
    if (!is_event_line(line)) {
      return flush() && hand_on(std::string(line), line_);
    }
    if (gathered_.empty()) {
      gathered_ = "[";
      first_line_ = line_;
    } else {
      gathered_ += ',';
    }
    gathered_ += line;
    return gathered_.size() < kBatchBytes || flush();
  }

  bool flush() {
    if (gathered_.empty()) {
      return true;
    }
    gathered_ += ']';
    return hand_on(std::exchange(gathered_, {}), first_line_);
  }

  bool hand_on(std::string text, std::uint64_t line) {
    InputBatch input;
    input.file = file_;
    input.line = line;
    input.batch.size = text.size();
    input.batch.bytes.reserve(text.size() + audit::kPadding);
    input.batch.bytes.assign(text.begin(), text.end());
    input.batch.bytes.resize(text.size() + audit::kPadding);
    input.batch.arrival = base::SystemClock().now();
    input.batch.source = "replay";
    return take_(std::move(input));
  }

  enum class Form : std::uint8_t { kUnknown, kLines, kBody };

  std::string file_;
  const std::function<bool(InputBatch)>& take_;
  Form form_ = Form::kUnknown;
  std::string text_;          // read, not cut yet
  std::size_t searched_ = 0;  // of text_, no line end before it
  std::string gathered_;      // events of several lines as the beginning of an array
  std::uint64_t line_ = 0;
  std::uint64_t first_line_ = 0;
};

// A folder as its regular files, the oldest first.
std::vector<std::string> files_of(const std::string& path) {
  std::error_code error;
  if (path == "-" || !fs::is_directory(path, error)) {
    return {path};
  }
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error)) {
      found.emplace_back(it->last_write_time(error), it->path().string());
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> files;
  for (auto& [time, file] : found) {
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

base::Result<void> read_inputs(const std::vector<std::string>& paths,
                               const std::function<bool(InputBatch)>& take) {
  for (const std::string& path : paths) {
    for (const std::string& file : files_of(path)) {
      const auto done = FileCutter(file, take).run();
      if (!done) {
        return done.error();
      }
      if (!*done) {
        return {};
      }
    }
  }
  return {};
}

}  // namespace tiercel::app
