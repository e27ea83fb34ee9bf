// What redaction changes in recorded events: the credentials in them, and nothing else.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include <gtest/gtest.h>
#include <zstd.h>

#include "tiercel/alert/redactor.h"
#include "tiercel/audit/field.h"

#include "alert_probe.h"
#include "field_redaction.h"
#include "read_file.h"

namespace tiercel::alert::tests {
namespace {

using nlohmann::json;

/// Every field that needs no argument, and the parts of an event that hold objects.
std::string every_field() {
  std::string output = "x";
  for (const audit::Field& field : audit::fields()) {
    if (!field.arg_required && field.name != "static.") {
      output += " %" + std::string(field.name);
    }
  }
  return output +
         " %jevt.value[/requestObject] %jevt.value[/responseObject] %jevt.value[/annotations] "
         "%jevt.value[/requestObject/data] %jevt.value[/user] %jevt.value[/requestURI] "
         "%ka.uri.param[command]";
}

/// How often which part of a value was masked.
using Changes = std::map<std::string, int>;

// The parts of `raw` that are masked in `masked`.
std::vector<std::string> masked_parts(std::string_view raw, std::string_view masked) {
  std::vector<std::string> parts;
  while (!masked.empty()) {
    const std::size_t mask = masked.find(kMask);
    if (mask == std::string_view::npos) {
      EXPECT_EQ(raw, masked);
      return parts;
    }
    EXPECT_EQ(raw.substr(0, mask), masked.substr(0, mask));
    raw.remove_prefix(std::min(raw.size(), mask));
    masked.remove_prefix(mask + kMask.size());
    // Up to where the text goes on as it did: a few bytes tell.
    const std::size_t end = raw.find(masked.substr(0, 12));
    EXPECT_NE(end, std::string_view::npos) << masked;
    parts.emplace_back(raw.substr(0, end));
    raw.remove_prefix(std::min(raw.size(), end));
  }
  return parts;
}

/// Shows each event with every field, compiled once.
class Shown {
 public:
  explicit Shown(bool redact) {
    Probe probe;
    probe.options.json_output = true;
    probe.options.json_include_output_property = false;
    probe.options.redact = redact;
    std::vector<TemplateProblem> problems;
    rule_ = RuleOutput::compile(probe.meta, every_field(), probe.options, fields_, problems);
    EXPECT_NE(rule_, nullptr) << print(problems);
  }
  std::string line(const std::string& event) {
    std::string out;
    with_event(event, [&](audit::AuditEvent& decoded) {
      decoded.set_number(1);
      map_.bind(fields_, context_, decoded);
      rule_->render(map_, {}, out);
    });
    return out;
  }

 private:
  audit::FieldSet fields_;
  audit::FieldContext context_;
  audit::FieldMap map_;
  std::unique_ptr<const RuleOutput> rule_;
};

struct BothWays {
  Shown raw{false};
  Shown masked{true};
};

void compare(const std::string& event, BothWays& shown, Changes& changes) {
  const std::string before = shown.raw.line(event);
  const std::string after = shown.masked.line(event);
  if (before == after) {
    return;
  }
  const json was = parsed(before)["output_fields"];
  const json is = parsed(after)["output_fields"];
  ASSERT_EQ(was.size(), is.size());
  for (const auto& [key, value] : was.items()) {
    if (value == is[key]) {
      continue;
    }
    ASSERT_TRUE(value.is_string()) << key;
    for (const std::string& part :
         masked_parts(value.get<std::string>(), is[key].get<std::string>())) {
      ++changes[part];
    }
  }
}

TEST(Recorded, ScenariosLoseTheirCredentialsAndNothingElse) {
  Changes changes;
  std::set<std::string> files;
  const std::string folder = std::string(TIERCEL_TEST_DATA) + "/scenarios";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.insert(entry.path().filename().string());
  }
  BothWays shown;
  constexpr std::size_t kLarge = 200'000;
  std::size_t events = 0;
  for (const std::string& file : files) {
    if (file.ends_with(".jsonl")) {
      for (const std::string& event : data_lines("scenarios/" + file)) {
        ++events;
        if (event.size() < kLarge) {
          compare(event, shown, changes);
          continue;
        }
        // A ConfigMap of a megabyte in every field would take seconds.
        std::string text = event;
        redact_text(text);
        EXPECT_EQ(text, event);
      }
    }
  }
  EXPECT_GT(events, 590U);
  std::set<std::string> parts;
  for (const auto& [part, count] : changes) {
    parts.insert(part);
    EXPECT_GE(count, 5) << part;  // in the object, the data, and the whole event
  }
  const std::set<std::string> want{"AKIAIOSFODNN7EXAMPLE",
                                   "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                   "hunter2",
                                   "eyJhbGciOi.FAKE.TOKEN",
                                   "x",
                                   "aws-s3-access-key-id=AKIA0000000000000000",
                                   "abc",
                                   "letmein",
                                   "changed-token",
                                   "s3cr3t"};
  EXPECT_EQ(parts, want);
}

std::string unpacked(const std::string& packed) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                          &ZSTD_freeDStream);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::string text;
  std::string chunk(ZSTD_DStreamOutSize(), '\0');
  while (in.pos < in.size) {
    ZSTD_outBuffer out{chunk.data(), chunk.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(stream.get(), &out, &in)) != 0U) {
      ADD_FAILURE() << "bulk.jsonl.zst is damaged";
      break;
    }
    text.append(chunk, 0, out.pos);
  }
  return text;
}

// Every 50th event of a busy cluster; none of these holds a credential.
TEST(Recorded, TrafficStaysAsItIs) {
  const std::string packed = support::read_file(std::string(TIERCEL_TEST_DATA) + "/bulk.jsonl.zst");
  const std::string text = unpacked(packed);
  BothWays shown;
  Changes changes;
  std::size_t events = 0;
  for (std::size_t from = 0; from < text.size(); ++events) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (events % 50 == 0) {
      compare(text.substr(from, end - from), shown, changes);
    }
    from = end + 1;
  }
  EXPECT_EQ(events, 30000U);
  for (const auto& [part, count] : changes) {
    ADD_FAILURE() << part << " " << count;
  }
}

// A field that is added is scanned by every pattern unless a table says otherwise; of these
// fields nobody need fear to lose more than a token.
TEST(FieldPolicy, KeepsNames) {
  const auto policy = [](const char* name) {
    const auto reference = audit::resolve_field(name, std::nullopt, false);
    EXPECT_TRUE(reference) << name;
    return reference ? field_policy(*reference) : FieldPolicy::kText;
  };
  for (const char* const name : {"ka.verb", "ka.stage", "ka.auth.decision", "ka.sourceips",
                                 "evt.time", "ka.response.code", "jevt.rawtime"}) {
    EXPECT_EQ(policy(name), FieldPolicy::kKeep) << name;
  }
  for (const char* const name :
       {"ka.user.name", "ka.user.groups", "ka.target.name", "ka.target.namespace", "ka.auth.reason",
        "ka.req.pod.containers.image", "ka.workload.containers.image", "ka.req.binding.subjects",
        "ka.req.configmap.name", "ka.impuser.name"}) {
    EXPECT_EQ(policy(name), FieldPolicy::kName) << name;
  }
  for (const char* const name : {"evt.plugininfo", "jevt.obj", "ka.uri", "ka.useragent",
                                 "ka.req.configmap.obj", "ka.req.pod.containers.args",
                                 "ka.workload.initContainers.command", "ka.response.message"}) {
    EXPECT_GT(policy(name), FieldPolicy::kName) << name;
  }
}

}  // namespace
}  // namespace tiercel::alert::tests
