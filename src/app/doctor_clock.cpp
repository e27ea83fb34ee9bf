#include "doctor_clock.h"

#include <sys/timex.h>

namespace tiercel::app {

KernelClock kernel_clock() {
  timex state{};
  const int answer = ::ntp_adjtime(&state);
  return {answer, state.status};
}

void examine_clock(const KernelClock& clock, Findings& findings) {
  if (clock.answer < 0) {
    findings.not_checked("clock", "the kernel does not say whether it is synchronised",
                         "`timedatectl` or `chronyc tracking` says it");
  } else if (clock.answer == TIME_ERROR || (clock.status & STA_UNSYNC) != 0) {
    findings.warning("clock", "it is not synchronised",
                     "start chrony or systemd-timesyncd: silences, correlations and the watch over "
                     "apiservers compare times of several hosts");
  } else {
    findings.good("clock", "synchronised");
  }
}

}  // namespace tiercel::app
