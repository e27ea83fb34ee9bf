#include "deliveries.h"

#include <gtest/gtest.h>

#include "tiercel/config/load.h"
#include "tiercel/output/kinds.h"

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

}  // namespace
}  // namespace tiercel::app
