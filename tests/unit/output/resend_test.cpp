#include "tiercel/output/resend.h"

#include <array>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "descriptor.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

// Three letters and a line torn by a crash.
class Resend : public testing::Test {
 protected:
  void SetUp() override {
    DeadLetters letters("pager", path_, 1U << 20U);
    for (const char* const body : {R"({"n":1})", R"({"n":2})", R"({"n":3})"}) {
      const std::array<DeadLetters::Letter, 1> one{{{"down", body, 1}}};
      ASSERT_TRUE(letters.add(one, 0));
    }
    lines_ = support::read_file(path_);
  }
  // Delivers with `answer` for the batch of this number; what the peer was given.
  Resent resend(std::size_t most, const std::function<Delivery(std::size_t)>& answer) {
    std::size_t batch = 0;
    given_.clear();
    const auto resent = resend_dead_letters(path_, most, [&](std::span<const DeadLetter> letters) {
      for (const DeadLetter& letter : letters) {
        given_ += letter.alert;
      }
      return answer(batch++);
    });
    EXPECT_TRUE(resent) << (resent ? "" : resent.error().text());
    return resent ? *resent : Resent{};
  }
  [[nodiscard]] bool has_file() const { return ::access(path_.c_str(), F_OK) == 0; }

  const support::TempDir dir_;
  const std::string path_ = dir_.path("dead-letter/pager.jsonl.1");
  std::string lines_;
  std::string given_;
};

TEST_F(Resend, AFileWhoseLettersAreAllTakenGoes) {
  const Resent resent = resend(2, [](std::size_t) { return Delivery::delivered("ok"); });
  EXPECT_EQ(resent.delivered, 3U);
  EXPECT_EQ(resent.left, 0U);
  EXPECT_EQ(given_, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
  EXPECT_FALSE(has_file());
  EXPECT_FALSE(std::ifstream(path_ + ".rest")) << "nothing is left behind";
}

TEST_F(Resend, AfterAFailureWhatWasNotTakenStays) {
  const Resent resent = resend(1, [](std::size_t batch) {
    return batch == 0 ? Delivery::delivered("ok")
                      : Delivery::again_from(0, 1, base::Error{"down", "connection refused", ""});
  });
  EXPECT_EQ(resent.delivered, 1U);
  EXPECT_EQ(resent.left, 2U);
  EXPECT_TRUE(resent.has_failed);
  EXPECT_EQ(resent.why, "connection refused");
  EXPECT_EQ(given_, "{\"n\":1}\n{\"n\":2}\n") << "no further one is tried";
  EXPECT_EQ(support::read_file(path_), lines_.substr(lines_.find('\n') + 1));
  // And the next time the rest comes.
  EXPECT_EQ(resend(10, [](std::size_t) { return Delivery::delivered("ok"); }).delivered, 2U);
  EXPECT_EQ(given_, "{\"n\":2}\n{\"n\":3}\n");
  EXPECT_FALSE(has_file());
}

TEST_F(Resend, WhatThePeerRefusesStaysAndTheOthersGoOn) {
  const Resent resent = resend(1, [](std::size_t batch) {
    Delivery delivery;
    if (batch == 0) {
      delivery.rejected.push_back({0, "HTTP 400: no"});
    }
    return delivery;
  });
  EXPECT_EQ(resent.delivered, 2U);
  EXPECT_EQ(resent.left, 1U);
  EXPECT_FALSE(resent.has_failed);
  EXPECT_EQ(resent.why, "HTTP 400: no");
  EXPECT_EQ(support::read_file(path_), lines_.substr(0, lines_.find('\n') + 1));
}

TEST_F(Resend, LinesThatAreNoLettersStay) {
  std::ofstream(path_, std::ios::app) << R"({"output":"pager","rea)" << '\n';
  const Resent resent = resend(10, [](std::size_t) { return Delivery::delivered("ok"); });
  EXPECT_EQ(resent.delivered, 3U);
  EXPECT_EQ(resent.unreadable, 1U);
  EXPECT_EQ(support::read_file(path_), "{\"output\":\"pager\",\"rea\n");
}

// Named by mistake, an alert file must stay what its writer has open.
TEST_F(Resend, AFileWithoutALetterIsLeftAlone) {
  std::ofstream(path_) << "{\"output\":\"an alert\"}\n";
  struct stat before {};
  ASSERT_EQ(::stat(path_.c_str(), &before), 0);
  const Resent resent = resend(10, [](std::size_t) { return Delivery::delivered("ok"); });
  EXPECT_EQ(resent.unreadable, 1U);
  struct stat after {};
  ASSERT_EQ(::stat(path_.c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".rest"));
}

TEST_F(Resend, TwoAtOnceAreRefused) {
  const Descriptor other(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(other.number(), LOCK_EX | LOCK_NB), 0);
  const auto resent = resend_dead_letters(path_, 1, [](std::span<const DeadLetter>) {
    ADD_FAILURE() << "nothing may be delivered";
    return Delivery{};
  });
  ASSERT_FALSE(resent);
  EXPECT_NE(resent.error().text().find("another process"), std::string::npos);
  EXPECT_EQ(support::read_file(path_), lines_);
}

// Numbers are not used again while an older file has a rest: they tell which is older.
TEST_F(Resend, AFileIsSetAsideBehindAllThatAreThere) {
  const std::string path = path_.substr(0, path_.size() - 2);
  std::ofstream(path) << "new\n";
  std::filesystem::rename(path_, path + ".7");
  const auto aside = set_aside_dead_letters(path);
  ASSERT_TRUE(aside) << aside.error().text();
  EXPECT_EQ(*aside, path + ".8");
  std::ofstream(path) << "newer\n";
  std::ofstream(path + ".999") << "x";
  EXPECT_FALSE(set_aside_dead_letters(path));
  EXPECT_EQ(support::read_file(path), "newer\n");
}

TEST_F(Resend, FilesSetAsideAreFoundTheOldestFirst) {
  const std::string path = path_.substr(0, path_.size() - 2);
  std::ofstream(path + ".12") << "x";
  EXPECT_EQ(dead_letters_set_aside(path), (std::vector<std::string>{path_, path + ".12"}));
  EXPECT_TRUE(dead_letters_set_aside(dir_.path("other")).empty());
}

}  // namespace
}  // namespace tiercel::output
