#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/ids.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// One way of a connection.
struct Link {
  Duration latency{};                 ///< one way, above 0 between different clusters
  std::int64_t bytes_per_second = 0;  ///< 0: unlimited

  /// When the last of `size` bytes arrives after the first was sent; saturates.
  [[nodiscard]] Duration transfer_time(Bytes size) const;
  friend bool operator==(const Link&, const Link&) = default;
};

/// Which way: named, because both ends have one type.
struct Route {
  ClusterId from;
  ClusterId to;
};

struct MeshCluster {
  std::string name;
  RegionId region;  ///< none when the mesh names no regions
  friend bool operator==(const MeshCluster&, const MeshCluster&) = default;
};

/// Clusters, their regions and the links between them: a full matrix, so that a lookup costs one
/// load. A cluster reaches itself at once and without limit.
class Mesh {
 public:
  Mesh() = default;

  ClusterId add_cluster(std::string name, RegionId region = RegionId::none());
  RegionId add_region(std::string name);
  /// One way. The latency must be above 0 and `from` differ from `to`.
  void set_link(Route route, Link link);

  [[nodiscard]] std::size_t size() const { return clusters_.size(); }
  [[nodiscard]] const MeshCluster& cluster(ClusterId id) const { return clusters_[id]; }
  [[nodiscard]] const IdVector<ClusterId, MeshCluster>& clusters() const { return clusters_; }
  [[nodiscard]] const std::string& region_name(RegionId id) const { return regions_[id]; }
  [[nodiscard]] const IdVector<RegionId, std::string>& regions() const { return regions_; }
  [[nodiscard]] ClusterId find_cluster(std::string_view name) const;  ///< none when unknown
  [[nodiscard]] RegionId find_region(std::string_view name) const;

  [[nodiscard]] const Link& link(Route route) const {
    return links_[route.from.index() * clusters_.size() + route.to.index()];
  }
  [[nodiscard]] Duration latency(Route route) const { return link(route).latency; }
  [[nodiscard]] Duration transfer_time(Route route, Bytes size) const {
    return link(route).transfer_time(size);
  }
  /// The smallest latency between two different clusters: how far ahead of the slowest any cluster
  /// may safely simulate. Duration::max() for fewer than two clusters.
  [[nodiscard]] Duration latency_min() const;

  friend bool operator==(const Mesh&, const Mesh&) = default;

 private:
  IdVector<ClusterId, MeshCluster> clusters_;
  IdVector<RegionId, std::string> regions_;
  std::vector<Link> links_;  ///< row by row: from, to
};

/// {"clusters": [{"name": "berlin", "region": "eu"}, …],
///  "default": {"latency": "20ms", "bandwidth": "10Gbit/s"},
///  "links": [{"from": "eu", "to": "us", "latency": "40ms", "bandwidth": "1GB/s", "one_way":
///  true}]}
///
/// A link's ends are clusters or regions; between clusters counts more than between regions, later
/// more than earlier. Links hold both ways unless "one_way". A pair of clusters that no link and no
/// default covers is an error. Regions are those that the clusters name.
[[nodiscard]] Result<Mesh> read_mesh(const nlohmann::json& value, const Location& at);

}  // namespace orrery
