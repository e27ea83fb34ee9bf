#include "nats_link.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <utility>

#include <nats/nats.h>

#include "tiercel/base/mutex.h"

#include "nats_connect.h"

namespace tiercel::output {

namespace {

using base::MutexLock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Answer = NatsLink::Answer;
using Steady = std::chrono::steady_clock;
using NatsMessage = std::unique_ptr<natsMsg, NatsDestroyer<natsMsg, &::natsMsg_Destroy>>;
using Subscription =
    std::unique_ptr<natsSubscription, NatsDestroyer<natsSubscription, &::natsSubscription_Destroy>>;

// How often a waiting call looks whether it is interrupted or its connection lost.
constexpr milliseconds kPeriod{50};
constexpr milliseconds kAskTime{1'000};
// Answers that nobody has taken yet, and of each what JetStream has to say: a server that sends
// more than it was asked for gains nothing.
constexpr std::size_t kMostAnswers = 1'000;
constexpr std::size_t kMostText = std::size_t{16} << 10U;

std::string text_of(natsMsg* message) {
  const char* const data = ::natsMsg_GetData(message);
  const auto size = static_cast<std::size_t>(std::max(::natsMsg_GetDataLength(message), 0));
  return data == nullptr ? std::string() : std::string(data, std::min(size, kMostText));
}

// Where answers arrive, on a thread of the library; shared with it until it has let go.
class Inbox {
 public:
  void put(Answer answer) {
    {
      const MutexLock lock(mutex_);
      if (answers_.size() < kMostAnswers) {
        answers_.push_back(std::move(answer));
      }
    }
    arrived_.notify_all();
  }
  std::optional<Answer> take(Steady::time_point until) {
    const MutexLock lock(mutex_);
    while (answers_.empty()) {
      if (arrived_.wait_until(mutex_, until) == std::cv_status::timeout && answers_.empty()) {
        return std::nullopt;
      }
    }
    Answer answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

 private:
  base::Mutex mutex_;
  base::ConditionVariable arrived_;
  std::deque<Answer> answers_ TIERCEL_GUARDED_BY(mutex_);
};

void on_answer(natsConnection* /*connection*/, natsSubscription* /*subscription*/, natsMsg* raw,
               void* inbox) {
  const NatsMessage message(raw);
  const std::string_view subject = ::natsMsg_GetSubject(raw);
  Answer answer;
  for (const char c : subject.substr(subject.rfind('.') + 1)) {
    answer.number = answer.number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  answer.nobody = ::natsMsg_IsNoResponders(raw);
  answer.text = text_of(raw);
  (*static_cast<std::shared_ptr<Inbox>*>(inbox))->put(std::move(answer));
}

void on_complete(void* inbox) { delete static_cast<std::shared_ptr<Inbox>*>(inbox); }

}  // namespace

class NatsLink::Impl {
 public:
  explicit Impl(NatsPeer peer) : peer_(std::move(peer)) {}
  ~Impl() { close(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] base::Result<void> check() const { return check_nats_peer(peer_); }
  base::Result<void> connect(Deadline deadline);
  base::Result<void> publish(const Request& request);
  base::Result<std::optional<Answer>> next_answer(Deadline deadline);
  std::optional<std::string> ask(const std::string& subject);
  void close();
  void interrupt() { interrupted_.store(true); }
  [[nodiscard]] std::string server() const { return server_; }

 private:
  [[nodiscard]] bool is_connected() const {
    return connection_ && !::natsConnection_IsClosed(connection_.get());
  }
  base::Result<void> try_server(const NatsUrl& url, Deadline deadline);
  base::Result<void> listen();
  [[nodiscard]] base::Result<void> trouble() const;

  const NatsPeer peer_;
  std::atomic<bool> interrupted_{false};
  std::size_t preferred_ = 0;  // the server that took us last
  std::future<NatsAttempt> attempt_;
  NatsConnection connection_;
  Subscription subscription_;
  std::shared_ptr<Inbox> inbox_;
  std::string reply_;
  std::string server_;
};

base::Result<void> NatsLink::Impl::connect(Deadline deadline) {
  if (is_connected()) {
    return {};
  }
  close();
  base::Error error{"timeout", "no time left to connect", ""};
  const std::size_t count = peer_.servers.size();
  const std::size_t first = preferred_;
  for (std::size_t tried = 0; tried < count; ++tried) {
    const std::size_t at = (first + tried) % count;
    const auto url = NatsUrl::parse(peer_.servers[at]);
    if (interrupted_.load()) {
      return base::Error{"interrupted", "interrupted", ""};
    }
    if (!url || Steady::now() >= deadline) {
      break;
    }
    auto connected = try_server(*url, deadline);
    if (connected) {
      preferred_ = at;
      server_ = url->text();
      return listen();
    }
    error = connected.error();
  }
  return error;
}

// On a thread of its own: the library's call cannot be ended from outside, and an interrupt must
// not wait for it. The destructor does, so connect_timeout is short: a thread that outlived it
// could still be in TLS while the process ends.
base::Result<void> NatsLink::Impl::try_server(const NatsUrl& url, Deadline deadline) {
  const auto left =
      std::max(duration_cast<milliseconds>(deadline - Steady::now()), milliseconds(1));
  attempt_ = std::async(std::launch::async,
                        [peer = peer_, url, timeout = std::min(left, peer_.connect_timeout)] {
                          NatsAttempt attempt = connect_to_nats(peer, url, timeout);
                          ::nats_ReleaseThreadMemory();
                          return attempt;
                        });
  while (attempt_.wait_for(kPeriod) != std::future_status::ready) {
    if (interrupted_.load()) {
      return base::Error{"interrupted", "interrupted while connecting", url.text()};
    }
  }
  NatsAttempt attempt = attempt_.get();
  if (!attempt.connection) {
    return std::move(attempt.error);
  }
  connection_ = std::move(attempt.connection);
  return {};
}

base::Result<void> NatsLink::Impl::listen() {
  natsInbox* prefix = nullptr;
  natsStatus status = ::natsInbox_Create(&prefix);
  if (status == NATS_OK) {
    reply_ = prefix;
    ::natsInbox_Destroy(prefix);
    inbox_ = std::make_shared<Inbox>();
    auto* const shared = new std::shared_ptr<Inbox>(inbox_);
    natsSubscription* made = nullptr;
    status = ::natsConnection_Subscribe(&made, connection_.get(), (reply_ + ".*").c_str(),
                                        &on_answer, shared);
    if (status == NATS_OK) {
      status = ::natsSubscription_SetOnCompleteCB(made, &on_complete, shared);
    } else {
      delete shared;
    }
    subscription_.reset(made);
  }
  if (status != NATS_OK) {
    base::Error error{"connect_failed", "cannot listen for answers: " + last_nats_text(status),
                      server_};
    close();
    return error;
  }
  return {};
}

base::Result<void> NatsLink::Impl::publish(const Request& request) {
  if (interrupted_.load()) {
    return base::Error{"interrupted", "interrupted", ""};
  }
  natsMsg* raw = nullptr;
  natsStatus status =
      ::natsMsg_Create(&raw, std::string(request.subject).c_str(),
                       (reply_ + "." + std::to_string(request.number)).c_str(), request.data.data(),
                       static_cast<int>(std::min<std::size_t>(request.data.size(), 0x7fffffff)));
  const NatsMessage message(raw);
  if (status == NATS_OK) {
    status = ::natsMsgHeader_Set(raw, "Nats-Msg-Id", std::string(request.message_id).c_str());
  }
  if (status == NATS_OK && !request.stream.empty()) {
    status = ::natsMsgHeader_Set(raw, "Nats-Expected-Stream", std::string(request.stream).c_str());
  }
  if (status == NATS_OK) {
    status = ::natsConnection_PublishMsg(connection_.get(), raw);
  }
  if (status == NATS_OK) {
    return {};
  }
  if (status == NATS_MAX_PAYLOAD) {
    return base::Error{"message_too_long",
                       "larger than the server's max_payload of " +
                           std::to_string(::natsConnection_GetMaxPayload(connection_.get())) +
                           " bytes",
                       server_};
  }
  return base::Error{"lost", "the connection is lost: " + last_nats_text(status), server_};
}

base::Result<void> NatsLink::Impl::trouble() const {
  if (interrupted_.load()) {
    return base::Error{"interrupted", "interrupted", ""};
  }
  // A refusal has no answer of its own; the server says it once, to the connection.
  const char* text = nullptr;
  const natsStatus status = ::natsConnection_GetLastError(connection_.get(), &text);
  if (status == NATS_NOT_PERMITTED) {
    return base::Error{"forbidden", text == nullptr ? "not permitted" : std::string(text), server_};
  }
  if (!is_connected()) {
    return base::Error{"lost", "the server broke off the connection", server_};
  }
  return {};
}

base::Result<std::optional<Answer>> NatsLink::Impl::next_answer(Deadline deadline) {
  while (true) {
    auto answer = inbox_->take(std::min(deadline, Steady::now() + kPeriod));
    if (answer) {
      return answer;
    }
    if (auto bad = trouble(); !bad) {
      return bad.error();
    }
    if (Steady::now() >= deadline) {
      return std::optional<Answer>();
    }
  }
}

std::optional<std::string> NatsLink::Impl::ask(const std::string& subject) {
  natsMsg* raw = nullptr;
  if (::natsConnection_RequestString(&raw, connection_.get(), subject.c_str(), "",
                                     kAskTime.count()) != NATS_OK) {
    return std::nullopt;
  }
  const NatsMessage message(raw);
  return text_of(raw);
}

void NatsLink::Impl::close() {
  subscription_.reset();
  connection_.reset();
  inbox_.reset();
}

NatsLink::NatsLink(NatsPeer peer) : impl_(std::make_unique<Impl>(std::move(peer))) {}
NatsLink::~NatsLink() = default;
base::Result<void> NatsLink::check() const { return impl_->check(); }
base::Result<void> NatsLink::connect(Deadline deadline) { return impl_->connect(deadline); }
base::Result<void> NatsLink::publish(const Request& request) { return impl_->publish(request); }
base::Result<std::optional<NatsLink::Answer>> NatsLink::next_answer(Deadline deadline) {
  return impl_->next_answer(deadline);
}
std::optional<std::string> NatsLink::ask(const std::string& subject) { return impl_->ask(subject); }
void NatsLink::close() { impl_->close(); }
void NatsLink::interrupt() { impl_->interrupt(); }
std::string NatsLink::server() const { return impl_->server(); }

}  // namespace tiercel::output
