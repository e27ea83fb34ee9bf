#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "tiercel/alert/alert_id.h"

#include "answer_json.h"
#include "nats_link.h"
#include "output_table.h"
#include "queue_name.h"

namespace tiercel::output {

namespace {

using nlohmann::json;
using Steady = std::chrono::steady_clock;

struct NatsOptions final : OutputOptions {
  NatsPeer peer{};
  std::string subject = "tiercel.alerts";
  std::string stream{};
  std::chrono::milliseconds timeout{10'000};
};

// JetStream's own codes.
constexpr std::uint64_t kMessageTooLong = 10054;
constexpr std::uint64_t kOtherStream = 10060;
constexpr std::uint64_t kNoJetStream = 10039;

// A server may answer what it likes: a member of another type counts as absent.
std::string text_of(const json& object, const char* name) {
  const auto member = object.is_object() ? object.find(name) : object.end();
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}
std::uint64_t number_of(const json& object, const char* name) {
  const auto member = object.is_object() ? object.find(name) : object.end();
  return member != object.end() && member->is_number_unsigned() ? member->get<std::uint64_t>() : 0;
}

void describe_credentials(config::Section<NatsPeer>& s) {
  s.option("username", &NatsPeer::username, "User name, where the server asks for one.");
  s.option("password", &NatsPeer::password,
           "Its password. Over nats:// without `tls` it crosses the network readable.")
      .secret();
  s.option("password_file", &NatsPeer::password_file,
           "A file with the password, read for each connection, so that it can be exchanged.");
  s.option("token", &NatsPeer::token,
           "A token instead. Over nats:// without `tls` it crosses the network readable.")
      .secret();
  s.option("token_file", &NatsPeer::token_file,
           "A file with the token, read for each connection, so that it can be exchanged.");
  s.option("credentials_file", &NatsPeer::credentials_file,
           "A .creds file with a user's JWT and nkey, read for each connection, so that it can be "
           "exchanged.");
}

void describe_tls(config::Section<NatsPeer>& s) {
  s.option("tls", &NatsPeer::tls, "Speak TLS to every server, not only to those with tls://.");
  s.option("insecure", &NatsPeer::insecure, "Do not check the server's certificate.");
  s.option("ca_file", &NatsPeer::ca_file,
           "Certificates that the server's must be signed by, PEM; empty: the system's.")
      .file();
  s.option("client_cert", &NatsPeer::client_cert,
           "Our certificate, PEM, where the server asks for one.")
      .file();
  s.option("client_key", &NatsPeer::client_key, "Its key, PEM.").file();
  s.option("server_name", &NatsPeer::server_name,
           "Name that the server's certificate must have; empty: the URL's host.");
}

void describe_nats(config::Section<NatsOptions>& s) {
  config::Section<NatsPeer> peer(s.schema(), s.path(), s.values().peer);
  peer.option("servers", &NatsPeer::servers,
              "nats://HOST:PORT or tls://HOST:PORT; the first that takes us.")
      .example("[tls://nats-1.example.com:4222, tls://nats-2.example.com:4222]");
  s.option("subject", &NatsOptions::subject,
           "The subject; " + std::string(QueueName::kNames) + " in it are filled by the alert.")
      .example("tiercel.alerts.%priority.%rule");
  s.option(
      "stream", &NatsOptions::stream,
      "The stream that must take the alerts; empty: the one that has the subject. It keeps what "
      "comes twice once, within its duplicate window (2 min unless it says otherwise).");
  describe_credentials(peer);
  describe_tls(peer);
  peer.option("client_name", &NatsPeer::client_name, "What the server's listings call us.");
  peer.option("connect_timeout", &NatsPeer::connect_timeout,
              "For the connection to one server; a stop waits for it.")
      .between(std::chrono::milliseconds(10), std::chrono::seconds(10));
  s.option("timeout", &NatsOptions::timeout,
           "For a batch with all its acknowledgements; what has none by then is sent again.")
      .between(std::chrono::milliseconds(10), std::chrono::minutes(10));
}

// Publishes each alert to JetStream, its id as the message's, and waits for the stream's word
// for each: an alert that is sent again is recognised by the stream itself.
class NatsOutput final : public Output {
 public:
  explicit NatsOutput(const NatsOptions& options) : options_(options), link_(peer_of(options)) {}

  base::Result<void> open() override {
    auto subject = QueueName::parse(options_.subject, QueueName::Kind::kSubject);
    if (!subject) {
      return subject.error();
    }
    subject_ = std::move(*subject);
    return link_.check();
  }

  Delivery deliver(std::span<const Message> messages) override {
    const auto deadline = Steady::now() + options_.timeout;
    states_.assign(messages.size(), State::kOpen);
    Delivery delivery;
    // A connection that broke since the last batch shows when it is used: it is made anew once.
    for (int round = 0; round < 2; ++round) {
      delivery.error.reset();
      if (auto went = go(messages, deadline, delivery); !went) {
        delivery.error = went.error();
        if (went.error().code == "interrupted") {
          break;  // closing may have to wait for the server; that is for the end
        }
        link_.close();
        if (went.error().code == "lost") {
          continue;
        }
      }
      break;
    }
    return finished(std::move(delivery));
  }

  void reopen() override { link_.close(); }
  void interrupt() override { link_.interrupt(); }

 private:
  static NatsPeer peer_of(const NatsOptions& options) {
    NatsPeer peer = options.peer;
    peer.write_timeout = std::min(peer.write_timeout, options.timeout);
    return peer;
  }

  enum class State : std::uint8_t { kOpen, kTaken, kAgain, kRejected };

  base::Result<void> go(std::span<const Message> messages, NatsLink::Deadline deadline,
                        Delivery& delivery) {
    if (auto connected = link_.connect(deadline); !connected) {
      return connected;
    }
    const std::uint64_t first = next_number_;
    next_number_ += messages.size();
    std::size_t waiting = 0;
    for (std::size_t at = 0; at < messages.size(); ++at) {
      if (states_[at] != State::kOpen) {
        continue;
      }
      auto published = publish(messages[at], first + at);
      if (published) {
        ++waiting;
      } else if (published.error().code == "message_too_long") {
        reject(at, published.error().text(), delivery);
      } else {
        return published;
      }
    }
    return collect(first, waiting, deadline, delivery);
  }

  base::Result<void> publish(const Message& message, std::uint64_t number) {
    const std::string subject = subject_.of(*message.alert);
    const std::string id = alert::to_text(alert::AlertId{message.alert->id});
    std::string_view line = message.line;
    line.remove_suffix(line.ends_with('\n') ? 1 : 0);
    return link_.publish({subject, id, options_.stream, line, number});
  }

  base::Result<void> collect(std::uint64_t first, std::size_t waiting, NatsLink::Deadline deadline,
                             Delivery& delivery) {
    while (waiting > 0) {
      auto answer = link_.next_answer(deadline);
      if (!answer) {
        return answer.error();
      }
      if (!*answer) {
        return base::Error{"timeout", "no acknowledgement in time", link_.server()};
      }
      const std::uint64_t at = (*answer)->number - first;
      if (at < states_.size() && states_[at] == State::kOpen) {
        --waiting;
        take(at, **answer, delivery);
      }
    }
    return {};
  }

  void take(std::size_t at, const NatsLink::Answer& answer, Delivery& delivery) {
    if (answer.nobody) {
      fail(at, {"no_stream", no_stream(), link_.server()});
      return;
    }
    const json body = parse_answer(answer.text);
    if (!body.is_object() || (!body.contains("error") && !body.contains("seq"))) {
      fail(at, {"bad_answer", "what answers is no JetStream", link_.server()});
      return;
    }
    if (const auto error = body.find("error"); error != body.end()) {
      judge(at, *error, delivery);
      return;
    }
    const auto duplicate = body.find("duplicate");
    const bool is_duplicate = duplicate != body.end() && *duplicate == true;
    states_[at] = State::kTaken;
    delivery.said = "stream " + text_of(body, "stream") + ", message " +
                    std::to_string(number_of(body, "seq")) +
                    (is_duplicate ? ", which it had already" : "");
  }

  // Only what is too long no stream will ever take; all else an operator can mend.
  void judge(std::size_t at, const json& error, Delivery& delivery) {
    const std::uint64_t code = number_of(error, "err_code");
    std::string text = text_of(error, "description");
    text = text.empty() ? "an error without a word" : text;
    if (code == kMessageTooLong) {
      reject(at, "the stream takes no message of this length: " + text, delivery);
    } else if (code == kOtherStream) {
      fail(at, {"other_stream", "the subject belongs to another stream than `stream` says: " + text,
                options_.stream});
    } else {
      fail(at, {"refused", "the stream does not take it: " + text, link_.server()});
    }
  }

  // All alerts of a batch mostly fail alike: JetStream is asked once why.
  std::string no_stream() {
    if (error_ && error_->code == "no_stream") {
      return error_->message;
    }
    const auto account = link_.ask("$JS.API.INFO");
    const json info = account ? parse_answer(*account) : json();
    if (!account || (info.is_object() && info.contains("error") &&
                     number_of(info["error"], "err_code") == kNoJetStream)) {
      return "JetStream is not enabled here, or not for this account: set `jetstream` in the "
             "server's configuration";
    }
    const std::string name = options_.stream.empty() ? "TIERCEL" : options_.stream;
    std::string subjects = options_.subject;
    const std::size_t part = subjects.find('%');
    if (part != std::string::npos) {
      subjects.resize(subjects.rfind('.', part) + 1);
      subjects += '>';
    }
    std::string text = "no stream takes the subject " + options_.subject;
    if (!options_.stream.empty()) {
      const auto stream = link_.ask("$JS.API.STREAM.INFO." + options_.stream);
      const bool exists = stream && stream->find("\"error\"") == std::string::npos;
      if (exists) {
        return text + ": add it to the stream's: nats stream edit " + name + " --subjects '" +
               subjects + "'";
      }
      text += ", and there is no stream " + options_.stream;
    }
    return text + ": make one: nats stream add " + name + " --subjects '" + subjects + "'";
  }

  void fail(std::size_t at, base::Error error) {
    states_[at] = State::kAgain;
    error_ = std::move(error);
  }
  void reject(std::size_t at, std::string why, Delivery& delivery) {
    states_[at] = State::kRejected;
    delivery.rejected.push_back({at, std::move(why)});
  }

  Delivery finished(Delivery delivery) {
    for (std::size_t at = 0; at < states_.size(); ++at) {
      if (states_[at] == State::kOpen || states_[at] == State::kAgain) {
        delivery.again.push_back(at);
      }
    }
    if (!delivery.error) {
      delivery.error = std::move(error_);
    }
    error_.reset();
    std::sort(delivery.rejected.begin(), delivery.rejected.end(),
              [](const auto& a, const auto& b) { return a.message < b.message; });
    return delivery;
  }

  const NatsOptions options_;
  QueueName subject_;
  NatsLink link_;
  std::uint64_t next_number_ = 1;
  std::vector<State> states_;         // of the batch in hand
  std::optional<base::Error> error_;  // why one of it is to come again
};

std::unique_ptr<Output> make_nats(const NatsOptions& options, const OutputContext& /*context*/) {
  return std::make_unique<NatsOutput>(options);
}

}  // namespace

const OutputType kNatsOutput = output_type<NatsOptions, &describe_nats, &make_nats>(
    {.name = "nats",
     .doc = "Publishes alerts to a NATS JetStream stream, which recognises what comes twice.",
     .most_messages = 500});

}  // namespace tiercel::output
