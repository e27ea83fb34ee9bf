#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "daemon.h"
#include "temp_dir.h"

namespace tiercel::support {

/// nats-server with JetStream on a port of its own, its store in a folder that outlives its
/// restarts. Its streams are made and read over a plain connection of the test's.
class NatsServer {
 public:
  struct Message {
    std::string subject;
    std::string id;
    std::string data;
  };

  /// `more`: further lines of its configuration.
  explicit NatsServer(std::string more = "", bool with_jetstream = true);

  [[nodiscard]] static bool is_installed();
  [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const;
  /// Waits until it takes connections; false when it never does.
  [[nodiscard]] bool start();
  void kill();
  /// SIGSTOP, SIGCONT: it keeps its connections and does nothing, and goes on.
  void pause() { daemon_->signal(SIGSTOP); }
  void resume() { daemon_->signal(SIGCONT); }
  [[nodiscard]] std::string log() const { return daemon_ ? daemon_->log() : ""; }
  [[nodiscard]] const TempDir& folder() const { return folder_; }

  void make_stream(const std::string& name, const std::string& subjects,
                   int longest_message = -1) const;
  /// Everything that the stream holds, in its order.
  [[nodiscard]] std::vector<Message> messages(const std::string& stream) const;

 private:
  std::string more_;
  bool with_jetstream_;
  TempDir folder_;
  std::uint16_t port_;
  std::unique_ptr<Daemon> daemon_;
};

}  // namespace tiercel::support
