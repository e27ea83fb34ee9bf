#include <thread>

#include <gtest/gtest.h>

#include "local_support.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

using support::read_file;
using support::TempDir;

LocalOutput program(const std::string& command, LocalOutput::Options more = {}) {
  more.emplace_back("program", command);
  return {kProgramOutput, more};
}

// Waits for what a process that lives on does in its own time.
bool comes_to(const std::string& path, const std::string& want) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (read_file(path) != want) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

TEST(ProgramOutput, RunsOneProcessForEachAlert) {
  const TempDir dir;
  auto output = program("echo run >> " + dir.path("runs") + "; cat >> " + dir.path("out"));
  ASSERT_TRUE(output->open());
  EXPECT_TRUE(output.takes({"one\n", "two\n"}));
  EXPECT_EQ(read_file(dir.path("out")), "one\ntwo\n");
  EXPECT_EQ(read_file(dir.path("runs")), "run\nrun\n");
}

TEST(ProgramOutput, KeepsOneProcessForAll) {
  const TempDir dir;
  auto output = program("echo run >> " + dir.path("runs") + "; exec cat >> " + dir.path("out"),
                        {{"keep_alive", "true"}});
  EXPECT_TRUE(output.takes({"one\n"}));
  EXPECT_TRUE(output.takes({"two\n"}));
  EXPECT_TRUE(comes_to(dir.path("out"), "one\ntwo\n"));
  EXPECT_EQ(read_file(dir.path("runs")), "run\n");
  output->reopen();
  EXPECT_TRUE(output.takes({"three\n"}));
  EXPECT_TRUE(comes_to(dir.path("out"), "one\ntwo\nthree\n"));
  EXPECT_EQ(read_file(dir.path("runs")), "run\nrun\n");
}

TEST(ProgramOutput, AFailureIsTriedAgainFromThatAlertOn) {
  const TempDir dir;
  auto output = program("read line; echo $line >> " + dir.path("out") + "; test \"$line\" != bad");
  const Delivery delivery = output.write({"good\n", "bad\n", "later\n"});
  EXPECT_EQ(delivery.again, (std::vector<std::size_t>{1, 2}));
  ASSERT_TRUE(delivery.error);
  EXPECT_NE(delivery.error->text().find("exit status 1"), std::string::npos);
  EXPECT_EQ(read_file(dir.path("out")), "good\nbad\n");
}

TEST(ProgramOutput, TheExitStatusCanBeIgnored) {
  auto output = program("exit 3", {{"ignore_exit_status", "true"}});
  EXPECT_TRUE(output.takes({"one\n"}));
}

TEST(ProgramOutput, AProgramThatDoesNotReadIsNoTrouble) {
  auto output = program("exit 0");
  EXPECT_TRUE(output.takes({std::string(1 << 20, 'x') + "\n"}));
}

TEST(ProgramOutput, AKeptProgramThatDiedIsStartedAgain) {
  const TempDir dir;
  auto output = program("head -n 1 >> " + dir.path("out"), {{"keep_alive", "true"}});
  EXPECT_TRUE(output.takes({"one\n"}));
  ASSERT_TRUE(comes_to(dir.path("out"), "one\n"));
  // It ends by itself; what was taken is what it or the next one has read.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!output.takes({"two\n"}) && std::chrono::steady_clock::now() < deadline) {
    output->tick();
    std::this_thread::yield();
  }
  EXPECT_TRUE(comes_to(dir.path("out"), "one\ntwo\n"));
}

TEST(ProgramOutput, WhatAKeptProgramHasNotReadIsNotDelivered) {
  auto output = program("exec sleep 1000", {{"keep_alive", "true"}, {"timeout", "200ms"}});
  const Delivery delivery = output.write({"one\n", "two\n"});
  EXPECT_EQ(delivery.again, (std::vector<std::size_t>{0, 1}));
  ASSERT_TRUE(delivery.error);
  EXPECT_NE(delivery.error->text().find("longer than `timeout`"), std::string::npos);
}

TEST(ProgramOutput, AKeptProgramThatEndsUnreadGetsTheAlertAgain) {
  auto output = program("exec sleep 0.2", {{"keep_alive", "true"}});
  const Delivery delivery = output.write({"one\n"});
  EXPECT_EQ(delivery.again, (std::vector<std::size_t>{0}));
  ASSERT_TRUE(delivery.error);
  EXPECT_NE(delivery.error->text().find("reads no more"), std::string::npos);
}

// It holds what it reads until its input ends.
TEST(ProgramOutput, AKeptProgramMayFinishWhatItHasReadBeforeItEnds) {
  const TempDir dir;
  const std::string slow = "lines=$(cat); sleep 0.2; echo \"$lines\" >> " + dir.path("out");
  {
    auto output = program(slow, {{"keep_alive", "true"}});
    EXPECT_TRUE(output.takes({"one\n"}));
    output->reopen();
    EXPECT_EQ(read_file(dir.path("out")), "one\n");
    EXPECT_TRUE(output.takes({"two\n"}));
  }
  EXPECT_EQ(read_file(dir.path("out")), "one\ntwo\n");
}

TEST(ProgramOutput, AKeptProgramThatDoesNotEndIsKilledAfterTheTimeout) {
  const auto start = std::chrono::steady_clock::now();
  {
    auto output =
        program("cat > /dev/null; exec sleep 1000", {{"keep_alive", "true"}, {"timeout", "200ms"}});
    EXPECT_TRUE(output.takes({"one\n"}));
  }
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, std::chrono::milliseconds(200));
  EXPECT_LT(took, std::chrono::seconds(10));
}

TEST(ProgramOutput, NoErrorHoldsTheCommand) {
  const std::string secret = "hunter2";
  for (const auto& [command, kept] :
       {std::pair{"exit 3 # " + secret, "false"}, std::pair{"exit 3 # " + secret, "true"},
        std::pair{"sleep 1000 # " + secret, "false"}}) {
    auto output = program(command, {{"keep_alive", kept}, {"timeout", "200ms"}});
    const Delivery delivery = output.write({"one\n"});
    ASSERT_TRUE(delivery.error);
    EXPECT_EQ(delivery.error->text().find(secret), std::string::npos) << delivery.error->text();
  }
  auto output = program(secret + std::string(1 << 20, 'x'));  // more than a word may be long
  const Delivery delivery = output.write({"one\n"});
  ASSERT_TRUE(delivery.error);
  EXPECT_EQ(delivery.error->text().find(secret), std::string::npos);
}

TEST(ProgramOutput, OneThatHangsIsKilledWithAllItStarted) {
  const TempDir dir;
  auto output =
      program("sleep 1000 & echo $! > " + dir.path("pid") + "; wait", {{"timeout", "300ms"}});
  const Delivery delivery = output.write({"one\n"});
  ASSERT_TRUE(delivery.error);
  EXPECT_NE(delivery.error->text().find("killed"), std::string::npos);
  const pid_t pid = std::stoi(read_file(dir.path("pid")));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const std::string state = "/proc/" + std::to_string(pid) + "/stat";
  const auto is_alive = [&state] {
    const std::string text = read_file(state);
    return !text.empty() && text.find(") Z") == std::string::npos;
  };
  while (is_alive() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(is_alive());
}

TEST(ProgramOutput, InterruptEndsADelivery) {
  auto output = program("sleep 1000");
  std::thread other([&output] { output->interrupt(); });
  const auto start = std::chrono::steady_clock::now();
  const Delivery delivery = output.write({"one\n"});
  other.join();
  EXPECT_TRUE(delivery.error);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(ProgramOutput, ACommandThatIsNotThereIsAFailure) {
  auto output = program("/no/such/program");
  const Delivery delivery = output.write({"one\n"});
  ASSERT_TRUE(delivery.error);
  EXPECT_NE(delivery.error->text().find("exit status 127"), std::string::npos)
      << delivery.error->text();
  EXPECT_FALSE(program("")->open());
}

}  // namespace
}  // namespace tiercel::output
