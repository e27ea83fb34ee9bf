// What syslog, programs and files do when the other side fails: nothing is lost, and an output
// beside them does not notice.
#include <array>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tiercel/output/kinds.h"

#include "configured_output.h"
#include "read_file.h"
#include "recording_output.h"
#include "runner_rig.h"
#include "stream_peer.h"

namespace tiercel::output {
namespace {

namespace fs = std::filesystem;
using support::StreamPeer;
using Options = std::vector<std::pair<std::string, std::string>>;

constexpr std::uint64_t kAlerts = 7;

class LocalFailure : public testing::Test {
 protected:
  /// One output of this kind fails, another does not; then `mend` is called, and `received` is
  /// what has come at the end.
  void expect_no_loss(const std::string& kind, const Options& options,
                      const std::function<void(OutputRunner&)>& mend,
                      const std::function<std::string()>& received, std::size_t padding = 0) {
    base::Metrics metrics;
    support::Peer other;
    RunnerRig failing(
        kind,
        support::configured_output(*find_output_type(kind), options, {"failing", clock_, metrics}),
        kAlerts, clock_, padding);
    RunnerRig healthy("healthy", other.output(), kAlerts, clock_);
    const auto started = failing.start();
    ASSERT_TRUE(started) << started.error().text();
    ASSERT_TRUE(healthy.start());
    EXPECT_TRUE(eventually_with_time(clock_, [&] { return failing.failures() >= 2; }));
    EXPECT_TRUE(eventually_with_time(clock_, [&] { return healthy.is_done(); }));
    EXPECT_EQ(other.taken_count(), kAlerts);
    EXPECT_EQ(healthy.failures(), 0U);
    EXPECT_FALSE(failing.is_done());
    mend(failing.runner());
    EXPECT_TRUE(eventually_with_time(clock_, [&] { return failing.is_done(); }))
        << failing.runner().status().last_error;
    EXPECT_EQ(failing.lost(), 0U);
    for (std::uint64_t number = 1; number <= kAlerts; ++number) {
      EXPECT_TRUE(eventually_with_time(clock_, [&] {
        return received().find(RunnerRig::mark(number)) != std::string::npos;
      })) << number;
    }
  }

  void expect_no_loss_over(StreamPeer& peer, Options options, std::size_t padding = 0) {
    options.emplace_back("address", peer.address());
    options.emplace_back("timeout", "300ms");
    expect_no_loss(
        "syslog", options, [&peer](OutputRunner&) { peer.become(StreamPeer::Mode::kReads); },
        [&peer] { return peer.text(); }, padding);
  }
  [[nodiscard]] Options tls() const {
    return {{"transport", "tls"},
            {"server_name", "localhost"},
            {"ca_file", dir_.write("ca.pem", certificate_.certificate)}};
  }

  const support::TempDir dir_;
  support::HandClock clock_;
  const support::Certificate certificate_ = support::make_certificate();
};

TEST_F(LocalFailure, SyslogOverTcpThatIsDown) {
  StreamPeer peer(StreamPeer::Mode::kDown);
  expect_no_loss_over(peer, {{"transport", "tcp"}});
}

TEST_F(LocalFailure, SyslogOverTcpThatNeverReads) {
  StreamPeer peer(StreamPeer::Mode::kSilent);
  expect_no_loss_over(peer, {{"transport", "tcp"}, {"max_message", "1MiB"}}, 1 << 20);
}

TEST_F(LocalFailure, SyslogOverTlsThatIsDown) {
  StreamPeer peer(StreamPeer::Mode::kDown, &certificate_);
  expect_no_loss_over(peer, tls());
}

TEST_F(LocalFailure, SyslogOverTlsThatResets) {
  StreamPeer peer(StreamPeer::Mode::kResets, &certificate_);
  expect_no_loss_over(peer, tls());
}

TEST_F(LocalFailure, SyslogOverTlsThatNeverAnswers) {
  StreamPeer peer(StreamPeer::Mode::kSilent, &certificate_);
  expect_no_loss_over(peer, tls());
}

TEST_F(LocalFailure, SyslogOverTlsOfAStranger) {
  const support::Certificate other = support::make_certificate("other");
  StreamPeer stranger(StreamPeer::Mode::kReads, &other);
  Options options = tls();
  options.emplace_back("address", stranger.address());
  base::Metrics metrics;
  RunnerRig failing("syslog",
                    support::configured_output(*find_output_type("syslog"), options,
                                               {"failing", clock_, metrics}),
                    kAlerts, clock_);
  ASSERT_TRUE(failing.start());
  EXPECT_TRUE(eventually_with_time(clock_, [&] { return failing.failures() >= 2; }));
  EXPECT_EQ(stranger.text(), "");
  EXPECT_EQ(failing.lost(), 0U);
}

TEST_F(LocalFailure, ASyslogSocketThatIsNotThere) {
  const std::string path = dir_.path("log");
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  std::string text;
  expect_no_loss(
      "syslog", {{"socket", path}},
      [&](OutputRunner&) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
      },
      [&] {
        std::array<char, 65536> room{};
        for (ssize_t got = 1; got > 0;) {
          got = ::recv(socket, room.data(), room.size(), 0);
          text.append(room.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        }
        return text;
      });
  ::close(socket);
}

// A program that looks at a file for what it is to do.
std::string program_of(const support::TempDir& dir, const std::string& while_broken) {
  return "if test -e " + dir.path("well") + "; then exec cat >> " + dir.path("out") + "; else " +
         while_broken + "; fi";
}

TEST_F(LocalFailure, AProgramThatFails) {
  for (const char* const broken : {"exit 3", "cat > /dev/null; exit 1", "kill -9 $$"}) {
    fs::remove(dir_.path("well"));
    fs::remove(dir_.path("out"));
    expect_no_loss(
        "program", {{"program", program_of(dir_, broken)}},
        [this](OutputRunner&) { dir_.write("well", ""); },
        [this] { return support::read_file(dir_.path("out")); });
  }
}

TEST_F(LocalFailure, AProgramThatHangs) {
  expect_no_loss(
      "program", {{"program", program_of(dir_, "sleep 1000")}, {"timeout", "100ms"}},
      [this](OutputRunner&) { dir_.write("well", ""); },
      [this] { return support::read_file(dir_.path("out")); });
}

TEST_F(LocalFailure, AKeptProgramThatNeverReads) {
  // With alerts that a pipe has room for, and such that it has not.
  for (const std::size_t padding : {std::size_t{0}, std::size_t{1} << 20U}) {
    fs::remove(dir_.path("well"));
    fs::remove(dir_.path("out"));
    expect_no_loss(
        "program",
        {{"program", program_of(dir_, "sleep 1000")}, {"timeout", "100ms"}, {"keep_alive", "true"}},
        [this](OutputRunner&) { dir_.write("well", ""); },
        [this] { return support::read_file(dir_.path("out")); }, padding);
  }
}

TEST_F(LocalFailure, AFileWhoseFolderGoesMissing) {
  fs::create_directory(dir_.path("logs"));
  const std::string path = dir_.path("logs/alerts");
  base::Metrics metrics;
  // Its folder was there when it was opened; then something else stands in its place.
  auto output = support::configured_output(*find_output_type("file"), {{"filename", path}},
                                           {"failing", clock_, metrics});
  ASSERT_TRUE(output->open());
  fs::remove_all(dir_.path("logs"));
  dir_.write("logs", "no folder");
  support::AlertText text;
  const std::string line = support::alert_body(text);
  store::StoredAlert alert;
  const Message message{&alert, line};
  EXPECT_EQ(output->deliver({&message, 1}).again.size(), 1U);
  fs::remove(dir_.path("logs"));
  fs::create_directory(dir_.path("logs"));
  EXPECT_TRUE(output->deliver({&message, 1}).again.empty());
  EXPECT_EQ(support::read_file(path), line);
}

TEST_F(LocalFailure, AFileOnAFullDisk) {
  // Every write to /dev/full says that there is no room.
  const std::string path = dir_.path("alerts");
  fs::create_symlink("/dev/full", path);
  expect_no_loss(
      "file", {{"filename", path}},
      [&path](OutputRunner& runner) {
        fs::remove(path);
        runner.reopen();
      },
      [&path] { return support::read_file(path); });
}

}  // namespace
}  // namespace tiercel::output
