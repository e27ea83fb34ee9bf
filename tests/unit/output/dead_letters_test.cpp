#include "tiercel/output/dead_letters.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

constexpr std::int64_t kTime = 1'767'323'045'678'000'000;
constexpr std::uint64_t kRoom = 1U << 20U;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

struct Read {
  std::vector<DeadLetter> letters;
  DeadLetterCount count;
};
Read read_all(const std::string& path) {
  Read all;
  const auto count = read_dead_letters(path, [&](const DeadLetter& letter) {
    all.letters.push_back(letter);
    return true;
  });
  EXPECT_TRUE(count);
  if (count) {
    all.count = *count;
  }
  return all;
}

class DeadLettersTest : public testing::Test {
 protected:
  static base::Result<DeadLetters::Outcome> add(DeadLetters& to, std::string_view body,
                                                std::string_view reason = "no",
                                                std::uint64_t alerts = 1) {
    const std::array<DeadLetters::Letter, 1> letters{{{reason, body, alerts}}};
    return to.add(letters, kTime);
  }

  const support::TempDir dir_;
  const std::string path_ = dir_.path("some/dead-letter/siem.jsonl");
};

TEST_F(DeadLettersTest, WritesOneLineEachForTheOwnerAlone) {
  DeadLetters letters("siem", path_, kRoom);
  EXPECT_FALSE(std::filesystem::exists(path_)) << "made with the first letter";
  const std::array<DeadLetters::Letter, 2> two{
      {{"said \"no\"\n", "{\"a\":1}\n", 1}, {"why", R"({"b":{"c":"}"}})", 7}}};
  const auto outcome = letters.add(two, kTime);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->written, 2U);
  EXPECT_EQ(outcome->dropped, 0U);
  EXPECT_EQ(support::read_file(path_),
            R"({"output":"siem","reason":"said \"no\"\n","failed_at":"2026-01-02T03:04:05.678Z",)"
            R"("alert":{"a":1}})"
            "\n"
            R"({"output":"siem","reason":"why","failed_at":"2026-01-02T03:04:05.678Z",)"
            R"("alert":{"b":{"c":"}"}}})"
            "\n");
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_EQ(mode_of(std::filesystem::path(path_).parent_path()), 0700U);
}

TEST_F(DeadLettersTest, ReadsBackWhatWasWritten) {
  DeadLetters letters("a \"b\"", path_, kRoom);
  ASSERT_TRUE(add(letters, "{\"x\":\"\\\"}{\"}\n", "tab\tand ü"));
  ASSERT_TRUE(add(letters, "no JSON \x01 \"at all\"\nof two lines"));
  const Read all = read_all(path_);
  ASSERT_EQ(all.letters.size(), 2U);
  EXPECT_EQ(all.letters[0].output, "a \"b\"");
  EXPECT_EQ(all.letters[0].reason, "tab\tand ü");
  EXPECT_EQ(all.letters[0].failed_at, "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(all.letters[0].alert, "{\"x\":\"\\\"}{\"}\n");
  EXPECT_EQ(all.letters[1].alert, "no JSON \x01 \"at all\"\nof two lines\n");
  EXPECT_EQ(all.count.read, 2U);
  EXPECT_EQ(all.count.unreadable, 0U);
}

TEST_F(DeadLettersTest, DropsWhatWouldMakeItLargerThanItsBound) {
  DeadLetters letters("siem", path_, 250);
  ASSERT_TRUE(add(letters, "{\"a\":1}"));
  ASSERT_TRUE(add(letters, "{\"a\":2}"));
  const std::array<DeadLetters::Letter, 2> two{{{"no", "{\"a\":3}", 1}, {"no", "{\"a\":4}", 5}}};
  const auto outcome = letters.add(two, kTime);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->written, 0U);
  EXPECT_EQ(outcome->dropped, 6U) << "a group counts as what it stands for";
  EXPECT_LE(support::read_file(path_).size(), 250U);
  EXPECT_EQ(read_all(path_).letters.size(), 2U);
}

TEST_F(DeadLettersTest, WithoutAPathEverythingIsDropped) {
  DeadLetters letters("siem", "", kRoom);
  const auto outcome = add(letters, "{}");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->dropped, 1U);
}

TEST_F(DeadLettersTest, ALineTornByACrashIsClosedAndTold) {
  for (const std::string torn :
       {R"({"output":"siem","reason":"no","failed_at":"t","alert":{"a":{"b":{}})",
        R"({"output":"siem","reason":"no","failed_at":"t","alert":{"a":"x)", R"({"outp)"}) {
    const std::string path = dir_.write("torn.jsonl", torn);
    DeadLetters letters("siem", path, kRoom);
    ASSERT_TRUE(add(letters, "{\"a\":1}"));
    const Read all = read_all(path);
    ASSERT_EQ(all.letters.size(), 1U) << torn;
    EXPECT_EQ(all.letters[0].alert, "{\"a\":1}\n");
    EXPECT_EQ(all.count.unreadable, 1U);
  }
}

TEST_F(DeadLettersTest, GoesOnInTheFileOfARunBefore) {
  {
    DeadLetters letters("siem", path_, kRoom);
    ASSERT_TRUE(add(letters, "{\"a\":1}"));
  }
  DeadLetters letters("siem", path_, kRoom);
  ASSERT_TRUE(add(letters, "{\"a\":2}"));
  EXPECT_EQ(read_all(path_).letters.size(), 2U);
}

TEST_F(DeadLettersTest, AfterTheFileWasSetAsideANewOneBegins) {
  DeadLetters letters("siem", path_, kRoom);
  ASSERT_TRUE(add(letters, "{\"a\":1}"));
  const auto aside = set_aside_dead_letters(path_);
  ASSERT_TRUE(aside);
  EXPECT_EQ(*aside, path_ + ".1");
  ASSERT_TRUE(add(letters, "{\"a\":2}"));
  EXPECT_EQ(read_all(*aside).letters.at(0).alert, "{\"a\":1}\n");
  EXPECT_EQ(read_all(path_).letters.at(0).alert, "{\"a\":2}\n");
  EXPECT_EQ(mode_of(path_), 0600U);
  const auto second = set_aside_dead_letters(path_);
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, path_ + ".2");
  EXPECT_FALSE(set_aside_dead_letters(path_)) << "there is none now";
}

TEST_F(DeadLettersTest, WaitsForAFileThatIsHeld) {
  DeadLetters letters("siem", path_, kRoom);
  ASSERT_TRUE(add(letters, "{\"a\":1}"));
  const int other = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  EXPECT_FALSE(add(letters, "{\"a\":2}"));
  EXPECT_FALSE(set_aside_dead_letters(path_));
  ::close(other);
  EXPECT_TRUE(add(letters, "{\"a\":2}"));
  EXPECT_EQ(read_all(path_).letters.size(), 2U);
}

TEST_F(DeadLettersTest, SaysWhyItCannotBeWritten) {
  const std::string file = dir_.write("file", "x");
  DeadLetters letters("siem", file + "/dead/siem.jsonl", kRoom);
  const auto outcome = add(letters, "{}");
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().text().find("dead letters"), std::string::npos)
      << outcome.error().text();
}

// The kernel writes what the limit still allows: a short write, then an error.
TEST_F(DeadLettersTest, AShortWriteIsTakenBack) {
  DeadLetters letters("siem", path_, kRoom);
  ASSERT_TRUE(add(letters, "{\"a\":1}"));
  const auto before = support::read_file(path_);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const struct rlimit small { before.size() + 10, limit.rlim_max };
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto outcome = add(letters, "{\"a\":2}");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(outcome);
  EXPECT_EQ(support::read_file(path_), before);
  EXPECT_TRUE(add(letters, "{\"a\":2}"));
  EXPECT_EQ(read_all(path_).letters.size(), 2U);
}

}  // namespace
}  // namespace tiercel::output
