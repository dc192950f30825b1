#include "orrery/models/start_up.hpp"

#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery {

Duration PodStartUp::sample(Stream& stream, bool has_image) const {
  const double pull = image_pull.sample(stream);
  const double init = initialise.sample(stream);
  return duration_from_seconds((has_image ? 0 : pull) + init);
}

Result<NodeStartUp> read_node_start_up(const nlohmann::json& value, const Location& at) {
  NodeStartUp model;
  JsonFields fields(value, at);
  fields.required("boot", model.boot, read_duration_distribution);
  return fields.finish(std::move(model));
}

Result<PodStartUp> read_pod_start_up(const nlohmann::json& value, const Location& at) {
  PodStartUp model;
  JsonFields fields(value, at);
  fields.optional("image_pull", model.image_pull, read_duration_distribution);
  fields.optional("initialise", model.initialise, read_duration_distribution);
  return fields.finish(std::move(model));
}

nlohmann::json to_json(const NodeStartUp& model) {
  return {{"boot", to_json(model.boot, kSecondsUnit)}};
}

nlohmann::json to_json(const PodStartUp& model) {
  return {{"image_pull", to_json(model.image_pull, kSecondsUnit)},
          {"initialise", to_json(model.initialise, kSecondsUnit)}};
}

}  // namespace orrery
