#include "orrery/tests/traces/fuzz/fuzz_input.hpp"
#include "orrery/traces/openb.hpp"

/// A node list of any bytes is read or refused; its nodes can be shuffled and summed up.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  auto source = fuzz::input(data, size);
  if (!source) return 0;
  auto nodes = traces::read_openb_nodes(std::move(source));
  if (!nodes) {
    fuzz::check_error(nodes.error());
    return 0;
  }
  if (traces::gpu_capacity(*nodes) < MilliGpu{}) std::abort();
  return 0;
}
