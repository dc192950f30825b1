#include "orrery/models/mesh.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"
#include "orrery/models/json_fields.hpp"

namespace orrery {
namespace {

using nlohmann::json;

struct ClusterText {
  std::string name;
  std::string region;
};

struct LinkText {
  std::string from;
  std::string to;
  Link link;
  bool is_one_way = false;
  Location at;
};

Result<Duration> read_latency(const json& value, const Location& at) {
  Result<Duration> latency = read_duration(value, at);
  if (latency && *latency <= Duration::zero()) {
    return json_mismatch(value, at, "a latency above 0: messages between clusters take time");
  }
  return latency;
}

Result<std::int64_t> read_speed(const json& value, const Location& at) {
  Result<std::int64_t> speed = read_bandwidth(value, at);
  if (speed && *speed <= 0) {
    return json_mismatch(value, at, "a bandwidth of at least 1 byte per second");
  }
  return speed;
}

Result<ClusterText> read_cluster(const json& value, const Location& at) {
  ClusterText cluster;
  JsonFields fields(value, at);
  fields.required("name", cluster.name, read_string);
  fields.optional("region", cluster.region, read_string);
  if (fields.ok() && cluster.name.empty()) {
    return json_mismatch(value["name"], fields.at("name"), "a name");
  }
  return fields.finish(std::move(cluster));
}

Result<Link> read_default(const json& value, const Location& at) {
  Link link;
  JsonFields fields(value, at);
  fields.required("latency", link.latency, read_latency);
  fields.optional("bandwidth", link.bytes_per_second, read_speed);
  return fields.finish(link);
}

Result<LinkText> read_link(const json& value, const Location& at) {
  LinkText text;
  text.at = at;
  JsonFields fields(value, at);
  fields.required("from", text.from, read_string);
  fields.required("to", text.to, read_string);
  fields.required("latency", text.link.latency, read_latency);
  fields.optional("bandwidth", text.link.bytes_per_second, read_speed);
  fields.optional("one_way", text.is_one_way, read_bool);
  return fields.finish(std::move(text));
}

/// The clusters that a link's end names: one cluster, or all of a region.
Result<std::vector<ClusterId>> ends_named(const Mesh& mesh, const std::string& name,
                                          const Location& at) {
  if (const ClusterId cluster = mesh.find_cluster(name)) return std::vector{cluster};
  std::vector<ClusterId> members;
  std::vector<std::string> names;
  const RegionId region = mesh.find_region(name);
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    const ClusterId id{i};
    names.push_back(mesh.cluster(id).name);
    if (region && mesh.cluster(id).region == region) members.push_back(id);
  }
  if (!members.empty()) return members;
  names.insert(names.end(), mesh.regions().begin(), mesh.regions().end());
  return failure({.at = at,
                  .message = fmt::format("no cluster or region is named '{}'", name),
                  .found = "",
                  .expected = "",
                  .hint = suggest(name, names)});
}

/// Sets the link between every pair of the two ends' clusters.
std::optional<Error> connect(Mesh& mesh, const LinkText& text) {
  const auto from = ends_named(mesh, text.from, child(text.at, "from"));
  if (!from) return from.error();
  const auto to = ends_named(mesh, text.to, child(text.at, "to"));
  if (!to) return to.error();
  if (*from == *to && from->size() == 1) {
    return Error{.at = text.at,
                 .message = "a cluster needs no link to itself",
                 .found = text.to,
                 .expected = "another cluster",
                 .hint = ""};
  }
  for (const ClusterId a : *from) {
    for (const ClusterId b : *to) {
      if (a == b) continue;
      mesh.set_link({.from = a, .to = b}, text.link);
      if (!text.is_one_way) mesh.set_link({.from = b, .to = a}, text.link);
    }
  }
  return std::nullopt;
}

std::optional<Error> connect_all(Mesh& mesh, std::vector<LinkText> links,
                                 const std::optional<Link>& fallback, const Location& at) {
  const auto forward = [&mesh](const LinkText& text) {
    return !mesh.find_cluster(text.from) || !mesh.find_cluster(text.to);
  };
  // Links of regions first, so that those of clusters override them.
  std::stable_partition(links.begin(), links.end(), forward);
  for (const LinkText& text : links) {
    if (auto error = connect(mesh, text)) return error;
  }
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    for (std::size_t j = 0; j < mesh.size(); ++j) {
      const Route route{.from = ClusterId{i}, .to = ClusterId{j}};
      if (i == j || mesh.latency(route) > Duration::zero()) continue;
      if (!fallback) {
        return Error{
            .at = at,
            .message = fmt::format("no link leads from '{}' to '{}'", mesh.cluster(route.from).name,
                                   mesh.cluster(route.to).name),
            .found = "",
            .expected = "",
            .hint = "add the link, or \"default\""};
      }
      mesh.set_link(route, *fallback);
    }
  }
  return std::nullopt;
}

std::optional<Error> add_clusters(Mesh& mesh, const std::vector<ClusterText>& clusters,
                                  const Location& at) {
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    const ClusterText& text = clusters[i];
    if (mesh.find_cluster(text.name)) {
      return Error{.at = child(child(at, i), "name"),
                   .message = "two clusters have one name",
                   .found = text.name,
                   .expected = "",
                   .hint = ""};
    }
    RegionId region = text.region.empty() ? RegionId::none() : mesh.find_region(text.region);
    if (!region && !text.region.empty()) region = mesh.add_region(text.region);
    mesh.add_cluster(text.name, region);
  }
  return std::nullopt;
}

}  // namespace

Duration Link::transfer_time(Bytes size) const {
  if (bytes_per_second == 0) return latency;
  __extension__ using Wide = __int128;
  // Rounded up: the last byte has arrived by then.
  const Wide ns =
      (static_cast<Wide>(size.count()) * 1'000'000'000 + bytes_per_second - 1) / bytes_per_second +
      latency.count();
  if (ns > Duration::max().count()) return Duration::max();
  return Duration{static_cast<std::int64_t>(ns)};
}

ClusterId Mesh::add_cluster(std::string name, RegionId region) {
  const std::size_t before = clusters_.size();
  const ClusterId id = clusters_.push_back({std::move(name), region});
  std::vector<Link> links((before + 1) * (before + 1));
  for (std::size_t i = 0; i < before; ++i) {
    for (std::size_t j = 0; j < before; ++j) links[i * (before + 1) + j] = links_[i * before + j];
  }
  links_ = std::move(links);
  return id;
}

RegionId Mesh::add_region(std::string name) { return regions_.push_back(std::move(name)); }

void Mesh::set_link(Route route, Link link) {
  ORRERY_CHECK(route.from != route.to && link.latency > Duration::zero(),
               "a link joins two clusters and takes time");
  links_[route.from.index() * clusters_.size() + route.to.index()] = link;
}

ClusterId Mesh::find_cluster(std::string_view name) const {
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    if (clusters_[ClusterId{i}].name == name) return ClusterId{i};
  }
  return ClusterId::none();
}

RegionId Mesh::find_region(std::string_view name) const {
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    if (regions_[RegionId{i}] == name) return RegionId{i};
  }
  return RegionId::none();
}

Duration Mesh::latency_min() const {
  Duration least = Duration::max();
  for (std::size_t i = 0; i < size(); ++i) {
    for (std::size_t j = 0; j < size(); ++j) {
      if (i != j) least = std::min(least, latency({.from = ClusterId{i}, .to = ClusterId{j}}));
    }
  }
  return least;
}

Result<Mesh> read_mesh(const json& value, const Location& at) {
  std::vector<ClusterText> clusters;
  std::vector<LinkText> links;
  std::optional<Link> fallback;
  JsonFields fields(value, at);
  fields.required("clusters", clusters, [](const json& list, const Location& place) {
    return read_list(list, place, read_cluster);
  });
  fields.optional("default", fallback, read_default);
  fields.optional("links", links, [](const json& list, const Location& place) {
    return read_list(list, place, read_link);
  });
  if (fields.ok() && clusters.empty()) {
    fields.fail({.at = fields.at("clusters"),
                 .message = "",
                 .found = "no clusters",
                 .expected = "at least one cluster",
                 .hint = ""});
  }
  Mesh mesh;
  if (fields.ok()) {
    if (auto error = add_clusters(mesh, clusters, fields.at("clusters"))) fields.fail(*error);
  }
  if (fields.ok()) {
    if (auto error = connect_all(mesh, std::move(links), fallback, at)) fields.fail(*error);
  }
  return fields.finish(std::move(mesh));
}

}  // namespace orrery
