#include "orrery/tests/traces/fuzz/fuzz_input.hpp"
#include "orrery/traces/philly.hpp"

/// A job list of any bytes is read or refused; its pods keep the contract.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  for (const auto mode : {traces::OnBadRow::Fail, traces::OnBadRow::Skip}) {
    auto source = fuzz::input(data, size);
    if (!source) return 0;
    const auto jobs = traces::read_philly(std::move(source), mode);
    if (!jobs) {
      fuzz::check_error(jobs.error());
      continue;
    }
    const auto workload = traces::philly_workload(*jobs, {});
    fuzz::walk(*workload, 100'000);
  }
  return 0;
}
