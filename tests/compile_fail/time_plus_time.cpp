#include "orrery/models/units.hpp"

auto later(orrery::Time start, orrery::Time end) {
#ifdef ORRERY_CONTROL
  return start + (end - start);
#else
  return start + end;
#endif
}
