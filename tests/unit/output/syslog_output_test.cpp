#include <limits>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "local_support.h"
#include "syslog_format.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

constexpr std::string_view kBody =
    R"({"alert_id":"x","hostname":"cp\"1","output":"03:04:05.000000000: Warning who=a|b=c\\d","output_fields":{"evt.time":1},"priority":"Warning","rule":"r","source":"k8s_audit","tags":[],"time":"2026-01-02T03:04:05Z"})"
    "\n";

store::StoredAlert alert() {
  store::StoredAlert alert;
  alert.id[15] = 7;
  alert.time = 1'767'323'045'123'456'789;
  alert.priority = 4;
  alert.rule = "A | \"rule\"]";
  alert.tags = "t1,t2";
  alert.user = "sys\nadmin";
  alert.name_space = "kube=system";
  alert.body = kBody;
  return alert;
}

std::string formatted(const SyslogFormat& format, std::string_view line = "the line\n") {
  const store::StoredAlert one = alert();
  std::string out;
  append_syslog(out, {&one, line}, format);
  return out;
}

TEST(SyslogFormat, Rfc5424) {
  SyslogFormat format;
  format.hostname = "cp 1";
  format.facility = 16;
  EXPECT_EQ(formatted(format),
            "<132>1 2026-01-02T03:04:05.123456Z cp_1 falco - alert [tiercel@32473 "
            "id=\"00000000000000000000000000000007\" rule=\"A | \\\"rule\\\"\\]\" tags=\"t1,t2\" "
            "user=\"sys admin\" namespace=\"kube=system\"] the line");
}

TEST(SyslogFormat, OldAndLocal) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  SyslogFormat format;
  format.hostname = "cp1";
  format.app_name = "tiercel";
  format.protocol = SyslogFormat::Protocol::kRfc3164;
  EXPECT_EQ(formatted(format), "<12>Jan  2 03:04:05 cp1 tiercel: the line");
  format.protocol = SyslogFormat::Protocol::kLocal;
  format.severities[4] = 5;
  EXPECT_EQ(formatted(format), "<13>Jan  2 03:04:05 tiercel: the line");
}

// Of an event without a time that a peer would take: when it was stored.
TEST(SyslogFormat, TellsATimeThatAPeerTakes) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  for (const std::int64_t time :
       {std::int64_t{0}, std::int64_t{-1'500'000'000}, std::numeric_limits<std::int64_t>::max()}) {
    store::StoredAlert one = alert();
    one.stored = one.time;
    one.time = time;
    std::string out;
    append_syslog(out, {&one, "x\n"}, {});
    EXPECT_EQ(out.find("<12>1 2026-01-02T03:04:05.123456Z "), 0U) << out;
    SyslogFormat old;
    old.protocol = SyslogFormat::Protocol::kRfc3164;
    out.clear();
    append_syslog(out, {&one, "x\n"}, old);
    EXPECT_EQ(out.find("<12>Jan  2 03:04:05 "), 0U) << out;
    out.clear();
    append_cef(out, {&one, {}});
    EXPECT_NE(out.find("|rt=1767323045123 "), std::string::npos) << out;
  }
}

TEST(SyslogFormat, NoByteEndsAMessageOrForgesAnother) {
  SyslogFormat format;
  const std::string text = formatted(format, "a\nb\r<1>x\x7F\tz\n");
  EXPECT_TRUE(text.ends_with("] a b <1>x  z")) << text;
}

TEST(SyslogFormat, CutsAtTheBorderOfACharacter) {
  SyslogFormat format;
  format.protocol = SyslogFormat::Protocol::kLocal;
  const std::string whole = formatted(format, "\u00e9\u00e9\u00e9\n");
  for (std::size_t length = whole.size() - 5; length <= whole.size(); ++length) {
    format.max_message = length;
    const std::string cut = formatted(format, "\u00e9\u00e9\u00e9\n");
    EXPECT_LE(cut.size(), length);
    EXPECT_TRUE(whole.starts_with(cut));
    EXPECT_EQ((whole.size() - cut.size()) % 2, 0U);
  }
}

// Whatever is cut, the element of structured data ends and no escape is halved.
TEST(SyslogFormat, CutsBehindWholeElementsAndEscapes) {
  store::StoredAlert one = alert();
  const std::string rule = "]\\\"\u00e9\x7F" + std::string(300, ']');
  const std::string tags(300, '\\');
  one.rule = rule;
  one.tags = tags;
  for (std::size_t most = 480; most < 900; ++most) {
    SyslogFormat format;
    format.max_message = most;
    std::string out;
    append_syslog(out, {&one, "the line\n"}, format);
    EXPECT_LE(out.size(), most);
    EXPECT_EQ(out.find('\x7F'), std::string::npos);
    // Past the header: quotes pair up, and the bracket that ends the element stands outside.
    bool is_quoted = false;
    bool is_ended = false;
    for (std::size_t at = out.find("[tiercel@"); at < out.size() && !is_ended; ++at) {
      if (is_quoted && out[at] == '\\') {
        ++at;
        continue;
      }
      is_quoted = (out[at] == '"') != is_quoted;
      is_ended = !is_quoted && out[at] == ']';
    }
    ASSERT_TRUE(is_ended) << out;

    format.cef = true;
    format.protocol = SyslogFormat::Protocol::kLocal;
    out.clear();
    append_syslog(out, {&one, {}}, format);
    const std::size_t text = out.find_last_not_of('\\');
    EXPECT_EQ((out.size() - 1 - text) % 2, 0U) << out;
  }
}

TEST(SyslogFormat, CommonEventFormat) {
  const store::StoredAlert one = alert();
  std::string out;
  append_cef(out, {&one, {}});
  EXPECT_EQ(out.substr(0, out.find("|A")), "CEF:0|tiercel|tiercel|" TIERCEL_VERSION);
  EXPECT_EQ(out.substr(out.find("|A")),
            "|A \\| \"rule\"]|A \\| \"rule\"]|6|rt=1767323045123 "
            "externalId=00000000000000000000000000000007 suser=sys\\nadmin cs1Label=namespace "
            "cs1=kube\\=system cs3Label=tags cs3=t1,t2 dvchost=cp\"1 msg=who\\=a|b\\=c\\\\d");
}

// A socket of ours that a syslog output sends to.
class Receiver {
 public:
  explicit Receiver(int type) : socket_(::socket(AF_INET, type, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (type == SOCK_STREAM) {
      ::listen(socket_, 8);
    }
  }
  explicit Receiver(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Receiver() { ::close(socket_); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int accept() const { return ::accept(socket_, nullptr, nullptr); }
  [[nodiscard]] int number() const { return socket_; }

  static std::string read(int from) {
    pollfd wait{from, POLLIN, 0};
    if (::poll(&wait, 1, 10'000) != 1) {
      return "nothing came";
    }
    std::string text(65536, '\0');
    const ssize_t got = ::recv(from, text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

TEST(SyslogOutput, SendsADatagramForEachAlert) {
  const Receiver receiver(SOCK_DGRAM);
  LocalOutput output(kSyslogOutput, {{"transport", "udp"}, {"address", receiver.address()}});
  ASSERT_TRUE(output->open());
  EXPECT_TRUE(output.takes({"one\n", "two\n"}));
  EXPECT_TRUE(Receiver::read(receiver.number()).ends_with("] one"));
  EXPECT_TRUE(Receiver::read(receiver.number()).ends_with("] two"));
}

// A closed port is told of by the datagram after, or by nothing: none counts as sent.
TEST(SyslogOutput, AClosedPortTakesNoDatagram) {
  std::string closed;
  {
    const Receiver receiver(SOCK_DGRAM);
    closed = receiver.address();
  }
  LocalOutput output(kSyslogOutput, {{"transport", "udp"}, {"address", closed}});
  ASSERT_TRUE(output->open());
  for (int attempt = 0; attempt < 3; ++attempt) {
    for (const std::vector<std::string>& lines :
         {std::vector<std::string>{"one\n"}, {"one\n", "two\n", "three\n"}}) {
      const Delivery delivery = output.write(lines);
      EXPECT_EQ(delivery.again.size(), lines.size());
      ASSERT_TRUE(delivery.error);
      EXPECT_NE(delivery.error->text().find("nobody listens"), std::string::npos)
          << delivery.error->text();
    }
  }
}

TEST(SyslogOutput, SendsToTheLocalSocket) {
  const support::TempDir dir;
  const Receiver receiver(dir.path("log"));
  LocalOutput output(kSyslogOutput, {{"socket", dir.path("log")}, {"app_name", "tiercel"}});
  ASSERT_TRUE(output->open());
  EXPECT_TRUE(output.takes({"one\n"}));
  EXPECT_TRUE(Receiver::read(receiver.number()).ends_with(" tiercel: one"));
}

TEST(SyslogOutput, CountsOctetsOverTcpAndConnectsAgain) {
  const Receiver receiver(SOCK_STREAM);
  LocalOutput output(
      kSyslogOutput,
      {{"transport", "tcp"}, {"address", receiver.address()}, {"protocol", "rfc3164"}});
  ASSERT_TRUE(output->open());
  EXPECT_TRUE(output.takes({"one\n", "second\n"}));
  const int first = receiver.accept();
  std::string text = Receiver::read(first);
  std::vector<std::string> messages;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    ASSERT_NE(blank, std::string::npos);
    const std::size_t length = std::stoul(text.substr(0, blank));
    messages.push_back(text.substr(blank + 1, length));
    text.erase(0, blank + 1 + length);
  }
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_TRUE(messages[0].ends_with(": one"));
  EXPECT_TRUE(messages[1].ends_with(": second"));

  // The peer goes; the next delivery sees it and connects anew.
  ::close(first);
  EXPECT_TRUE(output.takes({"third\n"}) || output.takes({"third\n"}));
  const int second = receiver.accept();
  EXPECT_TRUE(Receiver::read(second).ends_with(": third"));
  ::close(second);
}

TEST(SyslogOutput, FailuresSayWhatToDo) {
  std::string closed;
  {
    const Receiver receiver(SOCK_STREAM);
    closed = receiver.address();
  }
  struct Case {
    LocalOutput::Options options;
    std::string want;
  };
  const std::vector<Case> cases{
      {{{"transport", "tcp"}, {"address", closed}}, "does it listen"},
      {{{"socket", "/no/such/socket"}}, "is one running?"},
  };
  for (const Case& one : cases) {
    LocalOutput output(kSyslogOutput, one.options);
    ASSERT_TRUE(output->open());
    const Delivery delivery = output.write({"one\n", "two\n"});
    EXPECT_EQ(delivery.again.size(), 2U);
    ASSERT_TRUE(delivery.error);
    EXPECT_NE(delivery.error->text().find(one.want), std::string::npos) << delivery.error->text();
  }
  LocalOutput nowhere(kSyslogOutput, {{"transport", "tcp"}});
  EXPECT_FALSE(nowhere->open());
  LocalOutput no_ca(kSyslogOutput, {{"transport", "tls"}, {"address", closed}, {"ca_file", "/no"}});
  EXPECT_FALSE(no_ca->open());
}

TEST(SyslogOutput, APeerThatReadsNothingIsATimeoutNotAHang) {
  const Receiver receiver(SOCK_STREAM);
  LocalOutput output(kSyslogOutput, {{"transport", "tcp"},
                                     {"address", receiver.address()},
                                     {"timeout", "200ms"},
                                     {"max_message", "1MiB"}});
  ASSERT_TRUE(output->open());
  const std::vector<std::string> lines(64, std::string(1 << 20, 'x') + "\n");
  const Delivery delivery = output.write(lines);
  EXPECT_EQ(delivery.again.size(), lines.size());
  ASSERT_TRUE(delivery.error);
  EXPECT_NE(delivery.error->text().find("does not answer"), std::string::npos);
}

TEST(SyslogOutput, InterruptEndsADelivery) {
  const Receiver receiver(SOCK_STREAM);
  LocalOutput output(kSyslogOutput, {{"transport", "tcp"},
                                     {"address", receiver.address()},
                                     {"timeout", "10m"},
                                     {"max_message", "1MiB"}});
  std::thread other([&output] { output->interrupt(); });
  const std::vector<std::string> lines(64, std::string(1 << 20, 'x') + "\n");
  EXPECT_TRUE(output.write(lines).error);
  other.join();
}

TEST(SyslogOutput, ADatagramThatIsTooLongGoesToTheDeadLetters) {
  const Receiver receiver(SOCK_DGRAM);
  LocalOutput output(
      kSyslogOutput,
      {{"transport", "udp"}, {"address", receiver.address()}, {"max_message", "1MiB"}});
  const Delivery delivery = output.write({"one\n", std::string(100'000, 'x') + "\n", "three\n"});
  EXPECT_TRUE(delivery.again.empty());
  ASSERT_EQ(delivery.rejected.size(), 1U);
  EXPECT_EQ(delivery.rejected[0].message, 1U);
  EXPECT_NE(delivery.rejected[0].why.find("max_message"), std::string::npos);
}

}  // namespace
}  // namespace tiercel::output
