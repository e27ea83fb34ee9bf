#include "status_text.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace tiercel::app {
namespace {

TEST(StatusText, IsOneScreen) {
  const auto text = status_text(R"({"version":"1.2.3","up_seconds":11100.5,"ready":true,
    "not_ready_reason":null,"last_batch_seconds":4.2,
    "rules":{"in_force":12,"loaded":14,"hash":"abc","slow":1,"noisy":2},
    "reload":{"last_seconds":300,"error":null},
    "store":{"segments":1,"bytes":2500000,"alerts":1234,"commits":3,
             "last_commit_took_seconds":0.0041,"is_full":false,"is_unwritable":false},
    "outputs":[{"name":"pager","delivered":11,"lag_alerts":0}],
    "counters":{"batches_total":2,"events_total":5000,"alerts_total":1,"internal_alerts_total":0,
                "quarantined_items_total":3,"rejected_size_total":1,"drops_store_full_total":7,
                "output_dead_lettered_total":2}})");
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text,
            "tiercel 1.2.3, up 3 h 5 min, ready\n"
            "fed      last batch 4 s ago; 5,000 events in 2 batches, 3 quarantined, 1 request "
            "refused\n"
            "rules    12 in force of 14 loaded, hash abc; 1 slow, 2 noisy: tiercel rules --cost\n"
            "reload   5 min ago, taken\n"
            "alerts   1 alert of rules, 0 of tiercel about itself\n"
            "store    1,234 alerts in 2.5 MB, 1 segment, last commit took 4.1 ms\n"
            "lost     7 alerts LOST for an output; 2 dead letters: tiercel outputs resend\n"
            "outputs\n"
            "  pager  11 delivered, 0 waiting\n");
}

TEST(StatusText, NamesApiserversThatSomethingIsWrongWith) {
  const auto text = status_text(R"({"version":"1","up_seconds":5,"apiservers":[
    {"address":"10.0.0.1","cluster":"east","is_silent":true,"silent_seconds":300},
    {"address":"10.0.0.2","cluster":"","is_late":true,"least_delay_seconds":40,
     "has_clock_skew":true,"clock_ahead_seconds":9},
    {"address":"10.0.0.3","cluster":"","is_silent":false}],
    "reconciliation":{"missing_events":1200},"outputs":[],"counters":{}})");
  ASSERT_TRUE(text.has_value());
  EXPECT_NE(text->find("  apiserver 10.0.0.1 (east): SILENT for 5 min\n"), std::string::npos)
      << *text;
  EXPECT_NE(
      text->find("  apiserver 10.0.0.2: its clock is ahead by 9 s, its newest events come 40 s "
                 "late\n"),
      std::string::npos)
      << *text;
  EXPECT_EQ(text->find("10.0.0.3"), std::string::npos);
  EXPECT_NE(text->find("  1,200 events MISSING"), std::string::npos) << *text;
}

std::string blind(const std::string& members) {
  const auto text =
      status_text(R"({"version":"1","up_seconds":5,"outputs":[],"counters":{},)" + members + "}");
  EXPECT_TRUE(text.has_value()) << members;
  const std::size_t from = text->find("file_source set?\n");
  const std::size_t to = text->find("rules    ");
  EXPECT_NE(from, std::string::npos) << *text;
  return text->substr(from + 17, to - from - 17);
}

TEST(StatusText, TellsOfEventsThatAnApiserverCut) {
  EXPECT_EQ(blind(R"("apiservers":[{"address":"10.0.0.1","truncated_events":1200},
                                   {"address":"10.0.0.2","truncated_events":0}])"),
            "  apiserver 10.0.0.1: 1,200 events truncated\n");
}

TEST(StatusText, TellsOfBatchesThatCameTwice) {
  EXPECT_EQ(blind(R"("apiservers":[{"address":"a","repeated_batches":1},
                                   {"address":"b","repeated_batches":2},
                                   {"address":"c","repeated_batches":0}])"),
            "  apiserver a: 1 batch came twice\n  apiserver b: 2 batches came twice\n");
}

TEST(StatusText, TellsWhoseEventsWereQuarantined) {
  EXPECT_EQ(blind(R"("apiservers":[{"address":"a","cluster":"east","quarantined_events":3},
                                   {"address":"b","quarantined_events":0}])"),
            "  apiserver a (east): 3 events quarantined\n");
}

TEST(StatusText, TellsOfAuditErrorsByPlugin) {
  EXPECT_EQ(blind(R"("reconciliation":{"missing_events":0,"apiservers":[
      {"url":"https://10.0.0.1:6443/metrics","errors":{"buffered":1000,"log":0,"webhook":2},
       "rejected_requests":0,"last_error":""},
      {"url":"https://10.0.0.2:6443/metrics","errors":{"webhook":0},"last_error":""}]})"),
            "  https://10.0.0.1:6443/metrics: 1,002 audit errors (buffered 1,000, webhook 2)\n");
}

TEST(StatusText, TellsOfRequestsThatWereRefusedForWantOfAnAudit) {
  EXPECT_EQ(
      blind(R"("reconciliation":{"apiservers":[
      {"url":"https://a/metrics","errors":{"buffered":4},"rejected_requests":1},
      {"url":"https://b/metrics","errors":{},"rejected_requests":0}]})"),
      "  https://a/metrics: 4 audit errors (buffered 4), 1 request of users refused for it\n");
}

TEST(StatusText, TellsWhyCountersCannotBeRead) {
  const std::string line =
      blind(R"("reconciliation":{"apiservers":[{"url":"https://a/metrics","last_error":")" +
            std::string("401 \\n") + std::string(400, 'x') + R"("}]})");
  EXPECT_EQ(line, "  https://a/metrics: CANNOT BE READ: 401  " + std::string(195, 'x') + "...\n");
}

// 256 apiservers can be known, and 256 addresses asked.
TEST(StatusText, StaysOneScreenWhoeverSends) {
  std::string apiservers;
  std::string urls;
  for (int at = 0; at < 256; ++at) {
    const std::string number = std::to_string(at);
    apiservers += R"({"address":"a)" + number + R"(","repeated_batches":1},)";
    urls += (at == 0 ? "" : ",") + (R"({"url":"u)" + number) + R"(","last_error":"x"})";
  }
  apiservers += R"({"address":"last","is_silent":true,"silent_seconds":7})";
  const std::string text =
      blind(R"("apiservers":[)" + apiservers +
            R"(],"reconciliation":{"missing_events":7,"apiservers":[)" + urls + "]}");
  EXPECT_TRUE(text.starts_with("  apiserver last: SILENT for 7 s\n  apiserver a0: ")) << text;
  EXPECT_NE(text.find("  apiserver a4: 1 batch came twice\n"
                      "  and 251 more apiservers: tiercel status --json\n"
                      "  7 events MISSING, by the apiservers' own counters\n"
                      "  u0: CANNOT BE READ: x\n"),
            std::string::npos)
      << text;
  EXPECT_TRUE(text.ends_with("  and 250 more apiservers: tiercel status --json\n")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 15);
}

TEST(StatusText, SaysWhatIsWrong) {
  const auto text = status_text(R"({"version":"1","up_seconds":5,"ready":false,
    "not_ready_reason":"the store has no room","last_batch_seconds":null,
    "reload":{"last_seconds":1,"error":"line one\nline two \u001b[31m"},
    "credentials":{"stale":true,"errors":["/etc/t.pem: no key"]},
    "store":{"is_full":true,"is_unwritable":true},"outputs":[],"counters":{"rejected_path_total":2}})");
  ASSERT_TRUE(text.has_value());
  EXPECT_NE(text->find("NOT READY: the store has no room\n"), std::string::npos) << *text;
  EXPECT_NE(text->find("secrets  OLD ONE IN USE: /etc/t.pem: no key\n"), std::string::npos);
  EXPECT_NE(text->find("fed      no batch since the start: "), std::string::npos);
  EXPECT_NE(text->find("file_source set?, 2 requests refused\n"), std::string::npos) << *text;
  EXPECT_NE(text->find("REFUSED: line one line two"), std::string::npos) << *text;
  EXPECT_EQ(text->find('\x1b'), std::string::npos);
  EXPECT_NE(text->find("; FULL: "), std::string::npos);
  EXPECT_NE(text->find("; CANNOT BE WRITTEN: "), std::string::npos);
  EXPECT_NE(text->find("outputs\n  none\n"), std::string::npos);
}

TEST(StatusText, TakesNoOtherAnswer) {
  for (const char* const other :
       {"", "{", "[]", "1", R"({"status": "ok"})", R"({"counters": []})"}) {
    EXPECT_FALSE(status_text(other).has_value()) << other;
  }
  EXPECT_TRUE(status_text(R"({"counters": {"x": "y"}, "outputs": 3, "rules": []})").has_value());
}

}  // namespace
}  // namespace tiercel::app
