#include "orrery/tests/traces/fuzz/fuzz_input.hpp"
#include "orrery/traces/csv.hpp"

/// Any bytes as a CSV table with columns a, b and maybe c: rows are read or named as malformed, and
/// lines are numbered upwards.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  auto source = fuzz::input(data, size);
  if (!source) return 0;
  auto table = traces::CsvTable::open(std::move(source), {"a", "b"}, {"c"});
  if (!table) {
    fuzz::check_error(table.error());
    return 0;
  }
  std::uint64_t line = 1;
  for (;;) {
    const Result<bool> more = table->next();
    if (!more) fuzz::check_error(more.error());
    if (!more || !*more) return 0;
    if (table->problem()) {
      fuzz::check_error(*table->problem());
      continue;
    }
    if (table->at(0).line <= line) std::abort();
    line = table->at(0).line;
    traces::CsvRow row(*table);
    (void)row.integer(0, 0, 10);
    if (row.seconds(1) < Duration::zero()) std::abort();
    (void)row.date_time(1);
    (void)row.us_date_time(2);
  }
}
