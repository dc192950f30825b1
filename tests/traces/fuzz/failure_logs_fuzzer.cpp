#include "orrery/tests/traces/fuzz/fuzz_input.hpp"
#include "orrery/traces/failure_logs.hpp"

namespace {

/// Outages lie within the log's span, in order and apart.
void check(const orrery::OutageLog& log) {
  for (const orrery::NodeOutages& node : log.nodes) {
    orrery::Time last;
    for (const orrery::DownInterval& down : node.down) {
      const bool is_first = &down == &node.down.front();
      const bool is_apart = is_first ? down.start >= last : down.start > last;
      if (!is_apart || down.end <= down.start || down.end > orrery::kTimeZero + log.span) {
        std::abort();
      }
      last = down.end;
    }
  }
}

}  // namespace

/// Both failure logs: any bytes are read or refused, and what is read is in order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  for (const auto mode : {traces::OnBadRow::Fail, traces::OnBadRow::Skip}) {
    const traces::FailureLogOptions options{.on_bad_row = mode};
    for (const auto read : {traces::read_lanl_failures, traces::read_grid5000_failures}) {
      auto source = fuzz::input(data, size);
      if (!source) return 0;
      const auto log = read(std::move(source), options);
      if (log) {
        check((*log)->outages);
      } else {
        fuzz::check_error(log.error());
      }
    }
  }
  return 0;
}
