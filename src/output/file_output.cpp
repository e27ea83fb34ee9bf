#include <algorithm>
#include <filesystem>
#include <vector>

#include "tiercel/base/log.h"
#include "tiercel/base/log_limit.h"
#include "tiercel/output/hash_chain.h"

#include "alert_file.h"
#include "line_reader.h"
#include "output_table.h"
#include "rotation.h"

namespace tiercel::output {

namespace {

struct FileOptions final : OutputOptions {
  std::string filename = "/var/log/tiercel/alerts.log";
  bool keep_alive = false;
  bool sync = true;
  base::ByteSize rotate_size{0};
  std::chrono::milliseconds rotate_interval{0};
  std::uint32_t keep_files = 0;
  std::chrono::milliseconds keep_age{0};
  RotationOptions::Compression compression = RotationOptions::Compression::kNone;
  bool hash_chain = false;
  std::string hash_chain_key_file;

  [[nodiscard]] RotationOptions rotation() const {
    return {rotate_size.bytes, rotate_interval, keep_files, keep_age, compression};
  }
};

void describe_rotation(config::Section<FileOptions>& s) {
  s.option("rotate_size", &FileOptions::rotate_size,
           "Begin a new file before this one grows beyond so many bytes; 0: never.")
      .between(base::ByteSize{0}, base::ByteSize{std::uint64_t{1} << 40U});
  s.option("rotate_interval", &FileOptions::rotate_interval,
           "Begin a new file at each multiple of this time, 24h at midnight UTC; 0s: never.")
      .between(std::chrono::seconds(0), std::chrono::hours(24 * 366));
  s.option("keep_files", &FileOptions::keep_files, "Rotated files to keep; 0: all.")
      .between(0, 100'000);
  s.option("keep_age", &FileOptions::keep_age, "Remove rotated files older than this; 0s: never.")
      .between(std::chrono::seconds(0), std::chrono::hours(24 * 3660));
  using Compression = RotationOptions::Compression;
  s.choice<Compression>(
      "compress", &FileOptions::compression,
      {{"none", Compression::kNone}, {"gzip", Compression::kGzip}, {"zstd", Compression::kZstd}},
      "Compress rotated files.");
}

void describe_file(config::Section<FileOptions>& s) {
  s.option("filename", &FileOptions::filename, "The file; it is made where it is not there.")
      .check([](std::string_view text) { return text.empty() ? "must not be empty" : ""; });
  s.option("keep_alive", &FileOptions::keep_alive,
           "Stay with the open file until SIGUSR1; false also looks before each delivery whether "
           "the path still names it, so that a rotation needs no signal.");
  s.option("sync", &FileOptions::sync,
           "Lines are on the disk before their alerts count as delivered; false leaves that to "
           "the system.");
  describe_rotation(s);
  s.option("hash_chain", &FileOptions::hash_chain,
           "Each line carries the hash of the one before; `tiercel alerts verify FILE` shows "
           "whether a line was removed or changed.");
  s.option("hash_chain_key_file", &FileOptions::hash_chain_key_file,
           "A file with a key for the hashes, so that who can write the alert file but cannot read "
           "this one cannot compute them anew.")
      .file();
}

// Appends alerts to a file, line by line, so that it can be tailed, rotated and checked.
class FileOutput final : public Output {
 public:
  FileOutput(const FileOptions& options, const OutputContext& context)
      : options_(options),
        is_daemon_(context.is_daemon),
        clock_(context.clock),
        file_(options.filename, !context.is_daemon) {}

  base::Result<void> open() override {
    if (auto key = read_key(); !key) {
      return key;
    }
    return open_file();
  }

  base::Result<void> check() override {
    const std::string folder = std::filesystem::path(options_.filename).parent_path().string();
    std::error_code error;
    if (!folder.empty() && !std::filesystem::is_directory(folder, error)) {
      return base::Error{"no_folder", "the folder of `filename` is not there", folder};
    }
    return read_key();
  }

  void reopen() override {
    file_.close();
    if (const auto opened = open_file(); !opened) {
      base::log_error(opened.error().text());
    }
  }

  Delivery deliver(std::span<const Message> messages) override {
    if (auto ready = prepare(messages); !ready) {
      return Delivery::again_from(0, messages.size(), ready.error());
    }
    if (auto written = write(messages); !written) {
      return Delivery::again_from(0, messages.size(), written.error());
    }
    return Delivery::delivered("appended to " + options_.filename);
  }

  void tick() override {
    if (is_daemon_ && is_time_over()) {
      rotate();
    }
  }

 private:
  base::Result<void> read_key() {
    if (options_.hash_chain_key_file.empty()) {
      return {};
    }
    auto key = read_chain_key(options_.hash_chain_key_file);
    if (!key) {
      return key.error();
    }
    chain_ = HashChain(std::move(*key));
    return {};
  }

  base::Result<void> open_file() {
    const bool was_there = !chained_.empty();
    if (auto opened = file_.open(); !opened) {
      return opened;
    }
    period_ = period(clock_.now());
    // A file of the time before is full already; its own last write says which time that was.
    return options_.hash_chain && (!was_there || file_.size() != 0) ? follow_last_line()
                                                                    : base::Result<void>{};
  }

  // The chain goes on from the last line of the file, whoever wrote it.
  base::Result<void> follow_last_line() {
    chain_size_ = file_.size();
    const auto last = read_last_line(options_.filename);
    if (!last) {
      return last.error();
    }
    if (!last->text.empty()) {
      chain_.follow(last->text);
    }
    chained_ = options_.filename;
    return {};
  }

  base::Result<void> prepare(std::span<const Message> messages) {
    if (file_.is_open() && !options_.keep_alive && !file_.is_current()) {
      file_.close();
    }
    if (!file_.is_open()) {
      if (auto opened = open_file(); !opened) {
        return opened;
      }
    }
    std::uint64_t more = 0;
    for (const Message& message : messages) {
      more += message.line.size() + (options_.hash_chain ? HashChain::kMost : 0);
    }
    const std::uint64_t size = file_.size();
    const bool is_full =
        options_.rotate_size.bytes != 0 && size != 0 && size + more > options_.rotate_size.bytes;
    if (is_daemon_ && (is_full || is_time_over())) {
      rotate();
    }
    return file_.is_open() ? base::Result<void>{} : open_file();
  }

  base::Result<void> write(std::span<const Message> messages) {
    chunks_.clear();
    if (options_.hash_chain) {
      return write_chained(messages);
    }
    for (const Message& message : messages) {
      chunks_.push_back(message.line);
    }
    if (auto appended = file_.append(chunks_); !appended) {
      return appended;
    }
    return options_.sync ? file_.sync() : base::Result<void>{};
  }

  base::Result<void> write_chained(std::span<const Message> messages) {
    // Other writers (`tiercel outputs test`) must not come between a chain's lines.
    const FileLock lock(file_.number(), FileLock::Wait::kYes);
    if (file_.size() != chain_size_) {
      if (auto followed = follow_last_line(); !followed) {
        return followed;
      }
    }
    const std::string before = chain_.previous();
    buffer_.clear();
    for (const Message& message : messages) {
      chain_.append(buffer_, message.line);
    }
    chunks_.assign(1, buffer_);
    auto written = file_.append(chunks_);
    if (written && options_.sync) {
      written = file_.sync();
    }
    if (!written) {
      chain_.set_previous(before);
      chain_size_ = 0;  // look again before the next line
      return written;
    }
    chain_size_ += buffer_.size();
    return {};
  }

  [[nodiscard]] std::int64_t period(std::int64_t now) const {
    const auto interval = std::chrono::nanoseconds(options_.rotate_interval).count();
    return interval == 0 ? 0 : now / interval;
  }
  [[nodiscard]] bool is_time_over() const {
    return options_.rotate_interval.count() != 0 && file_.is_open() && file_.size() != 0 &&
           period(clock_.now()) != period_;
  }

  // Where renaming fails the file goes on: an alert is worth more than a limit.
  void rotate() {
    if (options_.hash_chain && file_.size() != chain_size_) {
      // Somebody else wrote the last line that the new file ties to.
      if (const auto followed = follow_last_line(); !followed) {
        base::log_error(followed.error().text());
      }
    }
    const auto renamed = rotate_away(options_.filename, clock_.now());
    if (!renamed) {
      // It is tried before each delivery from now on.
      if (rename_log_.lets_through(clock_.steady())) {
        base::log_error(renamed.error().text() + "; the file goes on beyond its limit");
      }
      period_ = period(clock_.now());
      return;
    }
    file_.close();
    if (const auto opened = open_file(); !opened) {
      base::log_error(opened.error().text());
    }
    chain_size_ = file_.size();
    if (const auto compressed = compress_file(*renamed, options_.compression); !compressed) {
      base::log_error(compressed.error().text());
    }
    remove_old_files(options_.filename, options_.rotation(), clock_.now());
  }

  const FileOptions options_;
  const bool is_daemon_;
  const base::Clock& clock_;
  AlertFile file_;
  HashChain chain_;
  std::string chained_;           // the path once the chain has found its beginning
  std::uint64_t chain_size_ = 0;  // of the file behind our last line
  std::int64_t period_ = 0;
  base::LogLimit rename_log_;
  std::string buffer_;
  std::vector<std::string_view> chunks_;
};

std::unique_ptr<Output> make_file(const FileOptions& options, const OutputContext& context) {
  return std::make_unique<FileOutput>(options, context);
}

}  // namespace

const OutputType kFileOutput = output_type<FileOptions, &describe_file, &make_file>(
    {.name = "file",
     .doc = "Appends alerts to a file, one a line; reopened on SIGUSR1.",
     .falco_section = "file_output",
     .is_json = false,
     .most_messages = 1000});

}  // namespace tiercel::output
