#include "tiercel/watch/scraper.h"

#include <atomic>
#include <cstdlib>
#include <exception>
#include <thread>
#include <utility>

#include "tiercel/base/log.h"
#include "tiercel/base/mutex.h"

namespace tiercel::watch {

class Scraper::Impl {
 public:
  Impl(ScrapeOptions options, std::vector<std::string> urls, Reconciler& reconciler,
       std::function<std::uint64_t()> arrived)
      : options_(std::move(options)),
        urls_(std::move(urls)),
        reconciler_(reconciler),
        arrived_(std::move(arrived)),
        client_(options_.client) {}
  ~Impl() { stop(); }

  base::Result<void> start() {
    if (auto checked = client_.check(); !checked) {
      return checked;
    }
    thread_ = std::thread([this] {
      try {
        run();
      } catch (const std::exception& failure) {
        base::log_error(std::string("the scraper ended unexpectedly: ") + failure.what());
        std::abort();
      }
    });
    return {};
  }

  void stop() {
    {
      const base::MutexLock lock(mutex_);
      is_stopping_ = true;
    }
    changed_.notify_all();
    client_.interrupt();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  void run() {
    bool goes_on = true;
    while (goes_on) {
      const std::uint64_t arrived = arrived_();
      for (std::size_t at = 0; at < urls_.size(); ++at) {
        scrape(at);
      }
      reconciler_.compare(arrived);
      const auto until = std::chrono::steady_clock::now() + options_.interval;
      const base::MutexLock lock(mutex_);
      while (!is_stopping_ && changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
      }
      goes_on = !is_stopping_;
    }
  }

  void scrape(std::size_t at) {
    http::ClientRequest request;
    request.method = "GET";
    request.url = urls_[at];
    const auto answer = client_.send(request);
    if (!answer) {
      if (answer.error().code != "interrupted") {
        reconciler_.failed(at, answer.error().text());
      }
    } else if (answer->status == 401 || answer->status == 403) {
      reconciler_.failed(at, "it answered " + std::to_string(answer->status) +
                                 ": the user of apiserver_metrics needs a ClusterRole that may get "
                                 "nonResourceURLs [/metrics]");
    } else if (answer->status != 200 || answer->is_cut) {
      reconciler_.failed(at, answer->is_cut ? "its answer is too long"
                                            : "it answered " + std::to_string(answer->status));
    } else {
      reconciler_.take(at, read_counters(answer->body));
    }
  }

  const ScrapeOptions options_;
  const std::vector<std::string> urls_;
  Reconciler& reconciler_;
  const std::function<std::uint64_t()> arrived_;
  http::Client client_;
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool is_stopping_ TIERCEL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

Scraper::Scraper(ScrapeOptions options, std::vector<std::string> urls, Reconciler& reconciler,
                 std::function<std::uint64_t()> arrived)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(urls), reconciler,
                                   std::move(arrived))) {}
Scraper::~Scraper() = default;
base::Result<void> Scraper::start() { return impl_->start(); }
void Scraper::stop() { impl_->stop(); }

}  // namespace tiercel::watch
