#include "orrery/models/units.hpp"

auto sum(orrery::MilliCpu cpu, orrery::Bytes memory) {
#ifdef ORRERY_CONTROL
  return memory + memory, cpu + cpu;
#else
  return cpu + memory;
#endif
}
