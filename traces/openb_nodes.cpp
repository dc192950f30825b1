#include <limits>
#include <numeric>
#include <utility>

#include "orrery/models/stream.hpp"
#include "orrery/traces/csv.hpp"
#include "orrery/traces/openb.hpp"

namespace orrery::traces {
namespace {

constexpr std::size_t kName = 0;
constexpr std::size_t kCpu = 1;
constexpr std::size_t kMemory = 2;
constexpr std::size_t kGpus = 3;
constexpr std::size_t kModel = 4;

constexpr std::int64_t kMebibytesMax = std::numeric_limits<std::int64_t>::max() >> 20;

Node read_node(CsvRow& row) {
  Node node;
  node.name = row.text(kName);
  if (node.name.empty()) row.fail(kName, "a node's name");
  node.cpu = MilliCpu{row.integer(kCpu, 0, std::numeric_limits<std::int64_t>::max())};
  node.memory = Bytes{row.integer(kMemory, 0, kMebibytesMax) << 20};
  node.gpus =
      static_cast<std::int32_t>(row.integer(kGpus, 0, static_cast<std::int64_t>(kGpusPerNodeMax)));
  node.gpu_model = row.text(kModel);
  if (node.gpus > 0 && node.gpu_model.empty()) row.fail(kModel, "a GPU model");
  return node;
}

}  // namespace

Result<std::vector<Node>> read_openb_nodes(std::unique_ptr<ByteSource> source) {
  auto table = CsvTable::open(std::move(source), {"sn", "cpu_milli", "memory_mib", "gpu", "model"});
  if (!table) return failure(table.error());
  // A cluster with some nodes missing is another cluster: no row may be left out.
  BadRows bad(OnBadRow::Fail);
  std::vector<Node> nodes;
  for (;;) {
    Node node;
    const Result<bool> more =
        next_good_row(*table, bad, [&node](CsvRow& row) { node = read_node(row); });
    if (!more) return failure(more.error());
    if (!*more) return nodes;
    nodes.push_back(std::move(node));
  }
}

Result<std::vector<Node>> read_openb_nodes(const std::string& path) {
  return open_bytes(path).and_then(
      [](std::unique_ptr<ByteSource>&& source) { return read_openb_nodes(std::move(source)); });
}

std::vector<std::size_t> shuffled_nodes(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Stream stream(seed, Purpose::TieBreak, 0);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  return order;
}

MilliGpu gpu_capacity(const std::vector<Node>& nodes) {
  MilliGpu total;
  for (const Node& node : nodes) total += kWholeGpu * node.gpus;
  return total;
}

}  // namespace orrery::traces
