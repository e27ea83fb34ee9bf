// What Falco rendered from templates on recorded events.
#include <map>

#include <gtest/gtest.h>

#include "alert_probe.h"

namespace tiercel::alert::tests {
namespace {

using nlohmann::json;

TEST(RecordedOutputs, AreEqual) {
  const std::vector<std::string> events = data_lines("conformance/events.jsonl");
  std::size_t rows = 0;
  for (const std::string& line : data_lines("conformance/outputs.jsonl")) {
    const json row = json::parse(line);
    const std::string output = row["output"];
    const std::string& event = events.at(row["event"].get<std::size_t>());
    const std::string text = row["text"];
    Probe probe;
    EXPECT_EQ(probe.message(output, event), text) << row["id"] << ": " << output;

    probe.options.json_output = true;
    const json alert = probe.json(output, event);
    const std::string printed = alert["output"];
    EXPECT_EQ(printed.substr(printed.find("Warning ") + 8), text) << row["id"];
    ++rows;
  }
  EXPECT_EQ(rows, 720U);
}

}  // namespace
}  // namespace tiercel::alert::tests
