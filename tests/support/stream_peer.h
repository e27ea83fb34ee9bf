#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "certificates.h"

namespace tiercel::support {

/// A server on a port of the loopback that only reads, over TCP or TLS, and can be as broken as a
/// test wants it.
class StreamPeer {
 public:
  enum class Mode : std::uint8_t {
    kDown,    ///< refuses connections
    kSilent,  ///< accepts and never reads
    kResets,  ///< breaks connections off at once
    kReads,
  };

  /// With `certificate` it speaks TLS when it reads.
  explicit StreamPeer(Mode mode, const Certificate* certificate = nullptr);
  ~StreamPeer();
  StreamPeer(const StreamPeer&) = delete;
  StreamPeer& operator=(const StreamPeer&) = delete;

  /// Connections made before are broken off.
  void become(Mode mode);
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Everything that was read.
  [[nodiscard]] std::string text() const;

 private:
  void run();
  void serve(int connection, std::uint64_t generation);
  void append(const char* data, long size);

  int socket_ = -1;
  std::uint16_t port_ = 0;
  void* context_ = nullptr;  // SSL_CTX
  std::atomic<Mode> mode_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<bool> is_over_{false};
  bool is_listening_ = false;
  mutable std::mutex mutex_;
  std::string text_;
  std::vector<std::thread> connections_;  // on the acceptor's thread, then on the destructor's
  std::thread acceptor_;
};

}  // namespace tiercel::support
