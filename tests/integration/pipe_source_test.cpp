#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;

// Connects to a daemon's socket, waiting until it is there; sends and closes.
void send_to(const std::string& path, std::string_view text) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_TRUE(support::wait_until([&] {
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }));
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    ASSERT_GT(sent, 0);
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  ::close(socket);
}

TEST(StandardInput, IsReadToItsEndAndEndsTheRun) {
  const support::TempDir folder;
  const Lines events(bulk().begin(), bulk().begin() + 500);
  const Lines rules{folder.write("rules.yaml", every_event_rule())};
  const std::string config = folder.write(
      "tiercel.yaml", "rules_files: [" + rules.front() + "]\nwebserver: {enabled: false}\n" +
                          "stdin_source: {enabled: true}\nstdout_output: {enabled: false}\n" +
                          "file_output: {enabled: true, filename: " + folder.path("alerts.log") +
                          "}\njson_output: true\nquarantine: {path: " + folder.path("quarantine") +
                          "}\nstore: {path: " + folder.path("store") +
                          ", min_free: 0, min_free_percent: 0, durability: normal}\n");
  // The last line has no end.
  std::string input = joined(events);
  input.pop_back();
  const auto result = support::run_program({"run", "-c", config}, input);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.err.find("all input was read"), std::string::npos) << result.err;
  Lines alerts = lines_of_file(folder.path("alerts.log"));
  for (std::string& alert : alerts) {
    // Replay's have come by nothing.
    const std::string_view member = R"("apiserver":"stdin",)";
    const std::size_t at = alert.find(member);
    ASSERT_NE(at, std::string::npos) << alert;
    alert.erase(at, member.size());
  }
  expect_same_lines(alerts, distinct(replayed(rules, events)));
}

TEST(Sources, AnEventThatComesThreeWaysMakesOneAlert) {
  const support::TempDir folder;
  const Lines rules{folder.write("rules.yaml", every_event_rule())};
  const Lines events(bulk().begin() + 1000, bulk().begin() + 1300);
  const std::string log = folder.write("audit.log", joined(events));
  AuditDaemon daemon(rules,
                     {"-o", "file_source.enabled=true", "-o", "file_source.paths[0]=" + log, "-o",
                      "file_source.from_beginning=true", "-o", "socket_source.enabled=true", "-o",
                      "socket_source.path=" + folder.path("audit.sock"), "-o",
                      "store.path=" + folder.path("store")});
  ASSERT_EQ(daemon.post(event_list(events)), 200);
  send_to(folder.path("audit.sock"), joined(events));
  send_to(folder.path("audit.sock"), event_list(events));
  const Lines expected = distinct(replayed(rules, events));
  // The file and the socket have no answer to wait for: their last event does.
  std::ofstream(log, std::ios::app) << small_event("by-file") << "\n";
  send_to(folder.path("audit.sock"), small_event("by-socket") + "\n");
  Lines got;
  ASSERT_TRUE(support::wait_until([&] {
    for (const std::string& alert : daemon.new_alerts()) {
      got.push_back(alert);
    }
    return got.size() >= expected.size() + 2;
  }));
  std::erase_if(got, [](const std::string& alert) {
    return output_field(alert, "ka.auditid").starts_with("by-");
  });
  expect_same_lines(got, expected);
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  const auto history = support::run_program({"alerts", "--json", "--store", folder.path("store")});
  std::multiset<std::string> ids;
  for (const std::string& alert : lines_of(history.out)) {
    ids.insert(output_field(alert, "ka.auditid"));
  }
  EXPECT_EQ(lines_of(history.out).size(), expected.size() + 2);
  EXPECT_NE(daemon.process().log().find(
                " store_duplicates_total=" +
                std::to_string(3 * events.size() + (events.size() - expected.size()))),
            std::string::npos)
      << daemon.process().log();
}

TEST(Socket, AnAlertNamesItAsWhatItsEventCameBy) {
  const support::TempDir folder;
  const std::string path = folder.path("audit.sock");
  AuditDaemon daemon({folder.write("rules.yaml", every_event_rule())},
                     {"-o", "socket_source.enabled=true", "-o", "socket_source.path=" + path, "-o",
                      "json_include_apiserver_property=true"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  send_to(path, small_event("one") + "\nno JSON\n");
  Lines own;
  Lines got;
  ASSERT_TRUE(support::wait_until([&] {
    own = daemon.own_alerts();
    for (const std::string& alert : daemon.new_alerts()) {
      got.push_back(alert);
    }
    return !own.empty() && !got.empty();
  })) << daemon.process().log();
  const std::string member = "\"apiserver\":\"" + path + "\",";
  EXPECT_NE(got.front().find(member), std::string::npos) << got.front();
  EXPECT_NE(own.front().find(member), std::string::npos) << own.front();
}

TEST(Socket, IsRefusedWhereAnotherListensAndTakenOverFromADeadOne) {
  const support::TempDir folder;
  const Lines rules{folder.write("rules.yaml", every_event_rule())};
  const std::string path = folder.path("audit.sock");
  const Lines arguments{"-o", "socket_source.enabled=true", "-o", "socket_source.path=" + path};
  {
    AuditDaemon first(rules, arguments);
    send_to(path, small_event("one") + "\n");
    AuditDaemon second(rules, arguments);
    EXPECT_EQ(second.process().wait(), 1);
    EXPECT_NE(second.process().log().find("another process listens on this socket"),
              std::string::npos)
        << second.process().log();
    EXPECT_TRUE(fs::exists(path));
    EXPECT_EQ(fs::status(path).permissions(), fs::perms(0660));
    first.process().signal(SIGKILL);
    (void)first.process().wait();
  }
  EXPECT_TRUE(fs::exists(path));
  AuditDaemon third(rules, arguments);
  ASSERT_NE(third.port(), 0) << third.process().log();
  send_to(path, small_event("two") + "\n" + small_event("without an end"));
  Lines got;
  EXPECT_TRUE(support::wait_until([&] {
    for (const std::string& alert : third.new_alerts()) {
      got.push_back(alert);
    }
    return got.size() == 2;
  }));
  third.process().signal(SIGTERM);
  EXPECT_EQ(third.process().wait(), 0);
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace tiercel::tests
