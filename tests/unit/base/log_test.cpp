#include "tiercel/base/log.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tiercel::base {
namespace {

std::string written(const LogOptions& options, LogLevel level, std::string_view text) {
  testing::internal::CaptureStderr();
  configure_log(options);
  log(level, text);
  configure_log({});
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneObjectALine) {
  LogOptions options;
  options.json = true;
  // What a peer can put into a name, and a diagnostic of several lines.
  const std::string text = "a \"quoted\" \\ back\nsecond\ttab \x1b[31m \x7f \xff\xfe \xe2\x82\xac";
  const std::string line = written(options, LogLevel::kWarning, text);
  ASSERT_TRUE(line.ends_with("\n"));
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  const auto json = nlohmann::json::parse(line, nullptr, false);
  ASSERT_TRUE(json.is_object()) << line;
  EXPECT_EQ(json.size(), 3U);
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(
      json["message"],
      "a \"quoted\" \\ back\nsecond\ttab \x1b[31m \x7f \xef\xbf\xbd\xef\xbf\xbd \xe2\x82\xac");
  const std::string time = json["time"];
  EXPECT_EQ(time.size(), std::string_view("2026-01-02T03:04:05.678901Z").size()) << time;
  EXPECT_TRUE(time.ends_with("Z"));
}

TEST(Log, NamesEveryLevelInJson) {
  LogOptions options;
  options.json = true;
  options.level = LogLevel::kDebug;
  for (const auto& [level, name] :
       {std::pair{LogLevel::kEmergency, "emergency"}, std::pair{LogLevel::kAlert, "alert"},
        std::pair{LogLevel::kCritical, "critical"}, std::pair{LogLevel::kError, "error"},
        std::pair{LogLevel::kNotice, "notice"}, std::pair{LogLevel::kInfo, "info"},
        std::pair{LogLevel::kDebug, "debug"}}) {
    EXPECT_EQ(nlohmann::json::parse(written(options, level, "x"), nullptr, false)["level"], name);
  }
  options.level = LogLevel::kError;
  EXPECT_EQ(written(options, LogLevel::kWarning, "x"), "");
}

TEST(Log, TextEscapesWhatMovesACursor) {
  const std::string line = written({}, LogLevel::kError, "a \"b\" \x1b[31m\nnext");
  EXPECT_TRUE(line.ends_with("error: a \"b\" \\u001b[31m\nnext\n")) << line;
}

}  // namespace
}  // namespace tiercel::base
