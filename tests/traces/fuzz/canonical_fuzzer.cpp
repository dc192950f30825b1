#include "orrery/tests/traces/fuzz/fuzz_input.hpp"
#include "orrery/traces/canonical.hpp"

/// A canonical trace of any bytes is read or refused; what is read whole can be written, and what
/// is written reads back as the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  for (const auto mode : {traces::OnBadRow::Fail, traces::OnBadRow::Skip}) {
    auto source = fuzz::input(data, size);
    if (!source) return 0;
    auto trace = traces::read_canonical(std::move(source), mode);
    if (!trace) {
      fuzz::check_error(trace.error());
      continue;
    }
    fuzz::walk(**trace, 1'000'000);
    auto again = traces::read_canonical(fuzz::input(data, size), mode);
    std::string once;
    if (!traces::convert(**again, traces::append_to(once))) continue;
    auto written = traces::read_canonical(*traces::bytes_of(once, "fuzz"));
    std::string twice;
    if (!written || !traces::convert(**written, traces::append_to(twice))) std::abort();
    // The descriptions differ: each names the trace that it was read from.
    if (once.substr(once.find('\n')) != twice.substr(twice.find('\n'))) std::abort();
  }
  return 0;
}
