#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "output_table.h"
#include "severity_map.h"
#include "syslog_format.h"
#include "syslog_link.h"

namespace tiercel::output {

namespace {

struct SyslogOptions final : OutputOptions {
  enum class Framing : std::uint8_t { kOctetCounting, kNewline };
  std::string address;
  Framing framing = Framing::kOctetCounting;
  base::ByteSize max_message{8192};
  config::TextPairs severity_map;
  SyslogPeer::Transport transport = SyslogPeer::Transport::kLocal;
  SyslogFormat::Protocol protocol = SyslogFormat::Protocol::kRfc5424;
  std::string socket = "/dev/log";
  std::string facility = "user";
  std::string app_name = "falco";
  bool cef = false;
  std::chrono::milliseconds timeout{10'000};
  bool insecure = false;
  std::string ca_file;
  std::string client_cert;
  std::string client_key;
  std::string server_name;
};

constexpr std::array<std::string_view, 24> kFacilities{
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<std::string_view, 8> kSeverities{"emerg",   "alert",  "crit", "err",
                                                      "warning", "notice", "info", "debug"};

std::string facility_complaint(std::string_view name) {
  return std::find(kFacilities.begin(), kFacilities.end(), name) == kFacilities.end()
             ? "is no facility of syslog: kern, user, daemon, auth, authpriv, audit, local0 … "
               "local7"
             : "";
}

void describe_tls(config::Section<SyslogOptions>& s) {
  s.option("insecure", &SyslogOptions::insecure, "Do not check the peer's certificate.");
  s.option("ca_file", &SyslogOptions::ca_file,
           "Certificates that the peer's must be signed by, PEM; empty: the system's.")
      .file();
  s.option("client_cert", &SyslogOptions::client_cert,
           "Our certificate, PEM, where the peer asks for one.")
      .file();
  s.option("client_key", &SyslogOptions::client_key, "Its key; empty: in the certificate's file.")
      .file();
  s.option("server_name", &SyslogOptions::server_name,
           "Name that the peer's certificate must have; empty: the address's host.");
}

void describe_syslog(config::Section<SyslogOptions>& s) {
  using Transport = SyslogPeer::Transport;
  using Protocol = SyslogFormat::Protocol;
  using Framing = SyslogOptions::Framing;
  s.choice<Transport>(
      "transport", &SyslogOptions::transport,
      {{"local", Transport::kLocal},
       {"udp", Transport::kUdp},
       {"tcp", Transport::kTcp},
       {"tls", Transport::kTls}},
      "How to reach the daemon. UDP may lose messages without anybody knowing; that a port "
      "is closed is heard of in time from this host alone.");
  s.option("socket", &SyslogOptions::socket, "The local daemon's socket, for transport local.");
  s.option("address", &SyslogOptions::address, "HOST:PORT of the daemon, for the others.")
      .example("logs.example.com:6514");
  s.choice<Protocol>("protocol", &SyslogOptions::protocol,
                     {{"rfc5424", Protocol::kRfc5424}, {"rfc3164", Protocol::kRfc3164}},
                     "Form of the messages; a local daemon gets the old form without host name.");
  s.choice<Framing>("framing", &SyslogOptions::framing,
                    {{"octet_counting", Framing::kOctetCounting}, {"newline", Framing::kNewline}},
                    "How TCP and TLS tell messages apart.");
  s.option("facility", &SyslogOptions::facility, "Facility of the messages.")
      .check(facility_complaint);
  s.option("app_name", &SyslogOptions::app_name,
           "Name or tag of the messages; falco as Falco has it, so that filters keep working.");
  s.option("severity_map", &SyslogOptions::severity_map,
           "Severity for a priority where it is not the one of the same name.")
      .example("{Warning: notice}");
  s.option("cef", &SyslogOptions::cef,
           "The message is in ArcSight's Common Event Format, whatever `format` says.");
  s.option("max_message", &SyslogOptions::max_message,
           "A longer message is cut; the whole alert stays in the store.")
      .between(base::ByteSize{480}, base::ByteSize{std::uint64_t{1} << 20U});
  s.option("timeout", &SyslogOptions::timeout, "For connecting and for each write.")
      .between(std::chrono::milliseconds(10), std::chrono::minutes(10));
  describe_tls(s);
}

// Splits "host:port", "[v6]:port".
std::pair<std::string, std::string> split_address(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return {};
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return {host, address.substr(colon + 1)};
}

SyslogPeer peer_of(const SyslogOptions& options) {
  SyslogPeer peer;
  peer.transport = options.transport;
  peer.socket = options.socket;
  std::tie(peer.host, peer.port) = split_address(options.address);
  peer.timeout = options.timeout;
  peer.insecure = options.insecure;
  peer.ca_file = options.ca_file;
  peer.client_cert = options.client_cert;
  peer.client_key = options.client_key;
  peer.server_name = options.server_name;
  return peer;
}

SyslogFormat format_of(const SyslogOptions& options) {
  SyslogFormat format;
  const bool is_local = options.transport == SyslogPeer::Transport::kLocal;
  format.protocol = is_local ? SyslogFormat::Protocol::kLocal : options.protocol;
  format.facility = static_cast<std::uint32_t>(
      std::find(kFacilities.begin(), kFacilities.end(), options.facility) - kFacilities.begin());
  format.app_name = options.app_name;
  std::array<char, 256> name{};
  format.hostname = ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
  format.cef = options.cef;
  format.max_message = options.max_message.bytes;
  return format;
}

// Sends each alert as a syslog message.
class SyslogOutput final : public Output {
 public:
  explicit SyslogOutput(const SyslogOptions& options)
      : options_(options),
        format_(format_of(options)),
        interrupted_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        link_(peer_of(options), interrupted_.number()) {}

  base::Result<void> open() override {
    Severities usual;
    std::copy(kSeverities.begin(), kSeverities.end(), usual.begin());
    const auto severities = mapped_severities(options_.severity_map, usual, kSeverities);
    if (!severities) {
      return severities.error();
    }
    for (std::size_t at = 0; at < severities->size(); ++at) {
      format_.severities[at] = static_cast<std::uint8_t>(
          std::find(kSeverities.begin(), kSeverities.end(), (*severities)[at]) -
          kSeverities.begin());
    }
    return link_.prepare();
  }

  Delivery deliver(std::span<const Message> messages) override {
    if (auto connected = link_.connect(); !connected) {
      return Delivery::again_from(0, messages.size(), connected.error());
    }
    const bool is_stream = options_.transport == SyslogPeer::Transport::kTcp ||
                           options_.transport == SyslogPeer::Transport::kTls;
    return is_stream ? deliver_stream(messages) : deliver_datagrams(messages);
  }

  void reopen() override { link_.close(); }
  void interrupt() override {
    const std::uint64_t one = 1;
    (void)!::write(interrupted_.number(), &one, sizeof one);
  }

 private:
  Delivery deliver_stream(std::span<const Message> messages) {
    buffer_.clear();
    for (const Message& message : messages) {
      append_framed(message);
    }
    auto sent = link_.send(buffer_);
    if (sent) {
      sent = link_.settle();
    }
    if (!sent) {
      return Delivery::again_from(0, messages.size(), sent.error());
    }
    return Delivery::delivered("received by the peer's system; syslog acknowledges nothing");
  }

  Delivery deliver_datagrams(std::span<const Message> messages) {
    Delivery delivery = Delivery::delivered("sent; syslog acknowledges nothing");
    bool is_sent = false;
    for (std::size_t at = 0; at < messages.size(); ++at) {
      buffer_.clear();
      append_syslog(buffer_, messages[at], format_);
      const auto sent = link_.send(buffer_);
      if (sent) {
        is_sent = true;
      } else if (sent.error().code == "message_too_long") {
        delivery.rejected.push_back({at, sent.error().text()});
      } else {
        // That a port is closed is told a round trip later, of any of those before.
        const bool is_of_earlier = is_sent && sent.error().code == SyslogLink::kEarlierRefused;
        return again_from(is_of_earlier ? 0 : at, messages.size(), sent.error(), delivery);
      }
    }
    if (is_sent) {
      if (const auto settled = link_.settle(); !settled) {
        return again_from(0, messages.size(), settled.error(), delivery);
      }
    }
    return delivery;
  }

  static Delivery again_from(std::size_t first, std::size_t count, const base::Error& error,
                             Delivery& so_far) {
    Delivery rest = Delivery::again_from(first, count, error);
    for (Delivery::Rejected& rejected : so_far.rejected) {
      if (rejected.message < first) {
        rest.rejected.push_back(std::move(rejected));
      }
    }
    return rest;
  }

  void append_framed(const Message& message) {
    if (options_.framing == SyslogOptions::Framing::kNewline) {
      append_syslog(buffer_, message, format_);
      buffer_ += '\n';
    } else {
      single_.clear();
      append_syslog(single_, message, format_);
      buffer_ += std::to_string(single_.size());
      buffer_ += ' ';
      buffer_ += single_;
    }
  }

  const SyslogOptions options_;
  SyslogFormat format_;
  const Descriptor interrupted_;
  SyslogLink link_;
  std::string buffer_;
  std::string single_;
};

std::unique_ptr<Output> make_syslog(const SyslogOptions& options,
                                    const OutputContext& /*context*/) {
  return std::make_unique<SyslogOutput>(options);
}

}  // namespace

const OutputType kSyslogOutput = output_type<SyslogOptions, &describe_syslog, &make_syslog>(
    {.name = "syslog",
     .doc = "Sends alerts to a syslog daemon: local, UDP, TCP or TLS; RFC 5424, RFC 3164 or CEF.",
     .falco_section = "syslog_output",
     .is_json = false,
     .most_messages = 100});

}  // namespace tiercel::output
