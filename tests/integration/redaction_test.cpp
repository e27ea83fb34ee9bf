// More than a hundred credentials through every path of the daemon: none of them comes out
// anywhere, and with redaction off all of them do.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"
#include "peer_server.h"
#include "planted.h"
#include "planted_events.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

// A rule that prints every field that can hold a credential.
constexpr const char* kRules =
    "- rule: Everything\n  desc: d\n  condition: ka.verb exists\n  priority: WARNING\n"
    "  source: k8s_audit\n  output: >\n"
    "    id=%ka.auditid %jevt.obj %evt.plugininfo %ka.uri %ka.uri.param[command]\n"
    "    %ka.uri.param[access_token] %ka.useragent %ka.response.message %ka.annotation[note]\n"
    "    %ka.annotation[example.com/api-key] %ka.req.configmap.obj %ka.auth.reason\n"
    "    %ka.req.pod.containers.args %ka.req.pod.containers.command[2]\n"
    "    %ka.workload.containers.args %ka.user.name %ka.user.groups %ka.target.name\n"
    "    %ka.target.namespace %jevt.value[/requestObject] %jevt.value[/responseObject]\n"
    "    %jevt.value[/requestObject/data] %jevt.value[/requestObject/data/who]\n"
    "    %jevt.value[/requestObject/0/value] %jevt.value[/requestObject/0/value/who]\n"
    "    %jevt.value[/responseObject/status/token] %jevt.value[/requestObject/data/conf]\n"
    "    %jevt.value[/requestObject/spec/containers/0/env/0/value]\n"
    "    %toupper(ka.uri) %b64(jevt.value[/requestObject/data/conf])\n"
    "    %basename(ka.uri) %concat(ka.useragent, ka.uri) %30ka.uri\n";

/// A socket as syslog daemons have one; keeps what it is told.
class LocalSyslog {
 public:
  explicit LocalSyslog(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0) << path;
    const timeval wait{0, 100'000};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    reader_ = std::thread([this] { read_on(); });
  }
  ~LocalSyslog() {
    stopping_ = true;
    reader_.join();
    ::close(socket_);
  }
  LocalSyslog(const LocalSyslog&) = delete;
  LocalSyslog& operator=(const LocalSyslog&) = delete;

  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  void read_on() {
    std::string room(std::size_t{1} << 20U, '\0');
    while (!stopping_) {
      const ssize_t length = ::recv(socket_, room.data(), room.size(), 0);
      if (length > 0) {
        const std::lock_guard lock(mutex_);
        text_.append(room, 0, static_cast<std::size_t>(length));
        text_ += '\n';
      }
    }
  }

  int socket_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::string text_;
  std::thread reader_;
};

/// Everything that left the daemon, by where it was found.
using Traces = std::map<std::string, std::string>;

void add_files(const std::string& folder, Traces& traces) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::error_code gone;
    if (entry.is_regular_file(gone)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string name = fs::relative(entry.path(), folder).string();
      traces[name.substr(0, name.find('/') == std::string::npos ? name.size() : name.find('/'))]
          .append(std::istreambuf_iterator<char>(file), {});
    }
  }
}

class Redaction : public testing::Test {
 protected:
  Redaction() {
    for (const PlantedEvent& event : events_) {
      finder_.add(event.name, event.core);
    }
  }

  // Runs the daemon with an output of each kind, gives it the events whole and broken, and
  // brings together every byte that came out.
  Traces traces_of(bool redact) {
    const support::TempDir folder;
    support::PeerServer peer;
    peer.answer_with([](const support::PeerRequest& request) {
      // What /letters refuses becomes dead letters.
      return support::PeerAnswer{.status = request.target == "/letters" ? 400 : 200};
    });
    Traces traces;
    {
      const LocalSyslog syslog(folder.path("log"));
      const auto file = [&](const char* name) { return folder.path(name); };
      AuditDaemon daemon(
          {folder.write("rules.yaml", kRules)},
          {"-o",
           redact ? "redact=true" : "redact=false",
           "-o",
           "log_level=debug",
           "-o",
           "limits.max_event=64KiB",
           "-o",
           "stdout_output.enabled=true",
           "-o",
           "stdout_output.format=text",
           "-o",
           "quarantine.max_files=100000",
           "-o",
           "outputs.text.type=file",
           "-o",
           "outputs.text.filename=" + file("text.log"),
           "-o",
           "outputs.text.format=text",
           "-o",
           "outputs.grouped.type=file",
           "-o",
           "outputs.grouped.filename=" + file("grouped.log"),
           "-o",
           "outputs.peer.type=http",
           "-o",
           "outputs.peer.url=" + peer.url("/peer"),
           "-o",
           "outputs.letters.type=http",
           "-o",
           "outputs.letters.url=" + peer.url("/letters"),
           "-o",
           "outputs.sys.type=syslog",
           "-o",
           "outputs.sys.socket=" + folder.path("log"),
           "-o",
           "outputs.sys.max_message=64KiB",
           "-o",
           "outputs.prog.type=program",
           "-o",
           "outputs.prog.keep_alive=true",
           "-o",
           "outputs.prog.program=cat >> " + file("program.log"),
           "-o",
           "routes={routes: [{outputs: [grouped], group_by: [rule], group_wait: 100ms, "
           "group_interval: 1s, template: 'group %output %ka.uri', continue: true}, "
           "{outputs: [file, stdout, text, peer, letters, sys, prog]}]}"});
      EXPECT_NE(daemon.port(), 0) << daemon.process().log();
      if (daemon.port() == 0) {
        return traces;
      }
      post_all(daemon);
      EXPECT_TRUE(daemon.has_delivered()) << daemon.process().log();
      // Segments and their write-ahead logs as they lie there while it runs.
      add_files(daemon.folder().path(), traces);
      const std::string store = daemon.folder().path("store");
      for (const char* const form : {"--json", "--count-by=user"}) {
        traces["alerts"] += support::run_program({"alerts", form, "--store", store}).out;
      }
      daemon.process().signal(SIGTERM);
      EXPECT_EQ(daemon.process().wait(), 0);
      add_files(daemon.folder().path(), traces);
      traces["stdout"] = daemon.process().out();
      traces["our log"] = daemon.process().log();
      EXPECT_TRUE(support::wait_until([&] { return syslog.text().size() > 1000; }));
      traces["syslog"] = syslog.text();
      letters_ = fs::exists(store + "/dead-letter");
    }
    for (const support::PeerRequest& request : peer.requests()) {
      traces[request.target] += request.body;
    }
    add_files(folder.path(), traces);
    traces.erase("rules.yaml");
    return traces;
  }

  void post_all(AuditDaemon& daemon) const {
    Lines jsons;
    for (const PlantedEvent& event : events_) {
      jsons.push_back(event.json);
    }
    EXPECT_EQ(daemon.post(event_list(jsons)), 200);
    // Few bad items of one batch are kept, so that each batch has few.
    Lines bodies;
    for (std::size_t at = 0; at < events_.size(); at += kBrokenOf) {
      Lines items = broken_items(events_[at]);
      items.push_back(small_event("good"));
      bodies.push_back(event_list(items));
      const Lines broken = broken_bodies(events_[at]);
      bodies.insert(bodies.end(), broken.begin(), broken.end());
    }
    // Several connections, since each batch that alerts waits for its commit.
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads(8);
    for (std::thread& thread : threads) {
      thread = std::thread([&] {
        support::HttpClient client(daemon.port());
        client.set_timeout(support::kDeadline);
        for (std::size_t at = next++; at < bodies.size(); at = next++) {
          EXPECT_EQ(client.exchange(support::post("/k8s_audit", bodies[at])).status, 200) << at;
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  /// Every third, which is each shape in some places.
  static constexpr std::size_t kBrokenOf = 3;

  const std::vector<PlantedEvent> events_ = planted_events();
  Finder finder_;
  bool letters_ = false;
};

TEST_F(Redaction, NoneOfHundredsOfCredentialsComesOut) {
  EXPECT_GT(events_.size(), 300U);
  const Traces traces = traces_of(true);
  for (const char* const place : {"alerts.log", "text.log", "grouped.log", "program.log", "stdout",
                                  "syslog", "store", "quarantine", "alerts", "/peer", "/letters"}) {
    ASSERT_TRUE(traces.contains(place)) << place;
    EXPECT_GT(traces.at(place).size(), 1000U) << place;
  }
  EXPECT_TRUE(letters_);
  for (const auto& [place, bytes] : traces) {
    const Lines found = finder_.found_in(bytes);
    EXPECT_TRUE(found.empty()) << place << ": " << found.size() << "\n  " << joined(found);
    // The events themselves did come out.
    EXPECT_TRUE(place == "our log" || place == "tiercel.yaml" ||
                bytes.find("kubernetes-admin") != std::string::npos)
        << place;
  }
}

TEST_F(Redaction, WithoutItAllOfThemDo) {
  const Traces traces = traces_of(false);
  for (const char* const place : {"alerts.log", "text.log", "program.log", "stdout", "store",
                                  "alerts", "/peer", "/letters"}) {
    ASSERT_TRUE(traces.contains(place)) << place;
    EXPECT_EQ(finder_.found_in(traces.at(place)).size(), finder_.size()) << place;
  }
  EXPECT_GE(finder_.found_in(traces.at("quarantine")).size(), finder_.size() / kBrokenOf);
  for (const char* const place : {"grouped.log", "syslog"}) {
    EXPECT_FALSE(finder_.found_in(traces.at(place)).empty()) << place;
  }
}

// `run` masks unless it is told not to, `replay` does when it is told to.
TEST_F(Redaction, IsOnInRunAndOffInReplay) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", kRules);
  Lines jsons;
  for (const PlantedEvent& event : events_) {
    jsons.push_back(event.json);
  }
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(event_list(jsons)), 200);
  const Lines alerts = daemon.new_alerts();
  EXPECT_EQ(alerts.size(), events_.size());
  EXPECT_TRUE(finder_.found_in(joined(alerts)).empty());
  const auto replay = [&](const Lines& more) {
    Lines arguments{"replay", "-q", "--json", "-r", rules, "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return support::run_program(arguments, joined(jsons)).out;
  };
  EXPECT_EQ(finder_.found_in(replay({})).size(), finder_.size());
  const std::string redacted = replay({"--redact"});
  EXPECT_TRUE(finder_.found_in(redacted).empty());
  EXPECT_EQ(lines_of(redacted).size(), events_.size());
}

}  // namespace
}  // namespace tiercel::tests
