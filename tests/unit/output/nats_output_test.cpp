// What of the NATS output needs no server: options, and one that says nothing.
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tiercel/base/metrics.h"

#include "configured_output.h"
#include "hand_clock.h"
#include "output_table.h"
#include "sample_alerts.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

using std::chrono::milliseconds;
using support::SampleAlerts;
using Options = std::vector<std::pair<std::string, std::string>>;
using Steady = std::chrono::steady_clock;

std::string error_of(const Delivery& delivery) {
  return delivery.error ? delivery.error->text() : "no error";
}

/// A server that takes connections and says nothing.
class SilentNats : public testing::Test {
 protected:
  SilentNats() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    (void)::listen(socket_, 64);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = "nats://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentNats() override { ::close(socket_); }
  [[nodiscard]] std::unique_ptr<Output> made(const std::string& timeout) {
    auto output = support::configured_output(
        kNatsOutput, {{"servers", url_}, {"connect_timeout", timeout}}, {"n", clock_, metrics_});
    const auto opened = output->open();
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    return output;
  }

 private:
  int socket_;
  std::string url_;
  support::HandClock clock_;
  base::Metrics metrics_;
};

TEST_F(SilentNats, CostsTheTimeoutAndNothingMore) {
  const auto output = made("300ms");
  const auto before = Steady::now();
  const Delivery failed = output->deliver(SampleAlerts::numbered(2).messages());
  EXPECT_LT(Steady::now() - before, std::chrono::seconds(2));
  EXPECT_EQ(failed.again.size(), 2U);
  EXPECT_NE(error_of(failed).find("in time"), std::string::npos) << error_of(failed);
}

TEST_F(SilentNats, IsLeftSoonAfterAnInterrupt) {
  const auto output = made("2s");
  Steady::time_point interrupted;
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(200));
    interrupted = Steady::now();
    output->interrupt();
  });
  const Delivery failed = output->deliver(SampleAlerts::numbered(1).messages());
  const auto returned = Steady::now();
  other.join();
  EXPECT_LT(returned - interrupted, milliseconds(900));
  EXPECT_EQ(failed.again.size(), 1U);
  EXPECT_EQ(output->deliver(SampleAlerts::numbered(1).messages()).again.size(), 1U);
}

TEST(NatsOptions, ComplainAtStart) {
  const support::HandClock clock;
  base::Metrics metrics;
  const support::TempDir dir;
  const auto expect = [&](const Options& options, const std::string& text) {
    const auto opened =
        support::configured_output(kNatsOutput, options, {"n", clock, metrics})->open();
    const std::string said = opened ? "nothing" : opened.error().text();
    EXPECT_NE(said.find(text), std::string::npos) << said;
    EXPECT_EQ(said.find("s3cret"), std::string::npos) << said;
  };
  expect({}, "nothing");
  expect({{"servers", "http://h:1"}}, "a server is");
  expect({{"servers", "nats://u:s3cret@h:1"}}, "options of their own");
  expect({{"servers", "h:port"}}, "a server is");
  expect({{"servers", "s3cret@h:1"}}, "options of their own");
  expect({{"servers", "[::1]:4222"}}, "nothing");
  expect({{"subject", "a.*"}}, "a subject to publish to");
  expect({{"password", "s3cret"}}, "without `username`");
  expect({{"ca_file", dir.path("none")}}, "certificates need `tls`");
  expect({{"tls", "true"}, {"ca_file", dir.path("none")}}, "`ca_file`");
  expect({{"tls", "true"}, {"ca_file", dir.write("bad.pem", "bad")}}, "trusted certificates");
  expect({{"tls", "true"}, {"client_cert", dir.path("bad.pem")}}, "belong together");
  expect({{"credentials_file", dir.path("none")}}, "`credentials_file`");
}

}  // namespace
}  // namespace tiercel::output
