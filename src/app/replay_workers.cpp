#include "replay_workers.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "tiercel/base/clock.h"

namespace tiercel::app {

namespace {

constexpr std::uint64_t kUnderWayPerThread = 4;
// Of one block so many reports are kept word for word; all are counted.
constexpr std::size_t kMostReports = 32;

std::string message_of(const audit::BadInput& bad) {
  const std::string item = bad.whole ? "" : "item " + std::to_string(bad.item) + ": ";
  return item + bad.message + " [" + std::string(bad.code) + "]";
}

}  // namespace

ReplayWorkers::ReplayWorkers(std::shared_ptr<const engine::RuleSet> rules,
                             audit::FieldContext context, audit::DecodeLimits limits)
    : rules_(std::move(rules)), context_(std::move(context)), limits_(limits) {}

base::Result<void> ReplayWorkers::run(unsigned threads, const Next& next, const Take& take) {
  {
    const base::MutexLock lock(mutex_);
    bound_ = threads * kUnderWayPerThread;
  }
  {
    std::vector<std::jthread> others;
    try {
      for (unsigned at = 1; at < threads; ++at) {
        others.emplace_back([&] { work(next, take); });
      }
    } catch (const std::system_error&) {
      // A limit of threads: those that there are do it all.
    }
    work(next, take);
  }
  const base::MutexLock lock(reading_);
  return outcome_;
}

void ReplayWorkers::work(const Next& next, const Take& take) {
  // The key columns are the store's alone.
  pipeline::Scratch scratch(limits_, context_, stream_, false);
  InputBlock block;
  ReplayResult result;
  std::uint64_t number = 0;
  while (read(next, block, number)) {
    result.alerts.bytes.clear();
    result.alerts.keys.clear();
    result.alerts.records.clear();
    result.unreadable.clear();
    evaluate(block, scratch, result);
    hand_on(number, result, take);
  }
}

bool ReplayWorkers::read(const Next& next, InputBlock& block, std::uint64_t& number) {
  const base::MutexLock lock(reading_);
  {
    const base::MutexLock results_lock(mutex_);
    while (!is_refused_ && read_ - handed_on_ >= bound_) {
      handed_on_more_.wait(mutex_);
    }
    has_ended_ = has_ended_ || is_refused_;
  }
  if (has_ended_) {
    return false;
  }
  const base::Result<bool> got = next(block);
  if (!got) {
    outcome_ = got.error();
  }
  has_ended_ = !got || !*got;
  number = read_;
  read_ += has_ended_ ? 0U : 1U;
  return !has_ended_;
}

void ReplayWorkers::evaluate(const InputBlock& block, pipeline::Scratch& scratch,
                             ReplayResult& result) const {
  result.bytes = block.size;
  result.file = block.file;
  const pipeline::Scratch::OnBad on_bad = [&result](const audit::BadInput& bad) {
    const bool is_told = result.unreadable.size() < kMostReports;
    result.unreadable.push_back({bad.line, is_told ? message_of(bad) : std::string()});
  };
  result.counts = scratch.evaluate(block.view(), block.form, base::SystemClock().now(), rules_,
                                   result.alerts, on_bad);
}

// The result itself where its turn has come, and those that waited for it; else it waits, for
// whoever hands on the one before it. None behind one that was refused: its turn never comes.
void ReplayWorkers::hand_on(std::uint64_t number, ReplayResult& result, const Take& take) {
  {
    const base::MutexLock lock(mutex_);
    if (is_handing_on_ || number != handed_on_) {
      waiting_.emplace(number, std::exchange(result, {}));
      return;
    }
    is_handing_on_ = true;
  }
  ReplayResult* next = &result;
  ReplayResult waited;
  while (next != nullptr) {
    const bool is_taken = take(*next);
    const base::MutexLock lock(mutex_);
    if (!is_taken) {
      is_refused_ = true;
      handed_on_more_.notify_one();
      return;
    }
    ++handed_on_;
    handed_on_more_.notify_one();
    const auto found = waiting_.find(handed_on_);
    next = found == waiting_.end() ? nullptr : &waited;
    is_handing_on_ = next != nullptr;
    if (next != nullptr) {
      waited = std::move(found->second);
      waiting_.erase(found);
    }
  }
}

unsigned replay_threads(const engine::RuleSet& rules, unsigned wanted) {
  const audit::FieldSet& fields = rules.fields();
  for (std::size_t at = 0; at < fields.size(); ++at) {
    const std::string_view name = fields[static_cast<audit::FieldId>(at)].field->name;
    if (name == "evt.num" || name.starts_with("evt.reltime")) {
      return 1;
    }
  }
  return std::max(1U, wanted != 0 ? wanted : std::thread::hardware_concurrency());
}

}  // namespace tiercel::app
