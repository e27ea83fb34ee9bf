// Nobody can make redaction slow: text made of nothing but what it looks for is read in time
// that grows with the text, not with its square.
#include <algorithm>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/alert/redactor.h"

#include "redact_engine.h"

namespace tiercel::alert {
namespace {

constexpr std::size_t kSmall = std::size_t{256} << 10U;
constexpr std::size_t kLarge = std::size_t{1} << 20U;
constexpr std::size_t kPair = std::size_t{96} << 10U;
// For each byte, with room for sanitizers: a hundred are what the slowest takes.
constexpr double kMostPerByte = 3000e-9;

// What each part of redaction begins to look at, and what it then looks for in vain.
constexpr std::string_view kTriggers[] = {
    "?", "&", "=", ":", "\"", "'", "<", " >", "<a name=\"x", "@", "@(", "@tcp(", "jdbc:oracle:",
    // escapes, and texts inside texts
    "%41", "%3A", "%2541", "\\u0041", "\\u0026", "\\ud800", "\\", "\\\"",
    "{\\\"a\\\":", "\\ndata:", "cGFzc3dvcmQ9", "cGFz ",
    // tokens
    "eyJ", "eyJ\xc3\xa9", "eyJaaaaaaaa.", "ghp_", "Bearer ", "-----BEGIN ", "$1$", "://", "://a:b",
    // flags and names
    "-u ", "-u a ", "-p ", "-H ", "-H a:", "--user=a,", "-usystem:serviceaccount:,",
    "requirepass \"-", "'pwd':1234567,", "password=", "\npw=", "password (", "token: a", "?a=b",
    // JSON and YAML
    "{\"a\":", "{\"value\":[\"a\",", "\"path\":\"/data\",", "\"kind\":\"Pod\",\"data\":{", "[",
    "]:", "kind: Secret\ndata:\n", "kind:!", "stringData:\n", "password: |\n  x\n"};
constexpr std::size_t kCount = std::size(kTriggers);

enum class Entry { kText, kBytes, kUri };
constexpr Entry kEntries[] = {Entry::kText, Entry::kBytes, Entry::kUri};

// Begins with a name, so that no filter says no to the whole.
std::string repeated(std::string_view part, std::size_t size) {
  std::string text = "pwd ";
  while (text.size() < size) {
    text += part;
  }
  return text;
}

// Of this thread alone: who else uses the machine is of no matter.
double cpu_seconds() {
  std::timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds(Entry entry, std::string text) {
  if (entry == Entry::kUri) {
    text.insert(0, "/exec?command=");
  }
  const double begin = cpu_seconds();
  if (entry == Entry::kText) {
    redact_text(text);
  } else if (entry == Entry::kBytes) {
    mask_bytes(text);
  } else {
    std::size_t budget = RedactScope::budget_for(text.size());
    RedactScope scope;
    scope.budget = &budget;
    std::string masked;
    static_cast<void>(redact_uri(text, false, scope, masked));
  }
  return cpu_seconds() - begin;
}

bool is_bounded(double taken, std::size_t size) {
  return taken < kMostPerByte * static_cast<double>(size);
}

TEST(RedactThroughput, GrowsWithTheSizeOfTheText) {
  // A quotient of two short times says nothing.
  constexpr double kWorthComparing = 0.03;
  // A square makes 16 of four times the size; 4 comes to 9 where others take the caches away.
  constexpr double kMostRatio = 11;
  for (const std::string_view trigger : kTriggers) {
    const std::string small_text = repeated(trigger, kSmall);
    const std::string large_text = repeated(trigger, kLarge);
    for (const Entry entry : kEntries) {
      double ratio = kMostRatio;
      for (int tries = 0; tries < 3 && ratio >= kMostRatio; ++tries) {
        const double small = seconds(entry, small_text);
        ASSERT_TRUE(is_bounded(small, kSmall)) << trigger << ": " << small << " s";
        const double large = seconds(entry, large_text);
        ASSERT_TRUE(is_bounded(large, kLarge)) << trigger << ": " << large << " s";
        ratio = large < kWorthComparing ? 0 : large / small;
      }
      EXPECT_LT(ratio, kMostRatio) << trigger << " through entry " << static_cast<int>(entry);
    }
  }
}

// Each trigger with four others: by turns, and one behind the other.
TEST(RedactThroughput, IsBoundedForPairs) {
  for (std::size_t first = 0; first < kCount; ++first) {
    for (const std::size_t step : {1U, 5U, 14U, 31U}) {
      const std::string_view one = kTriggers[first];
      const std::string_view other = kTriggers[(first + step) % kCount];
      const std::string turns = repeated(std::string(one) + std::string(other), kPair);
      const std::string behind = repeated(one, kPair / 2) + repeated(other, kPair / 2);
      const Entry entry = kEntries[(first + step) % std::size(kEntries)];
      for (const std::string& text : {turns, behind}) {
        const double taken = seconds(entry, text);
        ASSERT_TRUE(is_bounded(taken, kPair)) << one << " and " << other << ": " << taken << " s";
      }
    }
  }
}

// What is looked at in vain is paid for: behind the bound the rest is masked, not passed on.
TEST(RedactThroughput, MasksWhatPassesTheBound) {
  std::string text = repeated("--user=a,", kLarge) + " see hunter2";
  redact_text(text);
  EXPECT_TRUE(text.ends_with(kMask));
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
}

// A question mark without a query hides nothing from the patterns.
TEST(RedactThroughput, LooksBehindQuestionMarks) {
  std::string text = "really??? curl -u bob:hunter2 ???? ghp_9QXJZVWB3QXJZVWB7QXJZ";
  redact_text(text);
  EXPECT_EQ(text, "really??? curl -u bob:[redacted] ???? [redacted]");
  std::string glued = "pwd ??" + std::string(3, '?') + "://bob:hunter2@host";
  redact_text(glued);
  EXPECT_EQ(glued, "pwd ?????://bob:[redacted]@host");
}

// A damaged head does not hide the token behind it.
TEST(RedactThroughput, FindsTheWebTokenBehindFruitlessHeads) {
  const std::string token = "eyJ" + std::string(12, 'Q') + "." + std::string(12, 'Z') + ".AB";
  std::string text = "eyJ\xc3\xa9 eyJ\xc3\xa9 see " + token + " there";
  redact_text(text);
  EXPECT_TRUE(text.ends_with("see [redacted] there")) << text;
}

// What another kind of object says about its own value is nothing about its siblings.
TEST(RedactJson, KeepsPendingDataOfSiblings) {
  std::string text =
      R"({"items":[{"data":{"p":"hunter2"}},{"kind":"Pod","name":"x","value":{"b":1}}],)"
      R"("kind":"SecretList"})";
  redact_text(text);
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
}

}  // namespace
}  // namespace tiercel::alert
