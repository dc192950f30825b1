#include "orrery/policies/placement/kube_default/refusal.hpp"

namespace orrery::policies::kube {

Plugin plugin_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::None:
    case Refusal::Removed:
    case Refusal::Unschedulable:
      return Plugin::NodeUnschedulable;
    case Refusal::UntoleratedTaint:
      return Plugin::TaintToleration;
    case Refusal::NotNamed:
    case Refusal::NodeAffinity:
      return Plugin::NodeAffinity;
    case Refusal::Ports:
      return Plugin::NodePorts;
    case Refusal::Resources:
    case Refusal::ResourcesNeverEnough:
      return Plugin::NodeResourcesFit;
    case Refusal::SpreadMissingLabel:
    case Refusal::SpreadSkew:
      return Plugin::PodTopologySpread;
    case Refusal::PodAffinity:
    case Refusal::PodAntiAffinity:
    case Refusal::ExistingAntiAffinity:
      return Plugin::InterPodAffinity;
  }
  return Plugin::NodeUnschedulable;
}

bool is_resolvable(Refusal refusal) {
  switch (refusal) {
    case Refusal::Ports:
    case Refusal::Resources:
    case Refusal::SpreadSkew:
    case Refusal::PodAntiAffinity:
    case Refusal::ExistingAntiAffinity:
      return true;
    case Refusal::None:
    case Refusal::Removed:
    case Refusal::NotNamed:
    case Refusal::Unschedulable:
    case Refusal::UntoleratedTaint:
    case Refusal::NodeAffinity:
    case Refusal::ResourcesNeverEnough:
    case Refusal::SpreadMissingLabel:
    case Refusal::PodAffinity:
      return false;
  }
  return false;
}

std::string to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::None:
      return "fits";
    case Refusal::Removed:
      return "node removed";
    case Refusal::NotNamed:
      return "node(s) didn't satisfy plugin(s) [NodeAffinity]";
    case Refusal::Unschedulable:
      return "node(s) were unschedulable";
    case Refusal::UntoleratedTaint:
      return "node(s) had untolerated taint(s)";
    case Refusal::NodeAffinity:
      return "node(s) didn't match Pod's node affinity/selector";
    case Refusal::Ports:
      return "node(s) didn't have free ports for the requested pod ports";
    case Refusal::Resources:
    case Refusal::ResourcesNeverEnough:
      return "Insufficient resources";
    case Refusal::SpreadMissingLabel:
      return "node(s) didn't match pod topology spread constraints (missing required label)";
    case Refusal::SpreadSkew:
      return "node(s) didn't match pod topology spread constraints";
    case Refusal::PodAffinity:
      return "node(s) didn't match pod affinity rules";
    case Refusal::PodAntiAffinity:
      return "node(s) didn't match pod anti-affinity rules";
    case Refusal::ExistingAntiAffinity:
      return "node(s) didn't satisfy existing pods anti-affinity rules";
  }
  return "unknown";
}

}  // namespace orrery::policies::kube
