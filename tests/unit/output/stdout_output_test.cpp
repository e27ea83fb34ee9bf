#include <gtest/gtest.h>

#include "captured_stdout.h"
#include "local_support.h"
#include "read_file.h"
#include "temp_dir.h"

namespace tiercel::output {
namespace {

TEST(StdoutOutput, WritesLinesInOrder) {
  const support::TempDir dir;
  {
    const CapturedStdout captured(dir.path("out"));
    LocalOutput output(kStdoutOutput, {});
    ASSERT_TRUE(output->open());
    EXPECT_TRUE(output.takes({"one\n", "two\n"}));
    output->reopen();
    EXPECT_TRUE(output.takes({"three\n"}));
  }
  EXPECT_EQ(support::read_file(dir.path("out")), "one\ntwo\nthree\n");
}

TEST(StdoutOutput, ReportsAFullDisk) {
  const CapturedStdout captured("/dev/full");
  LocalOutput output(kStdoutOutput, {});
  const Delivery delivery = output.write({"line\n"});
  EXPECT_EQ(delivery.again.size(), 1U);
  ASSERT_TRUE(delivery.error);
  EXPECT_NE(delivery.error->text().find("standard output"), std::string::npos);
}

}  // namespace
}  // namespace tiercel::output
