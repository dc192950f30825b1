#include "orrery/models/units.hpp"

orrery::MilliCpu request() {
#ifdef ORRERY_CONTROL
  return orrery::MilliCpu{2000};
#else
  return 2000;
#endif
}
