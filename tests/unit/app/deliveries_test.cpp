#include "deliveries.h"

#include <gtest/gtest.h>

#include "tiercel/api/reports.h"
#include "tiercel/config/load.h"
#include "tiercel/output/kinds.h"

#include "running_outputs.h"

namespace tiercel::app {
namespace {

// Falcosidekick refuses an alert without output_fields, for good.
TEST(Deliveries, KindHttpKeepsTheFieldsThatOthersLeaveOut) {
  config::DocumentRequest request;
  request.path = "t.yaml";
  request.content =
      "json_include_output_fields_property: false\n"
      "json_output: true\n"
      "http_output: {enabled: true, url: 'http://127.0.0.1:2801/'}\n"
      "outputs:\n"
      "  second: {type: http, url: 'http://127.0.0.1:2801/'}\n"
      "  lines: {type: file, filename: /tmp/none}\n";
  base::Diagnostics diagnostics;
  const config::Loaded loaded = config::load_settings(request, config::Purpose::kOffline,
                                                      diagnostics, output::config_kinds());
  ASSERT_FALSE(diagnostics.has_errors()) << base::to_text(diagnostics);
  int seen = 0;
  for (const config::NamedOutput& output : loaded.settings.outputs.list) {
    if (output.enabled && output.kind != "stdout") {
      EXPECT_EQ(line_format(loaded.settings, output).include_output_fields, output.kind == "http")
          << output.name;
      ++seen;
    }
  }
  EXPECT_EQ(seen, 3);
}

// The command reads the names that the daemon's page writes.
TEST(RunningOutputs, SayAllThatGetOutputsTells) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  output::OutputStatus status;
  status.name = "siem";
  status.delivered = 11;
  status.lag = {12, 87 * kSecond};
  status.delivering_since = 86 * kSecond;
  status.failing_since = 85 * kSecond;
  status.next_try = 116 * kSecond;
  status.open_groups = 17;
  status.dead_lettered = 18;
  status.dropped = 19;
  status.last_error = "refused";
  EXPECT_EQ(output_words(api::outputs_json({status}, 100 * kSecond)).at("siem"),
            "11 delivered, 12 waiting for up to 13 s, in delivery for 14 s, failing for 15 s, "
            "next try in 16 s, 17 groups open, 18 dead letters, 19 lost: refused");
}

}  // namespace
}  // namespace tiercel::app
