#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tiercel/base/clock.h"
#include "tiercel/config/routing_settings.h"
#include "tiercel/config/schema.h"

#include "routing_outcome.h"

namespace tiercel::config {
namespace {

using tests::load;
using tests::Outcome;
using tests::silence_with;

TEST(SilenceSettings, TimesAreRfc3339) {
  const std::vector<std::pair<std::string, std::int64_t>> good{
      {"1970-01-01T00:00:01Z", 1},
      {"2024-02-29T00:00:00z", 1'709'164'800},
      {"2026-01-02 03:04:05Z", 1'767'323'045},
      {"2026-01-02T04:34:05+01:30", 1'767'323'045},
      {"2026-01-01T22:04:05-05:00", 1'767'323'045},
      {"2026-01-02t03:04:05.000000000Z", 1'767'323'045},
  };
  for (const auto& [text, seconds] : good) {
    const Outcome outcome = load(silence_with("owner: o, comment: c, ends: \"" + text + "\""));
    ASSERT_FALSE(outcome.diagnostics.has_errors()) << outcome.text();
    EXPECT_EQ(outcome.loaded.settings.routing.silences[0].ends, seconds * 1'000'000'000) << text;
  }
  for (const std::string text :
       {"", "2026-01-02", "2026-01-02T03:04:05", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:00Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05+1:00", "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05Zx",
        "1969-01-01T00:00:00Z", "2201-01-01T00:00:00Z", "+026-01-02T03:04:05Z"}) {
    EXPECT_TRUE(
        load(silence_with("owner: o, comment: c, ends: \"" + text + "\"")).diagnostics.has_errors())
        << text;
  }
}

std::string days_from_now(int days) {
  Settings settings;
  SilenceSettings silence;
  silence.ends =
      (base::SystemClock().now() / 1'000'000'000 + days * std::int64_t{86'400}) * 1'000'000'000;
  settings.routing.silences.push_back(silence);
  const nlohmann::json list =
      nlohmann::json::parse(describe(settings).find("silences")->value_json());
  return list[0]["ends"].get<std::string>();
}

TEST(SilenceSettings, OldAndLongSilencesAreTold) {
  const auto codes = [](const std::string& times) {
    return load(silence_with("owner: o, comment: c, " + times)).codes();
  };
  EXPECT_EQ(codes("ends: " + days_from_now(-1)), "note bad_value c.yaml:1:59");
  EXPECT_EQ(codes("ends: " + days_from_now(1)), "");
  EXPECT_EQ(codes("ends: " + days_from_now(89)), "");
  EXPECT_EQ(codes("ends: " + days_from_now(91)), "warning bad_value c.yaml:1:59");
  EXPECT_EQ(codes("ends: " + days_from_now(89) + ", starts: " + days_from_now(-10)),
            "warning bad_value c.yaml:1:59");
  EXPECT_EQ(codes("ends: " + days_from_now(150) + ", starts: " + days_from_now(100)), "");
}

}  // namespace
}  // namespace tiercel::config
