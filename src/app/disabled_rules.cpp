#include "disabled_rules.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tiercel/base/log.h"

namespace tiercel::app {

namespace {

// Far more than kMost rules of long names take.
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

std::int64_t ns(std::chrono::seconds time) { return std::chrono::nanoseconds(time).count(); }

bool write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return ::fsync(descriptor) == 0;
}

}  // namespace

DisabledRules::DisabledRules(std::string file, const base::Clock& clock)
    : file_(std::move(file)), clock_(clock) {
  const base::MutexLock lock(mutex_);
  read();
}

void DisabledRules::read() {
  std::ifstream in(file_, std::ios::binary);
  if (file_.empty() || !in) {
    return;
  }
  std::string text(kMostBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  const auto all = nlohmann::json::parse(text, nullptr, false);
  if (!all.is_array()) {
    base::log_warning(file_ + " cannot be read: the rules that were disabled are in force again");
    return;
  }
  for (const auto& entry : all) {
    if (!entry.is_object() || !entry.contains("rule") || !entry["rule"].is_string() ||
        !entry.contains("until") || !entry["until"].is_number_integer() ||
        kept_.size() + ended_before_.size() >= kMost) {
      continue;
    }
    const One one{entry["rule"].get<std::string>(), entry["until"].get<std::int64_t>()};
    // Never longer than it can be asked for, wherever the clock was set to meanwhile.
    if (const std::int64_t now = clock_.now(); one.until > now) {
      kept_.push_back({one, clock_.steady() + std::min(one.until - now, ns(kLongest))});
    } else {
      ended_before_.push_back(one.rule);
    }
  }
}

// One that cannot be written costs no more than that a restart brings the rules back.
void DisabledRules::write() const {
  if (file_.empty()) {
    return;
  }
  nlohmann::json all = nlohmann::json::array();
  for (const Kept& kept : kept_) {
    all.push_back({{"rule", kept.one.rule}, {"until", kept.one.until}});
  }
  const std::string text = all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const std::string next = file_ + ".new";
  const int descriptor = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool is_written = descriptor >= 0 && write_whole(descriptor, text);
  int error = errno;
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  if (is_written && std::rename(next.c_str(), file_.c_str()) != 0) {
    error = errno;
    is_written = false;
  }
  if (!is_written) {
    base::log_warning("cannot write " + file_ + ": " + std::generic_category().message(error) +
                      "; after a restart the disabled rules are in force again");
  }
}

base::Result<void> DisabledRules::disable(const std::string& rule, std::chrono::seconds time) {
  if (time < kShortest || time > kLongest) {
    return base::Error{"bad_time", "a rule can be disabled for 1s to 7d", rule};
  }
  const base::MutexLock lock(mutex_);
  std::erase_if(kept_, [&rule](const Kept& kept) { return kept.one.rule == rule; });
  if (kept_.size() >= kMost) {
    return base::Error{"too_many_rules",
                       "100 rules are disabled already: disable the rest in the configuration "
                       "(rules: [{disable: {rule: NAME}}]) and reload",
                       rule};
  }
  kept_.push_back({{rule, clock_.now() + ns(time)}, clock_.steady() + ns(time)});
  std::erase(ended_before_, rule);  // that it is over would be told of one that is disabled
  write();
  return {};
}

bool DisabledRules::enable(const std::string& rule) {
  const base::MutexLock lock(mutex_);
  const bool was_disabled =
      std::erase_if(kept_, [&rule](const Kept& kept) { return kept.one.rule == rule; }) != 0;
  if (was_disabled) {
    std::erase(ended_before_, rule);
    write();
  }
  return was_disabled;
}

bool DisabledRules::has_ended() const {
  const base::MutexLock lock(mutex_);
  const std::int64_t now = clock_.steady();
  return !ended_before_.empty() || std::any_of(kept_.begin(), kept_.end(), [now](const Kept& kept) {
    return kept.is_over(now);
  });
}

DisabledRules::Ended DisabledRules::take_ended() {
  const base::MutexLock lock(mutex_);
  const std::int64_t now = clock_.steady();
  Ended ended{std::exchange(ended_before_, {})};
  for (const Kept& kept : kept_) {
    if (kept.is_over(now)) {
      ended.rules.push_back(kept.one.rule);
      ended.is_change = true;
    }
  }
  if (!ended.rules.empty()) {
    std::erase_if(kept_, [now](const Kept& kept) { return kept.is_over(now); });
    write();
  }
  return ended;
}

std::vector<DisabledRules::One> DisabledRules::list() const {
  const base::MutexLock lock(mutex_);
  std::vector<One> all;
  std::transform(kept_.begin(), kept_.end(), std::back_inserter(all),
                 [](const Kept& kept) { return kept.one; });
  return all;
}

std::vector<std::string> DisabledRules::names() const {
  std::vector<std::string> all;
  for (One& one : list()) {
    all.push_back(std::move(one.rule));
  }
  return all;
}

}  // namespace tiercel::app
