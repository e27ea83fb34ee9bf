#include <gtest/gtest.h>

#include "certificates.h"
#include "daemon.h"
#include "local_support.h"
#include "peer_program.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

using support::read_file;
using support::wait_until;

// rsyslogd on ports of its own, writing what it understood into a file.
class Rsyslog : public testing::Test {
 protected:
  void SetUp() override {
    program_ = support::find_program("rsyslogd");
    if (program_.empty()) {
      GTEST_SKIP() << "rsyslog is not installed";
    }
    udp_ = support::free_port(SOCK_DGRAM);
    tcp_ = support::free_port(SOCK_STREAM);
  }

  void start(bool with_tls) {
    std::string config = "global(workDirectory=\"" + dir_.path() + "\"\n";
    if (with_tls) {
      const support::Certificate made = support::make_certificate("localhost");
      dir_.write("cert.pem", made.certificate);
      dir_.write("key.pem", made.key);
      config += "defaultNetstreamDriver=\"ossl\" defaultNetstreamDriverCAFile=\"" +
                dir_.path("cert.pem") + "\" defaultNetstreamDriverCertFile=\"" +
                dir_.path("cert.pem") + "\" defaultNetstreamDriverKeyFile=\"" +
                dir_.path("key.pem") + "\"";
    }
    config += ")\nmodule(load=\"imudp\")\nmodule(load=\"imtcp\"";
    if (with_tls) {
      config +=
          " streamDriver.name=\"ossl\" streamDriver.mode=\"1\" "
          "streamDriver.authMode=\"anon\"";
    }
    config += ")\ninput(type=\"imudp\" address=\"127.0.0.1\" port=\"" + std::to_string(udp_) +
              "\")\ninput(type=\"imtcp\" address=\"127.0.0.1\" port=\"" + std::to_string(tcp_) +
              "\")\ntemplate(name=\"t\" type=\"string\" string=\"%syslogfacility-text%|"
              "%syslogseverity-text%|%hostname%|%app-name%|%structured-data%|%msg%\\n\")\n"
              "action(type=\"omfile\" file=\"" +
              dir_.path("out") + "\" template=\"t\")\n";
    daemon_ = std::make_unique<support::Daemon>(std::vector<std::string>{
        program_, "-n", "-f", dir_.write("conf", config), "-i", dir_.path("pid")});
  }

  LocalOutput output(LocalOutput::Options options) const {
    options.emplace_back("facility", "local3");
    options.emplace_back("app_name", "tiercel");
    return {kSyslogOutput, options};
  }
  // Sends until it is taken: the daemon may still be starting.
  static bool send(LocalOutput& output, const std::vector<std::string>& lines) {
    return wait_until([&] { return output.takes(lines); });
  }
  [[nodiscard]] bool has(const std::string& text) const {
    return wait_until([&] { return read_file(dir_.path("out")).find(text) != std::string::npos; });
  }

  std::string program_;
  support::TempDir dir_;
  std::uint16_t udp_ = 0;
  std::uint16_t tcp_ = 0;
  std::unique_ptr<support::Daemon> daemon_;
};

TEST_F(Rsyslog, UnderstandsUdp) {
  start(false);
  for (const char* const protocol : {"rfc5424", "rfc3164"}) {
    LocalOutput over_udp = output({{"transport", "udp"},
                                   {"address", "127.0.0.1:" + std::to_string(udp_)},
                                   {"protocol", protocol}});
    // A datagram sent before the daemon listens is lost, as UDP is.
    const std::string line = std::string("by udp ") + protocol;
    EXPECT_TRUE(wait_until([&] {
      (void)over_udp.write({line + "\n"});
      return read_file(dir_.path("out")).find(line) != std::string::npos;
    }));
  }
  const std::string text = read_file(dir_.path("out"));
  EXPECT_EQ(text.rfind("local3|emerg|", 0), 0U) << text;
  EXPECT_NE(text.find("|tiercel|[tiercel@32473 id=\""), std::string::npos) << text;
}

TEST_F(Rsyslog, UnderstandsTcpWithCountedOctets) {
  start(false);
  LocalOutput over_tcp =
      output({{"transport", "tcp"}, {"address", "127.0.0.1:" + std::to_string(tcp_)}});
  ASSERT_TRUE(over_tcp->open());
  std::vector<std::string> lines;
  for (int at = 0; at < 100; ++at) {
    lines.push_back("line " + std::to_string(at) + " of tcp\n");
  }
  ASSERT_TRUE(send(over_tcp, lines));
  for (const std::string& line : lines) {
    EXPECT_TRUE(has(line)) << line;
  }
}

TEST_F(Rsyslog, GetsEveryLineThroughItsRestart) {
  start(false);
  LocalOutput over_tcp =
      output({{"transport", "tcp"}, {"address", "127.0.0.1:" + std::to_string(tcp_)}});
  ASSERT_TRUE(send(over_tcp, {"before\n"}));
  ASSERT_TRUE(has("before"));
  daemon_->signal(SIGTERM);
  daemon_->wait();
  start(false);
  ASSERT_TRUE(send(over_tcp, {"after\n"}));
  EXPECT_TRUE(has("after"));
}

TEST_F(Rsyslog, UnderstandsTls) {
  start(true);
  LocalOutput over_tls = output({{"transport", "tls"},
                                 {"address", "localhost:" + std::to_string(tcp_)},
                                 {"ca_file", dir_.path("cert.pem")}});
  ASSERT_TRUE(over_tls->open()) << over_tls->open().error().text();
  ASSERT_TRUE(send(over_tls, {"secret line\n"})) << daemon_->log();
  EXPECT_TRUE(has("secret line")) << daemon_->log();

  const support::Certificate other = support::make_certificate("localhost");
  LocalOutput stranger = output({{"transport", "tls"},
                                 {"address", "localhost:" + std::to_string(tcp_)},
                                 {"ca_file", dir_.write("other.pem", other.certificate)}});
  ASSERT_TRUE(stranger->open());
  const Delivery refused = stranger.write({"to a stranger\n"});
  ASSERT_TRUE(refused.error);
  EXPECT_NE(refused.error->text().find("not trusted"), std::string::npos) << refused.error->text();
}

}  // namespace
}  // namespace tiercel::output
