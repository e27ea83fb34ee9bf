#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "tiercel/source/file_source.h"

#include "hand_clock.h"
#include "temp_dir.h"

namespace tiercel::source {

namespace fs = std::filesystem;
using support::TempDir;

inline std::string line(int number) {
  return R"({"kind":"Event","auditID":"n)" + std::to_string(number) + "\"}";
}

inline bool wait_until(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// Keeps what it was given, as a store would: lines and positions together.
class Taker {
 public:
  BatchOutcome take(const Batch& batch) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    more_.notify_all();
    // A place alone is never refused.
    const int refused = refuse_every_;
    if (batch.size != 0 && refused != 0 && calls_ % refused == 0) {
      return BatchOutcome::kFailed;
    }
    EXPECT_EQ(batch.size == 0 || batch.form == audit::BatchForm::kLines, true);
    std::istringstream text{std::string(batch.view())};
    for (std::string line; std::getline(text, line);) {
      const std::size_t at = line.find("\"n");
      if (at != std::string::npos) {
        ++lines_[std::atoi(line.c_str() + at + 2)];
      } else if (!line.empty()) {
        odd_.push_back(line);
      }
    }
    for (const Position& position : batch.positions) {
      if (position.value.empty()) {
        positions_.erase(position.key);
      } else {
        positions_[position.key] = position.value;
      }
    }
    more_.notify_all();
    return BatchOutcome::kDone;
  }
  void refuse_every(int calls) { refuse_every_ = calls; }
  [[nodiscard]] std::vector<Position> positions() const {
    const std::lock_guard lock(mutex_);
    std::vector<Position> out;
    for (const auto& [key, value] : positions_) {
      out.push_back({key, value});
    }
    return out;
  }
  [[nodiscard]] bool has(int lines) const {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::seconds(30),
                          [&] { return lines_.size() >= static_cast<std::size_t>(lines); });
  }
  [[nodiscard]] std::map<int, int> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  // Bad pieces and troubles, by code.
  void note(std::string_view code) {
    const std::lock_guard lock(mutex_);
    notes_ += std::string(code) + " ";
    more_.notify_all();
  }
  [[nodiscard]] std::string notes() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  [[nodiscard]] bool has_note(const std::string& code) const {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::seconds(30),
                          [&] { return notes_.find(code) != std::string::npos; });
  }
  /// Waits until so many attempts more were made.
  [[nodiscard]] bool is_asked(int times) const {
    std::unique_lock lock(mutex_);
    const int until = calls_ + times;
    return more_.wait_for(lock, std::chrono::seconds(30), [&] { return calls_ >= until; });
  }
  [[nodiscard]] std::vector<std::string> odd() const {
    const std::lock_guard lock(mutex_);
    return odd_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  std::map<int, int> lines_;
  std::map<std::string, std::string> positions_;
  std::vector<std::string> odd_;
  std::string notes_;
  std::atomic<int> refuse_every_{0};
  int calls_ = 0;
};

/// Follows a log in a folder of its own, and counts what comes of it.
class FileSourceTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return dir_.path("audit.log"); }

  [[nodiscard]] FileSourceOptions options() const {
    FileSourceOptions options;
    options.paths = {path()};
    options.from_beginning = true;
    options.max_line = 1 << 20;
    options.batch_lines = 50;
    options.poll_interval = std::chrono::milliseconds(5);
    options.rotated_grace = std::chrono::milliseconds(200);
    options.retry_first = std::chrono::milliseconds(1);
    return options;
  }
  std::unique_ptr<FileSource> source() { return source(options()); }
  std::unique_ptr<FileSource> source(const FileSourceOptions& options) {
    auto made = std::make_unique<FileSource>(
        options,
        FileSource::Sinks{[this](const Batch& batch) { return taker_.take(batch); },
                          [this](const BadPiece& piece) { taker_.note(piece.input.code); },
                          [this](const Trouble& trouble) { taker_.note(trouble.code); }},
        taker_.positions(), clock_, metrics_);
    EXPECT_TRUE(made->start());
    return made;
  }
  // By what is stored of it.
  [[nodiscard]] bool is_followed(const std::string& path) const {
    for (const Position& position : taker_.positions()) {
      if (position.value.ends_with(" " + path)) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool is_unread(const std::string& path) const {
    for (const Position& position : taker_.positions()) {
      if (position.key == "unread " + path) {
        return true;
      }
    }
    return false;
  }
  void expect_each_once() {
    EXPECT_TRUE(taker_.has(next_));
    for (const auto& [number, count] : taker_.lines()) {
      EXPECT_EQ(count, 1) << number;
    }
    EXPECT_EQ(taker_.lines().size(), static_cast<std::size_t>(next_));
    EXPECT_TRUE(taker_.odd().empty());
  }
  void append(const std::string& text) const {
    std::ofstream(path(), std::ios::app | std::ios::binary) << text;
  }
  void write_lines(int count) {
    for (int at = 0; at < count; ++at) {
      append(line(next_++) + "\n");
    }
  }
  void compress(const std::string& from, const std::string& to) const {
    std::ifstream in(from, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (to.ends_with(".zst")) {
      std::string packed(ZSTD_compressBound(text.size()), '\0');
      packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
      std::ofstream(to, std::ios::binary) << packed;
    } else {
      gzFile file = ::gzopen(to.c_str(), "wb");
      ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
      ::gzclose(file);
    }
    fs::remove(from);
  }

  const TempDir dir_;
  support::HandClock clock_;
  base::Metrics metrics_;
  Taker taker_;
  int next_ = 0;
};

}  // namespace tiercel::source
