// A daemon that cannot do its work ends at once with status 1 and says what to do.
#include <csignal>
#include <filesystem>
#include <ostream>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "read_file.h"

namespace tiercel::tests {
namespace {

struct Refusal {
  const char* name;
  std::string rules;   ///< content of rules.yaml
  std::string config;  ///< content of tiercel.yaml; DIR is the test's folder
  Lines says;          ///< parts of what stands on the standard error
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

// What each refused configuration has besides its mistake.
const std::string kRest =
    "rules_files: [DIR/rules.yaml]\nstdout_output: {enabled: true}\n"
    "quarantine: {path: DIR/quarantine}\nstore: {path: DIR/store, min_free: 0}\n";
const std::string kGood = kRest + "webserver: {listen_port: 0}\n";

std::vector<Refusal> refusals() {
  const std::string rule = every_event_rule();
  return {
      {"RuleWithBadCondition",
       "- rule: A\n  desc: d\n  condition: ka.verb = \n  output: o\n  priority: INFO\n"
       "  source: k8s_audit\n",
       kGood,
       {"rules.yaml:3"}},
      {"RuleWithUnknownField",
       rule + "- rule: B\n  desc: d\n  condition: ka.verbb = get\n  output: o\n"
              "  priority: INFO\n  source: k8s_audit\n",
       kGood,
       {"rules.yaml:9", "ka.verb"}},
      {"RulesThatAreNoYaml", "- rule: [\n", kGood, {"rules.yaml:"}},
      {"RulesFileThatIsNotThere",
       rule,
       "rules_files: [DIR/absent.yaml]\nstdout_output: {enabled: true}\nwebserver: {listen_port: "
       "0}\n",
       {"absent.yaml"}},
      {"UnknownOption", rule, kGood + "json_ouput: true\n", {"tiercel.yaml:6", "json_output"}},
      {"WrongType", rule, kRest + "webserver: {listen_port: high}\n", {"tiercel.yaml:5", "high"}},
      {"OutOfBounds",
       rule,
       kRest + "webserver: {listen_port: 70000}\n",
       {"tiercel.yaml:5", "65535"}},
      {"ConfigThatIsNoYaml", rule, "webserver: {\n", {"tiercel.yaml:"}},
      {"AlertFileInNoFolder",
       rule,
       kGood + "file_output: {enabled: true, filename: DIR/absent/alerts.log}\n",
       {"absent/alerts.log", "create the folder"}},
      {"AlertFileIsAFolder",
       rule,
       kGood + "file_output: {enabled: true, filename: DIR}\n",
       {"name a file, not a folder"}},
      {"HttpOutputToNowhere",
       rule,
       kGood + "http_output: {enabled: true}\n",
       {"output 'http' (http_output) cannot start: `url` must not be empty"}},
      {"OutputOfNoKind",
       rule,
       kGood + "outputs: {a: {type: smtp}}\n",
       {"tiercel.yaml:", "there is no kind of output 'smtp'"}},
      {"FileSourceWithoutFiles",
       rule,
       kGood + "file_source: {enabled: true, paths: []}\n",
       {"tiercel.yaml:6", "'file_source.paths' names no file", "--audit-log-path"}},
      {"NoOutput",
       rule,
       "rules_files: [DIR/rules.yaml]\nwebserver: {listen_port: 0}\n",
       {"no_output"}},
      {"CertificateThatIsNotThere",
       rule,
       kRest + "webserver: {listen_port: 0, ssl_enabled: true, ssl_certificate: DIR/no.pem}\n",
       {"no.pem"}},
  };
}

std::string in_folder(std::string text, const std::string& folder) {
  for (std::size_t at = text.find("DIR"); at != std::string::npos; at = text.find("DIR", at)) {
    text.replace(at, 3, folder);
    at += folder.size();
  }
  return text;
}

class Start : public testing::TestWithParam<Refusal> {};

TEST_P(Start, IsRefusedWithStatusOne) {
  const support::TempDir folder;
  folder.write("rules.yaml", GetParam().rules);
  const std::string config =
      folder.write("tiercel.yaml", in_folder(GetParam().config, folder.path()));
  const auto result = support::run_program({"run", "-c", config, "-M", "30"});
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_EQ(result.out, "");
  for (const std::string& part : GetParam().says) {
    EXPECT_NE(result.err.find(part), std::string::npos) << part << "\n" << result.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Refused, Start, testing::ValuesIn(refusals()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Port, InUseIsToldWithTheOptionToChange) {
  AuditDaemon first;
  ASSERT_NE(first.port(), 0) << first.process().log();
  const std::string port = std::to_string(first.port());
  AuditDaemon second({shipped_rules()}, {"-o", "webserver.listen_port=" + port});
  EXPECT_EQ(second.process().wait(), 1);
  const std::string log = second.process().log();
  EXPECT_NE(log.find(port), std::string::npos) << log;
  EXPECT_NE(log.find("webserver.listen_port"), std::string::npos) << log;
  EXPECT_TRUE(first.is_healthy());
}

// The shell closes the descriptors before the program is started.
support::ProgramResult run_with(const std::string& redirections, const std::string& config) {
  return support::run_program({"/bin/sh", "-c", "exec \"$0\" \"$@\" " + redirections,
                               TIERCEL_BINARY, "run", "-c", config, "-M", "1"});
}

TEST(StandardStreams, ThatAreClosedAreNoFilesOfOurs) {
  const support::TempDir folder;
  folder.write("rules.yaml", every_event_rule());
  const std::string config = folder.write("tiercel.yaml", in_folder(kGood, folder.path()));
  EXPECT_EQ(run_with("<&- >&- 2>&-", config).status, 0);
  int files = 0;
  for (const auto& one : std::filesystem::recursive_directory_iterator(folder.path("store"))) {
    if (one.is_regular_file()) {
      ++files;
      EXPECT_EQ(support::read_file(one.path().string()).find("info: "), std::string::npos)
          << one.path();
    }
  }
  EXPECT_GT(files, 1);
}

TEST(StandardStreams, AnInputThatIsClosedIsNoSource) {
  const support::TempDir folder;
  folder.write("rules.yaml", every_event_rule());
  const std::string config = folder.write(
      "tiercel.yaml", in_folder(kGood + "stdin_source: {enabled: true}\n", folder.path()));
  const auto result = run_with("<&-", config);
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("give it an input"), std::string::npos) << result.err;
}

TEST(DryRun, LoadsAndEnds) {
  const support::TempDir folder;
  folder.write("rules.yaml", every_event_rule());
  const std::string config = folder.write("tiercel.yaml", in_folder(kGood, folder.path()));
  EXPECT_EQ(support::run_program({"run", "--dry-run", "-c", config}).status, 0);
}

// A port that was free a moment ago.
std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(probe, generic, size), 0);
  EXPECT_EQ(::getsockname(probe, generic, &size), 0);
  ::close(probe);
  return ntohs(address.sin_port);
}

// Falco's own section for the webserver, its port aside.
TEST(FalcoConfiguration, WebserverSectionIsTakenAsItStands) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", every_event_rule());
  // Somebody else may take the port before we do.
  for (int attempt = 0; attempt < 5; ++attempt) {
    const std::uint16_t port = free_port();
    const std::string config = folder.write(
        "falco.yaml",
        "rules_files:\n  - " + rules +
            "\nstdout_output: {enabled: true}\nwebserver:\n  enabled: true\n  listen_port: " +
            std::to_string(port) +
            "\n  k8s_audit_endpoint: /k8s_audit\n  ssl_enabled: false\n"
            "  ssl_certificate: /etc/falco/falco.pem\n");
    support::Daemon daemon({"-c", config, "-o", "quarantine.path=" + folder.path("quarantine"),
                            "-o", "store.path=" + folder.path("store"), "-o", "store.min_free=0",
                            "-o", "store.min_free_percent=0"});
    if (daemon.port() == 0) {
      ASSERT_NE(daemon.log().find("in use"), std::string::npos) << daemon.log();
      continue;
    }
    EXPECT_EQ(daemon.port(), port);
    support::HttpClient client(port);
    EXPECT_EQ(
        client.exchange(support::post("/k8s_audit", event_list(Lines{small_event("one")}))).status,
        200);
    EXPECT_TRUE(support::wait_until([&] {
      return daemon.out().find("Notice seen (id=one verb=list)\n") != std::string::npos;
    })) << daemon.out();
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait(), 0);
    return;
  }
  FAIL() << "no port stayed free";
}

}  // namespace
}  // namespace tiercel::tests
