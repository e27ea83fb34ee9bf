#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include "harness.h"

namespace tiercel::tests {

/// Posts batches of new events for ever, each until it is answered 200, as an apiserver does: half
/// of the events were recorded from an apiserver and have an auditID of their own here.
class CrashLoader {
 public:
  explicit CrashLoader(int number);
  ~CrashLoader() { stop(); }
  CrashLoader(const CrashLoader&) = delete;
  CrashLoader& operator=(const CrashLoader&) = delete;

  void use_port(std::uint16_t port) { port_ = port; }
  /// Until a first batch was answered 200.
  [[nodiscard]] bool has_begun() const;
  void stop();
  /// The auditIDs of batches that were answered 200. After stop().
  [[nodiscard]] const Lines& acknowledged() const { return acknowledged_; }

 private:
  void run();
  [[nodiscard]] bool post(const std::string& body) const;

  const int number_;
  std::atomic<std::uint16_t> port_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> has_begun_{false};
  Lines acknowledged_;
  std::thread thread_;
};

}  // namespace tiercel::tests
