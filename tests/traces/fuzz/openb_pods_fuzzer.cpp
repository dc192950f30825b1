#include "orrery/tests/traces/fuzz/fuzz_input.hpp"
#include "orrery/traces/openb.hpp"

/// A pod list of any bytes is read or refused, strictly and with bad rows skipped; both workloads
/// of what was read keep the contract, and the study ends near its load.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  for (const auto mode : {traces::OnBadRow::Fail, traces::OnBadRow::Skip}) {
    auto source = fuzz::input(data, size);
    if (!source) return 0;
    const auto list = traces::read_openb_pods(std::move(source), mode);
    if (!list) {
      fuzz::check_error(list.error());
      continue;
    }
    if ((*list)->requests().size() > (*list)->pods.size()) std::abort();
    const auto study =
        traces::openb_study(*list, {.seed = 1, .gpu_capacity = kWholeGpu * 10, .load_milli = 1300});
    fuzz::walk(*study, 1'000'000);
    const auto real = traces::openb_real(*list);
    if (real) fuzz::walk(**real, 1'000'000);
  }
  return 0;
}
