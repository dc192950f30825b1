#include "orrery/policies/registry.hpp"
