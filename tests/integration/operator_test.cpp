// What an operator does while a daemon runs: silences, routes, groups, outputs, dead letters.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness.h"
#include "peer_server.h"

namespace tiercel::tests {
namespace {

using support::run_program;

// One that begins now.
std::string silence() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::time_t second = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  const auto fraction = (now % std::chrono::seconds(1)).count();
  std::tm parts{};
  ::gmtime_r(&second, &parts);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%09lldZ",
                static_cast<long long>(fraction));
  return "silences:\n"
         "  - id: ops-1\n"
         "    matchers: ['user=\"kubernetes-admin\"']\n"
         "    outputs: [pager]\n"
         "    starts: " +
         std::string(text.data()) +
         "\n"
         "    ends: 2199-01-01T00:00:00Z\n"
         "    owner: jane\n"
         "    comment: nodes are drained\n";
}

// A daemon with the alert file and one further output, a file too, and a configuration file of
// the operator's own that is merged in.
class Operator : public testing::Test {
 protected:
  void start(const std::string& config) {
    folder_.write("more.yaml", config);
    arguments_ = {"-o", "config_files[]=" + folder_.path("more.yaml"),
                  "-o", "outputs.pager.type=file",
                  "-o", "outputs.pager.filename=" + folder_.path("pager.log"),
                  "-o", "store.path=" + folder_.path("store")};
    daemon_ = std::make_unique<AuditDaemon>(Lines{rules_}, arguments_);
    ASSERT_NE(daemon_->port(), 0) << daemon_->process().log();
  }
  void reload(const std::string& config) {
    folder_.write("next.yaml", config);
    std::filesystem::rename(folder_.path("next.yaml"), folder_.path("more.yaml"));
    daemon_->process().signal(SIGHUP);
  }
  void post(const Lines& ids) {
    Lines events;
    for (const std::string& id : ids) {
      events.push_back(small_event(id));
    }
    ASSERT_EQ(daemon_->post(event_list(events)), 200);
    ASSERT_TRUE(daemon_->has_delivered()) << daemon_->process().log();
  }
  [[nodiscard]] Lines paged() const { return lines_of_file(folder_.path("pager.log")); }
  [[nodiscard]] std::string alerts(Lines more) const {
    Lines arguments{"alerts", "-c", daemon_->folder().path("tiercel.yaml")};
    arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  }
  [[nodiscard]] nlohmann::json output(const std::string& name) {
    support::HttpClient client(daemon_->admin_port());
    const auto all =
        nlohmann::json::parse(client.exchange(support::get("/outputs")).body, nullptr, false);
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&name](const auto& one) { return one["name"] == name; });
    return found == all.end() ? nlohmann::json() : *found;
  }

  support::TempDir folder_;
  const std::string rules_ = folder_.write("rules.yaml", every_event_rule());
  Lines arguments_;
  std::unique_ptr<AuditDaemon> daemon_;
};

TEST_F(Operator, ASilenceHoldsBackFromOneOutputAndDeletesNothing) {
  start("");
  post({"before"});
  EXPECT_EQ(paged().size(), 1U);
  reload(silence());
  ASSERT_TRUE(daemon_->process().wait_for_log("info: reloaded:")) << daemon_->process().log();
  post({"silenced"});
  EXPECT_EQ(paged().size(), 1U);
  EXPECT_EQ(daemon_->new_alerts().size(), 2U) << "the other output has both";
  EXPECT_EQ(output("pager")["silenced"], 1);
  // Both are in the store, where it can be seen what became of them.
  const std::string verdicts = alerts({"--verdicts"});
  EXPECT_NE(verdicts.find("id=silenced verb=list)\n    file: goes there\n"
                          "    pager: held back by silence ops-1\n"),
            std::string::npos)
      << verdicts;
  int held_back = 0;
  for (const std::string& line : lines_of(alerts({"--verdicts", "--json"}))) {
    const auto one = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(one.is_object()) << line;
    const bool is_it = output_field(one["alert"].dump(), "ka.auditid") == "silenced";
    held_back += one["outputs"]["pager"] == "held back by silence ops-1" ? 1 : 0;
    EXPECT_EQ(one["outputs"]["pager"] == "held back by silence ops-1", is_it) << line;
  }
  EXPECT_EQ(held_back, 1);
  // The silence is taken away.
  reload("silences: []\n");
  ASSERT_TRUE(support::wait_until([&] {
    const std::string log = daemon_->process().log();
    return log.find("info: reloaded:", log.find("info: reloaded:") + 1) != std::string::npos;
  }));
  post({"after"});
  EXPECT_EQ(paged().size(), 2U);
}

TEST_F(Operator, ARouteThatLeadsNowhereIsVisible) {
  start("routes:\n  outputs: [file]\n");
  post({"one"});
  EXPECT_TRUE(paged().empty());
  EXPECT_EQ(output("pager")["filtered"], 1);
  const std::string verdicts = alerts({"--verdicts"});
  EXPECT_NE(verdicts.find("    file: goes there, by routes\n    pager: no route leads there\n"),
            std::string::npos)
      << verdicts;
}

// Its thread cannot tell: it is in the delivery.
TEST_F(Operator, AnOutputThatBlocksIsToldOfWhileItDoes) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  AuditDaemon daemon({rules}, {"-o", "outputs.stuck.type=program", "-o",
                               "outputs.stuck.program=exec sleep 60 > /dev/null 2>&1", "-o",
                               "outputs.stuck.timeout=1h"});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("a")})), 200);
  ASSERT_TRUE(daemon.process().wait_for_log("'stuck' (program) has been in one delivery for"))
      << daemon.process().log();
  ASSERT_TRUE(support::wait_until([&] {
    const Lines own = daemon.own_alerts();
    return std::any_of(own.begin(), own.end(), [](const std::string& line) {
      return line.find("output_failed") != std::string::npos &&
             line.find("'stuck'") != std::string::npos;
    });
  })) << daemon.process().log();
  Lines arguments{"outputs",
                  "-c",
                  daemon.folder().path("tiercel.yaml"),
                  "-o",
                  "admin.listen_port=" + std::to_string(daemon.admin_port()),
                  "-o",
                  "outputs.stuck.type=program",
                  "-o",
                  "outputs.stuck.program=x"};
  const auto listed = run_program(arguments);
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_NE(listed.out.find("stuck\tprogram\tenabled\t0 delivered, "), std::string::npos)
      << listed.out << listed.err;
  EXPECT_NE(listed.out.find(", in delivery for "), std::string::npos) << listed.out;
  daemon.process().signal(SIGKILL);
  daemon.process().wait();
}

TEST_F(Operator, AGroupThatIsOpenAtAKillIsToldOfAfterIt) {
  const auto routes = [](const std::string& wait) {
    return "routes:\n  outputs: [file]\n  routes:\n    - {continue: true}\n"
           "    - {outputs: [pager], group_by: [rule], group_wait: " +
           wait + ", group_interval: 1h}\n";
  };
  start(routes("1h"));
  ASSERT_EQ(daemon_->post(event_list(Lines{small_event("a"), small_event("b"), small_event("c")})),
            200);
  ASSERT_TRUE(support::wait_until([&] { return output("pager")["open_groups"] == 1; }));
  EXPECT_TRUE(paged().empty());
  EXPECT_EQ(lines_of(alerts({"--json"})).size(), 3U);
  daemon_->process().signal(SIGKILL);
  daemon_->process().wait();
  daemon_.reset();
  start(routes("10ms"));
  ASSERT_TRUE(support::wait_until([&] { return paged().size() == 1; })) << daemon_->process().log();
  EXPECT_EQ(output_field(paged().front(), "group.count"), "3") << paged().front();
  EXPECT_NE(paged().front().find("3 alerts like this one since"), std::string::npos);
}

TEST_F(Operator, OutputsComeAndGoWithAReload) {
  start("outputs:\n  old: {type: stdout}\n");
  reload("outputs:\n  new: {type: stdout}\nroutes:\n  outputs: [new]\n");
  ASSERT_TRUE(daemon_->process().wait_for_log("reloaded: ")) << daemon_->process().log();
  EXPECT_TRUE(support::wait_until([&] {
    const std::string outputs = daemon_->get("/outputs");
    return outputs.find("\"new\"") != std::string::npos &&
           outputs.find("\"old\"") == std::string::npos;
  })) << daemon_->get("/outputs");
}

TEST(DeadLetters, AreDeliveredAgainOnDemand) {
  const support::TempDir folder;
  support::PeerServer peer;
  peer.answer_with([](const support::PeerRequest& /*request*/) {
    return support::PeerAnswer{.status = 400, .body = "no such channel"};
  });
  const Lines options{"-o", "outputs.pager.type=http", "-o", "outputs.pager.url=" + peer.url("/")};
  AuditDaemon daemon({folder.write("rules.yaml", every_event_rule())}, options);
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  const std::string letters = daemon.folder().path("store/dead-letter/pager.jsonl");
  const auto resend = [&] {
    Lines arguments{"outputs", "resend", "pager", "-c", daemon.folder().path("tiercel.yaml")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_program(arguments);
  };
  const auto none = resend();
  EXPECT_EQ(none.status, 0) << none.err;
  EXPECT_NE(none.out.find("there are no dead letters (" + letters), std::string::npos) << none.out;

  ASSERT_EQ(daemon.post(event_list(Lines{small_event("one")})), 200);
  ASSERT_TRUE(support::wait_until([&] { return !lines_of_file(letters).empty(); }));
  // Still refused: the letters stay, out of the daemon's way.
  const auto refused = resend();
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("left in " + letters + ".1: "), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("no such channel"), std::string::npos) << refused.err;

  // One that is refused for ever holds up no letter of another file.
  ASSERT_EQ(daemon.post(event_list(Lines{small_event("two")})), 200);
  ASSERT_TRUE(support::wait_until([&] { return !lines_of_file(letters).empty(); }));
  peer.answer_with([](const support::PeerRequest& request) {
    return output_field(request.body, "ka.auditid") == "one"
               ? support::PeerAnswer{.status = 400, .body = "no such channel"}
               : support::PeerAnswer{.status = 200, .body = "ok"};
  });
  const auto partly = resend();
  EXPECT_EQ(partly.status, 1);
  EXPECT_NE(partly.err.find("remove the lines"), std::string::npos) << partly.err;
  EXPECT_TRUE(std::filesystem::exists(letters + ".1"));
  EXPECT_FALSE(std::filesystem::exists(letters + ".2"));

  peer.answer_with([](const support::PeerRequest& /*request*/) {
    return support::PeerAnswer{.status = 200, .body = "ok"};
  });
  const std::size_t before = peer.requests().size();
  const auto taken = resend();
  EXPECT_EQ(taken.status, 0) << taken.err;
  EXPECT_NE(taken.out.find("dead letters delivered"), std::string::npos) << taken.out;
  const auto requests = peer.requests();
  EXPECT_TRUE(std::any_of(
      requests.begin() + static_cast<std::ptrdiff_t>(before), requests.end(),
      [](const auto& request) { return output_field(request.body, "ka.auditid") == "one"; }));
  EXPECT_FALSE(std::filesystem::exists(letters + ".1"));
}

// A daemon that compiles many rules before it answers, and one that does not answer at all.
TEST(ChangeOfRules, WaitsForTheDaemonAndSaysWhatMayHaveHappened) {
  support::PeerServer peer;
  const support::TempDir folder;
  const std::string config = folder.write("tiercel.yaml", "stdout_output: {enabled: true}\n");
  const auto disable = [&] {
    return run_program({"rules", "disable", "Noisy", "-c", config, "-o",
                        "admin.listen_port=" + std::to_string(peer.port())});
  };
  peer.answer_with([](const support::PeerRequest&) {
    return support::PeerAnswer{
        .body = R"({"disabled": [{"rule": "Noisy", "until": "2026-01-02T03:04:05Z"}]})",
        .delay = std::chrono::milliseconds(2500)};
  });
  const auto late = disable();
  EXPECT_EQ(late.status, 0) << late.err;
  EXPECT_NE(late.out.find("disabled until 2026-01-02"), std::string::npos) << late.out;
  peer.answer_with([](const support::PeerRequest&) { return support::PeerAnswer{.reset = true}; });
  const auto cut = disable();
  EXPECT_EQ(cut.status, 1);
  EXPECT_NE(cut.err.find("it may have taken effect: ask with `tiercel rules disabled`"),
            std::string::npos)
      << cut.err;
}

}  // namespace
}  // namespace tiercel::tests
