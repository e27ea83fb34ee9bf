#include "deliveries.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <gtest/gtest.h>

#include "tiercel/api/reports.h"
#include "tiercel/config/load.h"
#include "tiercel/output/kinds.h"

#include "running_outputs.h"
#include "temp_dir.h"

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

// The recipe of the only output of a configuration.
std::string recipe_with(const std::string& options) {
  config::DocumentRequest request;
  request.path = "t.yaml";
  request.content = "outputs: {only: {" + options + "}}\n";
  base::Diagnostics diagnostics;
  config::Loaded loaded = config::load_settings(request, config::Purpose::kOffline, diagnostics,
                                                output::config_kinds());
  EXPECT_FALSE(diagnostics.has_errors()) << base::to_text(diagnostics);
  const auto& all = loaded.settings.outputs.list;
  const auto only = std::find_if(all.begin(), all.end(),
                                 [](const auto& output) { return output.name == "only"; });
  if (only == all.end()) {
    ADD_FAILURE() << options;
    return {};
  }
  return recipe_of(config::describe(loaded.settings), loaded.settings, *only);
}

// What is read for each request or connection may change without the output.
TEST(Deliveries, ChangeWithFilesThatAreReadOnce) {
  struct Case {
    std::string options;
    bool is_another;
  };
  const std::string http = "type: http, url: 'https://127.0.0.1:1/'";
  const std::string nats = "type: nats, servers: ['tls://127.0.0.1:1']";
  const std::vector<Case> cases{
      {http + ", ca_cert: ", true},
      {http + ", ca_bundle: ", true},
      {http + ", client_cert: ", true},
      {http + ", client_key: ", true},
      {http + ", bearer_token_file: ", false},
      {nats + ", ca_file: ", true},
      {nats + ", client_cert: ", true},
      {nats + ", client_key: ", true},
      {nats + ", password_file: ", false},
      {nats + ", token_file: ", false},
      {nats + ", credentials_file: ", false},
      {"type: file, filename: /tmp/none, hash_chain_key_file: ", true},
  };
  const support::TempDir folder;
  for (const Case& c : cases) {
    const std::string options = c.options + folder.write("file", "one");
    const std::string before = recipe_with(options);
    EXPECT_EQ(recipe_with(options), before) << options;
    folder.write("file", "another");
    EXPECT_EQ(recipe_with(options) != before, c.is_another) << options;
  }
}

TEST(Deliveries, ChangeWithAFileInAFolderThatIsReadOnce) {
  const support::TempDir folder;
  std::filesystem::create_directory(folder.path("ca"));
  folder.write("ca/0a1b2c3d.0", "one");
  folder.write("ca.pem", "two");
  std::filesystem::create_symlink("../ca.pem", folder.path("ca/11223344.0"));
  const std::string options =
      "type: http, url: 'https://127.0.0.1:1/', ca_path: " + folder.path("ca");
  std::string before = recipe_with(options);
  EXPECT_EQ(recipe_with(options), before);
  const auto is_another_after = [&](const std::string& name, const std::string& content) {
    folder.write(name, content);
    return std::exchange(before, recipe_with(options)) != before;
  };
  EXPECT_TRUE(is_another_after("ca/0a1b2c3d.0", "in its place"))
      << "the folder's time is as it was";
  EXPECT_TRUE(is_another_after("ca.pem", "behind a link"));
  EXPECT_TRUE(is_another_after("ca/55667788.0", "new"));
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
