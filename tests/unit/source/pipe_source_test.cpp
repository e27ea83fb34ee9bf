#include "tiercel/source/pipe_source.h"

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "hand_clock.h"
#include "temp_dir.h"

namespace tiercel::source {
namespace {

class PipeTest : public testing::Test {
 protected:
  BlockingBatchSink sink() {
    return [this](const Batch& batch) {
      const std::lock_guard lock(mutex_);
      if (refusals_ > 0) {
        --refusals_;
        more_.notify_all();
        return BatchOutcome::kBusy;
      }
      const std::string text(batch.view());
      for (std::size_t at = text.find("\"n"); at != std::string::npos;
           at = text.find("\"n", at + 1)) {
        ids_.insert(text.substr(at + 1, text.find('"', at + 1) - at - 1));
      }
      more_.notify_all();
      return BatchOutcome::kDone;
    };
  }
  BadPieceSink bad() {
    return [this](const BadPiece& piece) {
      const std::lock_guard lock(mutex_);
      bad_ += std::string(piece.input.code) + " ";
      message_ = piece.input.message;
      more_.notify_all();
    };
  }
  bool has_bad(const std::string& codes) {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::seconds(30), [&] { return bad_ == codes; });
  }
  bool has(std::size_t count) {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::seconds(30), [&] { return ids_.size() >= count; });
  }
  static std::string line(const std::string& id) {
    return R"({"kind":"Event","auditID":"n)" + id + "\"}\n";
  }
  static int connect_to(const std::string& path) {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return socket;
  }
  static void send(int socket, const std::string& text) {
    EXPECT_EQ(::send(socket, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  // Bytes that the other side has not read yet.
  static int unread(int socket) {
    int bytes = 0;
    EXPECT_EQ(::ioctl(socket, SIOCOUTQ, &bytes), 0);
    return bytes;
  }

  const support::TempDir dir_;
  support::HandClock clock_;
  base::Metrics metrics_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::set<std::string> ids_;
  std::string bad_;
  std::string message_;
  int refusals_ = 0;
};

TEST_F(PipeTest, ReadsAStreamToItsEnd) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  refusals_ = 2;
  StreamSource source({.retry_first = std::chrono::milliseconds(1)}, "stdin", ends[0], sink(),
                      bad(), clock_);
  ASSERT_TRUE(source.start());
  const std::string text = line("a") + line("b") + R"({"kind":"Event","auditID":"nlast"})";
  ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  EXPECT_TRUE(has(3));
  EXPECT_TRUE(source.stop(std::chrono::seconds(10)));
  EXPECT_TRUE(source.has_ended());
  ::close(ends[0]);
}

TEST_F(PipeTest, ASocketTakesSeveralConnections) {
  SocketOptions options;
  options.path = dir_.path("audit.sock");
  SocketSource source(options, sink(), bad(), clock_, metrics_);
  ASSERT_TRUE(source.start());
  struct stat status {};
  ASSERT_EQ(::stat(options.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0660U);
  const int first = connect_to(options.path);
  const int second = connect_to(options.path);
  send(first, line("1"));
  send(second, line("2").substr(0, 10));
  send(first, line("3"));
  send(second, line("2").substr(10));
  EXPECT_TRUE(has(3));
  send(first, R"({"kind":"Event","auditID":"nend"})");
  ::close(first);
  EXPECT_TRUE(has(4));
  ::close(second);
  EXPECT_TRUE(source.stop(std::chrono::seconds(10)));
  EXPECT_NE(::stat(options.path.c_str(), &status), 0);
}

TEST_F(PipeTest, ClientsThatSendNothingKeepNoOtherOut) {
  SocketOptions options;
  options.path = dir_.path("audit.sock");
  options.max_connections = 3;
  options.min_idle = std::chrono::milliseconds(1);
  SocketSource source(options, sink(), bad(), clock_, metrics_);
  ASSERT_TRUE(source.start());
  std::vector<int> sockets;
  for (int at = 0; at < 20; ++at) {
    sockets.push_back(connect_to(options.path));
    // Without an end: what the one that is closed has sent is taken all the same.
    const std::string whole = line(std::to_string(at));
    send(sockets.back(), whole.substr(0, whole.size() - 1));
  }
  EXPECT_TRUE(has(17));
  // Counted once it is closed.
  while (metrics_.value(base::Metric::kSocketSourceClosed) < 17) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(metrics_.value(base::Metric::kSocketSourceClosed), 17U);
  // Told to who is closed, and to nobody else.
  EXPECT_EQ(::send(sockets.front(), "x", 1, MSG_NOSIGNAL), -1);
  EXPECT_EQ(::send(sockets.back(), "x", 1, MSG_NOSIGNAL), 1);
  for (const int socket : sockets) {
    ::close(socket);
  }
  EXPECT_TRUE(source.stop(std::chrono::seconds(10)));
}

TEST_F(PipeTest, AClientThatSendsIsNotClosedForAnother) {
  SocketOptions options;
  options.path = dir_.path("audit.sock");
  options.max_connections = 1;
  options.min_idle = std::chrono::hours(1);
  SocketSource source(options, sink(), bad(), clock_, metrics_);
  ASSERT_TRUE(source.start());
  const int first = connect_to(options.path);
  send(first, line("1"));
  EXPECT_TRUE(has(1));
  const int second = connect_to(options.path);
  send(second, line("2"));
  send(first, line("3"));
  EXPECT_TRUE(has(2));
  EXPECT_EQ(ids_.count("n2"), 0U);
  ::close(first);
  EXPECT_TRUE(has(3));
  EXPECT_EQ(metrics_.value(base::Metric::kSocketSourceClosed), 0U);
  ::close(second);
  EXPECT_TRUE(source.stop(std::chrono::seconds(10)));
}

TEST_F(PipeTest, AStreamThatCannotBeReadIsRefused) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  StreamSource source({}, "stdin", ends[1], sink(), bad(), clock_);
  const auto refused = source.start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("give it an input"), std::string::npos);
  ::close(ends[0]);
  ::close(ends[1]);
  StreamSource closed({}, "stdin", ends[1], sink(), bad(), clock_);
  EXPECT_FALSE(closed.start());
}

TEST_F(PipeTest, UnfinishedLinesOfAllConnectionsAreBounded) {
  SocketOptions options;
  options.path = dir_.path("audit.sock");
  options.max_buffered = 10'000;
  SocketSource source(options, sink(), bad(), clock_, metrics_);
  ASSERT_TRUE(source.start());
  const int greedy = connect_to(options.path);
  const int modest = connect_to(options.path);
  send(modest, line("1").substr(0, 10));
  for (int at = 0; at < 100; ++at) {
    send(greedy, std::string(1000, 'x'));
  }
  // All of that is read before its end comes: a line that is whole is no burden.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (unread(greedy) != 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_EQ(unread(greedy), 0);
  send(greedy, "\n" + line("2"));
  EXPECT_TRUE(has(1));
  EXPECT_TRUE(has_bad("too_large "));
  EXPECT_NE(message_.find("of all connections"), std::string::npos) << message_;
  send(modest, line("1").substr(10));
  EXPECT_TRUE(has(2));
  ::close(greedy);
  ::close(modest);
  EXPECT_TRUE(source.stop(std::chrono::seconds(10)));
}

TEST_F(PipeTest, WhatWasReadIsHandedOverAtStopAndGivenUpAtTheDeadline) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  refusals_ = 1'000'000;
  StreamSource source({.retry_first = std::chrono::milliseconds(1)}, "stdin", ends[0], sink(),
                      bad(), clock_);
  ASSERT_TRUE(source.start());
  const std::string text = line("a");
  ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(
        more_.wait_for(lock, std::chrono::seconds(30), [&] { return refusals_ < 1'000'000; }));
  }
  EXPECT_FALSE(source.stop(std::chrono::milliseconds(20)));
  EXPECT_FALSE(source.has_ended());
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(PipeTest, ASocketThatIsNotStoppedEndsAndTakesItsFileAway) {
  SocketOptions options;
  options.path = dir_.path("audit.sock");
  {
    SocketSource source(options, sink(), bad(), clock_, metrics_);
    ASSERT_TRUE(source.start());
    const int socket = connect_to(options.path);
    send(socket, line("1"));
    EXPECT_TRUE(has(1));
    ::close(socket);
  }
  struct stat status {};
  EXPECT_NE(::lstat(options.path.c_str(), &status), 0);
}

TEST_F(PipeTest, ASourceThatCannotBeStoppedDoesNotStart) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  StreamSource source({}, "stdin", 0, sink(), bad(), clock_);
  EXPECT_FALSE(source.start());
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(source.stop(std::chrono::seconds(10)));
}

TEST_F(PipeTest, ASocketsFileIsReplacedOnlyWhereNobodyListens) {
  SocketOptions options;
  options.path = dir_.path("audit.sock");
  SocketSource first(options, sink(), bad(), clock_, metrics_);
  ASSERT_TRUE(first.start());
  SocketSource second(options, sink(), bad(), clock_, metrics_);
  const auto refused = second.start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("another process listens"), std::string::npos);
  EXPECT_TRUE(first.stop(std::chrono::seconds(10)));
  std::ofstream(dir_.path("plain")) << "text";
  options.path = dir_.path("plain");
  SocketSource third(options, sink(), bad(), clock_, metrics_);
  EXPECT_FALSE(third.start());
}

}  // namespace
}  // namespace tiercel::source
