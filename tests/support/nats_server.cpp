#include "nats_server.h"

#include <gtest/gtest.h>
#include <nats/nats.h>
#include <sys/socket.h>

#include "peer_program.h"

namespace tiercel::support {

namespace {

// A connection of the test's with its JetStream context.
class Client {
 public:
  explicit Client(const std::string& url) {
    EXPECT_EQ(::natsConnection_ConnectTo(&connection_, url.c_str()), NATS_OK);
    EXPECT_EQ(::natsConnection_JetStream(&context_, connection_, nullptr), NATS_OK);
  }
  ~Client() {
    ::jsCtx_Destroy(context_);
    ::natsConnection_Destroy(connection_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  [[nodiscard]] jsCtx* context() const { return context_; }

 private:
  natsConnection* connection_ = nullptr;
  jsCtx* context_ = nullptr;
};

}  // namespace

NatsServer::NatsServer(std::string more, bool with_jetstream)
    : more_(std::move(more)), with_jetstream_(with_jetstream), port_(free_port(SOCK_STREAM)) {}

bool NatsServer::is_installed() { return !find_program("nats-server").empty(); }

std::string NatsServer::url(const std::string& host) const {
  return "nats://" + host + ":" + std::to_string(port_);
}

bool NatsServer::start() {
  std::string config = "listen: \"127.0.0.1:" + std::to_string(port_) + "\"\n" + more_ + "\n";
  if (with_jetstream_) {
    config += "jetstream { store_dir: \"" + folder_.path("store") + "\" }\n";
  }
  daemon_ = std::make_unique<Daemon>(
      std::vector<std::string>{find_program("nats-server"), "-c", folder_.write("conf", config)});
  return daemon_->wait_for_log("Server is ready");
}

void NatsServer::kill() {
  daemon_->signal(SIGKILL);
  daemon_->wait();
}

void NatsServer::make_stream(const std::string& name, const std::string& subjects,
                             int longest_message) const {
  const Client client(url());
  jsStreamConfig config;
  (void)::jsStreamConfig_Init(&config);
  const char* subject = subjects.c_str();
  config.Name = name.c_str();
  config.Subjects = &subject;
  config.SubjectsLen = 1;
  config.MaxMsgSize = longest_message;
  jsErrCode error{};
  EXPECT_EQ(::js_AddStream(nullptr, client.context(), &config, nullptr, &error), NATS_OK) << error;
}

std::vector<NatsServer::Message> NatsServer::messages(const std::string& stream) const {
  const Client client(url());
  std::vector<Message> messages;
  jsStreamInfo* info = nullptr;
  jsErrCode error{};
  if (::js_GetStreamInfo(&info, client.context(), stream.c_str(), nullptr, &error) != NATS_OK) {
    ADD_FAILURE() << "no stream " << stream;
    return messages;
  }
  const std::uint64_t last = info->State.LastSeq;
  ::jsStreamInfo_Destroy(info);
  for (std::uint64_t number = 1; number <= last; ++number) {
    natsMsg* message = nullptr;
    if (::js_GetMsg(&message, client.context(), stream.c_str(), number, nullptr, &error) !=
        NATS_OK) {
      ADD_FAILURE() << "cannot read message " << number;
      continue;
    }
    const char* id = "";
    (void)::natsMsgHeader_Get(message, "Nats-Msg-Id", &id);
    messages.push_back({::natsMsg_GetSubject(message), id,
                        std::string(::natsMsg_GetData(message),
                                    static_cast<std::size_t>(::natsMsg_GetDataLength(message)))});
    ::natsMsg_Destroy(message);
  }
  return messages;
}

}  // namespace tiercel::support
