#include "orrery/traces/catalog.hpp"

#include <algorithm>

namespace orrery::traces {
namespace {

const TraceParameter kPath{"path", "path", "", "the file; plain, .gz or .zst"};
const TraceParameter kOnBadRow{"on_bad_row", "fail | skip", "fail",
                               "refuse a malformed row, or leave it out and count it"};

const std::vector<TraceField> kOpenbFields{
    {"name", "", "orders the list, as text"},
    {"cpu_milli", "1/1000 core", "CPU asked for"},
    {"memory_mib", "MiB", "memory asked for"},
    {"num_gpu", "devices", "0 to 16"},
    {"gpu_milli", "1/1000 GPU", "of each device; below 1000 only for one device"},
    {"gpu_spec", "", "admissible models, separated by |; empty: any"},
    {"creation_time, deletion_time", "s", "arrival and end (not in the multigpu lists)"},
    {"scheduled_time", "s", "start; empty: never scheduled"}};

TraceFormat openb() {
  return {"openb",
          TraceKind::Workload,
          "Alibaba GPU trace 2023 at its real arrival and departure times",
          "Weng et al., Beware of Fragmentation, USENIX ATC 2023",
          kOpenbFields,
          {kPath,
           {"never_scheduled", "run | drop", "run",
            "pods that the traced cluster never scheduled: from creation to deletion, or left out"},
           kOnBadRow}};
}

TraceFormat openb_study() {
  return {
      "openb-study",
      TraceKind::Workload,
      "Alibaba GPU trace 2023 as the GPU-sharing study submits it: shuffled, resampled, endless",
      "Weng et al., Beware of Fragmentation, USENIX ATC 2023, and its artifact",
      kOpenbFields,
      {kPath,
       {"load", "number", "1.3", "GPU demand to arrive ÷ the cluster's GPU capacity"},
       {"interval", "duration", "1s", "between two arrivals"},
       {"nodes", "path", "the cluster's own", "node list that gives the GPU capacity"},
       kOnBadRow}};
}

TraceFormat philly() {
  return {"philly",
          TraceKind::Workload,
          "Microsoft Philly: training jobs of 1 to 128 GPUs; larger ones are gangs of pods",
          "Jeon et al., Analysis of Large-Scale Multi-Tenant GPU Clusters, USENIX ATC 2019",
          {{"timestamp", "", "submission, 2017-10-09 07:01:55; the file is sorted in memory"},
           {"duration", "s", "service time"},
           {"num_gpus", "devices", "of the job"},
           {"cluster", "", "virtual cluster: the pods' owner"}},
          {kPath,
           {"gpus_per_pod", "count", "8", "1 to 16; a job of more is a gang"},
           {"cpu_per_gpu", "cpu", "4", "an assumption: the trace has none"},
           {"memory_per_gpu", "size", "32GiB", "an assumption: the trace has none"},
           {"virtual_clusters", "list of names", "all", "which to take"},
           kOnBadRow}};
}

TraceFormat canonical() {
  return {"canonical",
          TraceKind::Workload,
          "Orrery's own format: JSON lines, exact, streamed",
          "docs/trace-format.md",
          {{"arrival, service, estimate", "ns", "service null: never ends"},
           {"cpu", "1/1000 core", ""},
           {"memory", "bytes", ""},
           {"template", "", "number of a declared pod template"},
           {"gang_size, gang", "", "pods of one gang follow each other"},
           {"source_row", "", "row of the trace that it was converted from"},
           {"cluster", "", "number of a declared cluster, or null"}},
          {kPath, kOnBadRow}};
}

TraceFormat synthetic() {
  return {"synthetic",
          TraceKind::Workload,
          "classes of pods with given arrivals, sizes and durations",
          "docs/distributions.md",
          {},
          {{"classes", "list", "",
            "name, cpu, memory, duration (or \"never\"), and if wanted weight, arrivals, gpus, "
            "gpu_share, gpu_models, gang_size, estimate_factor, priority, owner, labels, "
            "node_selector, cluster"},
           {"arrivals", "arrivals", "each class has its own",
            "\"12/s\", poisson, mmpp, diurnal or bursty; shared by the classes' weights"},
           {"count", "count", "no limit", "arrivals in all; a gang is one"},
           {"horizon", "duration", "no limit", "no arrival from here on"}}};
}

const std::vector<TraceParameter> kFailureParameters{
    kPath,
    {"select", "list of names", "all", "systems (LANL), or sites and clusters (Grid'5000)"},
    {"from", "date", "the first record", "\"2003-01-01\": becomes time zero"},
    {"until", "date", "the last record", "outages are cut here"},
    kOnBadRow};

TraceFormat lanl_failures() {
  return {"lanl-failures",
          TraceKind::Failures,
          "Los Alamos node failures 1995-2005, replayed node by node",
          "LA-UR-05-7318; Schroeder and Gibson, DSN 2006",
          {{"System", "", "2 to 24"},
           {"nodes", "", "nodes of the system"},
           {"nodenumz", "", "node; rows without (system 17) are left out and counted"},
           {"Prob Started, Prob Fixed", "min", "6/21/2005 10:54, local time"}},
          kFailureParameters};
}

TraceFormat grid5000_failures() {
  return {"grid5000-failures",
          TraceKind::Failures,
          "Grid'5000 node availability 2005-2006, replayed node by node",
          "Failure Trace Archive; Kondo et al., CCGrid 2010",
          {{"node_name", "", "G1/site/cluster/node"},
           {"event_type", "", "0: unavailable, 1: available"},
           {"event_start_time, event_stop_time", "Unix s", "to 5 s"}},
          kFailureParameters};
}

}  // namespace

const std::vector<TraceFormat>& trace_formats() {
  static const std::vector<TraceFormat> formats{
      openb(),     openb_study(),   philly(),           canonical(),
      synthetic(), lanl_failures(), grid5000_failures()};
  return formats;
}

const TraceFormat* find_trace_format(std::string_view name) {
  const auto& formats = trace_formats();
  const auto found =
      std::find_if(formats.begin(), formats.end(),
                   [name](const TraceFormat& format) { return format.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace orrery::traces
