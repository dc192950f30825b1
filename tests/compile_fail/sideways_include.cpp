#include "orrery/sim/engine/engine.hpp"
