#include "bench_traffic.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "tiercel/base/clock.h"
#include "tiercel/base/utc_time.h"

#include "bench_support.h"

namespace tiercel::bench {

namespace {

constexpr std::size_t kIdLength = 20;

// Of one length, so that one can stand in another's place.
std::string next_id() {
  static std::atomic<std::uint64_t> number{0};
  std::string digits = std::to_string(++number);
  return "bench-" + std::string(kIdLength - 6 - digits.size(), '0') + digits;
}

constexpr const char* kId = "\"auditID\":\"";
constexpr const char* kVerb = "\"verb\":\"";
constexpr const char* kTime = "\"stageTimestamp\":\"";
constexpr unsigned kTimeDigits = 6;  // as kube-apiserver writes it
constexpr std::size_t kTimeLength = std::string_view("2026-01-02T03:04:05.678901Z").size();

// Where a member's text begins.
std::size_t find_text(const std::string& event, const char* member) {
  const std::size_t found = event.find(member);
  return found == std::string::npos ? found : found + std::strlen(member);
}

// All members where they are looked for, the id before the verb.
bool is_usable(const std::string& event) {
  const std::size_t verb = find_text(event, kVerb);
  const std::size_t time = find_text(event, kTime);
  return verb != std::string::npos && find_text(event, kId) < verb && time != std::string::npos &&
         event.find('"', time) == time + kTimeLength;
}

void replace(std::string& line, const char* member, const std::string& value) {
  const std::size_t from = find_text(line, member);
  line.replace(from, line.find('"', from) - from, value);
}

}  // namespace

std::vector<std::string> quiet_events() {
  std::vector<std::string> quiet = sorted_events().quiet;
  std::erase_if(quiet, [](const std::string& event) { return !is_usable(event); });
  return quiet;
}

Request::Request(const std::vector<std::string>& events, std::size_t size, double percent)
    : events_(size) {
  static std::atomic<std::size_t> next{0};
  std::string body = R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[)";
  double due = 0;
  for (std::size_t at = 0; at < size; ++at) {
    std::string line = events[next++ % events.size()];
    replace(line, kId, next_id());
    body += at == 0 ? "" : ",";
    due += percent / 100;
    if (due >= 1 - 1e-9) {
      due -= 1;
      replace(line, kVerb, kAlertingVerb);
      alerting_.push_back(
          {body.size() + find_text(line, kId), body.size() + find_text(line, kTime)});
    }
    body += line;
  }
  body += "]}";
  const std::size_t length = body.size();
  bytes_ = support::post("/k8s_audit", body);
  for (Alerting& event : alerting_) {
    event.id += bytes_.size() - length;
    event.time += bytes_.size() - length;
  }
}

void Request::renew() {
  const std::string now = base::utc_text(base::SystemClock().now(), kTimeDigits);
  for (const Alerting& event : alerting_) {
    bytes_.replace(event.id, kIdLength, next_id());
    bytes_.replace(event.time, kTimeLength, now);
  }
}

std::vector<std::string> Request::ids() const {
  std::vector<std::string> ids;
  for (const Alerting& event : alerting_) {
    ids.push_back(bytes_.substr(event.id, kIdLength));
  }
  return ids;
}

void exchange(support::HttpClient& client, const std::string& bytes) {
  const int status = client.exchange(bytes).status;
  if (status != 200) {
    std::fprintf(stderr, "a batch was answered %d\n", status);
    std::exit(1);
  }
}

SteadyLoad::SteadyLoad(std::uint16_t port, std::vector<Request> requests,
                       std::size_t events_per_second)
    : requests_(std::move(requests)),
      rate_(events_per_second),
      thread_([this, port] { run(port); }) {}

SteadyLoad::~SteadyLoad() {
  stopping_ = true;
  thread_.join();
}

void SteadyLoad::run(std::uint16_t port) {
  support::HttpClient client(port);
  client.set_timeout(std::chrono::seconds(60));
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t at = 0; !stopping_; ++at) {
    Request& request = requests_[at % requests_.size()];
    std::this_thread::sleep_until(begin +
                                  std::chrono::nanoseconds(events_ * 1'000'000'000 / rate_));
    request.renew();
    exchange(client, request.bytes());
    events_ += request.events();
    alerts_ += request.alerts();
  }
}

}  // namespace tiercel::bench
