#include "CClock.h"

#include <sys/timex.h>

int yz_clock_is_kept(void) {
  struct timex state = {0};
  return ntp_adjtime(&state) != TIME_ERROR;
}
