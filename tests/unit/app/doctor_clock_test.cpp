#include "doctor_clock.h"

#include <gtest/gtest.h>
#include <sys/timex.h>

namespace tiercel::app {
namespace {

Finding found(const KernelClock& clock) {
  Findings findings;
  examine_clock(clock, findings);
  EXPECT_EQ(findings.list().size(), 1U);
  EXPECT_EQ(findings.list().front().topic, "clock");
  return findings.list().front();
}

TEST(DoctorClock, IsGoodWhereTheKernelSaysSo) {
  for (const int answer : {TIME_OK, TIME_INS, TIME_DEL, TIME_OOP, TIME_WAIT}) {
    const Finding finding = found({answer, STA_PLL});
    EXPECT_EQ(finding.state, Finding::State::kGood) << answer;
    EXPECT_EQ(finding.what, "synchronised");
  }
}

TEST(DoctorClock, IsWarnedOfWhereItRunsFree) {
  for (const KernelClock clock :
       {KernelClock{TIME_ERROR, STA_PLL}, KernelClock{TIME_OK, STA_UNSYNC | STA_PLL}}) {
    const Finding finding = found(clock);
    EXPECT_EQ(finding.state, Finding::State::kWarning) << clock.answer;
    EXPECT_EQ(finding.what, "it is not synchronised");
    EXPECT_NE(finding.advice.find("chrony"), std::string::npos);
  }
}

TEST(DoctorClock, IsNeverGoodWhereTheKernelDoesNotSay) {
  const Finding finding = found({-1, 0});
  EXPECT_EQ(finding.state, Finding::State::kNotChecked);
  EXPECT_NE(finding.advice.find("timedatectl"), std::string::npos);
}

TEST(DoctorClock, TheKernelIsAsked) {
  const KernelClock clock = kernel_clock();
  EXPECT_GE(clock.answer, -1);
  EXPECT_LE(clock.answer, TIME_ERROR);
}

}  // namespace
}  // namespace tiercel::app
