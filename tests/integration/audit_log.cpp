#include "audit_log.h"

#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "read_file.h"

namespace tiercel::tests {

namespace fs = std::filesystem;

AuditLog::AuditLog(const std::string& folder, std::string name)
    : path_(folder + "/audit.log"), stem_(folder + "/audit-"), name_(std::move(name)) {
  open(false);
  thread_ = std::thread([this] { write_on(); });
}

AuditLog::~AuditLog() {
  stop();
  ::close(file_);
}

void AuditLog::open(bool append) {
  if (file_ >= 0) {
    ::close(file_);
  }
  // lumberjack opens a new log without O_APPEND.
  file_ = ::open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | (append ? O_APPEND : 0), 0600);
  ASSERT_GE(file_, 0) << path_;
}

void AuditLog::write_some(int lines) {
  for (int at = 0; at < lines; ++at) {
    const std::string text = small_event(id(next_)) + "\n";
    // Half a line is there for a moment, as it can be of a real writer.
    const std::size_t half = text.size() / 2;
    ASSERT_EQ(::write(file_, text.data(), half), static_cast<ssize_t>(half));
    ASSERT_EQ(::write(file_, text.data() + half, text.size() - half),
              static_cast<ssize_t>(text.size() - half));
    ++next_;
  }
}

void AuditLog::write_on() {
  while (!stopping_) {
    {
      const std::lock_guard lock(mutex_);
      write_some(3);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void AuditLog::stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

void AuditLog::compress(const std::string& file) const {
  const std::string content = support::read_file(file);
  gzFile out = ::gzopen((file + ".gz").c_str(), "wb");
  EXPECT_EQ(::gzwrite(out, content.data(), static_cast<unsigned>(content.size())),
            static_cast<int>(content.size()));
  EXPECT_EQ(::gzclose(out), Z_OK);
  fs::remove(file);
}

void AuditLog::rotate(Rotation how) {
  const std::lock_guard lock(mutex_);
  const std::string rotated =
      stem_ + "2026-01-02T03-04-" + std::to_string(10000 + rotations_++) + ".log";
  switch (how) {
    case Rotation::kLumberjack:
      fs::rename(path_, rotated);
      open(false);
      if (!to_compress_.empty()) {
        compress(to_compress_);
      }
      to_compress_ = rotated;
      break;
    case Rotation::kCompress:
      fs::rename(path_, rotated);
      open(true);
      compress(rotated);
      break;
    case Rotation::kLateWriter:
      fs::rename(path_, rotated);
      write_some(20);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      write_some(20);
      open(true);
      break;
    case Rotation::kCopyTruncate:
    case Rotation::kHole:
      fs::copy_file(path_, rotated);
      ASSERT_EQ(::ftruncate(file_, 0), 0);
      if (how == Rotation::kCopyTruncate) {
        open(true);
      }
      write_some(1);
      break;
  }
}

void AuditLog::run(const Lines& command, bool reopen) {
  const std::lock_guard lock(mutex_);
  const auto result = support::run_program(command);
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  if (reopen) {
    write_some(5);
    open(true);
  }
}

}  // namespace tiercel::tests
