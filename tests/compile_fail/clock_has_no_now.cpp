#include "orrery/models/units.hpp"

orrery::Time arrival(orrery::Time now) {
#ifdef ORRERY_CONTROL
  return now;
#else
  return orrery::SimClock::now();
#endif
}
