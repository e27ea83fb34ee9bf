#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tiercel/store/store.h"

#include "hand_clock.h"
#include "temp_dir.h"

namespace tiercel::store {

/// What a store told, for a test to look at and wait for.
class Events {
 public:
  void take(const StoreEvent& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  /// The first of that code, waited for; an event without a code where it does not come.
  [[nodiscard]] StoreEvent wait(const std::string& code) {
    std::unique_lock lock(mutex_);
    StoreEvent found;
    changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      for (const StoreEvent& event : events_) {
        if (event.code == code) {
          found = event;
          return true;
        }
      }
      return false;
    });
    return found;
  }
  [[nodiscard]] std::size_t count(const std::string& code) {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const StoreEvent& event : events_) {
      count += event.code == code ? 1U : 0U;
    }
    return count;
  }
  [[nodiscard]] std::string codes() {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const StoreEvent& event : events_) {
      text += (text.empty() ? "" : " ") + event.code;
    }
    return text;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<StoreEvent> events_;
};

/// True as soon as `condition` is; false when it is not within 20 s.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

/// An id of the hand clock's start plus so many milliseconds; 0 of them: without a time.
inline std::array<std::uint8_t, 16> make_id(std::uint64_t milliseconds, std::uint64_t serial) {
  std::array<std::uint8_t, 16> id{};
  const std::uint64_t time =
      milliseconds == 0
          ? 0
          : static_cast<std::uint64_t>(support::HandClock::kStart / 1'000'000) + milliseconds;
  for (std::size_t i = 0; i < 6; ++i) {
    id[i] = static_cast<std::uint8_t>(time >> (8 * (5 - i)));
  }
  for (std::size_t i = 0; i < 8; ++i) {
    id[8 + i] = static_cast<std::uint8_t>(serial >> (8 * (7 - i)));
  }
  return id;
}

inline std::string body_of(std::uint64_t serial, std::size_t length) {
  std::string body = "{\"n\":" + std::to_string(serial) + ",\"pad\":\"";
  body.append(length > body.size() + 3 ? length - body.size() - 3 : 0, 'x');
  return body + "\"}\n";
}

inline void add_alert(RecordBatch& batch, std::array<std::uint8_t, 16> id, std::uint64_t serial,
                      std::size_t length = 100) {
  const std::string body = body_of(serial, length);
  Record record;
  record.id = id;
  record.time = support::HandClock::kStart + static_cast<std::int64_t>(serial);
  record.priority = static_cast<std::uint8_t>(serial % 8);
  record.offset = batch.bytes.size();
  record.length = body.size();
  record.rule = "A rule";
  record.tags = "network,shell";
  record.user = batch.add_key("user-" + std::to_string(serial));
  record.name_space = batch.add_key("default");
  batch.bytes += body;
  batch.records.push_back(record);
}

/// Alerts numbered [from, to), each with an id of its own.
inline RecordBatch make_batch(std::uint64_t from, std::uint64_t to, std::size_t length = 100) {
  RecordBatch batch;
  for (std::uint64_t serial = from; serial < to; ++serial) {
    add_alert(batch, make_id(serial + 1, serial), serial, length);
  }
  return batch;
}

inline std::future<AppendResult> append_later(Store& store, RecordBatch batch) {
  auto promise = std::make_shared<std::promise<AppendResult>>();
  auto future = promise->get_future();
  store.append(std::move(batch), [promise](AppendResult result) { promise->set_value(result); });
  return future;
}

inline AppendResult append(Store& store, RecordBatch batch) {
  auto future = append_later(store, std::move(batch));
  if (future.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
    ADD_FAILURE() << "no answer to an append";
    return AppendResult::kFailed;
  }
  return future.get();
}

/// The numbers of all alerts behind `after`, in order of reading; `after` moves on.
inline std::vector<std::uint64_t> read_numbers(Feed& feed, Position& after,
                                               const PageLimits& limits = {}) {
  std::vector<std::uint64_t> numbers;
  Page page;
  for (;;) {
    if (auto read = feed.read(after, limits, page); !read) {
      ADD_FAILURE() << read.error().text();
      return numbers;
    }
    for (const StoredAlert& alert : page.alerts) {
      numbers.push_back(std::stoull(std::string(alert.body.substr(5))));
    }
    after = page.end;
    if (page.alerts.empty()) {
      return numbers;
    }
  }
}

inline std::vector<std::uint64_t> read_numbers(Feed& feed) {
  Position after = feed.cursor();
  return read_numbers(feed, after);
}

inline std::vector<std::uint64_t> numbers(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> result;
  for (; from < to; ++from) {
    result.push_back(from);
  }
  return result;
}

/// A store in a fresh folder, opened with open().
class StoreTest : public testing::Test {
 protected:
  /// The exit code of `body` in a process of its own.
  template <class Body>
  [[nodiscard]] static int in_child(Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  StoreTest() {
    options_.path = folder_.path();
    options_.commit_interval = std::chrono::milliseconds(1);
    options_.tick = std::chrono::milliseconds(20);
    options_.min_free = 0;
    options_.min_free_percent = 0;
  }

  base::Result<std::unique_ptr<Store>> try_open(std::vector<std::string> outputs = {"out"}) {
    return Store::open(options_, std::move(outputs), clock_, metrics_,
                       [this](const StoreEvent& event) { events_.take(event); });
  }
  void open(std::vector<std::string> outputs = {"out"}) {
    store_.reset();
    auto opened = try_open(std::move(outputs));
    ASSERT_TRUE(opened) << opened.error().text();
    store_ = std::move(*opened);
  }
  void put(std::uint64_t from, std::uint64_t to, std::size_t length = 100) {
    ASSERT_EQ(append(*store_, make_batch(from, to, length)), AppendResult::kStored);
  }
  /// Names in the store's folder that contain `part`.
  [[nodiscard]] std::vector<std::string> files(const std::string& part) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path("alerts"))) {
      const std::string name = entry.path().filename().string();
      if (name.find(part) != std::string::npos) {
        names.push_back(name);
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  [[nodiscard]] std::vector<std::string> segments() const {
    std::vector<std::string> names = files("alerts-");
    std::erase_if(names, [](const std::string& name) {
      return name.substr(0, 7) != "alerts-" || name.substr(name.size() - 3) != ".db";
    });
    return names;
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return folder_.path("alerts/" + name);
  }

  support::TempDir folder_;
  support::HandClock clock_;
  base::Metrics metrics_;
  Events events_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

}  // namespace tiercel::store
