#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "tiercel/base/error.h"
#include "tiercel/http/client.h"
#include "tiercel/watch/reconciler.h"

namespace tiercel::watch {

struct ScrapeOptions {
  http::ClientOptions client;
  std::chrono::milliseconds interval{30'000};
};

/// Asks each apiserver for its metrics, one after the other, every interval.
///
/// Runs on: start, stop: main thread; the rest: a thread of its own.
class Scraper {
 public:
  /// `arrived` says how many events have come; any thread.
  Scraper(ScrapeOptions options, std::vector<std::string> urls, Reconciler& reconciler,
          std::function<std::uint64_t()> arrived);
  ~Scraper();
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;

  /// An error where a file of the options cannot be read.
  [[nodiscard]] base::Result<void> start();
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tiercel::watch
