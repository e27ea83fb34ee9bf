#include "tiercel/output/direct_store.h"

#include <condition_variable>
#include <future>
#include <mutex>

#include <gtest/gtest.h>

namespace tiercel::output {
namespace {

using store::AppendResult;

// What a fake output was told, shared with the test.
struct Told {
  std::mutex mutex;
  std::condition_variable changed;
  std::string text;
  int writes = 0;
  int reopened = 0;
  bool is_failing = false;
  bool is_blocked = false;
  bool is_waiting = false;  // a write stands in the blockade

  void wait_for_blockade() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return is_waiting; });
  }
  void unblock() {
    const std::lock_guard lock(mutex);
    is_blocked = false;
    changed.notify_all();
  }
  std::string written() {
    const std::lock_guard lock(mutex);
    return text;
  }
};

class FakeOutput final : public Output {
 public:
  explicit FakeOutput(std::shared_ptr<Told> told, bool opens = true)
      : told_(std::move(told)), opens_(opens) {}
  base::Result<void> open() override {
    if (!opens_) {
      return base::Error{"output_failed", "cannot be opened", "fake"};
    }
    return {};
  }
  base::Result<void> write(std::span<const std::string_view> chunks) override {
    std::unique_lock lock(told_->mutex);
    ++told_->writes;
    while (told_->is_blocked) {
      told_->is_waiting = true;
      told_->changed.notify_all();
      told_->changed.wait(lock);
    }
    told_->is_waiting = false;
    if (told_->is_failing) {
      return base::Error{"output_failed", "cannot write", "fake"};
    }
    for (const std::string_view chunk : chunks) {
      told_->text += chunk;
    }
    return {};
  }
  base::Result<void> reopen() override {
    const std::lock_guard lock(told_->mutex);
    ++told_->reopened;
    return {};
  }

 private:
  std::shared_ptr<Told> told_;
  bool opens_;
};

store::RecordBatch batch_of(std::initializer_list<std::string_view> lines) {
  store::RecordBatch batch;
  for (const std::string_view line : lines) {
    store::Record record;
    record.offset = batch.bytes.size();
    record.length = line.size();
    batch.bytes += line;
    batch.records.push_back(record);
  }
  return batch;
}

class DirectStoreTest : public testing::Test {
 protected:
  DirectStore& make(std::initializer_list<std::shared_ptr<Told>> outputs,
                    DirectStore::Limits limits = {}) {
    std::vector<DirectStore::NamedOutput> named;
    for (const auto& told : outputs) {
      named.push_back({"fake", std::make_unique<FakeOutput>(told)});
    }
    store_ = std::make_unique<DirectStore>(std::move(named), metrics_, limits);
    return *store_;
  }
  std::future<AppendResult> append(store::RecordBatch batch) {
    const auto promise = std::make_shared<std::promise<AppendResult>>();
    store_->append(std::move(batch),
                   [promise](AppendResult result) { promise->set_value(result); });
    return promise->get_future();
  }

  base::Metrics metrics_;
  std::shared_ptr<Told> one_ = std::make_shared<Told>();
  std::shared_ptr<Told> two_ = std::make_shared<Told>();
  std::unique_ptr<DirectStore> store_;
};

TEST_F(DirectStoreTest, AnswersStoredWhenEveryOutputHasTheLines) {
  ASSERT_TRUE(make({one_, two_}).start());
  auto answer = append(batch_of({"a\n", "b\n"}));
  EXPECT_EQ(answer.get(), AppendResult::kStored);
  EXPECT_EQ(one_->written(), "a\nb\n");
  EXPECT_EQ(two_->written(), "a\nb\n");
}

TEST_F(DirectStoreTest, WritesWhatIsQueuedTogether) {
  one_->is_blocked = true;
  ASSERT_TRUE(make({one_}).start());
  auto first = append(batch_of({"1\n"}));
  one_->wait_for_blockade();
  auto second = append(batch_of({"2\n"}));
  auto third = append(batch_of({"3\n"}));
  EXPECT_EQ(store_->pending(), 3U);
  one_->unblock();
  EXPECT_EQ(first.get(), AppendResult::kStored);
  EXPECT_EQ(second.get(), AppendResult::kStored);
  EXPECT_EQ(third.get(), AppendResult::kStored);
  EXPECT_EQ(one_->written(), "1\n2\n3\n");
  EXPECT_EQ(one_->writes, 2);
}

TEST_F(DirectStoreTest, OneFailingOutputFailsTheBatchButNotTheOtherOutput) {
  one_->is_failing = true;
  std::vector<std::string> errors;
  DirectStore& store = make({one_, two_});
  store.on_error(
      [&errors](std::string_view, const base::Error& error) { errors.push_back(error.text()); });
  ASSERT_TRUE(store.start());
  EXPECT_EQ(append(batch_of({"a\n"})).get(), AppendResult::kFailed);
  EXPECT_EQ(append(batch_of({"b\n"})).get(), AppendResult::kFailed);
  EXPECT_EQ(two_->written(), "a\nb\n");
  EXPECT_EQ(metrics_.value(base::Metric::kOutputWriteErrors), 2U);
  EXPECT_EQ(metrics_.value(base::Metric::kDropsAlertOutput), 2U);
  ASSERT_TRUE(store.stop(std::chrono::seconds{10}));
  EXPECT_EQ(errors, std::vector<std::string>{"cannot write (fake)"}) << "once a second at most";
}

TEST_F(DirectStoreTest, RecoversWhenTheOutputDoes) {
  one_->is_failing = true;
  ASSERT_TRUE(make({one_}).start());
  EXPECT_EQ(append(batch_of({"a\n"})).get(), AppendResult::kFailed);
  {
    const std::lock_guard lock(one_->mutex);
    one_->is_failing = false;
  }
  EXPECT_EQ(append(batch_of({"a\n"})).get(), AppendResult::kStored);
  EXPECT_EQ(one_->written(), "a\n");
}

TEST_F(DirectStoreTest, RefusesBeyondItsBounds) {
  one_->is_blocked = true;
  ASSERT_TRUE(make({one_}, {.batches = 2, .bytes = 1000}).start());
  auto first = append(batch_of({"1\n"}));
  one_->wait_for_blockade();
  auto second = append(batch_of({"2\n"}));
  auto third = append(batch_of({"3\n"}));
  EXPECT_EQ(append(batch_of({"4\n", "5\n"})).get(), AppendResult::kFailed);
  EXPECT_EQ(metrics_.value(base::Metric::kDropsAlertOutput), 2U);
  one_->unblock();
  EXPECT_EQ(third.get(), AppendResult::kStored);
  EXPECT_EQ(one_->written(), "1\n2\n3\n");
}

TEST_F(DirectStoreTest, TakesOneBatchHoweverLarge) {
  ASSERT_TRUE(make({one_}, {.batches = 2, .bytes = 4}).start());
  EXPECT_EQ(append(batch_of({"longer than four bytes\n"})).get(), AppendResult::kStored);
}

TEST_F(DirectStoreTest, StopWritesWhatIsQueuedAndRefusesWhatComesLater) {
  one_->is_blocked = true;
  ASSERT_TRUE(make({one_}).start());
  auto first = append(batch_of({"1\n"}));
  one_->wait_for_blockade();
  auto second = append(batch_of({"2\n"}));
  EXPECT_FALSE(store_->stop(std::chrono::milliseconds{20})) << "the output blocks";
  EXPECT_EQ(append(batch_of({"late\n"})).get(), AppendResult::kStopping);
  EXPECT_EQ(metrics_.value(base::Metric::kDropsAlertStop), 1U);
  one_->unblock();
  EXPECT_TRUE(store_->stop(std::chrono::seconds{10}));
  EXPECT_EQ(second.get(), AppendResult::kStored);
  EXPECT_EQ(one_->written(), "1\n2\n");
  EXPECT_EQ(store_->pending(), 0U);
}

TEST_F(DirectStoreTest, ReopensWhileIdle) {
  ASSERT_TRUE(make({one_, two_}).start());
  store_->reopen();
  ASSERT_TRUE(store_->stop(std::chrono::seconds{10}));
  EXPECT_EQ(one_->reopened, 1);
  EXPECT_EQ(two_->reopened, 1);
}

TEST_F(DirectStoreTest, DoesNotStartWithAnOutputThatCannotBeOpened) {
  std::vector<DirectStore::NamedOutput> outputs;
  outputs.push_back({"good", std::make_unique<FakeOutput>(one_)});
  outputs.push_back({"bad", std::make_unique<FakeOutput>(two_, false)});
  DirectStore store(std::move(outputs), metrics_, {});
  const auto started = store.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().text(), "cannot be opened (fake)");
}

}  // namespace
}  // namespace tiercel::output
