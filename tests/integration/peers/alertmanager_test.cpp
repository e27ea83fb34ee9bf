// The real Alertmanager, of Debian's package prometheus-alertmanager.
#include <algorithm>
#include <csignal>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/http/client.h"

#include "awkward_alerts.h"
#include "daemon.h"
#include "peer_program.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

using nlohmann::json;
using support::wait_until;

// The tests' clock stands in the past, where all alerts are resolved.
std::int64_t now_behind_start() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
             .count() -
         support::HandClock::kStart / 1'000'000'000;
}

// One Alertmanager on a port of its own, without gossip.
class RealAlertmanager {
 public:
  RealAlertmanager() : port_(support::free_port(SOCK_STREAM)) {
    dir_.write("am.yml", "route:\n  receiver: none\nreceivers:\n  - name: none\n");
  }
  static std::string program() { return support::find_program("prometheus-alertmanager"); }

  [[nodiscard]] std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] bool start() {
    daemon_ = std::make_unique<support::Daemon>(std::vector<std::string>{
        program(), "--config.file=" + dir_.path("am.yml"), "--storage.path=" + dir_.path("data"),
        "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--cluster.listen-address="});
    return wait_until([this] { return get("/-/ready").has_value() || !daemon_->is_running(); }) &&
           daemon_->is_running();
  }
  void stop() {
    daemon_->signal(SIGTERM);
    daemon_->wait();
  }
  [[nodiscard]] std::string log() const { return daemon_ ? daemon_->log() : ""; }

  [[nodiscard]] json alerts() const {
    const auto text = get("/api/v2/alerts");
    return text ? json::parse(*text, nullptr, false) : json();
  }
  /// The alert with this annotation, null where there is none.
  [[nodiscard]] json alert_of(const std::string& message) const {
    for (const json& alert : alerts()) {
      if (alert["annotations"].value("description", "") == message) {
        return alert;
      }
    }
    return nullptr;
  }

 private:
  [[nodiscard]] std::optional<std::string> get(const std::string& path) const {
    http::ClientOptions options;
    options.max_answer = std::uint64_t{64} << 20U;
    http::Client client(options);
    const std::string whole = url(path);
    http::ClientRequest request;
    request.method = "GET";
    request.url = whole;
    const auto answer = client.send(request);
    return answer && answer->status == 200 ? std::optional(answer->body) : std::nullopt;
  }

  const std::uint16_t port_;
  const support::TempDir dir_;
  std::unique_ptr<support::Daemon> daemon_;
};

class Alertmanager : public testing::Test {
 protected:
  void SetUp() override {
    if (RealAlertmanager::program().empty()) {
      GTEST_SKIP() << "prometheus-alertmanager is not installed";
    }
    ASSERT_TRUE(one_.start()) << one_.log();
  }

  RealAlertmanager one_;
};

TEST_F(Alertmanager, HasTheAlertWithItsLabelsAndAnnotations) {
  HttpOutputUnderTest output(http_kind("alertmanager"), one_.url(),
                             {{"labels", "team: platform\n"},
                              {"extra_labels", "- ka.target.name\n"},
                              {"resolve_timeout", "720h"}});
  support::AlertList list;
  add(list, {.rule = "Attach/Exec Pod",
             .priority = base::Priority::kCritical,
             .message = "exec into \u4e2d \"web\"\nby alice",
             .fields = {{"ka.target.name", "web-1"}, {"ka.user.name", "alice"}}});
  list.back().user = "alice";
  list.back().name_space = "web";
  output.clock().pass_seconds(now_behind_start());
  const Delivery delivery = output.deliver(list);
  ASSERT_TRUE(is_taken(delivery)) << to_text(delivery);
  json alert;
  ASSERT_TRUE(wait_until([&] {
    alert = one_.alert_of("exec into \u4e2d \"web\"\nby alice");
    return !alert.is_null();
  })) << one_.alerts().dump();
  EXPECT_EQ(alert["labels"], json({{"alertname", "Attach/Exec Pod"},
                                   {"priority", "Critical"},
                                   {"severity", "critical"},
                                   {"source", "k8s_audit"},
                                   {"hostname", "cp-1"},
                                   {"user", "alice"},
                                   {"namespace", "web"},
                                   {"team", "platform"},
                                   {"ka_target_name", "web-1"}}));
  EXPECT_EQ(alert["annotations"]["ka_user_name"], "alice");
  EXPECT_EQ(alert["status"]["state"], "active");
}

TEST_F(Alertmanager, TakesRecordedAndAwkwardAlerts) {
  HttpOutputUnderTest output(http_kind("alertmanager"), one_.url());
  const Delivery recorded = output.deliver(support::recorded_alerts(20));
  EXPECT_TRUE(is_taken(recorded)) << to_text(recorded);
  const Delivery awkward = output.deliver(awkward_alerts());
  EXPECT_TRUE(is_taken(awkward)) << to_text(awkward);
}

TEST_F(Alertmanager, BothPeersGetEachAlertAndOneIsEnough) {
  RealAlertmanager two;
  ASSERT_TRUE(two.start()) << two.log();
  HttpOutputUnderTest output(
      "alertmanager",
      {{"urls", "- " + one_.url() + "\n- " + two.url() + "\n"}, {"resolve_timeout", "720h"}});
  output.clock().pass_seconds(now_behind_start());
  ASSERT_TRUE(is_taken(output.deliver("to both")));
  for (RealAlertmanager* const peer : {&one_, &two}) {
    EXPECT_TRUE(wait_until([&] { return !peer->alert_of("to both").is_null(); }));
  }
  one_.stop();
  ASSERT_TRUE(is_taken(output.deliver("to the other")));
  EXPECT_TRUE(wait_until([&] { return !two.alert_of("to the other").is_null(); }));
}

TEST_F(Alertmanager, GetsTheNextAlertsAfterItsRestart) {
  HttpOutputUnderTest output(http_kind("alertmanager"), one_.url());
  output.clock().pass_seconds(now_behind_start());
  ASSERT_TRUE(is_taken(output.deliver("before")));
  one_.stop();
  const Delivery meanwhile = output.deliver("meanwhile");
  EXPECT_EQ(meanwhile.again.size(), 1U);
  EXPECT_TRUE(meanwhile.error);
  ASSERT_TRUE(one_.start()) << one_.log();
  ASSERT_TRUE(is_taken(output.deliver("meanwhile")));
  EXPECT_TRUE(wait_until([&] { return !one_.alert_of("meanwhile").is_null(); }));
}

}  // namespace
}  // namespace tiercel::output
