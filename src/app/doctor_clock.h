#pragma once

#include "doctor.h"

namespace tiercel::app {

/// What ntp_adjtime(2) answers, and its status bits.
struct KernelClock {
  int answer = 0;  ///< negative: the kernel does not say
  int status = 0;
};
[[nodiscard]] KernelClock kernel_clock();
/// Whether it is synchronised.
void examine_clock(const KernelClock& clock, Findings& findings);

}  // namespace tiercel::app
