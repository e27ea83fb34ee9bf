#include "crash_loader.h"

#include <chrono>

namespace tiercel::tests {

namespace {

constexpr std::size_t kEventsOfBatch = 8;

// A recorded event under another auditID.
std::string renamed(std::string event, const std::string& id) {
  constexpr std::string_view kName = R"("auditID":")";
  const std::size_t from = event.find(kName) + kName.size();
  return event.replace(from, event.find('"', from) - from, id);
}

}  // namespace

void CrashLoader::stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

CrashLoader::CrashLoader(int number) : number_(number) {
  // The recorded events are unpacked first: a daemon that is killed soon must meet load.
  (void)bulk();
  thread_ = std::thread([this] { run(); });
}

bool CrashLoader::has_begun() const {
  return support::wait_until([this] { return has_begun_.load(); });
}

void CrashLoader::run() {
  std::size_t next = 0;
  for (int batch = 0; !stopping_; ++batch) {
    Lines ids;
    Lines items;
    for (std::size_t at = 0; at < kEventsOfBatch; ++at) {
      ids.push_back("l" + std::to_string(number_) + "-b" + std::to_string(batch) + "-" +
                    std::to_string(at));
      items.push_back(at % 2 == 0 ? small_event(ids.back())
                                  : renamed(bulk()[next++ % bulk().size()], ids.back()));
    }
    const std::string body = event_list(items);
    while (!stopping_ && !post(body)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!stopping_) {
      acknowledged_.insert(acknowledged_.end(), ids.begin(), ids.end());
      has_begun_ = true;
    }
  }
}

bool CrashLoader::post(const std::string& body) const {
  const std::uint16_t port = port_;
  if (port == 0) {
    return false;
  }
  support::HttpClient client(port);
  client.set_timeout(std::chrono::seconds(10));
  return client.connected() && client.exchange(support::post("/k8s_audit", body)).status == 200;
}

}  // namespace tiercel::tests
